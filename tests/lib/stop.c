/* Ending a test program that cannot go on; see stop.h. */
#include "tests/lib/stop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stop(const char *format, ...) {
	int saved = errno;
	va_list arguments;
	(void)fputs("test library: ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "%s%s\n", saved == 0 ? "" : ": ", saved == 0 ? "" : strerror(saved));
	exit(STOP_EXIT_STATUS);
}
