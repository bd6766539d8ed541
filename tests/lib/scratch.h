/* Temporary folders for tests, and small text files in them.
 *
 * A folder is removed with all that is in it when the process that made it exits; one that a signal ends leaves it
 * behind. A failing Check test does too, in its forked process: the folder is then the evidence. Everything here ends
 * the process (tests/lib/stop.h) where it fails, so there is nothing for a test to check. For one thread only. */
#ifndef TROTH_TESTS_LIB_SCRATCH_H
#define TROTH_TESTS_LIB_SCRATCH_H

/* Makes a new, empty folder of mode 0700 under TMPDIR (default /tmp), and returns its path, which is absolute if
 * TMPDIR is. The path lives as long as the process. */
const char *scratch_folder(void);

/* "folder/name"; lives as long as the process. */
const char *scratch_path(const char *folder, const char *name);

/* Makes or overwrites a file that holds this text. */
void scratch_write(const char *path, const char *text);

/* The whole text of a file, of at most 64 MiB. Caller frees. */
char *scratch_read(const char *path);

#endif
