/* Random bytes by getrandom(2); see entropy.h. */
#include "base/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void entropy_fill(uint8_t *out, size_t size) {
	while (size > 0) {
		ssize_t got = getrandom(out, size, 0);
		if (got < 0 && errno != EINTR) {
			abort();
		}
		if (got > 0) {
			out += got;
			size -= (size_t)got;
		}
	}
}
