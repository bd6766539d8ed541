/* The resident size by /proc/self/statm: pages in all, pages resident, and more; see proc(5). */
#include "wire/resident.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#define STATM_MAX 128

int resident_open(void) {
	return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

int64_t resident_bytes(int descriptor) {
	char text[STATM_MAX];
	ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
	if (size <= 0) {
		return 0;
	}
	text[size] = '\0';
	char *end = NULL;
	(void)strtoll(text, &end, 10);
	return strtoll(end, NULL, 10) * sysconf(_SC_PAGESIZE);
}

void resident_trim(void) {
	(void)malloc_trim(0);
}
