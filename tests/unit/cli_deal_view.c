/* What an agency could answer about a deal that is not so: nothing of it is shown. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/deal_view.h"
#include "rules/deal_pack.h"
#include "tests/lib/unit.h"

#define ORIGIN "agency.example"
#define NOTE_MAX 8192

static struct signing_key *creator, *brand, *agency;
static struct join join;

static struct signing_key *key_of(uint8_t byte) {
	uint8_t seed[KEY_SIZE];
	memset(seed, byte, sizeof seed);
	return signing_key_from_seed(seed);
}

static void set_up(void) {
	struct failure failure;
	ck_assert_int_eq(crypto_start(&failure), OK);
	creator = key_of(1);
	brand = key_of(2);
	agency = key_of(3);
	(void)snprintf(join.origin, sizeof join.origin, ORIGIN);
	ck_assert_int_eq(verifier_key_make(ORIGIN "/agency", signing_key_public(agency), &join.agency, &failure), OK);
}

static void tear_down(void) {
	signing_key_free(creator);
	signing_key_free(brand);
	signing_key_free(agency);
}

/* ---- an answer, good but for what a case says ---- */

enum { BY_ITS_CREATOR = 1, BY_ITS_BRAND = 2, BY_THE_AGENCY = 4, BY_ANOTHER_CREATOR = 8 };

struct answer {
	unsigned signatures;
	enum deal_state state;
	enum road road;
	enum role proposer;
	const char *creator, *fee; /* as the text says */
	int64_t deal_fee;          /* as the agency says */
	const char *currency;
	bool other_id, other_text, amended;
	void (*lie)(struct deal *deal); /* NULL: none */
};

static const struct answer good = {
	.signatures = BY_ITS_CREATOR | BY_ITS_BRAND | BY_THE_AGENCY,
	.state = DEAL_RECEIVED,
	.road = ROAD_SELECTION,
	.proposer = ROLE_CREATOR,
	.creator = "studio-flow",
	.fee = "250.00 USD",
	.deal_fee = 25000,
	.currency = "USD",
};

/* What the lines below come to, by the fields' help. */
#define HOURS 3600
#define DAYS (24 * HOURS)
enum { PAID = 1 }; /* the place of the word among those of `compensation` */
static const struct deal_terms sound_terms = {
	.agency_fee = 2500,
	.kill_fee = { 0, 8000, 10000 },
	.within = { [DEADLINE_SHIP] = 5 * DAYS, [DEADLINE_RECEIVE] = 10 * DAYS, [DEADLINE_DELIVER] = 14 * DAYS,
	            [DEADLINE_RESUBMIT] = 72 * HOURS, [DEADLINE_REVIEW] = 72 * HOURS, [DEADLINE_POST] = 7 * DAYS,
	            [DEADLINE_VERIFY] = 7 * DAYS, [DEADLINE_PAY] = 30 * DAYS, [DEADLINE_RATE] = 14 * DAYS },
	.live_for = 30 * DAYS,
	.compensation = PAID,
	.is_posted = true,
};

static void write_text(const struct answer *answer, struct buffer *out) {
	char creator_hex[HASH_HEX_SIZE], brand_hex[HASH_HEX_SIZE];
	char id[HASH_HEX_SIZE];
	memset(id, '7', 64);
	id[64] = '\0';
	hex_encode(slice_of(signing_key_public(creator), KEY_SIZE), creator_hex);
	hex_encode(slice_of(signing_key_public(brand), KEY_SIZE), brand_hex);
	(void)buffer_format(out, ORIGIN "/agreement/v1\noffer sha256:%s\n", id);
	if (answer->amended) {
		(void)buffer_format(out, "amends sha256:%s\nafter sha256:%s\n", id, id);
	}
	(void)buffer_format(out, "brand acme-yoga ed25519:%s\ncreator %s ed25519:%s\ncompensation paid\nfee %s\n",
	                    brand_hex, answer->creator, creator_hex, answer->fee);
	(void)buffer_append_text(out, "agency-fee 25.00 USD\n"
	                              "deliverable 1 instagram-reel within 14d\ndisclosure #ad\n"
	                              "kill-fee-after-submission 80 %\npay-within 30d\n"
	                              "time 2026-11-24T10:00:00Z\nnonce 00112233445566778899aabbccddeeff\n");
}

