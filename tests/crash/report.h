/* What the crash test has found wrong: printed as it is found, and counted. */
#ifndef TROTH_TESTS_CRASH_REPORT_H
#define TROTH_TESTS_CRASH_REPORT_H

#include <stddef.h>

/* One more thing that is wrong. Only the first few are printed. */
void finding(const char *format, ...) __attribute__((format(printf, 1, 2)));

size_t findings(void);

#endif
