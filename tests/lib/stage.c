/* A small market without processes; see stage.h. */
#include "tests/lib/stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "rules/calendar.h"
#include "tests/lib/stop.h"
#include "wire/body.h"
#include "workers/market/check.h"
#include "workers/market/views.h"

const struct note_pair stage_gift[3] = { PAIR("compensation", "gifted"), PAIR("product", "Cork mat"),
	                                     PAIR("product-value", "89.00 USD") };
const struct note_pair stage_fee[4] = { PAIR("compensation", "paid"), PAIR("fee", "25.00 USD"),
	                                    PAIR("agency-fee", "5.00 USD"), PAIR("pay-within", "30d") };

static struct inner_outcome accepted(struct inner_outcome outcome, const char *what) {
	if (outcome.code != OK) {
		errno = 0; /* it says nothing about the refusal */
		stop("%s: %s: %s", what, error_word(outcome.code), outcome.text);
	}
	return outcome;
}

void stage_open(struct stage *stage) {
	static const struct {
		enum role role;
		const char *name;
	} rows[STAGE_CAST] = { [OLGA] = { ROLE_OPERATOR, "olga" }, [OTTO] = { ROLE_OPERATOR, "otto" },
		                   [ACME] = { ROLE_BRAND, "acme" },    [BOLT] = { ROLE_BRAND, "bolt" },
		                   [ANA] = { ROLE_CREATOR, "ana" },    [BEN] = { ROLE_CREATOR, "ben" },
		                   [CLEO] = { ROLE_CREATOR, "cleo" } };
	static const struct note_pair fund[] = { PAIR("brand", "acme"), PAIR("amount", "100000.00 USD"),
		                                     PAIR("reference", "bank-0") };
	inner_market_open(&stage->inner, STAGE_BEGIN);
	buffer_init(&stage->answer, BODY_MAX);
	stage->document = pack_document_new();
	if (stage->document == NULL) {
		stop("out of memory");
	}
	for (int i = 0; i < STAGE_CAST; i++) {
		inner_party_make(&stage->cast[i], rows[i].role, rows[i].name);
		inner_admit(&stage->inner, i == OLGA ? NULL : &stage->cast[OLGA], &stage->cast[i]);
	}
	stage_sign(stage, OLGA, KIND_FUND, "operator", PAIRS(fund));
}

static void take_sentence(void *argument, const char *sentence) {
	(void)buffer_format(argument, "%s\n", sentence);
}

static void check(struct stage *stage) {
	struct check_result result;
	struct failure failure = { .code = OK };
	struct buffer sentences;
	buffer_init(&sentences, BODY_MAX);
	enum error error = check_store(&stage->inner.market, take_sentence, &sentences, &result, &failure);
	if (error != OK || result.findings > 0) {
		errno = 0;
		stop("the store is not as its notes say: %s%s", failure.text, buffer_text(&sentences));
	}
	buffer_release(&sentences);
}

void stage_close(struct stage *stage) {
	inner_flush(&stage->inner);
	check(stage);
	for (int i = 0; i < STAGE_CAST; i++) {
		inner_party_release(&stage->cast[i]);
	}
	buffer_release(&stage->answer);
	pack_document_free(stage->document);
	inner_market_close(&stage->inner);
}

/* ---- notes ---- */

static struct inner_outcome try_pairs(struct stage *stage, enum stage_actor actor, enum kind_id kind,
                                      const struct note_pair *pairs, size_t count, uint8_t id[HASH_SIZE]) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	inner_compose(&stage->inner, &stage->cast[actor], kind, pairs, count, &note, id);
	struct inner_outcome outcome = inner_try(&stage->inner, buffer_slice(&note));
	buffer_release(&note);
	return outcome;
}

struct inner_outcome stage_try(struct stage *stage, enum stage_actor actor, enum kind_id kind, const char *own,
                               const struct note_pair *pairs, size_t count) {
	struct note_pair all[NOTE_VALUES_MAX] = { { own, slice_of_text(stage->cast[actor].text) } };
	size_t used = own == NULL ? 0 : 1;
	memcpy(all + used, pairs, count * sizeof pairs[0]);
	return try_pairs(stage, actor, kind, all, used + count, NULL);
}

void stage_sign(struct stage *stage, enum stage_actor actor, enum kind_id kind, const char *own,
                const struct note_pair *pairs, size_t count) {
	(void)accepted(stage_try(stage, actor, kind, own, pairs, count), kind_get(kind)->name);
}

struct inner_outcome stage_try_step(struct stage *stage, enum stage_actor actor, enum kind_id kind,
                                    struct inner_deal *deal, const struct note_pair *pairs, size_t count) {
	const struct signer *signer = &kind_get(kind)->signers[0];
	const struct inner_party *party = &stage->cast[actor];
	char id[INNER_REFERENCE_MAX], after[INNER_REFERENCE_MAX];
	uint8_t head[HASH_SIZE];
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
	struct inner_outcome outcome = try_pairs(stage, actor, kind, all, used + count, head);
	if (outcome.code == OK) {
		memcpy(deal->head, head, HASH_SIZE);
	}
	return outcome;
}