static void sign(struct buffer *note, struct slice text, bool wanted, const char *name, const struct signing_key *key) {
	struct failure failure;
	if (wanted) {
		enum error error = note->size == 0 ? signed_note_write(note, text, name, key, &failure)
		                                   : signed_note_append_signature(note, name, key, text, &failure);
		ck_assert_int_eq(error, OK);
	}
}

static void write_note(const struct answer *answer, struct slice text, struct buffer *note) {
	char name[NOTE_SIGNER_MAX];
	(void)snprintf(name, sizeof name, ORIGIN "/creator/%s", answer->creator);
	sign(note, text, (answer->signatures & BY_ITS_CREATOR) != 0, name, creator);
	sign(note, text, (answer->signatures & BY_ANOTHER_CREATOR) != 0, name, agency);
	sign(note, text, (answer->signatures & BY_ITS_BRAND) != 0, ORIGIN "/brand/acme-yoga", brand);
	sign(note, text, (answer->signatures & BY_THE_AGENCY) != 0, ORIGIN "/agency", agency);
}

/* Writes the answer, and reads it as the command does. */
static enum error read_answer(const struct answer *answer, struct failure *failure) {
	struct buffer text, note, bytes;
	struct deal_view view = { .sequence = 0 };
	struct deal deal = { .state = answer->state, .road = answer->road, .proposer = answer->proposer,
		                 .amender = ROLE_COUNT, .terms = sound_terms };
	struct pack_document *document = pack_document_new();
	buffer_init(&text, NOTE_MAX);
	buffer_init(&note, NOTE_MAX);
	buffer_init(&bytes, 2 * NOTE_MAX);
	write_text(answer, &text);
	write_note(answer, buffer_slice(&text), &note);
	signed_note_id(buffer_slice(&text), deal.text);
	deal.text[0] ^= answer->other_text ? 1 : 0;
	memcpy(deal.id, deal.text, sizeof deal.id);
	deal.id[0] ^= answer->other_id || answer->amended ? 1 : 0;
	memcpy(deal.head, deal.text, sizeof deal.head);
	memset(deal.offer, 0x77, sizeof deal.offer);
	(void)snprintf(deal.brand, sizeof deal.brand, "acme-yoga");
	(void)snprintf(deal.creator, sizeof deal.creator, "studio-flow");
	(void)snprintf(deal.terms.currency, sizeof deal.terms.currency, "%.3s", answer->currency);
	deal.terms.fee = answer->deal_fee;
	deal.held = deal.state == DEAL_PROPOSED ? 0 : deal.terms.fee + deal.terms.agency_fee;
	if (answer->lie != NULL) {
		answer->lie(&deal);
	}
	pack_map(&bytes, 3);
	pack_key_signed(&bytes, "sequence", 7);
	pack_word(&bytes, "deal");
	deal_pack(&bytes, &deal);
	pack_key_bytes(&bytes, "note", buffer_slice(&note));
	ck_assert_int_eq(pack_read(document, buffer_slice(&bytes), 2 * NOTE_MAX, failure), OK);
	enum error error = deal_view_read(pack_root(document), &join, &view, failure);
	deal_view_release(&view);
	pack_document_free(document);
	buffer_release(&bytes);
	buffer_release(&note);
	buffer_release(&text);
	return error;
}

/* ---- cases ---- */

