/* The load; see loader.h. */
#include "tests/crash/loader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/random.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"

#define WINDOW 64
#define RETRY_MS 300
#define TIMEOUT_MS 30000
#define TURN_MS 10
#define BRANDS 2
#define CREATORS_FIRST 40 /* who come at once */
#define CREATORS_MAX 160
#define PEOPLE_MAX (BRANDS + CREATORS_MAX)
#define OFFERS_RECENT 10 /* which are accepted */

/* Someone on the way to an account. The notes are NULL until they are sent. */
struct person {
	struct actor actor;
	struct sent_note *enrolment, *admission;
};

/* One note on its way to the agency. */
struct errand {
	struct sent_note *note;
	int64_t since; /* history.h */
};

struct loader {
	const struct agency_process *agency;
	struct history *history;
	uint32_t *random;
	struct client *client;
	struct actor operator;
	struct person people[PEOPLE_MAX]; /* brands first */
	size_t known;                     /* people made so far */
	struct sent_note *offers[OFFERS_RECENT]; /* the newest that were sent; NULL: none yet */
	size_t offered;
	int64_t payments;
	struct buffer request;
};

static uint32_t below(struct loader *loader, uint32_t limit) {
	return random_next(loader->random) % limit;
}

/* ---- who acts ---- */

static void add_person(struct loader *loader) {
	char name[ACCOUNT_NAME_MAX];
	bool is_brand = loader->known < BRANDS;
	(void)snprintf(name, sizeof name, "%s-%zu", is_brand ? "brand" : "creator", loader->known);
	actor_make(&loader->people[loader->known].actor, is_brand ? ROLE_BRAND : ROLE_CREATOR, name, loader->agency);
	loader->known++;
}

static bool is_acknowledged(const struct sent_note *note) {
	return note != NULL && note->sequence != 0;
}

/* Someone admitted among these people, or NULL. */
static const struct actor *pick(struct loader *loader, size_t first, size_t count) {
	const struct person *person = &loader->people[first + below(loader, (uint32_t)count)];
	return is_acknowledged(person->admission) ? &person->actor : NULL;
}

/* ---- what they send: each of these returns NULL if there is nothing of its kind to do now ---- */

/* The next step of whoever has no account yet. */
static struct sent_note *introduce(struct loader *loader) {
	struct buffer bytes;
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	for (size_t i = 0; i < loader->known; i++) {
		struct person *person = &loader->people[i];
		if (person->enrolment == NULL) {
			actor_enrol(&person->actor, &bytes);
			person->enrolment = history_add(loader->history, KIND_ENROL, &bytes);
			return person->enrolment;
		}
		if (person->admission == NULL && is_acknowledged(person->enrolment)) {
			actor_admit(&loader->operator, &person->actor, person->enrolment->id, &bytes);
			person->admission = history_add(loader->history, KIND_ADMIT, &bytes);
			return person->admission;
		}
	}
	return NULL;
}

static struct sent_note *welcome(struct loader *loader) {
	if (loader->known < PEOPLE_MAX) {
		add_person(loader);
	}
	return introduce(loader);
}

/* Every eighth payment comes under the reference of the one before it, often the same brand's: booked once. */
static struct sent_note *fund(struct loader *loader) {
	const struct actor *brand = pick(loader, 0, BRANDS);
	char amount[MONEY_TEXT_MAX], reference[32];
	struct buffer bytes;
	if (brand == NULL) {
		return NULL;
	}
	loader->payments += below(loader, 8) == 0 && loader->payments > 0 ? 0 : 1;
	(void)snprintf(amount, sizeof amount, "%u.50 USD", 50 + below(loader, 500));
	(void)snprintf(reference, sizeof reference, "bank-%" PRId64, loader->payments);
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_fund(&loader->operator, brand->name, amount, reference, &bytes);
	return history_add(loader->history, KIND_FUND, &bytes);
}

static struct sent_note *offer(struct loader *loader) {
	const struct actor *brand = pick(loader, 0, BRANDS);
	struct buffer bytes;
	if (brand == NULL) {
		return NULL;
	}
	bool many = below(loader, 3) == 0;
	const char *fee = below(loader, 2) == 0 ? NULL : many ? "12.25 USD" : "40.00 USD";
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_offer(brand, (int)(many ? 20 + below(loader, 30) : 1 + below(loader, 4)), fee, &bytes);
	struct sent_note *note = history_add(loader->history, KIND_OFFER, &bytes);
	loader->offers[loader->offered++ % OFFERS_RECENT] = note;
	return note;
}

