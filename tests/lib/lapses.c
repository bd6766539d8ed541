/* Lapses; see lapses.h. */
#include "tests/lib/lapses.h"

#include "tests/lib/unit.h"

#define PAGE 100

static void read_item(struct lapses *lapses, const struct pack_value *item, const char *origin) {
	struct slice bytes, kind;
	struct note note;
	struct failure failure;
	ck_assert(pack_as_text(pack_find(item, "kind"), &kind));
	if (!slice_is(kind, kind_get(KIND_LAPSE)->name)) {
		return;
	}
	ck_assert(pack_as_bytes(pack_find(item, "note"), &bytes));
	ck_assert_int_eq(note_parse(direct_text(bytes), origin, &note, &failure), OK);
	if (note_find(&note, "deal") == NULL) {
		return; /* an offer's */
	}
	ck_assert_uint_lt(lapses->count, LAPSES_MAX);
	struct lapse *lapse = &lapses->items[lapses->count++];
	memcpy(lapse->deal, note_get(&note, "deal")->bytes, HASH_SIZE);
	lapse->deadline = (enum deadline)note_get(&note, "deadline")->word;
	lapse->due = note_get(&note, "due")->number;
}

void lapses_read(struct lapses *lapses, struct client *client, const struct agency_process *agency) {
	struct argument arguments[] = { { "after", NULL, 0, false }, { "limit", NULL, PAGE, false } };
	lapses->count = 0;
	for (bool more = true; more;) {
		const struct pack_value *ok = NULL;
		struct failure failure = direct_query(client, "notes", arguments, 2, &ok);
		ck_assert_msg(failure.code == OK, "%s", failure.text);
		const struct pack_value *items = pack_find(ok, "items");
		for (size_t i = 0; i < pack_count(items); i++) {
			read_item(lapses, pack_item(items, i), agency->join.origin);
		}
		more = pack_as_signed(pack_find(ok, "after"), &arguments[0].number);
	}
}

void lapses_check(const struct lapses *lapses, const struct thread *thread,
                  const enum deadline chain[LAPSES_CHAIN_MAX], const char *name) {
	int64_t last = 0;
	size_t found = 0;
	for (size_t i = 0; i < lapses->count; i++) {
		const struct lapse *lapse = &lapses->items[i];
		if (memcmp(lapse->deal, thread->id, HASH_SIZE) != 0) {
			continue;
		}
		ck_assert_msg(found < LAPSES_CHAIN_MAX && chain[found] == lapse->deadline, "%s: lapse %zu is of %s", name,
		              found + 1, deadline_words[lapse->deadline]);
		ck_assert_msg(lapse->due > last, "%s: what was due later was said first", name);
		last = lapse->due;
		found++;
	}
	ck_assert_msg(found == LAPSES_CHAIN_MAX || chain[found] == DEADLINE_NONE, "%s: %zu lapses, and %s is missing",
	              name, found, deadline_words[chain[found]]);
}
