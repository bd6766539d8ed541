/* Agencies and actors for tests; see market.h. */
#include "tests/lib/market.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/pack.h"
#include "cli/outbox.h"
#include "rules/calendar.h"
#include "rules/offer.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"

#define READY_MS 30000
#define STOP_MS 20000
#define ADMIT_WINDOW 128

static void must(enum error error, const struct failure *failure, const char *what) {
	if (error != OK) {
		stop("%s: %s", what, failure->text);
	}
}

void agency_start(struct agency_process *agency, int workers) {
	struct failure failure;
	must(crypto_start(&failure), &failure, "libsodium");
	*agency = (struct agency_process){ .home = scratch_path(scratch_folder(), "agency") };
	agency_restart(agency, workers);
}

void agency_restart(struct agency_process *agency, int workers) {
	char count[16];
	struct failure failure;
	process_free(agency->up);
	(void)snprintf(count, sizeof count, "%d", workers);
	const char *level = agency->log_level == NULL ? "warning" : agency->log_level;
	const char *const first[] = { process_program("troth"), "up", "--home", agency->home, "--workers", count,
		                          "--log-level", level, "--origin", "agency.example", "--endpoint",
		                          "tcp://127.0.0.1:*", NULL };
	const char *const again[] = { process_program("troth"), "up", "--home", agency->home, "--workers", count,
		                          "--log-level", level, NULL };
	const char *join = scratch_path(agency->home, "agency.join");
	agency->up = process_start(file_exists(join) ? again : first, NULL);
	if (process_await_line(agency->up, PROCESS_OUTPUT, "ready", NULL, READY_MS) == NULL) {
		stop("the agency did not become ready: %s", process_text(agency->up, PROCESS_ERRORS));
	}
	must(join_load(join, &agency->join, &failure), &failure, "agency.join");
}

int agency_stop(struct agency_process *agency) {
	process_signal(agency->up, SIGTERM);
	return process_wait(agency->up, STOP_MS);
}

static void set_signer(struct actor *actor) {
	if (!signer_name_write(actor->signer, slice_of_text(actor->origin), actor->role, slice_of_text(actor->name))) {
		stop("a name is too long");
	}
}

void actor_make(struct actor *actor, enum role role, const char *name, const struct agency_process *agency) {
	struct failure failure;
	*actor = (struct actor){ .role = role, .key = signing_key_new() };
	(void)snprintf(actor->name, sizeof actor->name, "%s", name);
	(void)snprintf(actor->origin, sizeof actor->origin, "%s", agency->join.origin);
	set_signer(actor);
	must(identity_make(&actor->identity, &failure), &failure, "transport key");
}

void actor_open_operator(struct actor *actor, const struct agency_process *agency) {
	struct home home;
	struct failure failure;
	struct settings settings = { .home = scratch_path(agency->home, "ops") };
	must(home_open(&settings, &home, &failure), &failure, "the operator's home");
	must(home_unlock(&home, &settings, &failure), &failure, "the operator's key");
	*actor = (struct actor){ .role = home.role, .key = home.key };
	(void)snprintf(actor->name, sizeof actor->name, "%s", home.name);
	(void)snprintf(actor->origin, sizeof actor->origin, "%s", home.join.origin);
	set_signer(actor);
	must(identity_load(scratch_path(settings.home, "transport.key"), &actor->identity, &failure), &failure,
	     "the operator's transport key");
}

void actor_release(struct actor *actor) {
	signing_key_free(actor->key);
	identity_wipe(&actor->identity);
}

struct client *actor_connect(const struct actor *actor, const struct agency_process *agency, int64_t retry_ms,
                             int64_t timeout_ms) {
	struct client *client = NULL;
	struct failure failure;
	struct client_options options = { .brokers = agency->join.brokers,
		                              .broker_count = 1,
		                              .identity = &actor->identity,
		                              .retry_ms = retry_ms,
		                              .timeout_ms = timeout_ms };
	must(client_new(&options, &client, &failure), &failure, "connection");
	return client;
}

static void sign_text(const struct actor *actor, struct slice text, struct buffer *out) {
	struct failure failure;
	must(signed_note_write(out, text, actor->signer, actor->key, &failure), &failure, "signing");
}

void actor_sign(const struct actor *actor, enum kind_id kind, const struct note_pair *pairs, size_t count,
                struct buffer *out) {
	struct note_pair all[NOTE_VALUES_MAX];
	struct stamp stamp;
	struct buffer text;
	struct failure failure;
	buffer_init(&text, NOTE_TEXT_MAX);
	outbox_stamp(&stamp);
	memcpy(all, pairs, count * sizeof pairs[0]);
	all[count] = (struct note_pair){ "time", slice_of_text(stamp.time) };
	all[count + 1] = (struct note_pair){ "nonce", slice_of_text(stamp.nonce) };
	must(note_compose(kind_get(kind), actor->origin, all, count + 2, &text, &failure), &failure, "composing");
	sign_text(actor, buffer_slice(&text), out);
	buffer_release(&text);
}

