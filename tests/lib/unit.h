/* Check, as unit tests use it: include this instead of <check.h>, whose old macro `fail` hides that of base/error.h. */
#ifndef TROTH_TESTS_LIB_UNIT_H
#define TROTH_TESTS_LIB_UNIT_H

#include <check.h>
#undef fail

/* Runs the suite, prints one line and every failure to standard output, and frees it. Returns main's exit status. */
int unit_run(Suite *suite);

#endif
