/* What an engine of local files asks of the disk beneath it. */
#ifndef TROTH_STORE_DISK_H
#define TROTH_STORE_DISK_H

#include "base/error.h"

/* ERROR_STORE_FULL if the disk that holds the open file `fd` has less than `keep_free` bytes left. */
enum error disk_check_room(int fd, size_t keep_free, struct failure *failure);

/* Makes the names of files that are new in a folder durable, and the folder's own name in the one above. */
enum error disk_sync_folder(const char *folder, struct failure *failure);

#endif
