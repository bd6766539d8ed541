/* The load of deals; see deal_load.h. */
#include "tests/crash/deal_load.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/crash/report.h"
#include "tests/lib/random.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"

#define WINDOW 64
#define RETRY_MS 300
#define TIMEOUT_MS 30000
#define TURN_MS 10
#define CREATORS 40 /* and so many slots each offer has */
#define REVISIONS 2
#define CONTENT \
	"content sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/a\n"

/* What can come next. `share` says how often, among those of a state; the product's steps lead past `agreed`. */
static const struct move {
	enum deal_state from;
	uint32_t share;
	enum role role;
	enum kind_id kind;
	const char *lines;
	enum deal_state to;
} moves[] = {
	{ DEAL_AGREED, 12, ROLE_BRAND, KIND_SHIP, "carrier DHL\n", DEAL_SHIPPED },
	{ DEAL_AGREED, 1, ROLE_CREATOR, KIND_CANCEL, "", DEAL_CANCELLED },
	{ DEAL_SHIPPED, 12, ROLE_CREATOR, KIND_RECEIVE, "", DEAL_RECEIVED },
	{ DEAL_SHIPPED, 1, ROLE_BRAND, KIND_CANCEL, "", DEAL_CANCELLED },
	{ DEAL_RECEIVED, 12, ROLE_CREATOR, KIND_SUBMIT, CONTENT, DEAL_SUBMITTED },
	{ DEAL_RECEIVED, 1, ROLE_BRAND, KIND_CANCEL, "", DEAL_CANCELLED },
	{ DEAL_SUBMITTED, 4, ROLE_BRAND, KIND_REVISE, "reason Too dark.\n", DEAL_RECEIVED },
	{ DEAL_SUBMITTED, 8, ROLE_BRAND, KIND_APPROVE, "", DEAL_APPROVED },
	{ DEAL_SUBMITTED, 1, ROLE_BRAND, KIND_CANCEL, "", DEAL_CANCELLED },
	{ DEAL_SUBMITTED, 2, ROLE_CREATOR, KIND_DISPUTE, "reason No answer.\n", DEAL_DISPUTED },
	{ DEAL_DISPUTED, 1, ROLE_OPERATOR, KIND_RULING, "outcome resume\nreason Look again.\n", DEAL_SUBMITTED },
	{ DEAL_DISPUTED, 1, ROLE_OPERATOR, KIND_RULING, "outcome settle\ncreator-share 33.33 %\nreason So it is.\n",
	  DEAL_RULED },
	{ DEAL_APPROVED, 12, ROLE_CREATOR, KIND_POST, "link https://example.com/p\n", DEAL_POSTED },
	{ DEAL_APPROVED, 1, ROLE_BRAND, KIND_CANCEL, "", DEAL_CANCELLED },
	{ DEAL_POSTED, 8, ROLE_OPERATOR, KIND_VERIFY, "live yes\ntagged yes\ndisclosed yes\n", DEAL_VERIFIED },
	{ DEAL_POSTED, 1, ROLE_OPERATOR, KIND_VERIFY, "live yes\ntagged no\ndisclosed yes\n", DEAL_APPROVED },
	{ DEAL_VERIFIED, 8, ROLE_OPERATOR, KIND_PAY, "amount 40.01 USD\n", DEAL_PAID }, /* where a fee was agreed */
	{ DEAL_VERIFIED, 4, ROLE_BRAND, KIND_RATE, "stars 5\n", DEAL_VERIFIED },
	{ DEAL_VERIFIED, 4, ROLE_CREATOR, KIND_RATE, "stars 4\n", DEAL_VERIFIED },
	{ DEAL_PAID, 1, ROLE_BRAND, KIND_RATE, "stars 5\n", DEAL_PAID },
	{ DEAL_PAID, 1, ROLE_CREATOR, KIND_RATE, "stars 4\n", DEAL_PAID },
};

