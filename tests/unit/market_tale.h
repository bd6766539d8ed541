/* What the tests of a whole store share: a small market in many states, made anew for each test. */
#ifndef TROTH_TESTS_UNIT_MARKET_TALE_H
#define TROTH_TESTS_UNIT_MARKET_TALE_H

#include "tests/lib/inner_market.h"
#include "tests/lib/unit.h"

#define BEGIN INT64_C(1795000000) /* seconds since 1970, in November 2026 */
#define DAY 86400
#define PAIRS(array) array, sizeof array / sizeof array[0]
#define PAIR(key, text) { key, { (const uint8_t *)(text), sizeof(text) - 1 } }

enum { OPERATOR, ACME, ANA, BEN, CLEO, DAN, CAST };

struct tale {
	struct inner_market inner;
	struct inner_party cast[CAST];
};

static struct tale tale;

static struct inner_party *who(int index) {
	return &tale.cast[index];
}

static void sign(int signer, enum kind_id kind, const struct note_pair *pairs, size_t count) {
	inner_sign(&tale.inner, who(signer), kind, pairs, count, NULL);
}

static void step(int signer, enum kind_id kind, struct inner_deal *deal, const struct note_pair *pairs, size_t count) {
	inner_step(&tale.inner, who(signer), kind, deal, pairs, count);
}

static struct slice operator_text(void) {
	return slice_of_text(who(OPERATOR)->text);
}

static void gather(void) {
	static const struct {
		enum role role;
		const char *name;
	} rows[CAST] = { [OPERATOR] = { ROLE_OPERATOR, "olga" }, [ACME] = { ROLE_BRAND, "acme" },
		             [ANA] = { ROLE_CREATOR, "ana" },        [BEN] = { ROLE_CREATOR, "ben" },
		             [CLEO] = { ROLE_CREATOR, "cleo" },      [DAN] = { ROLE_CREATOR, "dan" } };
	for (int i = 0; i < CAST; i++) {
		inner_party_make(who(i), rows[i].role, rows[i].name);
		inner_admit(&tale.inner, i == OPERATOR ? NULL : who(OPERATOR), who(i));
	}
	struct inner_party eve;
	const struct note_pair asked[] = { PAIR("role", "creator"), PAIR("consent", "electronic-signatures"),
		                               PAIR("transport", "curve25519:0101010101010101010101010101010101010101010101010"
		                                                 "101010101010101") };
	inner_party_make(&eve, ROLE_CREATOR, "eve");
	struct note_pair all[] = { { "account", slice_of_text(eve.text) }, asked[0], asked[1], asked[2] };
	inner_sign(&tale.inner, &eve, KIND_ENROL, PAIRS(all), NULL);
	inner_party_release(&eve);
}

static void tell_of_accounts(void) {
	const struct note_pair profile[] = { { "creator", slice_of_text(who(ANA)->text) }, PAIR("niche", "yoga") };
	const struct note_pair figures[] = { PAIR("creator", "ana"), PAIR("platform", "instagram"),
		                                 PAIR("followers", "18400"), PAIR("engagement", "2.4 %"),
		                                 PAIR("source", "seen"), { "operator", operator_text() } };
	const struct note_pair standing[] = { PAIR("account", "dan"), PAIR("standing", "suspended"), PAIR("reason", "why"),
		                                  { "operator", operator_text() } };
	const struct note_pair fund[] = { PAIR("brand", "acme"), PAIR("amount", "1000.00 USD"), PAIR("reference", "bank-1"),
		                              { "operator", operator_text() } };
	const struct note_pair refund[] = { PAIR("brand", "acme"), PAIR("amount", "10.00 USD"), PAIR("reference", "bank-2"),
		                                { "operator", operator_text() } };
	sign(ANA, KIND_PROFILE, PAIRS(profile));
	sign(OPERATOR, KIND_ATTEST, PAIRS(figures));
	sign(OPERATOR, KIND_SUSPEND, PAIRS(standing));
	sign(OPERATOR, KIND_FUND, PAIRS(fund));
	sign(OPERATOR, KIND_REFUND, PAIRS(refund));
}