/* The same creator may come to the same offer again, under another nonce: it must be refused. */
static struct sent_note *accept(struct loader *loader) {
	const struct actor *creator = pick(loader, BRANDS, loader->known - BRANDS);
	const struct sent_note *offered = loader->offers[below(loader, OFFERS_RECENT)];
	struct buffer bytes;
	if (creator == NULL || !is_acknowledged(offered)) {
		return NULL;
	}
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_accept(creator, buffer_slice(&offered->bytes), &bytes);
	return history_add(loader->history, KIND_AGREEMENT, &bytes);
}

/* Any note once more, acknowledged or still on its way; one that was refused could meet with a better answer. */
static struct sent_note *repeat(struct loader *loader) {
	const struct history *history = loader->history;
	struct sent_note *note = history->count == 0 ? NULL : history->notes[below(loader, (uint32_t)history->count)];
	return note == NULL || note->refused ? NULL : note;
}

static const struct {
	uint32_t share; /* of a hundred */
	struct sent_note *(*make)(struct loader *loader);
} acts[] = { { 60, accept }, { 17, repeat }, { 12, offer }, { 9, fund }, { 2, welcome } };

/* ---- sending and hearing ---- */

static struct sent_note *choose(struct loader *loader) {
	struct sent_note *note = introduce(loader);
	uint32_t choice = below(loader, 100);
	for (size_t i = 0; i < sizeof acts / sizeof acts[0] && note == NULL; i++) {
		if (choice < acts[i].share) {
			note = acts[i].make(loader);
			break;
		}
		choice -= acts[i].share;
	}
	return note;
}

static void send_note(struct loader *loader, struct sent_note *note) {
	struct failure failure;
	struct errand *errand = calloc(1, sizeof *errand);
	if (errand == NULL) {
		stop("out of memory");
	}
	*errand = (struct errand){ .note = note, .since = loader->history->newest };
	buffer_clear(&loader->request);
	market_request(buffer_slice(&note->bytes), &loader->request);
	if (client_send(loader->client, "notes", buffer_slice(&loader->request), errand, &failure) != OK) {
		stop("sending: %s", failure.text);
	}
}

static bool take_answer(struct loader *loader, int64_t wait_ms) {
	struct client_answer answer;
	struct outcome outcome;
	if (client_next(loader->client, wait_ms, &answer) != OK) {
		return false;
	}
	struct errand *errand = answer.tag;
	market_read(loader->agency, buffer_slice(&errand->note->bytes), &answer, &outcome);
	history_take(loader->history, errand->note, errand->since, &outcome);
	free(errand);
	return true;
}

/* ---- the load as a whole ---- */

/* `troth up` has sent this one already, when it started: it must be known under the number that it has. */
static void send_first_note(struct loader *loader, const char *name, enum kind_id kind) {
	struct buffer bytes;
	char *text = scratch_read(scratch_path(loader->agency->home, name));
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	(void)buffer_append_text(&bytes, text);
	free(text);
	send_note(loader, history_add(loader->history, kind, &bytes));
}

struct loader *loader_new(const struct agency_process *agency, struct history *history, uint32_t *random) {
	struct loader *loader = calloc(1, sizeof *loader);
	if (loader == NULL) {
		stop("out of memory");
	}
	loader->agency = agency;
	loader->history = history;
	loader->random = random;
	buffer_init(&loader->request, BODY_MAX);
	actor_open_operator(&loader->operator, agency);
	loader->client = actor_connect(&loader->operator, agency, RETRY_MS, TIMEOUT_MS);
	for (size_t i = 0; i < BRANDS + CREATORS_FIRST; i++) {
		add_person(loader);
	}
	send_first_note(loader, "ops/bootstrap/enrol.note", KIND_ENROL);
	send_first_note(loader, "ops/bootstrap/admit.note", KIND_ADMIT);
	return loader;
}

void loader_free(struct loader *loader) {
	client_free(loader->client);
	for (size_t i = 0; i < loader->known; i++) {
		actor_release(&loader->people[i].actor);
	}
	actor_release(&loader->operator);
	buffer_release(&loader->request);
	free(loader);
}

void loader_turn(struct loader *loader, bool sending) {
	/* What cannot be done yet is not tried for ever: at the beginning most choices come to nothing. */
	for (size_t tries = 0; sending && tries < WINDOW && client_waiting(loader->client) < WINDOW; tries++) {
		struct sent_note *note = choose(loader);
		if (note != NULL) {
			send_note(loader, note);
		}
	}
	bool more = take_answer(loader, TURN_MS);
	for (size_t taken = 1; more && taken < WINDOW; taken++) {
		more = take_answer(loader, 0);
	}
}

bool loader_is_waiting(const struct loader *loader) {
	return client_waiting(loader->client) > 0;
}