#define OFFER "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nrevisions 2\nslots 40\ncloses "
static const char *const offers[] = { /* by turns */
	"compensation paid\nfee 40.01 USD\nagency-fee 4.00 USD\npay-within 30d\n" OFFER,
	"compensation gifted\nproduct Cork yoga mat, 5 mm\nproduct-value 89.00 USD\n" OFFER,
};

struct errand {
	struct sent_note *note;
	int64_t since; /* history.h */
	struct course *course; /* NULL: none */
};

struct deal_load {
	const struct agency_process *agency;
	struct history *history;
	uint32_t *random;
	struct client *client;
	struct actor operator, brand, creators[CREATORS];
	struct course **deals; /* that go on now; NULL: the next is to begin */
	size_t count;
	struct map *agreed;     /* id of the agreement -> struct course */
	struct sent_note *offer; /* that is accepted now; NULL: there is none yet */
	size_t offered, used;   /* offers sent; creators who have accepted the last one */
	int64_t payments;
	struct deal_counts counts;
};

static uint32_t below(struct deal_load *load, uint32_t limit) {
	return random_next(load->random) % limit;
}

/* ---- sending ---- */

static void send_note(struct deal_load *load, struct sent_note *note, struct course *course) {
	struct failure failure;
	struct buffer request;
	struct errand *errand = calloc(1, sizeof *errand);
	if (errand == NULL) {
		stop("out of memory");
	}
	*errand = (struct errand){ .note = note, .since = load->history->newest, .course = course };
	buffer_init(&request, BODY_MAX);
	market_request(buffer_slice(&note->bytes), &request);
	if (client_send(load->client, "notes", buffer_slice(&request), errand, &failure) != OK) {
		stop("sending: %s", failure.text);
	}
	buffer_release(&request);
}

static struct sent_note *send_new(struct deal_load *load, enum kind_id kind, struct buffer *bytes,
                                  struct course *course) {
	struct sent_note *note = history_add(load->history, kind, bytes);
	send_note(load, note, course);
	return note;
}

static void send_offer(struct deal_load *load) {
	struct buffer bytes;
	char lines[600];
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	size_t kinds = sizeof offers / sizeof offers[0];
	(void)snprintf(lines, sizeof lines, "%s2099-12-31T23:59:59Z\n", offers[load->offered++ % kinds]);
	notes_make(&load->brand, KIND_OFFER, lines, &bytes);
	load->offer = send_new(load, KIND_OFFER, &bytes, NULL);
	load->used = 0;
}

/* Has the next creator accept the latest offer; where all have, makes another one first. NULL: not yet. */
static struct course *begin(struct deal_load *load) {
	struct buffer bytes;
	if (load->offer == NULL || load->used == CREATORS) {
		send_offer(load);
	}
	if (load->offer->sequence == 0) {
		return NULL;
	}
	struct course *course = calloc(1, sizeof *course);
	if (course == NULL) {
		stop("out of memory");
	}
	course->creator = &load->creators[load->used++];
	course->is_paid = load->offered % 2 == 1;
	course->under_way = 1;
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_accept(course->creator, buffer_slice(&load->offer->bytes), &bytes);
	thread_begin(&course->thread, buffer_slice(&bytes));
	if (!map_put(load->agreed, slice_of(course->thread.id, HASH_SIZE), course)) {
		stop("out of memory");
	}
	load->counts.begun++;
	(void)send_new(load, KIND_AGREEMENT, &bytes, course);
	return course;
}

static bool is_open(const struct course *course, const struct move *move) {
	unsigned by = 1U << move->role;
	return move->from == course->state && (move->kind != KIND_PAY || course->is_paid) &&
	       (move->kind != KIND_DISPUTE || !course->disputed) &&
	       (move->kind != KIND_REVISE || course->revisions < REVISIONS) &&
	       (move->kind != KIND_RATE || (course->rated & by) == 0);
}