/* Ben's key is replaced: both keys sign. */
static void rekey(void) {
	struct inner_party after;
	struct buffer note;
	struct signed_note split;
	struct failure failure;
	inner_party_make(&after, ROLE_CREATOR, "ben");
	buffer_init(&note, SIGNED_NOTE_MAX);
	const struct note_pair pairs[] = { { "account", slice_of_text(after.text) }, PAIR("role", "creator"),
		                               { "predecessor", slice_of_text(who(BEN)->text) },
		                               PAIR("transport", "curve25519:0202020202020202020202020202020202020202020202020"
		                                                 "202020202020202"),
		                               PAIR("overlap", "7d") };
	inner_compose(&tale.inner, &after, KIND_REKEY, PAIRS(pairs), &note, NULL);
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &split, &failure), OK);
	size_t size = split.text.size; /* appending may move the buffer */
	ck_assert_int_eq(signed_note_append_signature(&note, who(BEN)->signer, who(BEN)->key,
	                                              slice_of(note.data, size), &failure), OK);
	inner_add(&tale.inner, buffer_slice(&note));
	buffer_release(&note);
	inner_party_release(who(BEN));
	*who(BEN) = after;
}

#define GIFT PAIR("compensation", "gifted"), PAIR("product", "Cork mat"), PAIR("product-value", "89.00 USD"), \
	PAIR("category", "mats"), PAIR("exclusivity", "yoga for 30d")
#define FEE PAIR("compensation", "paid"), PAIR("fee", "25.00 USD"), PAIR("agency-fee", "5.00 USD"), \
	PAIR("pay-within", "30d")

static void offer(const struct note_pair *terms, size_t count, const char *road, const char *closes,
                  struct buffer *out) {
	const struct note_pair others[] = { { "brand", slice_of_text(who(ACME)->text) },
		                                PAIR("deliverable", "1 instagram-reel within 14d"),
		                                PAIR("disclosure", "#ad"), PAIR("revisions", "2"), PAIR("slots", "3"),
		                                { "road", slice_of_text(road) }, { "closes", slice_of_text(closes) } };
	struct note_pair all[16];
	memcpy(all, terms, count * sizeof terms[0]);
	memcpy(all + count, others, sizeof others);
	inner_compose(&tale.inner, who(ACME), KIND_OFFER, all, count + sizeof others / sizeof others[0], out, NULL);
	inner_add(&tale.inner, buffer_slice(out));
}

static void deliver(struct inner_deal *deal) {
	static const struct note_pair content[] = {
		PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/1")
	};
	static const struct note_pair link[] = { PAIR("link", "https://x.example/p/1") };
	static const struct note_pair seen[] = { PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"),
		                                     PAIR("reach", "9000") };
	static const struct note_pair why[] = { PAIR("reason", "Please show the logo.") };
	step(ANA, KIND_SUBMIT, deal, PAIRS(content));
	step(ACME, KIND_REVISE, deal, PAIRS(why));
	step(ANA, KIND_SUBMIT, deal, PAIRS(content));
	step(ACME, KIND_APPROVE, deal, NULL, 0);
	step(ANA, KIND_POST, deal, PAIRS(link));
	step(OPERATOR, KIND_VERIFY, deal, PAIRS(seen));
}

