/* The way out for the test library itself: where a folder, a pipe or a process cannot be had, no test can go on. */
#ifndef TROTH_TESTS_LIB_STOP_H
#define TROTH_TESTS_LIB_STOP_H

#define STOP_EXIT_STATUS 99

/* Prints the text, and the words for errno if it is not 0, to standard error and ends the process with
 * STOP_EXIT_STATUS, so that what was to be removed or killed at exit is. */
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