/* One of the moves that are open; NULL: the deal is over. */
static const struct move *choose(struct deal_load *load, const struct course *course) {
	uint32_t all = 0;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		all += is_open(course, &moves[i]) ? moves[i].share : 0;
	}
	uint32_t choice = all == 0 ? 0 : below(load, all);
	for (size_t i = 0; i < sizeof moves / sizeof moves[0] && all > 0; i++) {
		uint32_t share = is_open(course, &moves[i]) ? moves[i].share : 0;
		if (choice < share) {
			return &moves[i];
		}
		choice -= share;
	}
	return NULL;
}

static void send_move(struct deal_load *load, struct course *course, const struct move *move) {
	const struct actor *actor = move->role == ROLE_BRAND     ? &load->brand
	                            : move->role == ROLE_CREATOR ? course->creator
	                                                         : &load->operator;
	struct buffer bytes;
	char lines[200];
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	(void)snprintf(lines, sizeof lines, "%s", move->lines);
	if (move->kind == KIND_PAY) {
		(void)snprintf(lines, sizeof lines, "%sreference payout-%lld\n", move->lines, (long long)++load->payments);
	}
	thread_note(&course->thread, actor, move->kind, lines, &bytes);
	course->moves[course->under_way] = move;
	course->sent[course->under_way++] = send_new(load, move->kind, &bytes, course);
}

/* The deal's next step, now and then with a rival. False if it is over. */
static bool take_step(struct deal_load *load, struct course *course) {
	const struct move *move = choose(load, course);
	if (move == NULL) {
		load->counts.ended++;
		return false;
	}
	course->accepted = 0;
	send_move(load, course, move);
	if (below(load, 4) == 0) {
		send_move(load, course, choose(load, course));
		load->counts.rivals++;
	}
	return true;
}

/* An acknowledged note once more: it must be known under its number. */
static void repeat(struct deal_load *load) {
	struct sent_note *note = load->history->notes[below(load, (uint32_t)load->history->count)];
	if (note->sequence != 0) {
		send_note(load, note, NULL);
	}
}

/* ---- hearing ---- */

static void go_on(struct course *course, const struct sent_note *note) {
	if (course->state == DEAL_NONE) {
		course->state = course->is_paid ? DEAL_RECEIVED : DEAL_AGREED;
		return;
	}
	const struct move *move = course->moves[course->sent[1] == note ? 1 : 0];
	memcpy(course->thread.head, note->id, HASH_SIZE);
	course->state = move->to;
	course->disputed = move->kind == KIND_DISPUTE || (move->kind == KIND_RULING && course->disputed);
	course->revisions += move->kind == KIND_REVISE;
	course->rated |= move->kind == KIND_RATE ? 1U << move->role : 0;
	bool nothing_is_due = course->state == DEAL_PAID || (course->state == DEAL_VERIFIED && !course->is_paid);
	if (nothing_is_due && course->rated == (BY_BRAND | BY_CREATOR)) {
		course->state = DEAL_CLOSED;
	}
}

static void take_outcome(struct deal_load *load, struct course *course, const struct sent_note *note,
                         const struct outcome *outcome) {
	course->under_way--;
	if (outcome->error == OK) {
		course->accepted++;
		load->counts.steps++;
		go_on(course, note);
	} else if (outcome->error != ERROR_SUPERSEDED) {
		finding("a %s was refused: %s: %s", kind_get(note->kind)->name, error_word(outcome->error), outcome->said);
	}
	if (course->under_way == 0) {
		if (course->accepted != 1) {
			finding("%zu notes have become the step after the same one", course->accepted);
		}
		memset(course->sent, 0, sizeof course->sent);
	}
}

static bool take_answer(struct deal_load *load, int64_t wait_ms) {
	struct client_answer answer;
	struct outcome outcome;
	if (client_next(load->client, wait_ms, &answer) != OK) {
		return false;
	}
	struct errand *errand = answer.tag;
	market_read(load->agency, buffer_slice(&errand->note->bytes), &answer, &outcome);
	history_take(load->history, errand->note, errand->since, &outcome);
	if (errand->course != NULL) {
		take_outcome(load, errand->course, errand->note, &outcome);
	}
	free(errand);
	return true;
}

