/* Deals side by side; see convoy.h. */
#include "tests/lib/convoy.h"

#include <stdio.h>

#include "base/clock.h"
#include "rules/calendar.h"
#include "rules/deal_pack.h"
#include "tests/lib/stop.h"

#define WINDOW 64
#define CLOSES (30 * 86400) /* seconds from now */

void convoy_notes_init(struct buffer notes[CONVOY_MAX]) {
	for (size_t i = 0; i < CONVOY_MAX; i++) {
		buffer_init(&notes[i], SIGNED_NOTE_MAX);
	}
}

void convoy_notes_release(struct buffer notes[CONVOY_MAX]) {
	for (size_t i = 0; i < CONVOY_MAX; i++) {
		buffer_release(&notes[i]);
	}
}

static void must(struct failure failure, const char *what) {
	if (failure.code != OK) {
		stop("%s: %s: %s", what, error_word(failure.code), failure.text);
	}
}

/* ---- who takes part ---- */

void cast_make(struct cast *cast, int workers, const char *log_level, size_t creators) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	agency_start(&cast->agency, 1);
	if (agency_stop(&cast->agency) != 0) {
		stop("the agency did not stop");
	}
	cast->agency.log_level = log_level;
	agency_restart(&cast->agency, workers);
	actor_open_operator(&cast->operator, &cast->agency);
	actor_make(&cast->brand, ROLE_BRAND, "acme-yoga", &cast->agency);
	market_admit(&cast->agency, &cast->operator, &cast->brand, 1);
	cast->count = creators;
	for (size_t i = 0; i < creators; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "creator-%zu", i);
		actor_make(&cast->creators[i], ROLE_CREATOR, name, &cast->agency);
	}
	market_admit(&cast->agency, &cast->operator, cast->creators, creators);
	struct client *client = actor_connect(&cast->operator, &cast->agency, 0, 0);
	actor_fund(&cast->operator, cast->brand.name, "1000000.00 USD", "bank-1", &note);
	must(direct_submit(client, buffer_slice(&note)), "fund");
	buffer_release(&note);
	client_free(client);
}

void cast_release(struct cast *cast) {
	for (size_t i = 0; i < cast->count; i++) {
		actor_release(&cast->creators[i]);
	}
	actor_release(&cast->brand);
	actor_release(&cast->operator);
	process_free(cast->agency.up);
	cast->agency.up = NULL;
}

/* ---- deals ---- */

const struct actor *convoy_actor(const struct convoy *convoy, size_t index, enum role role) {
	const struct cast *cast = convoy->cast;
	return role == ROLE_CREATOR ? &cast->creators[index] : role == ROLE_BRAND ? &cast->brand : &cast->operator;
}

void convoy_submit(struct convoy *convoy, struct buffer notes[CONVOY_MAX]) {
	struct outcome outcomes[CONVOY_MAX];
	market_submit(convoy->client, &convoy->cast->agency, notes, convoy->count, WINDOW, outcomes);
	for (size_t i = 0; i < convoy->count; i++) {
		if (outcomes[i].error != OK) {
			stop("deal %zu: %s: %s", i, error_word(outcomes[i].error), outcomes[i].said);
		}
		note_id_of(buffer_slice(&notes[i]), convoy->threads[i].head);
	}
}

void convoy_begin(struct convoy *convoy, struct cast *cast, struct client *client, size_t slots, const char *lines) {
	char all[1200], closes[TIME_TEXT_SIZE];
	*convoy = (struct convoy){ .cast = cast, .client = client, .count = cast->count };
	convoy_notes_init(convoy->texts);
	buffer_init(&convoy->offer, SIGNED_NOTE_MAX);
	(void)snprintf(all, sizeof all, "%sslots %zu\ncloses %s\n", lines, slots,
	               time_format(clock_wall_seconds() + CLOSES, closes));
	notes_make(&cast->brand, KIND_OFFER, all, &convoy->offer);
	must(direct_submit(client, buffer_slice(&convoy->offer)), "the offer");
	for (size_t i = 0; i < convoy->count; i++) {
		actor_accept(&cast->creators[i], buffer_slice(&convoy->offer), &convoy->texts[i]);
	}
	convoy_submit(convoy, convoy->texts);
	for (size_t i = 0; i < convoy->count; i++) {
		thread_begin(&convoy->threads[i], buffer_slice(&convoy->texts[i]));
	}
}

void convoy_end(struct convoy *convoy) {
	convoy_notes_release(convoy->texts);
	buffer_release(&convoy->offer);
}

void convoy_step(struct convoy *convoy, enum role role, enum kind_id kind, const char *lines) {
	struct buffer notes[CONVOY_MAX];
	convoy_notes_init(notes);
	for (size_t i = 0; i < convoy->count; i++) {
		thread_note(&convoy->threads[i], convoy_actor(convoy, i, role), kind, lines, &notes[i]);
	}
	convoy_submit(convoy, notes);
	convoy_notes_release(notes);
}

void convoy_deal(const struct convoy *convoy, struct client *client, size_t index, struct deal *out) {
	char hex[HASH_HEX_SIZE];
	const struct pack_value *ok = NULL;
	hex_encode(slice_of(convoy->threads[index].id, HASH_SIZE), hex);
	struct failure failure = direct_ask(client, "deal", "id", hex, &ok);
	must(failure, "asking for a deal");
	if (deal_unpack(pack_find(pack_find(ok, "deal"), "deal"), out, &failure) != OK) {
		stop("%s", failure.text);
	}
}