START_TEST(a_good_answer_is_read) {
	struct failure failure = { .code = OK };
	struct answer first_come = good, proposal = good, invitation = good;
	first_come.road = ROAD_FIRST_COME;
	first_come.signatures = BY_ITS_CREATOR | BY_THE_AGENCY;
	proposal.state = DEAL_PROPOSED;
	proposal.signatures = BY_ITS_CREATOR;
	invitation.state = DEAL_PROPOSED;
	invitation.proposer = ROLE_BRAND;
	invitation.signatures = BY_ITS_BRAND;
	ck_assert_msg(read_answer(&good, &failure) == OK, "%s", failure.text);
	ck_assert_msg(read_answer(&first_come, &failure) == OK, "%s", failure.text);
	ck_assert_msg(read_answer(&proposal, &failure) == OK, "%s", failure.text);
	ck_assert_msg(read_answer(&invitation, &failure) == OK, "%s", failure.text);
}
END_TEST

#define AGREED .state = DEAL_RECEIVED, .creator = "studio-flow", .fee = "250.00 USD", .deal_fee = 25000, \
	.currency = "USD"
#define PROPOSED .state = DEAL_PROPOSED, .creator = "studio-flow", .fee = "250.00 USD", .deal_fee = 25000, \
	.currency = "USD"
#define ALL (BY_ITS_CREATOR | BY_ITS_BRAND | BY_THE_AGENCY)

static const struct {
	const char *what;
	struct answer answer;
	enum error code;
} lies[] = {
	{ "not countersigned", { AGREED, .signatures = BY_ITS_CREATOR | BY_ITS_BRAND }, ERROR_BAD_SIGNATURE },
	{ "not signed by the brand, who chooses",
	  { AGREED, .road = ROAD_SELECTION, .signatures = BY_ITS_CREATOR | BY_THE_AGENCY },
	  ERROR_WRONG_SIGNER },
	{ "not signed by the creator", { AGREED, .signatures = BY_ITS_BRAND | BY_THE_AGENCY }, ERROR_WRONG_SIGNER },
	{ "signed by the agency alone", { AGREED, .signatures = BY_THE_AGENCY }, ERROR_WRONG_SIGNER },
	{ "signed with another key in the creator's name",
	  { AGREED, .signatures = BY_ANOTHER_CREATOR | BY_ITS_BRAND | BY_THE_AGENCY, .road = ROAD_SELECTION },
	  ERROR_WRONG_SIGNER },
	{ "an amendment of a first-come deal that the brand has not signed",
	  { AGREED, .signatures = BY_ITS_CREATOR | BY_THE_AGENCY, .amended = true },
	  ERROR_WRONG_SIGNER },
	{ "a proposal of the brand that only the creator has signed",
	  { PROPOSED, .proposer = ROLE_BRAND, .signatures = BY_ITS_CREATOR },
	  ERROR_WRONG_SIGNER },
	{ "another creator's text",
	  { .state = DEAL_RECEIVED, .creator = "two-mats", .fee = "250.00 USD", .deal_fee = 25000, .currency = "USD",
	    .signatures = ALL },
	  ERROR_MALFORMED },
	{ "another text than its id says", { AGREED, .signatures = ALL, .other_text = true }, ERROR_MALFORMED },
	{ "another deal's id with a text that amends nothing", { AGREED, .signatures = ALL, .other_id = true },
	  ERROR_MALFORMED },
	{ "another fee than the text's",
	  { .state = DEAL_RECEIVED, .creator = "studio-flow", .fee = "250.00 USD", .deal_fee = 25001, .currency = "USD",
	    .signatures = ALL },
	  ERROR_MALFORMED },
	{ "another currency than the text's",
	  { .state = DEAL_RECEIVED, .creator = "studio-flow", .fee = "250.00 USD", .deal_fee = 25000, .currency = "EUR",
	    .signatures = ALL },
	  ERROR_MALFORMED },
};

START_TEST(what_the_text_and_its_signatures_do_not_say_is_refused) {
	struct failure failure = { .code = OK };
	enum error error = read_answer(&lies[_i].answer, &failure);
	ck_assert_msg(error == lies[_i].code, "%s: %s: %s", lies[_i].what, error_word(error), failure.text);
}
END_TEST

/* ---- terms and amounts that the agency tells beside the text ---- */

static void other_offer(struct deal *deal) {
	deal->offer[0] ^= 1;
}

