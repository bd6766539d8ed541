/* Files as wholes: read with a limit, replaced as one step, folders made. */
#ifndef TROTH_BASE_FILE_H
#define TROTH_BASE_FILE_H

#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

#define FILE_PATH_MAX 1024

/* Reads a whole file into `out` (initialised by the caller; its maximum is the limit). "-" is standard input.
 * ERROR_NOT_FOUND, ERROR_TOO_LONG, ERROR_SYSTEM. */
enum error file_read(const char *path, struct buffer *out, struct failure *failure);

/* The same for a file with a secret: ERROR_BAD_KEY if anyone but its owner may read or change it. */
enum error file_read_private(const char *path, struct buffer *out, struct failure *failure);

/* Replaces or makes `path` with these bytes: temporary file, fsync, rename, fsync of the folder. After OK the content
 * survives a power cut; after an error the former content stands. A symbolic link stays, and the file that it names is
 * replaced. Into what is no file, such as a device or a pipe, the bytes are simply written. */
enum error file_replace(const char *path, struct slice bytes, mode_t mode, struct failure *failure);

/* Like file_replace, but ERROR_EXISTS if the path is there already. */
enum error file_create(const char *path, struct slice bytes, mode_t mode, struct failure *failure);

/* Makes a folder and those above it, with this mode; one that is there already is fine. */
enum error file_make_folder(const char *path, mode_t mode, struct failure *failure);

bool file_exists(const char *path);

/* Writes "folder/name" to `out` of FILE_PATH_MAX bytes. ERROR_TOO_LONG if it does not fit. */
enum error file_join(char *out, const char *folder, const char *name, struct failure *failure);

#endif
