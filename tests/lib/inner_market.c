/* A market without processes; see inner_market.h. */
#include "tests/lib/inner_market.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/entropy.h"
#include "rules/calendar.h"
#include "rules/offer.h"
#include "store/tables.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

static void must(enum error error, const struct failure *failure, const char *what) {
	if (error != OK) {
		errno = 0; /* it says nothing about the refusal */
		stop("%s: line %u: %s", what, failure->line, failure->text);
	}
}

static void *allocated(void *memory) {
	if (memory == NULL) {
		stop("out of memory");
	}
	return memory;
}

void inner_market_open(struct inner_market *inner, int64_t now) {
	struct failure failure = { .code = OK };
	char url[512];
	*inner = (struct inner_market){ .folder = scratch_folder(), .now = now };
	must(crypto_start(&failure), &failure, "libsodium");
	struct market *market = &inner->market;
	market->origin = INNER_ORIGIN;
	(void)signer_name_write(market->agency_signer, slice_of_text(INNER_ORIGIN), ROLE_OPERATOR,
	                        slice_of_text(AGENCY_NAME));
	market->agency_key = allocated(signing_key_new());
	market->document = allocated(pack_document_new());
	market->offer = allocated(calloc(1, sizeof *market->offer));
	market->kept = allocated(kept_offer_new());
	market->tiers = tier_bounds_default;
	(void)snprintf(url, sizeof url, "lmdb:%s", inner->folder);
	must(store_open(url, tables_market, tables_market_count, NULL, &market->store, &failure), &failure, "the store");
	inner->batch = allocated(batch_new(market));
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buffer_init(&inner->waiting[i], SIGNED_NOTE_MAX);
	}
}

void inner_market_close(struct inner_market *inner) {
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buffer_release(&inner->waiting[i]);
	}
	batch_free(inner->batch);
	store_close(inner->market.store);
	free(inner->market.offer);
	kept_offer_free(inner->market.kept);
	pack_document_free(inner->market.document);
	signing_key_free((struct signing_key *)(uintptr_t)inner->market.agency_key);
}

void inner_party_make(struct inner_party *party, enum role role, const char *name) {
	char hex[HASH_HEX_SIZE];
	*party = (struct inner_party){ .role = role, .key = allocated(signing_key_new()) };
	entropy_fill(party->transport, sizeof party->transport);
	(void)snprintf(party->name, sizeof party->name, "%s", name);
	hex_encode(slice_of(signing_key_public(party->key), KEY_SIZE), hex);
	(void)snprintf(party->text, sizeof party->text, "%s ed25519:%s", name, hex);
	if (!signer_name_write(party->signer, slice_of_text(INNER_ORIGIN), role, slice_of_text(party->name))) {
		stop("a name is too long");
	}
}

void inner_party_release(struct inner_party *party) {
	signing_key_free(party->key);
}

/* ---- notes ---- */

struct stamp {
	char time[TIME_TEXT_SIZE], nonce[2 * FIELD_NONCE_SIZE + 1];
};

static void make_stamp(struct inner_market *inner, struct stamp *out) {
	(void)time_format(inner->now, out->time);
	(void)snprintf(out->nonce, sizeof out->nonce, "%032llx", (unsigned long long)++inner->nonces);
}

void inner_compose(struct inner_market *inner, const struct inner_party *party, enum kind_id kind,
                   const struct note_pair *pairs, size_t count, struct buffer *out, uint8_t id[HASH_SIZE]) {
	struct note_pair all[NOTE_VALUES_MAX];
	struct stamp stamp;
	struct buffer text;
	struct failure failure = { .code = OK };
	buffer_init(&text, NOTE_TEXT_MAX);
	make_stamp(inner, &stamp);
	if (count > 0) {
		memcpy(all, pairs, count * sizeof pairs[0]);
	}
	all[count] = (struct note_pair){ "time", slice_of_text(stamp.time) };
	all[count + 1] = (struct note_pair){ "nonce", slice_of_text(stamp.nonce) };
	must(note_compose(kind_get(kind), INNER_ORIGIN, all, count + 2, &text, &failure), &failure, kind_get(kind)->name);
	must(signed_note_write(out, buffer_slice(&text), party->signer, party->key, &failure), &failure, "signing");
	if (id != NULL) {
		signed_note_id(buffer_slice(&text), id);
	}
	buffer_release(&text);
}