struct party_text {
	char text[ACCOUNT_NAME_MAX + 80];
};

static struct slice write_party(const struct actor *actor, struct party_text *out) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(actor->key), KEY_SIZE), hex);
	(void)snprintf(out->text, sizeof out->text, "%s ed25519:%s", actor->name, hex);
	return slice_of_text(out->text);
}

void actor_enrol(const struct actor *actor, struct buffer *out) {
	struct party_text party;
	char transport[TRANSPORT_KEY_TEXT];
	transport_key_format(actor->identity.public_key, transport);
	struct note_pair pairs[] = { { "account", write_party(actor, &party) },
		                         { "role", slice_of_text(role_words[actor->role]) },
		                         { "transport", slice_of_text(transport) },
		                         { "consent", slice_of_text("electronic-signatures") } };
	actor_sign(actor, KIND_ENROL, pairs, 4, out);
}

void actor_admit(const struct actor *operator, const struct actor *account, const uint8_t enrolment[HASH_SIZE],
                 struct buffer *out) {
	struct party_text party, admitter;
	char hex[HASH_HEX_SIZE], reference[80];
	hex_encode(slice_of(enrolment, HASH_SIZE), hex);
	(void)snprintf(reference, sizeof reference, "sha256:%s", hex);
	struct note_pair pairs[] = { { "account", write_party(account, &party) },
		                         { "role", slice_of_text(role_words[account->role]) },
		                         { "enrolment", slice_of_text(reference) },
		                         { "admitter", write_party(operator, &admitter) } };
	actor_sign(operator, KIND_ADMIT, pairs, 4, out);
}

void actor_fund(const struct actor *operator, const char *brand, const char *amount, const char *reference,
                struct buffer *out) {
	struct party_text party;
	struct note_pair pairs[] = { { "brand", slice_of_text(brand) },
		                         { "amount", slice_of_text(amount) },
		                         { "reference", slice_of_text(reference) },
		                         { "operator", write_party(operator, &party) } };
	actor_sign(operator, KIND_FUND, pairs, 4, out);
}

void actor_offer(const struct actor *brand, int slots, const char *fee, struct buffer *out) {
	struct party_text party;
	char count[16], closes[TIME_TEXT_SIZE];
	(void)snprintf(count, sizeof count, "%d", slots);
	(void)time_format(clock_wall_seconds() + 30 * 86400, closes);
	bool paid = fee != NULL;
	struct note_pair pairs[] = {
		{ "brand", write_party(brand, &party) },
		{ "compensation", slice_of_text(paid ? "paid" : "gifted") },
		{ paid ? "fee" : "product", slice_of_text(paid ? fee : "Cork yoga mat, 5 mm") },
		{ paid ? "pay-within" : "product-value", slice_of_text(paid ? "30d" : "89.00 USD") },
		{ "deliverable", slice_of_text("1 instagram-reel within 14d") },
		{ "disclosure", slice_of_text("#ad") },
		{ "review-within", slice_of_text("72h") },
		{ "revisions", slice_of_text("2") },
		{ "post-within", slice_of_text("7d") },
		{ "live-for", slice_of_text("30d") },
		{ "slots", slice_of_text(count) },
		{ "closes", slice_of_text(closes) },
	};
	actor_sign(brand, KIND_OFFER, pairs, sizeof pairs / sizeof pairs[0], out);
}

static struct slice text_of(struct slice signed_note) {
	struct signed_note split;
	struct failure failure;
	must(signed_note_split(signed_note, &split, &failure), &failure, "splitting");
	return split.text;
}

void actor_accept(const struct actor *creator, struct slice signed_offer, struct buffer *out) {
	struct note offer;
	struct stamp stamp;
	struct buffer text;
	struct failure failure;
	uint8_t id[HASH_SIZE];
	struct party party = { .name = slice_of_text(creator->name) };
	memcpy(party.key, signing_key_public(creator->key), KEY_SIZE);
	buffer_init(&text, NOTE_TEXT_MAX);
	outbox_stamp(&stamp);
	note_id_of(signed_offer, id);
	must(note_parse(text_of(signed_offer), creator->origin, &offer, &failure), &failure, "the offer");
	must(agreement_derive(&offer, id, NULL, &party, slice_of_text(stamp.time), slice_of_text(stamp.nonce), &text,
	                      &failure),
	     &failure, "deriving");
	sign_text(creator, buffer_slice(&text), out);
	buffer_release(&text);
}

