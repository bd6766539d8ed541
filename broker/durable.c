/* Tickets and their frames in a store; see durable.h. The bytes of a part are cut into pieces that fit a record. */
#include "broker/durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/entropy.h"
#include "base/pack.h"
#include "broker/durable_record.h"
#include "store/tables.h"

#define PIECE_MAX 60000 /* bytes of a part in one record */
#define SEED_NAME "seed"

struct change {
	TAILQ_ENTRY(change) link;
	enum ticket_change_kind kind;
	struct ticket_record record;
	bool has_frames;
	enum ticket_part part;
	struct buffer frames;
};

TAILQ_HEAD(change_list, change);

struct durable {
	struct store *store;
	struct pack_document *document;
	struct change_list changes;
	size_t change_count, new_count;
	bool lost_one; /* memory was out for a change */
	uint64_t seed;
	struct histogram commit_us, commit_changes;
};

/* ---- records ---- */

static enum error put_ticket(struct tx *tx, const struct ticket_record *record, struct failure *failure) {
	struct buffer body;
	buffer_init(&body, TICKET_BODY_MAX);
	ticket_write_body(&body, record);
	struct record out = { .body = buffer_slice(&body) };
	out.cells[TICKETS_TICKET] = cell_bytes(slice_of(record->id, TICKET_SIZE));
	out.cells[TICKETS_STATE] = cell_number(record->state);
	out.cells[TICKETS_SERVICE] = cell_text(record->service);
	out.cells[TICKETS_CLIENT] = cell_bytes(slice_of(record->client, TRANSPORT_KEY_SIZE));
	out.cells[TICKETS_ARRIVED] = cell_number(record->arrived);
	out.cells[TICKETS_EXPIRES] = cell_number(record->expires);
	enum error error = buffer_ok(&body) ? tx_put(tx, &table_tickets, &out, failure)
	                                    : fail(failure, ERROR_NO_MEMORY, "out of memory for a ticket");
	buffer_release(&body);
	return error;
}

/* ---- frames ---- */

static void frames_key(struct cell keys[3], const uint8_t id[TICKET_SIZE], enum ticket_part part, int64_t piece) {
	keys[TICKET_FRAMES_TICKET] = cell_bytes(slice_of(id, TICKET_SIZE));
	keys[TICKET_FRAMES_PART] = cell_number(part);
	keys[TICKET_FRAMES_PIECE] = cell_number(piece);
}

static enum error put_frames(struct tx *tx, const struct change *change, struct failure *failure) {
	struct slice rest = buffer_slice(&change->frames);
	enum error error = OK;
	for (int64_t piece = 0; error == OK && rest.size > 0; piece++) {
		size_t size = rest.size < PIECE_MAX ? rest.size : PIECE_MAX;
		struct record out = { .body = slice_of(rest.data, size) };
		frames_key(out.cells, change->record.id, change->part, piece);
		error = tx_put(tx, &table_ticket_frames, &out, failure);
		rest = slice_of(rest.data + size, rest.size - size);
	}
	return error;
}

