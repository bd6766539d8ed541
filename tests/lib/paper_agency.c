/* A paper agency's keys, notes and files; see paper_agency.h. */
#include "tests/lib/paper_agency.h"

#include <stdlib.h>

#include "base/clock.h"
#include "crypto/bundle.h"
#include "rules/calendar.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define BUNDLE_TEXT_MAX (4 << 20)
#define CONTENT "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/reel.mp4"

struct buffer *paper_entry_begin(struct paper_agency *paper) {
	ck_assert_uint_lt(paper->count, PAPER_NOTES_MAX);
	struct paper_entry *entry = &paper->entries[paper->count];
	paper->count++;
	*entry = (struct paper_entry){ .sequence = (int64_t)paper->count * 10,
		                           .received = clock_wall_seconds() + (int64_t)paper->count };
	buffer_init(&entry->signed_note, SIGNED_NOTE_MAX);
	return &entry->signed_note;
}

struct slice paper_note(const struct paper_agency *paper, size_t index) {
	return buffer_slice(&paper->entries[index].signed_note);
}

void paper_sign(struct buffer *signed_note, const struct actor *actor) {
	struct signed_note split;
	struct buffer line;
	ck_assert_int_eq(signed_note_split(buffer_slice(signed_note), &split, NULL), OK);
	buffer_init(&line, SIGNED_NOTE_MAX);
	ck_assert_int_eq(signed_note_append_signature(&line, actor->signer, actor->key, split.text, NULL), OK);
	ck_assert(buffer_append_slice(signed_note, buffer_slice(&line)));
	buffer_release(&line);
}

const char *paper_party(const struct actor *actor, char out[PAPER_PARTY_MAX]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(actor->key), KEY_SIZE), hex);
	(void)snprintf(out, PAPER_PARTY_MAX, "%s ed25519:%s", actor->name, hex);
	return out;
}

void paper_step(struct paper_agency *paper, const struct actor *actor, enum kind_id kind, const char *const *fields) {
	char deal[ID_TEXT_SIZE], after[ID_TEXT_SIZE], party[PAPER_PARTY_MAX];
	struct note_pair pairs[8] = {
		{ "deal", slice_of_text(print_id(slice_of(paper->deal, HASH_SIZE), deal)) },
		{ "after", slice_of_text(print_id(slice_of(paper->head, HASH_SIZE), after)) },
		{ kind_get(kind)->signers[0].key, slice_of_text(paper_party(actor, party)) },
	};
	size_t count = 3;
	for (; fields[0] != NULL; fields += 2) {
		ck_assert_uint_lt(count, sizeof pairs / sizeof pairs[0]);
		pairs[count++] = (struct note_pair){ fields[0], slice_of_text(fields[1]) };
	}
	struct buffer *out = paper_entry_begin(paper);
	actor_sign(actor, kind, pairs, count, out);
	note_id_of(buffer_slice(out), paper->head);
}

/* Admissions, money, an offer, and its agreement. */
static void begin_deal(struct paper_agency *paper) {
	const uint8_t enrolment[HASH_SIZE] = { 7 };
	actor_admit(&paper->agency, &paper->olga, enrolment, paper_entry_begin(paper));
	actor_admit(&paper->olga, &paper->acme, enrolment, paper_entry_begin(paper));
	actor_admit(&paper->olga, &paper->flow, enrolment, paper_entry_begin(paper));
	actor_fund(&paper->olga, paper->acme.name, "1000.00 USD", "bank-1", paper_entry_begin(paper));
	paper->offer = paper->count;
	actor_offer(&paper->acme, 2, "250.00 USD", paper_entry_begin(paper));
	paper->agreement = paper->count;
	struct buffer *out = paper_entry_begin(paper);
	actor_accept(&paper->flow, paper_note(paper, paper->offer), out);
	paper_sign(out, &paper->agency);
	note_id_of(buffer_slice(out), paper->deal);
	memcpy(paper->head, paper->deal, HASH_SIZE);
}

static void go_on_with_deal(struct paper_agency *paper) {
	paper_step(paper, &paper->flow, KIND_SUBMIT, FIELDS("content", CONTENT));
	paper_step(paper, &paper->acme, KIND_APPROVE, FIELDS(NULL));
	paper_step(paper, &paper->flow, KIND_POST, FIELDS("link", "https://example.com/p/1"));
	paper_step(paper, &paper->olga, KIND_VERIFY,
	           FIELDS("live", "yes", "tagged", "yes", "disclosed", "yes", "reach", "9200"));
	paper_step(paper, &paper->olga, KIND_PAY, FIELDS("amount", "100.00 USD", "reference", "payout-1"));
}

void paper_agency_make(struct paper_agency *paper) {
	*paper = (struct paper_agency){ .count = 0 };
	struct join *join = &paper->world.join;
	ck_assert_int_eq(crypto_start(NULL), OK);
	(void)snprintf(join->origin, sizeof join->origin, "agency.example");
	(void)snprintf(join->brokers[0].endpoint, sizeof join->brokers[0].endpoint, "tcp://127.0.0.1:9");
	memset(join->brokers[0].public_key, 5, sizeof join->brokers[0].public_key);
	join->broker_count = 1;
	actor_make(&paper->agency, ROLE_OPERATOR, AGENCY_NAME, &paper->world);
	actor_make(&paper->olga, ROLE_OPERATOR, "olga", &paper->world);
	actor_make(&paper->acme, ROLE_BRAND, "acme-yoga", &paper->world);
	actor_make(&paper->flow, ROLE_CREATOR, "studio-flow", &paper->world);
	const uint8_t *key = signing_key_public(paper->agency.key);
	ck_assert_int_eq(verifier_key_make(paper->agency.signer, key, &join->agency, NULL), OK);
	paper->join = scratch_path(scratch_folder(), "agency.join");
	ck_assert_int_eq(join_save(paper->join, join, NULL), OK);
	begin_deal(paper);
	go_on_with_deal(paper);
}

void paper_agency_release(struct paper_agency *paper) {
	for (size_t i = 0; i < PAPER_NOTES_MAX; i++) {
		buffer_release(&paper->entries[i].signed_note);
	}
	struct actor *const actors[] = { &paper->agency, &paper->olga, &paper->acme, &paper->flow };
	for (size_t i = 0; i < sizeof actors / sizeof actors[0]; i++) {
		actor_release(actors[i]);
	}
}

/* ---- files ---- */

char *paper_bundle(const struct paper_agency *paper) {
	struct buffer out;
	char received[TIME_TEXT_SIZE];
	buffer_init(&out, BUNDLE_TEXT_MAX);
	ck_assert_int_eq(bundle_begin(&out, "agency.example", NULL), OK);
	for (size_t i = 0; i < paper->count; i++) {
		const struct paper_entry *entry = &paper->entries[i];
		if (!entry->left_out) {
			ck_assert_int_eq(bundle_append(&out, entry->sequence, time_format(entry->received, received),
			                               paper_note(paper, i), NULL), OK);
		}
	}
	char *text = strdup(buffer_text(&out));
	buffer_release(&out);
	return text;
}

const char *paper_write(const char *text) {
	const char *path = scratch_path(scratch_folder(), "some.note");
	scratch_write(path, text);
	return path;
}

struct said paper_verify(const struct paper_agency *paper, const char *path) {
	return troth("verify", path, "--join", paper->join, NULL);
}

void paper_says(struct said said, const char *words) {
	ck_assert_msg(strstr(said.output, words) != NULL || strstr(said.errors, words) != NULL, "not \"%s\" in:\n%s%s",
	              words, said.output, said.errors);
}