void note_id_of(struct slice signed_note, uint8_t id[HASH_SIZE]) {
	signed_note_id(text_of(signed_note), id);
}

void market_request(struct slice signed_note, struct buffer *out) {
	body_begin_request(out, "submit", 1);
	pack_key_bytes(out, "note", signed_note);
}

/* One reader for all answers: tests are of one thread. */
static struct pack_document *document(void) {
	static struct pack_document *kept;
	if (kept == NULL) {
		kept = pack_document_new();
	}
	return kept;
}

void market_read(const struct agency_process *agency, struct slice sent, const struct client_answer *answer,
                 struct outcome *out) {
	const struct pack_value *ok = NULL;
	struct slice id, note;
	struct signed_note split;
	struct failure failure = { .code = OK };
	*out = (struct outcome){ .error = answer->error, .waited_ns = answer->waited_ns, .tries = answer->tries };
	if (out->error == OK) {
		out->error = body_read_reply(document(), answer->body, &ok, &failure);
	}
	if (out->error != OK) {
		(void)snprintf(out->said, sizeof out->said, "%s", failure.text);
		return;
	}
	if (!pack_as_bytes(pack_find(ok, "id"), &id) || id.size != HASH_SIZE ||
	    !pack_as_bytes(pack_find(ok, "note"), &note) || !pack_as_signed(pack_find(ok, "sequence"), &out->sequence) ||
	    signed_note_split(note, &split, &failure) != OK) {
		out->error = ERROR_MALFORMED;
		return;
	}
	uint8_t expected[HASH_SIZE];
	note_id_of(sent, expected);
	memcpy(out->id, id.data, HASH_SIZE);
	out->answered_same_note =
	    memcmp(expected, id.data, HASH_SIZE) == 0 && slice_equal(text_of(sent), split.text);
	bool verified = false;
	out->countersigned =
	    signed_note_verify(&split, &agency->join.agency, 1, &verified, &failure) == OK && verified;
}

static void take(struct client *client, const struct agency_process *agency, const struct buffer *notes,
                 struct outcome *outcomes) {
	struct client_answer answer;
	if (client_next(client, 1000, &answer) == OK) {
		size_t index = (size_t)((const struct buffer *)answer.tag - notes);
		market_read(agency, buffer_slice(&notes[index]), &answer, &outcomes[index]);
	}
}

void market_submit(struct client *client, const struct agency_process *agency, const struct buffer *notes,
                   size_t count, size_t window, struct outcome *outcomes) {
	struct buffer request;
	struct failure failure;
	buffer_init(&request, BODY_MAX);
	for (size_t i = 0; i < count; i++) {
		while (client_waiting(client) >= window) {
			take(client, agency, notes, outcomes);
		}
		buffer_clear(&request);
		market_request(buffer_slice(&notes[i]), &request);
		must(client_send(client, "notes", buffer_slice(&request), (void *)(uintptr_t)&notes[i], &failure), &failure,
		     "sending");
	}
	while (client_waiting(client) > 0) {
		take(client, agency, notes, outcomes);
	}
	buffer_release(&request);
}

/* Submits notes of which none may be refused, and releases them. */
static void submit_all(struct client *client, const struct agency_process *agency, struct buffer *notes, size_t count) {
	struct outcome *outcomes = calloc(count, sizeof *outcomes);
	if (outcomes == NULL) {
		stop("out of memory");
	}
	market_submit(client, agency, notes, count, ADMIT_WINDOW, outcomes);
	for (size_t i = 0; i < count; i++) {
		if (outcomes[i].error != OK) {
			stop("note %zu was refused: %s", i, error_word(outcomes[i].error));
		}
		buffer_release(&notes[i]);
	}
	free(outcomes);
}

void market_admit(const struct agency_process *agency, const struct actor *operator, const struct actor *actors,
                  size_t count) {
	struct client *client = actor_connect(operator, agency, 0, 0);
	struct buffer *enrolments = calloc(count, sizeof *enrolments), *admissions = calloc(count, sizeof *admissions);
	if (enrolments == NULL || admissions == NULL) {
		stop("out of memory");
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t id[HASH_SIZE];
		buffer_init(&enrolments[i], SIGNED_NOTE_MAX);
		buffer_init(&admissions[i], SIGNED_NOTE_MAX);
		actor_enrol(&actors[i], &enrolments[i]);
		note_id_of(buffer_slice(&enrolments[i]), id);
		actor_admit(operator, &actors[i], id, &admissions[i]);
	}
	submit_all(client, agency, enrolments, count);
	submit_all(client, agency, admissions, count);
	free(enrolments);
	free(admissions);
	client_free(client);
}