static void check_outcomes(struct inner_market *inner) {
	for (size_t i = 0; i < batch_count(inner->batch); i++) {
		const struct submission *submission = batch_submission(inner->batch, i);
		if (submission->state != SUBMISSION_ACCEPTED) {
			errno = 0;
			stop("a note of kind %s was not accepted: %s", submission->note.kind->name, submission->failure.text);
		}
	}
	inner->applied += batch_count(inner->batch);
	inner->batches++;
	batch_clear(inner->batch);
}

void inner_flush(struct inner_market *inner) {
	if (batch_count(inner->batch) > 0) {
		batch_run(inner->batch, inner->now);
		check_outcomes(inner);
	}
}

void inner_add(struct inner_market *inner, struct slice note) {
	struct buffer *waiting = &inner->waiting[batch_count(inner->batch)];
	buffer_clear(waiting);
	if (!buffer_append_slice(waiting, note)) {
		stop("out of memory");
	}
	batch_add(inner->batch, buffer_slice(waiting), inner->now);
	if (batch_count(inner->batch) == BATCH_MAX) {
		inner_flush(inner);
	}
}

struct inner_outcome inner_try(struct inner_market *inner, struct slice note) {
	struct inner_outcome outcome = { .code = OK };
	inner_flush(inner);
	batch_add(inner->batch, note, inner->now);
	batch_run(inner->batch, inner->now);
	const struct submission *submission = batch_submission(inner->batch, 0);
	if (submission->state == SUBMISSION_REFUSED) {
		outcome.code = submission->failure.code;
		outcome.line = submission->failure.line;
		(void)snprintf(outcome.text, sizeof outcome.text, "%s", submission->failure.text);
	} else {
		outcome.sequence = submission->sequence;
		inner->applied += submission->state == SUBMISSION_ACCEPTED ? 1 : 0;
	}
	inner->batches++;
	batch_clear(inner->batch);
	return outcome;
}

void inner_sign(struct inner_market *inner, const struct inner_party *party, enum kind_id kind,
                const struct note_pair *pairs, size_t count, uint8_t id[HASH_SIZE]) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	inner_compose(inner, party, kind, pairs, count, &note, id);
	inner_add(inner, buffer_slice(&note));
	buffer_release(&note);
}

struct slice inner_reference(const uint8_t id[HASH_SIZE], char out[INNER_REFERENCE_MAX]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(out, INNER_REFERENCE_MAX, "sha256:%s", hex);
	return slice_of_text(out);
}

void inner_admit(struct inner_market *inner, const struct inner_party *operator, const struct inner_party *party) {
	struct inner_party agency = { .key = (struct signing_key *)(uintptr_t)inner->market.agency_key };
	char hex[HASH_HEX_SIZE], transport[INNER_REFERENCE_MAX], reference[INNER_REFERENCE_MAX];
	uint8_t enrolment[HASH_SIZE];
	hex_encode(slice_of(party->transport, FIELD_KEY_SIZE), hex);
	(void)snprintf(transport, sizeof transport, "curve25519:%s", hex);
	const struct note_pair asked[] = { { "account", slice_of_text(party->text) },
		                               { "role", slice_of_text(role_words[party->role]) },
		                               { "transport", slice_of_text(transport) },
		                               { "consent", slice_of_text("electronic-signatures") } };
	inner_sign(inner, party, KIND_ENROL, asked, 4, enrolment);
	if (operator == NULL) {
		hex_encode(slice_of(signing_key_public(agency.key), KEY_SIZE), hex);
		(void)snprintf(agency.text, sizeof agency.text, AGENCY_NAME " ed25519:%s", hex);
		(void)snprintf(agency.signer, sizeof agency.signer, "%s", inner->market.agency_signer);
		operator = &agency;
	}
	const struct note_pair granted[] = { asked[0], asked[1],
		                                 { "enrolment", inner_reference(enrolment, reference) },
		                                 { "admitter", slice_of_text(operator->text) } };
	inner_sign(inner, operator, KIND_ADMIT, granted, 4, NULL);
}