void stage_step(struct stage *stage, enum stage_actor actor, enum kind_id kind, struct inner_deal *deal,
                const struct note_pair *pairs, size_t count) {
	(void)accepted(stage_try_step(stage, actor, kind, deal, pairs, count), kind_get(kind)->name);
}

void stage_deliver(struct stage *stage, enum stage_actor brand, enum stage_actor creator, struct inner_deal *deal) {
	static const struct note_pair content[] = {
		PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/1")
	};
	static const struct note_pair link[] = { PAIR("link", "https://x.example/p/1") };
	static const struct note_pair seen[] = { PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"),
		                                     PAIR("reach", "9000") };
	stage_step(stage, creator, KIND_SUBMIT, deal, PAIRS(content));
	stage_step(stage, brand, KIND_APPROVE, deal, NULL, 0);
	stage_step(stage, creator, KIND_POST, deal, PAIRS(link));
	stage_step(stage, OLGA, KIND_VERIFY, deal, PAIRS(seen));
}

/* ---- offers and texts ---- */

void stage_offer(struct stage *stage, enum stage_actor brand, const char *road, const struct note_pair *more,
                 size_t count, struct buffer *out) {
	char closes[TIME_TEXT_SIZE];
	(void)time_format(stage->inner.now + 60 * STAGE_DAY, closes);
	const struct note_pair others[] = { { "brand", slice_of_text(stage->cast[brand].text) },
		                                PAIR("deliverable", "1 instagram-reel within 14d"),
		                                PAIR("disclosure", "#ad"), PAIR("revisions", "2"), PAIR("slots", "50"),
		                                { "road", slice_of_text(road) }, { "closes", slice_of_text(closes) } };
	struct note_pair all[32];
	size_t used = sizeof others / sizeof others[0];
	memcpy(all, others, sizeof others);
	memcpy(all + used, more, count * sizeof more[0]);
	buffer_clear(out);
	inner_compose(&stage->inner, &stage->cast[brand], KIND_OFFER, all, used + count, out, NULL);
	(void)accepted(inner_try(&stage->inner, buffer_slice(out)), "offer");
}

void stage_derive(struct stage *stage, enum stage_actor creator, const struct buffer *offer, struct buffer *text) {
	buffer_clear(text);
	inner_derive(&stage->inner, &stage->cast[creator], buffer_slice(offer), text);
}

void stage_change(struct buffer *text, const char *from, const char *to) {
	struct buffer changed;
	const char *whole = buffer_text(text);
	const char *at = whole == NULL ? NULL : strstr(whole, from);
	if (at == NULL) {
		stop("\"%s\" does not stand in the text", from);
	}
	buffer_init(&changed, NOTE_TEXT_MAX);
	(void)buffer_append(&changed, whole, (size_t)(at - whole));
	(void)buffer_append_text(&changed, to);
	(void)buffer_append_text(&changed, at + strlen(from));
	if (!buffer_ok(&changed)) {
		stop("the text is too long");
	}
	buffer_clear(text);
	(void)buffer_append_slice(text, buffer_slice(&changed));
	buffer_release(&changed);
}

void stage_replace(struct buffer *text, const struct inner_deal *proposal) {
	char id[INNER_REFERENCE_MAX], lines[INNER_REFERENCE_MAX + 40];
	(void)inner_reference(proposal->id, id);
	(void)snprintf(lines, sizeof lines, "\nreplaces %s\nbrand ", id);
	stage_change(text, "\nbrand ", lines);
}

void stage_amend(struct buffer *text, const struct inner_deal *deal) {
	char id[INNER_REFERENCE_MAX], after[INNER_REFERENCE_MAX], lines[2 * INNER_REFERENCE_MAX + 40];
	(void)inner_reference(deal->id, id);
	(void)inner_reference(deal->head, after);
	(void)snprintf(lines, sizeof lines, "\namends %s\nafter %s\nbrand ", id, after);
	stage_change(text, "\nbrand ", lines);
}

struct inner_outcome stage_try_text(struct stage *stage, enum stage_actor actor, const struct buffer *text,
                                    struct inner_deal *deal) {
	struct buffer note;
	struct failure failure = { .code = OK };
	const struct inner_party *party = &stage->cast[actor];
	buffer_init(&note, SIGNED_NOTE_MAX);
	if (signed_note_write(&note, buffer_slice(text), party->signer, party->key, &failure) != OK) {
		stop("signing: %s", failure.text);
	}
	struct inner_outcome outcome = inner_try(&stage->inner, buffer_slice(&note));
	if (outcome.code == OK && deal != NULL) {
		signed_note_id(buffer_slice(text), deal->id);
		memcpy(deal->head, deal->id, HASH_SIZE);
	}
	buffer_release(&note);
	return outcome;
}

