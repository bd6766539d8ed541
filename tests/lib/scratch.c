/* Temporary folders, removed by nftw(3) at exit; see scratch.h. */
#include "tests/lib/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/lib/stop.h"

#define READ_MAX ((size_t)64 << 20)
#define OPEN_FOLDERS_MAX 16

/* A path that was handed out. Folders have the process that made them as `owner`: a fork of it (Check forks every
 * test) inherits the list and the exit handler, but must not remove what its parent still uses. */
struct kept {
	struct kept *next;
	pid_t owner; /* 0: only a path */
	char path[];
};

static struct kept *all_kept;

static struct kept *keep(const char *path, pid_t owner) {
	size_t size = strlen(path) + 1;
	struct kept *kept = malloc(sizeof *kept + size);
	if (kept == NULL) {
		stop("no memory for a path");
	}
	memcpy(kept->path, path, size);
	kept->owner = owner;
	kept->next = all_kept;
	all_kept = kept;
	return kept;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
	(void)status;
	(void)type;
	(void)place;
	if (remove(path) != 0) {
		(void)fprintf(stderr, "cannot remove %s: %s\n", path, strerror(errno));
	}
	return 0;
}

static void remove_all(void) {
	for (struct kept *kept = all_kept; kept != NULL; kept = kept->next) {
		if (kept->owner == getpid()) {
			(void)nftw(kept->path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
			kept->owner = 0;
		}
	}
}

const char *scratch_folder(void) {
	static bool registered;
	const char *above = getenv("TMPDIR");
	char path[FILE_PATH_MAX];
	errno = 0;
	if (file_join(path, above == NULL || *above == '\0' ? "/tmp" : above, "troth-test-XXXXXX", NULL) != OK ||
	    mkdtemp(path) == NULL) {
		stop("cannot make a temporary folder");
	}
	struct kept *kept = keep(path, getpid());
	if (!registered && atexit(remove_all) != 0) {
		stop("cannot register the removal of %s", path);
	}
	registered = true;
	return kept->path;
}

const char *scratch_path(const char *folder, const char *name) {
	char path[FILE_PATH_MAX];
	errno = 0;
	if (file_join(path, folder, name, NULL) != OK) {
		stop("the path %s/%s is too long", folder, name);
	}
	return keep(path, 0)->path;
}

void scratch_write(const char *path, const char *text) {
	errno = 0;
	FILE *file = fopen(path, "we");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
		stop("cannot write %s", path);
	}
}

char *scratch_read(const char *path) {
	struct buffer text;
	struct failure failure;
	buffer_init(&text, READ_MAX);
	errno = 0;
	if (file_read(path, &text, &failure) != OK) {
		stop("%s", failure.text);
	}
	const char *content = buffer_text(&text);
	char *copy = content == NULL ? NULL : strdup(content);
	if (copy == NULL) {
		stop("no memory for %s", path);
	}
	buffer_release(&text);
	return copy;
}
