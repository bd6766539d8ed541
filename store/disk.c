/* Free space, and folders that survive a power cut; see disk.h. */
#include "store/disk.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"

enum error disk_check_room(int fd, size_t keep_free, struct failure *failure) {
	struct statvfs disk;
	if (fstatvfs(fd, &disk) != 0) {
		return fail_system(failure, "cannot tell how much of the disk is free");
	}
	uint64_t available = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (available < keep_free) {
		return fail(failure, ERROR_STORE_FULL, "the disk has %llu bytes left, %zu must stay free",
		            (unsigned long long)available, keep_free);
	}
	return OK;
}

static enum error sync_one(const char *folder, const char *name, struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = file_join(path, folder, name, failure);
	int fd = error == OK ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (error == OK && (fd < 0 || fsync(fd) != 0)) {
		error = fail_system(failure, "cannot sync the folder %s", path);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return error;
}

enum error disk_sync_folder(const char *folder, struct failure *failure) {
	enum error error = sync_one(folder, ".", failure);
	return error == OK ? sync_one(folder, "..", failure) : error;
}