void stage_text(struct stage *stage, enum stage_actor actor, const struct buffer *text, struct inner_deal *deal) {
	(void)accepted(stage_try_text(stage, actor, text, deal), "a text");
}

/* ---- keys ---- */

/* `after` gets new keys; `overlap` may be NULL. */
static struct inner_outcome try_rekey(struct stage *stage, const struct inner_party *before, struct inner_party *after,
                                      const uint8_t *transport, const char *overlap) {
	char hex[HASH_HEX_SIZE], transport_text[INNER_REFERENCE_MAX];
	struct buffer note;
	struct signed_note split;
	struct failure failure = { .code = OK };
	inner_party_make(after, before->role, before->name);
	if (transport != NULL) {
		memcpy(after->transport, transport, sizeof after->transport);
	}
	hex_encode(slice_of(after->transport, FIELD_KEY_SIZE), hex);
	(void)snprintf(transport_text, sizeof transport_text, "curve25519:%s", hex);
	const struct note_pair pairs[] = { { "account", slice_of_text(after->text) },
		                               { "role", slice_of_text(role_words[after->role]) },
		                               { "predecessor", slice_of_text(before->text) },
		                               { "transport", slice_of_text(transport_text) },
		                               { "overlap", slice_of_text(overlap == NULL ? "" : overlap) } };
	buffer_init(&note, SIGNED_NOTE_MAX);
	inner_compose(&stage->inner, after, KIND_REKEY, pairs, overlap == NULL ? 4 : 5, &note, NULL);
	if (signed_note_split(buffer_slice(&note), &split, &failure) != OK) {
		stop("rekey: %s", failure.text);
	}
	size_t size = split.text.size; /* appending may move the buffer */
	if (signed_note_append_signature(&note, before->signer, before->key, slice_of(note.data, size), &failure) != OK) {
		stop("rekey: %s", failure.text);
	}
	struct inner_outcome outcome = inner_try(&stage->inner, buffer_slice(&note));
	buffer_release(&note);
	return outcome;
}

struct inner_outcome stage_try_rekey(struct stage *stage, enum stage_actor actor, const uint8_t *transport) {
	struct inner_party *before = &stage->cast[actor], after;
	struct inner_outcome outcome = try_rekey(stage, before, &after, transport, NULL);
	inner_party_release(outcome.code == OK ? before : &after);
	*before = outcome.code == OK ? after : *before;
	return outcome;
}

void stage_rekey(struct stage *stage, enum stage_actor actor, const char *overlap, struct inner_party *former) {
	*former = stage->cast[actor];
	(void)accepted(try_rekey(stage, former, &stage->cast[actor], NULL, overlap), "rekey");
}

void stage_revoke(struct stage *stage, enum stage_actor actor, int64_t valid_until) {
	char hex[HASH_HEX_SIZE], key[INNER_REFERENCE_MAX], number[24];
	hex_encode(slice_of(signing_key_public(stage->cast[actor].key), KEY_SIZE), hex);
	(void)snprintf(key, sizeof key, "ed25519:%s", hex);
	(void)snprintf(number, sizeof number, "%" PRId64, valid_until);
	const struct note_pair pairs[] = { { "account", slice_of_text(stage->cast[actor].name) },
		                               { "key", slice_of_text(key) },
		                               { "valid-until", slice_of_text(number) },
		                               PAIR("reason", "laptop stolen") };
	stage_sign(stage, OLGA, KIND_REVOKE, "operator", PAIRS(pairs));
}

/* ---- questions ---- */

enum error stage_ask(struct stage *stage, const uint8_t transport[FIELD_KEY_SIZE], const char *operation,
                     const struct note_pair *arguments, size_t count, const struct pack_value **ok) {
	struct asker asker = { .transport = transport, .now = stage->inner.now };
	struct failure failure = { .code = OK };
	const struct pack_value *answered = NULL;
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	buffer_clear(&stage->answer);
	pack_map(&body, count);
	for (size_t i = 0; i < count; i++) {
		pack_key_text(&body, arguments[i].key, arguments[i].raw);
	}
	struct pack_document *asked = pack_document_new();
	if (asked == NULL || pack_read(asked, buffer_slice(&body), BODY_MAX, &failure) != OK) {
		stop("%s: %s", operation, failure.text);
	}
	views_answer(&stage->inner.market, &asker, slice_of_text(operation), pack_root(asked), &stage->answer);
	enum error error =
	    body_read_reply(stage->document, buffer_slice(&stage->answer), ok == NULL ? &answered : ok, &failure);
	pack_document_free(asked);
	buffer_release(&body);
	return error;
}
