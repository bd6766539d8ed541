/* Findings; see report.h. */
#include "tests/crash/report.h"

#include <stdarg.h>
#include <stdio.h>

#define SHOWN_MAX 20

static size_t count;

void finding(const char *format, ...) {
	count++;
	if (count > SHOWN_MAX) {
		return;
	}
	va_list arguments;
	va_start(arguments, format);
	(void)fputs("finding: ", stderr);
	(void)vfprintf(stderr, format, arguments);
	(void)fputc('\n', stderr);
	va_end(arguments);
}

size_t findings(void) {
	return count;
}