/* ---- deals ---- */

void inner_derive(struct inner_market *inner, const struct inner_party *creator, struct slice offer,
                  struct buffer *text) {
	static struct note parsed;
	struct signed_note split;
	struct stamp stamp;
	struct failure failure = { .code = OK };
	uint8_t id[HASH_SIZE];
	struct party party = { .name = slice_of_text(creator->name) };
	memcpy(party.key, signing_key_public(creator->key), KEY_SIZE);
	make_stamp(inner, &stamp);
	must(signed_note_split(offer, &split, &failure), &failure, "the offer");
	signed_note_id(split.text, id);
	must(note_parse(split.text, INNER_ORIGIN, &parsed, &failure), &failure, "the offer");
	must(agreement_derive(&parsed, id, NULL, &party, slice_of_text(stamp.time), slice_of_text(stamp.nonce), text,
	                      &failure),
	     &failure, "deriving");
}

void inner_agree(struct inner_market *inner, const struct inner_party *party, struct slice text,
                 struct inner_deal *out) {
	struct buffer note;
	struct failure failure = { .code = OK };
	buffer_init(&note, SIGNED_NOTE_MAX);
	must(signed_note_write(&note, text, party->signer, party->key, &failure), &failure, "signing");
	signed_note_id(text, out->id);
	memcpy(out->head, out->id, HASH_SIZE);
	inner_add(inner, buffer_slice(&note));
	buffer_release(&note);
}

void inner_accept(struct inner_market *inner, const struct inner_party *creator, struct slice offer,
                  struct inner_deal *out) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	inner_derive(inner, creator, offer, &text);
	inner_agree(inner, creator, buffer_slice(&text), out);
	buffer_release(&text);
}

void inner_step(struct inner_market *inner, const struct inner_party *party, enum kind_id kind, struct inner_deal *deal,
                const struct note_pair *pairs, size_t count) {
	const struct signer *signer = &kind_get(kind)->signers[0];
	char id[INNER_REFERENCE_MAX], after[INNER_REFERENCE_MAX];
	struct note_pair all[NOTE_VALUES_MAX] = { { "deal", inner_reference(deal->id, id) },
		                                      { "after", inner_reference(deal->head, after) },
		                                      { signer->key, slice_of_text(party->text) } };
	size_t used = 3;
	if (signer->role == ROLE_COUNT) {
		all[used++] = (struct note_pair){ "role", slice_of_text(role_words[party->role]) };
	}
	if (count > 0) {
		memcpy(all + used, pairs, count * sizeof pairs[0]);
	}
	inner_sign(inner, party, kind, all, used + count, deal->head);
}

void inner_wait(struct inner_market *inner, int64_t seconds) {
	inner_flush(inner);
	inner->now += seconds;
}

uint64_t inner_lapse(struct inner_market *inner) {
	struct failure failure = { .code = OK };
	size_t count = 0;
	uint64_t lapses = 0;
	inner_flush(inner);
	struct timers *timers = allocated(timers_new(&inner->market, inner->folder));
	do {
		must(timers_collect(timers, inner->batch, (struct timers_moment){ .wall = inner->now }, &count, &failure),
		     &failure, "the clock");
		lapses += count;
		inner_flush(inner);
	} while (count > 0);
	timers_free(timers);
	return lapses;
}