static void drain(struct deal_load *load) {
	while (client_waiting(load->client) > 0) {
		(void)take_answer(load, TURN_MS);
	}
}

/* ---- the load as a whole ---- */

/* `troth up` has sent this one already, when it started. */
static void send_first_note(struct deal_load *load, const char *name, enum kind_id kind) {
	struct buffer bytes;
	char *text = scratch_read(scratch_path(load->agency->home, name));
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	(void)buffer_append_text(&bytes, text);
	free(text);
	(void)send_new(load, kind, &bytes, NULL);
}

static void admit(struct deal_load *load, struct actor *actor, enum role role, const char *name) {
	struct buffer bytes;
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_make(actor, role, name, load->agency);
	actor_enrol(actor, &bytes);
	const struct sent_note *enrolment = send_new(load, KIND_ENROL, &bytes, NULL);
	drain(load);
	actor_admit(&load->operator, actor, enrolment->id, &bytes);
	(void)send_new(load, KIND_ADMIT, &bytes, NULL);
	drain(load);
}

struct deal_load *deal_load_new(const struct agency_process *agency, struct history *history, uint32_t *random,
                                size_t deals) {
	struct deal_load *load = calloc(1, sizeof *load);
	struct buffer bytes;
	if (load == NULL) {
		stop("out of memory");
	}
	*load = (struct deal_load){ .agency = agency, .history = history, .random = random, .count = deals };
	load->deals = calloc(deals, sizeof(struct course *));
	load->agreed = map_new();
	if (load->deals == NULL || load->agreed == NULL) {
		stop("out of memory");
	}
	actor_open_operator(&load->operator, agency);
	load->client = actor_connect(&load->operator, agency, RETRY_MS, TIMEOUT_MS);
	send_first_note(load, "ops/bootstrap/enrol.note", KIND_ENROL);
	send_first_note(load, "ops/bootstrap/admit.note", KIND_ADMIT);
	admit(load, &load->brand, ROLE_BRAND, "acme-yoga");
	for (size_t i = 0; i < CREATORS; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "creator-%zu", i);
		admit(load, &load->creators[i], ROLE_CREATOR, name);
	}
	buffer_init(&bytes, SIGNED_NOTE_MAX);
	actor_fund(&load->operator, load->brand.name, "900000000.00 USD", "bank-1", &bytes);
	(void)send_new(load, KIND_FUND, &bytes, NULL);
	drain(load);
	return load;
}

void deal_load_free(struct deal_load *load) {
	client_free(load->client);
	for (size_t i = 0; i < CREATORS; i++) {
		actor_release(&load->creators[i]);
	}
	actor_release(&load->brand);
	actor_release(&load->operator);
	map_free(load->agreed, free);
	free(load->deals);
	free(load);
}

void deal_load_turn(struct deal_load *load, bool sending) {
	for (size_t tries = 0; sending && tries < WINDOW && client_waiting(load->client) < WINDOW; tries++) {
		struct course **deal = &load->deals[below(load, (uint32_t)load->count)];
		if (below(load, 8) == 0) {
			repeat(load);
		} else if (*deal == NULL) {
			*deal = begin(load);
		} else if ((*deal)->under_way == 0 && !take_step(load, *deal)) {
			*deal = NULL;
		}
	}
	bool more = take_answer(load, TURN_MS);
	for (size_t taken = 1; more && taken < WINDOW; taken++) {
		more = take_answer(load, 0);
	}
}

bool deal_load_is_waiting(const struct deal_load *load) {
	return client_waiting(load->client) > 0;
}

const struct course *deal_load_find(const struct deal_load *load, const uint8_t id[HASH_SIZE]) {
	return map_get(load->agreed, slice_of(id, HASH_SIZE));
}

struct deal_counts deal_load_counts(const struct deal_load *load) {
	return load->counts;
}
