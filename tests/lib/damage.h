/* Damage to single records of a store, also such as its own calls do not do; and back again.
 *
 * What cannot go wrong in a sound program ends the test (tests/lib/stop.h). */
#ifndef TROTH_TESTS_LIB_DAMAGE_H
#define TROTH_TESTS_LIB_DAMAGE_H

#include "base/buffer.h"
#include "store/store.h"

enum fault {
	FAULT_CHECKSUM, /* a bit has changed */
	FAULT_GONE,     /* its entries in the indexes are still there */
	FAULT_VERSION,  /* a body that a later program may have written */
	FAULT_CONTENT,  /* a body of this version that says nothing */
};

struct damage {
	const struct table *table; /* its key is one number */
	int64_t number;
	enum fault fault;
	struct buffer before; /* the record's bytes; damage_mend releases them */
};

void damage_plant(struct store *store, struct damage *damage);
void damage_mend(struct store *store, struct damage *damage);

#endif