static void other_brand(struct deal *deal) {
	(void)snprintf(deal->brand, sizeof deal->brand, "bolt");
}

static void low_kill_fee(struct deal *deal) {
	deal->terms.kill_fee[1] = 0;
}

static void high_agency_fee(struct deal *deal) {
	deal->terms.agency_fee += 100;
	deal->held += 100;
}

static void a_commission(struct deal *deal) {
	deal->terms.commission = 500;
}

static void a_commission_cap(struct deal *deal) {
	deal->terms.commission_cap = 1000;
	deal->held += 1000;
}

static void a_product(struct deal *deal) {
	deal->terms.has_product = true;
}

static void a_product_value(struct deal *deal) {
	deal->terms.product_value = 8900;
	(void)snprintf(deal->terms.product_currency, sizeof deal->terms.product_currency, "USD");
}

static void no_post(struct deal *deal) {
	deal->terms.is_posted = false;
}

static void more_revisions(struct deal *deal) {
	deal->terms.revisions = 3;
}

static void a_shorter_review(struct deal *deal) {
	deal->terms.within[DEADLINE_REVIEW] = HOURS;
}

static void a_shorter_life(struct deal *deal) {
	deal->terms.live_for = DAYS;
}

static void another_compensation(struct deal *deal) {
	deal->terms.compensation = PAID + 1;
}

static void more_held(struct deal *deal) {
	deal->held++;
}

static void less_held(struct deal *deal) {
	deal->held--;
}

static void more_earned(struct deal *deal) {
	deal->state = DEAL_VERIFIED;
	deal->held = 0;
	deal->earned = deal->terms.fee + deal->terms.agency_fee + 1;
}

static void more_paid_than_earned(struct deal *deal) {
	deal->state = DEAL_VERIFIED;
	deal->held = 0;
	deal->earned = deal->terms.fee;
	deal->paid = deal->earned + 1;
}

static void held_by_a_proposal(struct deal *deal) {
	deal->state = DEAL_PROPOSED;
}

#define LIE(name) { #name, name }
static const struct {
	const char *what;
	void (*lie)(struct deal *deal);
} told[] = {
	LIE(other_offer),      LIE(other_brand),    LIE(low_kill_fee),         LIE(high_agency_fee),
	LIE(a_commission),     LIE(a_product),      LIE(a_commission_cap),     LIE(a_product_value),
	LIE(no_post),          LIE(more_revisions), LIE(a_shorter_review),     LIE(a_shorter_life),
	LIE(more_held),        LIE(less_held),      LIE(another_compensation), LIE(more_earned),
	LIE(held_by_a_proposal), LIE(more_paid_than_earned),
};

START_TEST(terms_and_amounts_that_do_not_follow_from_the_text_are_refused) {
	struct failure failure = { .code = OK };
	struct answer answer = good;
	answer.lie = told[_i].lie;
	enum error error = read_answer(&answer, &failure);
	ck_assert_msg(error == ERROR_MALFORMED, "%s: %s: %s", told[_i].what, error_word(error), failure.text);
}
END_TEST

static void all_earned(struct deal *deal) {
	deal->state = DEAL_PAID;
	deal->held = 0;
	deal->earned = deal->paid = deal->terms.fee;
	deal->agency_earned = deal->terms.agency_fee;
}

START_TEST(amounts_that_follow_are_read) {
	struct failure failure = { .code = OK };
	struct answer answer = good;
	answer.lie = all_earned;
	ck_assert_msg(read_answer(&answer, &failure) == OK, "%s", failure.text);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("deals as answered");
	TCase *tests = tcase_create("deals");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_good_answer_is_read);
	tcase_add_loop_test(tests, what_the_text_and_its_signatures_do_not_say_is_refused, 0,
	                    (int)(sizeof lies / sizeof lies[0]));
	tcase_add_loop_test(tests, terms_and_amounts_that_do_not_follow_from_the_text_are_refused, 0,
	                    (int)(sizeof told / sizeof told[0]));
	tcase_add_test(tests, amounts_that_follow_are_read);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