static void deal_in_gifts(void) {
	static const struct note_pair gift[] = { GIFT };
	static const struct note_pair carrier[] = { PAIR("carrier", "DHL") };
	static const struct note_pair stars[] = { PAIR("stars", "5") };
	struct buffer note, text;
	struct inner_deal deal;
	buffer_init(&note, SIGNED_NOTE_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
	offer(PAIRS(gift), "first-come", "2027-03-31T23:59:59Z", &note);
	inner_accept(&tale.inner, who(ANA), buffer_slice(&note), &deal);
	step(ACME, KIND_SHIP, &deal, PAIRS(carrier));
	step(ANA, KIND_RECEIVE, &deal, NULL, 0);
	deliver(&deal);
	step(ANA, KIND_RATE, &deal, PAIRS(stars));
	step(ACME, KIND_RATE, &deal, PAIRS(stars));
	inner_accept(&tale.inner, who(CLEO), buffer_slice(&note), &deal);
	step(CLEO, KIND_CANCEL, &deal, NULL, 0);
	buffer_clear(&note);
	offer(PAIRS(gift), "selection", "2026-12-01T00:00:00Z", &note);
	inner_derive(&tale.inner, who(ANA), buffer_slice(&note), &text);
	inner_agree(&tale.inner, who(ANA), buffer_slice(&text), &deal);
	inner_agree(&tale.inner, who(ACME), buffer_slice(&text), &deal);
	buffer_release(&note);
	buffer_release(&text);
}

static enum error leave_address(struct tx *tx, void *argument, struct failure *failure) {
	const struct inner_deal *deal = argument;
	struct deal_row row;
	enum error error = deals_find(tx, tale.inner.market.document, deal->id, &row, failure);
	return error == OK ? addresses_put(tx, row.sequence, slice_of_text("sealed"), failure) : error;
}

/* A product that is still to be shipped. */
static void await_gift(void) {
	static const struct note_pair gift[] = { GIFT };
	struct buffer note;
	struct inner_deal deal;
	struct failure failure = { .code = OK };
	buffer_init(&note, SIGNED_NOTE_MAX);
	offer(PAIRS(gift), "first-come", "2027-03-31T23:59:59Z", &note);
	inner_accept(&tale.inner, who(BEN), buffer_slice(&note), &deal);
	inner_flush(&tale.inner);
	ck_assert_msg(store_write(tale.inner.market.store, leave_address, &deal, &failure) == OK, "%s", failure.text);
	buffer_release(&note);
}

static void deal_for_money(void) {
	static const struct note_pair fee[] = { FEE };
	static const struct note_pair paid[] = { PAIR("amount", "25.00 USD"), PAIR("reference", "payout-1") };
	struct buffer note;
	struct inner_deal deal;
	char reference[INNER_REFERENCE_MAX];
	uint8_t id[HASH_SIZE];
	struct signed_note split;
	buffer_init(&note, SIGNED_NOTE_MAX);
	offer(PAIRS(fee), "first-come", "2027-03-31T23:59:59Z", &note);
	inner_accept(&tale.inner, who(ANA), buffer_slice(&note), &deal);
	deliver(&deal);
	step(OPERATOR, KIND_PAY, &deal, PAIRS(paid));
	inner_accept(&tale.inner, who(BEN), buffer_slice(&note), &deal);
	inner_wait(&tale.inner, 13 * DAY); /* the offer by selection is over, and its product was not shipped */
	ck_assert_uint_eq(inner_lapse(&tale.inner), 2);
	inner_accept(&tale.inner, who(CLEO), buffer_slice(&note), &deal);
	await_gift();
	buffer_clear(&note);
	offer(PAIRS(fee), "first-come", "2027-03-31T23:59:59Z", &note);
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &split, NULL), OK);
	signed_note_id(split.text, id);
	const struct note_pair close[] = { { "offer", inner_reference(id, reference) },
		                               { "brand", slice_of_text(who(ACME)->text) } };
	sign(ACME, KIND_CLOSE, PAIRS(close));
	buffer_release(&note);
}

__attribute__((unused)) static void set_up(void) {
	inner_market_open(&tale.inner, BEGIN);
	gather();
	tell_of_accounts();
	rekey();
	deal_in_gifts();
	deal_for_money();
	inner_flush(&tale.inner);
}

__attribute__((unused)) static void tear_down(void) {
	for (int i = 0; i < CAST; i++) {
		inner_party_release(who(i));
	}
	inner_market_close(&tale.inner);
}

#endif
