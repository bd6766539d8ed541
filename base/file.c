/* Whole-file reading and atomic replacing; see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error read_all(int fd, const char *path, struct buffer *out, struct failure *failure) {
	uint8_t chunk[8192];
	enum error error = OK;
	while (error == OK) {
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			error = fail_system(failure, "cannot read %s", path);
		}
		if (got <= 0) {
			break;
		}
		if (!buffer_append(out, chunk, (size_t)got)) {
			error = fail(failure, ERROR_TOO_LONG, "%s is longer than %zu bytes", path, out->maximum);
		}
	}
	explicit_bzero(chunk, sizeof chunk);
	return error;
}

enum error file_read(const char *path, struct buffer *out, struct failure *failure) {
	if (strcmp(path, "-") == 0) {
		return read_all(STDIN_FILENO, "standard input", out, failure);
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int missing = errno == ENOENT || errno == ENOTDIR;
		enum error error = fail_system(failure, "cannot open %s", path);
		if (missing && failure != NULL) {
			failure->code = ERROR_NOT_FOUND;
		}
		return missing ? ERROR_NOT_FOUND : error;
	}
	enum error error = read_all(fd, path, out, failure);
	(void)close(fd);
	return error;
}

enum error file_read_private(const char *path, struct buffer *out, struct failure *failure) {
	struct stat status;
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return fail(failure, ERROR_BAD_KEY, "%s holds a secret, but others may read it: chmod 600 %s", path, path);
	}
	return file_read(path, out, failure);
}

static int write_all(int fd, struct slice bytes) {
	while (bytes.size > 0) {
		ssize_t wrote = write(fd, bytes.data, bytes.size);
		if (wrote < 0 && errno != EINTR) {
			return -1;
		}
		if (wrote > 0) {
			bytes.data += wrote;
			bytes.size -= (size_t)wrote;
		}
	}
	return 0;
}

/* Writes a new durable file under a temporary name beside `path`; its name goes to `temporary`. */
static enum error write_temporary(const char *path, char *temporary, struct slice bytes, mode_t mode,
                                  struct failure *failure) {
	int size = snprintf(temporary, FILE_PATH_MAX, "%s.XXXXXX", path);
	if (size < 0 || size >= FILE_PATH_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the path %s is too long", path);
	}
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		return fail_system(failure, "cannot write beside %s", path);
	}
	int result = write_all(fd, bytes);
	if (result == 0) {
		result = fchmod(fd, mode);
	}
	if (result == 0) {
		result = fsync(fd);
	}
	enum error error = result == 0 ? OK : fail_system(failure, "cannot write %s", path);
	(void)close(fd);
	if (error != OK) {
		(void)unlink(temporary);
	}
	return error;
}

static enum error sync_folder_of(const char *path, struct failure *failure) {
	char copy[FILE_PATH_MAX];
	if (!slice_copy_text(slice_of_text(path), copy, sizeof copy)) {
		return fail(failure, ERROR_TOO_LONG, "the path %s is too long", path);
	}
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return fail_system(failure, "cannot open the folder of %s", path);
	}
	enum error error = fsync(fd) == 0 ? OK : fail_system(failure, "cannot sync the folder of %s", path);
	(void)close(fd);
	return error;
}

/* A device or a pipe is written to: a rename would put a file in its place. */
static enum error write_through(const char *path, struct slice bytes, struct failure *failure) {
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		return fail_system(failure, "cannot open %s", path);
	}
	enum error error = write_all(fd, bytes) == 0 ? OK : fail_system(failure, "cannot write %s", path);
	(void)close(fd);
	return error;
}

static enum error replace_file(const char *path, struct slice bytes, mode_t mode, struct failure *failure) {
	char temporary[FILE_PATH_MAX];
	enum error error = write_temporary(path, temporary, bytes, mode, failure);
	if (error != OK) {
		return error;
	}
	if (rename(temporary, path) != 0) {
		error = fail_system(failure, "cannot write %s", path);
		(void)unlink(temporary);
		return error;
	}
	return sync_folder_of(path, failure);
}

enum error file_replace(const char *path, struct slice bytes, mode_t mode, struct failure *failure) {
	struct stat status;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
		return write_through(path, bytes, failure);
	}
	char *resolved = realpath(path, NULL); /* behind a symbolic link, the file that it names */
	enum error error = replace_file(resolved == NULL ? path : resolved, bytes, mode, failure);
	free(resolved);
	return error;
}

enum error file_create(const char *path, struct slice bytes, mode_t mode, struct failure *failure) {
	char temporary[FILE_PATH_MAX];
	enum error error = write_temporary(path, temporary, bytes, mode, failure);
	if (error != OK) {
		return error;
	}
	/* link(2) refuses a name that exists, which rename(2) would overwrite. */
	if (link(temporary, path) != 0) {
		error = errno == EEXIST ? fail(failure, ERROR_EXISTS, "%s is there already", path)
		                        : fail_system(failure, "cannot write %s", path);
	}
	(void)unlink(temporary);
	return error == OK ? sync_folder_of(path, failure) : error;
}

enum error file_make_folder(const char *path, mode_t mode, struct failure *failure) {
	char partial[FILE_PATH_MAX];
	if (!slice_copy_text(slice_of_text(path), partial, sizeof partial)) {
		return fail(failure, ERROR_TOO_LONG, "the path %s is too long", path);
	}
	for (char *at = partial + 1; at[-1] != '\0'; at++) {
		char kept = *at;
		if (kept != '/' && kept != '\0') {
			continue;
		}
		*at = '\0';
		if (mkdir(partial, mode) != 0 && errno != EEXIST) {
			return fail_system(failure, "cannot make the folder %s", partial);
		}
		*at = kept;
	}
	struct stat status;
	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
		return fail(failure, ERROR_SYSTEM, "%s is not a folder", path);
	}
	return OK;
}

bool file_exists(const char *path) {
	return access(path, F_OK) == 0;
}

enum error file_join(char *out, const char *folder, const char *name, struct failure *failure) {
	int size = snprintf(out, FILE_PATH_MAX, "%s/%s", folder, name);
	if (size < 0 || size >= FILE_PATH_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the path %s/%s is too long", folder, name);
	}
	return OK;
}
