/* Inside the store: what a running transaction consists of. Not for users of store.h. */
#ifndef TROTH_STORE_TRANSACTION_H
#define TROTH_STORE_TRANSACTION_H

#include <sys/types.h>

#include "store/codec.h"
#include "store/engine.h"
#include "store/overlay.h"

struct tx {
	struct store *store;
	bool writing;
	unsigned scans; /* that are running, one inside the other; they forbid changes */
};

struct store {
	const struct engine *engine;
	struct engine_state *state;
	struct space spaces[SPACES_MAX]; /* each table, followed by its indexes */
	size_t space_count;
	struct arena arena;     /* of the running transaction */
	struct overlay overlay; /* of the running batch; a reading transaction has none */
	bool running;
	pid_t process; /* that opened it */
};

/* The space of a table or of one of its indexes. The table must be one that the store was opened with. */
size_t space_of(const struct store *store, const struct table *table, int index);

/* What stands under an encoded key: `*value` with its key, both valid until the transaction ends, or `*present` false.
 * Reads through the overlay if there is one. In a reading transaction `*kept` is `key` itself, which must live. */
enum error tx_load(struct tx *tx, size_t space, struct slice key, struct slice *kept, struct slice *value,
                   bool *present, struct failure *failure);

/* Which keys a scan goes through: from `from` (if not empty) up to but without `to` (if `bounded`). */
struct bounds {
	struct key from;
	struct key to;
	bool bounded;
	bool empty; /* nothing can be within */
};

enum error bounds_of_range(struct bounds *bounds, const struct table *table, int index, const struct range *range,
                           struct failure *failure);

/* A walk over a space as the transaction sees it: the engine's entries, covered by what the batch has written. */
struct merge {
	struct tx *tx;
	const struct bounds *bounds;
	bool backward;
	struct engine_cursor *cursor;
	bool stored_left;        /* `stored` is the engine's next entry */
	struct entry stored;
	struct map_entry *written; /* the overlay's next entry, or NULL */
};

/* Borrows `bounds`. Call merge_close also after an error. */
enum error merge_open(struct merge *merge, struct tx *tx, size_t space, const struct bounds *bounds, bool backward,
                      struct failure *failure);

/* The next entry; ERROR_NOT_FOUND, without filling `failure`, at the end. */
enum error merge_next(struct merge *merge, struct entry *entry, struct failure *failure);
void merge_close(struct merge *merge);

#endif