static enum error delete_frames(struct tx *tx, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                                struct failure *failure) {
	enum error error = OK;
	for (int64_t piece = 0; error == OK; piece++) {
		struct cell keys[3];
		frames_key(keys, id, part, piece);
		error = tx_delete(tx, &table_ticket_frames, keys, failure);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

static enum error forget(struct tx *tx, const uint8_t id[TICKET_SIZE], struct failure *failure) {
	struct cell key = cell_bytes(slice_of(id, TICKET_SIZE));
	enum error error = tx_delete(tx, &table_tickets, &key, failure);
	error = error == ERROR_NOT_FOUND ? OK : error;
	error = error == OK ? delete_frames(tx, id, TICKET_REQUEST, failure) : error;
	return error == OK ? delete_frames(tx, id, TICKET_ANSWER, failure) : error;
}

/* ---- opening ---- */

static enum error ensure_seed(struct tx *tx, void *argument, struct failure *failure) {
	struct durable *durable = argument;
	struct record record;
	struct cell key = cell_text(SEED_NAME);
	enum error error = tx_get(tx, &table_queue_settings, &key, &record, failure);
	if (error == OK) {
		durable->seed = (uint64_t)record.cells[QUEUE_SETTINGS_VALUE].number;
	} else if (error == ERROR_NOT_FOUND) {
		uint8_t random[sizeof durable->seed];
		entropy_fill(random, sizeof random);
		memcpy(&durable->seed, random, sizeof random);
		record = (struct record){ .body = slice_of(NULL, 0) };
		record.cells[QUEUE_SETTINGS_NAME] = key;
		record.cells[QUEUE_SETTINGS_VALUE] = cell_number((int64_t)durable->seed);
		error = tx_put(tx, &table_queue_settings, &record, failure);
	}
	return error;
}

enum error durable_open(const char *folder, int64_t bytes_max, int64_t keep_free, struct durable **out,
                        struct failure *failure) {
	*out = NULL;
	struct durable *durable = calloc(1, sizeof *durable);
	if (durable == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory for the durable queue");
	}
	TAILQ_INIT(&durable->changes);
	durable->document = pack_document_new();
	char url[1100];
	(void)snprintf(url, sizeof url, "lmdb:%s", folder);
	struct store_options options = { .map_maximum = (size_t)bytes_max, .keep_free = (size_t)keep_free };
	enum error error = durable->document == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
	if (error == OK) {
		error = store_open(url, tables_queue, tables_queue_count, &options, &durable->store, failure);
	}
	if (error == OK) {
		error = store_write(durable->store, ensure_seed, durable, failure);
	}
	if (error != OK) {
		durable_close(durable);
		return error;
	}
	*out = durable;
	return OK;
}

static bool is_new(const struct change *change) {
	return change->has_frames && change->part == TICKET_REQUEST;
}

static void drop_change(struct durable *durable, struct change *change) {
	TAILQ_REMOVE(&durable->changes, change, link);
	durable->change_count--;
	durable->new_count -= is_new(change);
	buffer_release(&change->frames);
	free(change);
}

void durable_close(struct durable *durable) {
	if (durable == NULL) {
		return;
	}
	while (!TAILQ_EMPTY(&durable->changes)) {
		drop_change(durable, TAILQ_FIRST(&durable->changes));
	}
	store_close(durable->store);
	pack_document_free(durable->document);
	free(durable);
}

/* ---- reading ---- */

struct restoring {
	struct durable *durable;
	durable_visit visit;
	void *argument;
	bool damaged;
};

static bool restore_one(void *argument, const struct record *record) {
	struct restoring *restoring = argument;
	struct ticket_record ticket;
	restoring->damaged = !ticket_read(restoring->durable->document, record, &ticket);
	if (!restoring->damaged) {
		restoring->visit(restoring->argument, &ticket);
	}
	return !restoring->damaged;
}

static enum error restore_all(struct tx *tx, void *argument, struct failure *failure) {
	struct restoring *restoring = argument;
	struct range all = { .limit = 0 };
	enum error error = tx_scan(tx, &table_tickets, TICKETS_BY_ARRIVED, &all, restore_one, restoring, failure);
	return restoring->damaged ? fail(failure, ERROR_STORE_DAMAGED, "a ticket of the durable queue cannot be read")
	                          : error;
}

enum error durable_restore(struct durable *durable, durable_visit visit, void *argument, struct failure *failure) {
	struct restoring restoring = { .durable = durable, .visit = visit, .argument = argument };
	return store_read(durable->store, restore_all, &restoring, failure);
}

struct loading {
	struct durable *durable;
	const uint8_t *id;
	enum ticket_part part;
	struct buffer bytes;
};

static enum error load_pieces(struct tx *tx, void *argument, struct failure *failure) {
	struct loading *loading = argument;
	enum error error = OK;
	for (int64_t piece = 0; error == OK; piece++) {
		struct cell keys[3];
		struct record record;
		frames_key(keys, loading->id, loading->part, piece);
		error = tx_get(tx, &table_ticket_frames, keys, &record, failure);
		if (error == OK && !buffer_append_slice(&loading->bytes, record.body)) {
			error = ERROR_NO_MEMORY;
		}
	}
	return error == ERROR_NOT_FOUND && loading->bytes.size > 0 ? OK : error;
}

enum error durable_load(struct durable *durable, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                        struct message *out) {
	struct loading loading = { .durable = durable, .id = id, .part = part };
	buffer_init(&loading.bytes, TICKET_FRAMES_MAX);
	enum error error = store_read(durable->store, load_pieces, &loading, NULL);
	if (error == OK) {
		error = ticket_read_frames(durable->document, buffer_slice(&loading.bytes), out);
	}
	buffer_release(&loading.bytes);
	return error;
}

/* ---- changing ---- */

void durable_ticket_id(const struct durable *durable, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                       const struct message *message, size_t first, uint8_t out[TICKET_SIZE]) {
	struct buffer bytes;
	buffer_init(&bytes, TICKET_FRAMES_MAX + 256);
	pack_bytes(&bytes, slice_of(client, TRANSPORT_KEY_SIZE));
	pack_bytes(&bytes, service);
	for (size_t i = first; i < message->count; i++) {
		pack_bytes(&bytes, message_frame(message, i));
	}
	_Static_assert(DIGEST_SIZE == TICKET_SIZE, "a ticket is a digest");
	digest_128(durable->seed, buffer_slice(&bytes), out);
	buffer_release(&bytes);
}

void durable_keep(struct durable *durable, const struct ticket_change *from) {
	struct change *change = calloc(1, sizeof *change);
	if (change == NULL) {
		durable->lost_one = true;
		return;
	}
	change->kind = from->kind;
	change->record = *from->record;
	change->has_frames = from->frames != NULL;
	change->part = from->part;
	buffer_init(&change->frames, TICKET_FRAMES_MAX);
	if (change->has_frames) {
		ticket_write_frames(&change->frames, from->frames, from->first);
	}
	durable->lost_one = durable->lost_one || !buffer_ok(&change->frames);
	TAILQ_INSERT_TAIL(&durable->changes, change, link);
	durable->change_count++;
	durable->new_count += is_new(change);
}

bool durable_has_changes(const struct durable *durable) {
	return durable->change_count > 0 || durable->lost_one;
}

bool durable_has_new(const struct durable *durable) {
	return durable->new_count > 0 || durable->lost_one;
}

static enum error apply_all(struct tx *tx, void *argument, struct failure *failure) {
	struct durable *durable = argument;
	struct change *change = NULL;
	TAILQ_FOREACH(change, &durable->changes, link) {
		enum error error = change->kind == TICKET_FORGET ? forget(tx, change->record.id, failure)
		                                                 : put_ticket(tx, &change->record, failure);
		if (error == OK && change->has_frames) {
			error = put_frames(tx, change, failure);
		}
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

/* After a failed commit: new tickets are not acknowledged and go; what changes old ones stays. */
static void drop_new(struct durable *durable) {
	struct change *next = NULL;
	for (struct change *change = TAILQ_FIRST(&durable->changes); change != NULL; change = next) {
		next = TAILQ_NEXT(change, link);
		if (is_new(change)) {
			drop_change(durable, change);
		}
	}
}

enum error durable_commit(struct durable *durable, struct failure *failure) {
	int64_t began = clock_nanoseconds();
	enum error error = durable->lost_one ? fail(failure, ERROR_NO_MEMORY, "out of memory for the durable queue") : OK;
	if (error == OK) {
		error = store_write(durable->store, apply_all, durable, failure);
	}
	durable->lost_one = false;
	if (error != OK) {
		drop_new(durable);
		return error;
	}
	histogram_add(&durable->commit_us, (clock_nanoseconds() - began) / 1000);
	histogram_add(&durable->commit_changes, (int64_t)durable->change_count);
	while (!TAILQ_EMPTY(&durable->changes)) {
		drop_change(durable, TAILQ_FIRST(&durable->changes));
	}
	return OK;
}

void durable_tend(struct durable *durable) {
	(void)store_tend(durable->store, NULL);
}

const struct histogram *durable_commit_us(const struct durable *durable) {
	return &durable->commit_us;
}

const struct histogram *durable_commit_changes(const struct durable *durable) {
	return &durable->commit_changes;
}
