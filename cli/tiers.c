/* Tiers of creators; see tiers.h. */
#include "cli/tiers.h"

#include <inttypes.h>

enum error tiers_read(const struct pack_value *map, struct tier_bounds *out, struct failure *failure) {
	const struct pack_value *list = pack_find(map, "tiers");
	int64_t *const from[] = { &out->micro, &out->mid, &out->macro, &out->mega };
	size_t count = sizeof from / sizeof from[0];
	bool good = pack_count(list) == count;
	for (size_t i = 0; i < count && good; i++) {
		good = pack_as_signed(pack_item(list, i), from[i]);
	}
	return good && tier_bounds_check(out, NULL) == OK
	    ? OK : fail(failure, ERROR_MALFORMED, "the agency's answer does not say what its tiers are");
}

void tiers_append(struct buffer *out, const struct tier_bounds *bounds) {
	(void)buffer_format(out, "nano is below %" PRId64 " followers, micro from %" PRId64 ", mid from %" PRId64
	                    ", macro from %" PRId64 ", mega from %" PRId64, bounds->micro, bounds->micro, bounds->mid,
	                    bounds->macro, bounds->mega);
}
