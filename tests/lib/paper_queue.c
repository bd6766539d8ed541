/* Tickets in a map, changes to them in a list; see paper_queue.h. */
#include "tests/lib/paper_queue.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/map.h"
#include "tests/lib/unit.h"

#define PARTS 2 /* of enum ticket_part */
#define ORDER_SIZE 24

struct page {
	struct ticket_record record;
	struct message parts[PARTS];
	bool is_damaged[PARTS];
};

struct change {
	TAILQ_ENTRY(change) link;
	enum ticket_change_kind kind;
	struct ticket_record record;
	bool has_frames;
	enum ticket_part part;
	struct message frames;
};

TAILQ_HEAD(change_list, change);

struct paper_queue {
	struct map *pages; /* of struct page, by ticket */
	struct change_list changes;
};

struct paper_queue *paper_queue_new(void) {
	struct paper_queue *queue = calloc(1, sizeof *queue);
	ck_assert_ptr_nonnull(queue);
	queue->pages = map_new();
	ck_assert_ptr_nonnull(queue->pages);
	TAILQ_INIT(&queue->changes);
	return queue;
}

static void free_page(void *value) {
	struct page *page = value;
	for (size_t i = 0; i < PARTS; i++) {
		message_release(&page->parts[i]);
	}
	free(page);
}

static void drop_change(struct paper_queue *queue, struct change *change) {
	TAILQ_REMOVE(&queue->changes, change, link);
	message_release(&change->frames);
	free(change);
}

void paper_queue_crash(struct paper_queue *queue) {
	while (!TAILQ_EMPTY(&queue->changes)) {
		drop_change(queue, TAILQ_FIRST(&queue->changes));
	}
}

void paper_queue_free(struct paper_queue *queue) {
	paper_queue_crash(queue);
	map_free(queue->pages, free_page);
	free(queue);
}

static struct slice id_of(const struct ticket_record *record) {
	return slice_of(record->id, TICKET_SIZE);
}

/* ---- changing ---- */

void paper_queue_keep(struct paper_queue *queue, const struct ticket_change *from) {
	struct change *change = calloc(1, sizeof *change);
	ck_assert_ptr_nonnull(change);
	change->kind = from->kind;
	change->record = *from->record;
	change->has_frames = from->frames != NULL;
	change->part = from->part;
	message_init(&change->frames);
	for (size_t i = from->first; change->has_frames && i < from->frames->count; i++) {
		ck_assert(message_append_shared(&change->frames, from->frames, i));
	}
	TAILQ_INSERT_TAIL(&queue->changes, change, link);
}

bool paper_queue_has_changes(const struct paper_queue *queue) {
	return !TAILQ_EMPTY(&queue->changes);
}

static struct page *page_obtain(struct paper_queue *queue, const struct ticket_record *record) {
	struct page *page = map_get(queue->pages, id_of(record));
	if (page == NULL) {
		page = calloc(1, sizeof *page);
		ck_assert_ptr_nonnull(page);
		message_init(&page->parts[TICKET_REQUEST]);
		message_init(&page->parts[TICKET_ANSWER]);
		ck_assert(map_put(queue->pages, id_of(record), page));
	}
	return page;
}

static void apply(struct paper_queue *queue, struct change *change) {
	if (change->kind == TICKET_FORGET) {
		struct page *page = map_remove(queue->pages, id_of(&change->record));
		if (page != NULL) {
			free_page(page);
		}
		return;
	}
	struct page *page = page_obtain(queue, &change->record);
	page->record = change->record;
	if (change->has_frames) {
		message_move(&page->parts[change->part], &change->frames);
	}
}

void paper_queue_commit(struct paper_queue *queue) {
	while (!TAILQ_EMPTY(&queue->changes)) {
		struct change *change = TAILQ_FIRST(&queue->changes);
		apply(queue, change);
		drop_change(queue, change);
	}
}

void paper_queue_fail(struct paper_queue *queue) {
	struct change *next = NULL;
	for (struct change *change = TAILQ_FIRST(&queue->changes); change != NULL; change = next) {
		next = TAILQ_NEXT(change, link);
		if (change->has_frames && change->part == TICKET_REQUEST) {
			drop_change(queue, change);
		}
	}
}

/* ---- reading ---- */

enum error paper_queue_load(struct paper_queue *queue, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                            struct message *out) {
	const struct page *page = map_get(queue->pages, slice_of(id, TICKET_SIZE));
	if (page == NULL || page->parts[part].count == 0) {
		return ERROR_NOT_FOUND;
	}
	for (size_t i = 0; i < page->parts[part].count; i++) {
		ck_assert(message_append_shared(out, &page->parts[part], i));
	}
	return page->is_damaged[part] ? ERROR_STORE_DAMAGED : OK;
}

/* By arrival, and where that is the same, by ticket: as the index of the real store. */
static struct slice order_of(const struct ticket_record *record, uint8_t out[ORDER_SIZE]) {
	for (int i = 0; i < 8; i++) {
		out[i] = (uint8_t)((uint64_t)record->arrived >> (56 - 8 * i));
	}
	memcpy(out + 8, record->id, TICKET_SIZE);
	return slice_of(out, ORDER_SIZE);
}

void paper_queue_restore(struct paper_queue *queue, void (*visit)(void *argument, const struct ticket_record *record),
                         void *argument) {
	struct map *ordered = map_new();
	ck_assert_ptr_nonnull(ordered);
	struct map_entry *entry = NULL;
	for (entry = map_first(queue->pages); entry != NULL; entry = map_next(entry)) {
		uint8_t order[ORDER_SIZE];
		struct page *page = entry->value;
		ck_assert(map_put(ordered, order_of(&page->record, order), page));
	}
	for (entry = map_first(ordered); entry != NULL; entry = map_next(entry)) {
		visit(argument, &((const struct page *)entry->value)->record);
	}
	map_free(ordered, NULL);
}

const struct ticket_record *paper_queue_find(const struct paper_queue *queue, const uint8_t id[TICKET_SIZE]) {
	const struct page *page = map_get(queue->pages, slice_of(id, TICKET_SIZE));
	return page == NULL ? NULL : &page->record;
}

size_t paper_queue_size(const struct paper_queue *queue) {
	return map_size(queue->pages);
}

void paper_queue_damage(struct paper_queue *queue, const uint8_t id[TICKET_SIZE], enum ticket_part part) {
	struct page *page = map_get(queue->pages, slice_of(id, TICKET_SIZE));
	ck_assert_ptr_nonnull(page);
	page->is_damaged[part] = true;
}
