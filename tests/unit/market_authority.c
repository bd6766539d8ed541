/* Who may act for the agency: an operator who is suspended has no power, neither by notes nor by questions. */
#include <stdio.h>

#include "tests/lib/stage.h"
#include "tests/lib/unit.h"

static struct stage stage;
static struct buffer offer, text;

static void set_up(void) {
	stage_open(&stage);
	buffer_init(&offer, SIGNED_NOTE_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
}

static void tear_down(void) {
	buffer_release(&offer);
	buffer_release(&text);
	stage_close(&stage);
}

static struct inner_outcome try_standing(enum stage_actor operator, const char *account, const char *standing) {
	const struct note_pair pairs[] = { { "account", slice_of_text(account) }, { "standing", slice_of_text(standing) },
		                               PAIR("reason", "why") };
	return stage_try(&stage, operator, KIND_SUSPEND, "operator", PAIRS(pairs));
}

static void suspend(const char *account) {
	ck_assert_int_eq(try_standing(OLGA, account, "suspended").code, OK);
}

/* A suspended operator's note is refused, and the same of another operator is accepted: so nothing else was wrong. */
static void only_olga_may(enum kind_id kind, const struct note_pair *pairs, size_t count) {
	struct inner_outcome outcome = stage_try(&stage, OTTO, kind, "operator", pairs, count);
	ck_assert_msg(outcome.code == ERROR_SUSPENDED, "%s: %s", kind_get(kind)->name, outcome.text);
	outcome = stage_try(&stage, OLGA, kind, "operator", pairs, count);
	ck_assert_msg(outcome.code == OK, "%s: %s", kind_get(kind)->name, outcome.text);
}

static void only_olga_may_step(enum kind_id kind, struct inner_deal *deal, const struct note_pair *pairs,
                               size_t count) {
	struct inner_outcome outcome = stage_try_step(&stage, OTTO, kind, deal, pairs, count);
	ck_assert_msg(outcome.code == ERROR_SUSPENDED, "%s: %s", kind_get(kind)->name, outcome.text);
	outcome = stage_try_step(&stage, OLGA, kind, deal, pairs, count);
	ck_assert_msg(outcome.code == OK, "%s: %s", kind_get(kind)->name, outcome.text);
}

START_TEST(a_suspended_operator_moves_no_money_and_judges_no_account) {
	char hex[HASH_HEX_SIZE], key[INNER_REFERENCE_MAX];
	static const struct note_pair fund[] = { PAIR("brand", "acme"), PAIR("amount", "10.00 USD"),
		                                     PAIR("reference", "bank-1") };
	static const struct note_pair refund[] = { PAIR("brand", "acme"), PAIR("amount", "10.00 USD"),
		                                       PAIR("reference", "bank-2") };
	static const struct note_pair figures[] = { PAIR("creator", "ana"), PAIR("platform", "instagram"),
		                                        PAIR("followers", "18400"), PAIR("engagement", "2.4 %"),
		                                        PAIR("source", "seen") };
	static const struct note_pair standing[] = { PAIR("account", "cleo"), PAIR("standing", "suspended"),
		                                         PAIR("reason", "why") };
	suspend("otto");
	hex_encode(slice_of(signing_key_public(stage.cast[BEN].key), KEY_SIZE), hex);
	(void)snprintf(key, sizeof key, "ed25519:%s", hex);
	const struct note_pair revoke[] = { PAIR("account", "ben"), { "key", slice_of_text(key) },
		                                PAIR("valid-until", "1"), PAIR("reason", "laptop stolen") };
	only_olga_may(KIND_FUND, PAIRS(fund));
	only_olga_may(KIND_REFUND, PAIRS(refund));
	only_olga_may(KIND_ATTEST, PAIRS(figures));
	only_olga_may(KIND_SUSPEND, PAIRS(standing));
	only_olga_may(KIND_REVOKE, PAIRS(revoke));
}
END_TEST

START_TEST(a_suspended_operator_admits_nobody) {
	struct inner_party eve;
	struct buffer note;
	uint8_t enrolment[HASH_SIZE];
	char reference[INNER_REFERENCE_MAX];
	static const char transport[] = "curve25519:0101010101010101010101010101010101010101010101010101010101010101";
	buffer_init(&note, SIGNED_NOTE_MAX);
	inner_party_make(&eve, ROLE_CREATOR, "eve");
	const struct note_pair asked[] = { { "account", slice_of_text(eve.text) }, PAIR("role", "creator"),
		                               { "transport", slice_of_text(transport) },
		                               PAIR("consent", "electronic-signatures") };
	inner_compose(&stage.inner, &eve, KIND_ENROL, PAIRS(asked), &note, enrolment);
	ck_assert_int_eq(inner_try(&stage.inner, buffer_slice(&note)).code, OK);
	const struct note_pair granted[] = { asked[0], asked[1],
		                                 { "enrolment", inner_reference(enrolment, reference) } };
	suspend("otto");
	ck_assert_int_eq(stage_try(&stage, OTTO, KIND_ADMIT, "admitter", PAIRS(granted)).code, ERROR_SUSPENDED);
	ck_assert_int_eq(stage_try(&stage, OLGA, KIND_ADMIT, "admitter", PAIRS(granted)).code, OK);
	inner_party_release(&eve);
	buffer_release(&note);
}
END_TEST

START_TEST(a_suspended_operator_takes_no_step_of_a_deal) {
	struct inner_deal deal;
	static const struct note_pair content[] = {
		PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/1")
	};
	static const struct note_pair link[] = { PAIR("link", "https://x.example/p/1") };
	static const struct note_pair seen[] = { PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes") };
	static const struct note_pair paid[] = { PAIR("amount", "25.00 USD"), PAIR("reference", "payout-1") };
	static const struct note_pair why[] = { PAIR("reason", "It is late.") };
	static const struct note_pair ruling[] = { PAIR("outcome", "resume"), PAIR("reason", "It is not.") };
	suspend("otto");
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_step(&stage, ACME, KIND_DISPUTE, &deal, PAIRS(why));
	only_olga_may_step(KIND_RULING, &deal, PAIRS(ruling));
	stage_step(&stage, ANA, KIND_SUBMIT, &deal, PAIRS(content));
	stage_step(&stage, ACME, KIND_APPROVE, &deal, NULL, 0);
	stage_step(&stage, ANA, KIND_POST, &deal, PAIRS(link));
	only_olga_may_step(KIND_VERIFY, &deal, PAIRS(seen));
	only_olga_may_step(KIND_PAY, &deal, PAIRS(paid));
}
END_TEST

START_TEST(nobody_decides_his_own_standing) {
	ck_assert_int_eq(try_standing(OLGA, "olga", "suspended").code, ERROR_NOT_ALLOWED);
	ck_assert_int_eq(try_standing(OLGA, "olga", "good").code, ERROR_NOT_ALLOWED);
	suspend("otto");
	ck_assert_int_eq(try_standing(OTTO, "otto", "good").code, ERROR_SUSPENDED);
	ck_assert_int_eq(try_standing(OLGA, "otto", "good").code, OK);
	ck_assert_int_eq(try_standing(OTTO, "olga", "suspended").code, OK);
}
END_TEST

static size_t count_items(enum stage_actor actor, const char *operation, const struct note_pair *arguments,
                          size_t count) {
	const struct pack_value *ok = NULL;
	ck_assert_int_eq(stage_ask(&stage, stage.cast[actor].transport, operation, arguments, count, &ok), OK);
	return pack_count(pack_find(ok, "items"));
}

START_TEST(a_suspended_operator_reads_what_somebody_without_deals_reads) {
	static const char *const for_operators[] = { "enrolments", "payable" };
	static const char *const of_others[] = { "deals", "notes", "offers", "statement" };
	static const struct note_pair brand[] = { PAIR("brand", "acme") };
	char hex[HASH_HEX_SIZE];
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_deliver(&stage, ACME, ANA, &deal); /* with it the agency earns its fee */
	hex_encode(slice_of(deal.id, HASH_SIZE), hex);
	const struct note_pair of_deal[] = { { "deal", slice_of_text(hex) } }, id[] = { { "id", of_deal[0].raw } };
	const uint8_t *otto = stage.cast[OTTO].transport;
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stage_ask(&stage, otto, for_operators[i], NULL, 0, NULL), OK);
	}
	for (size_t i = 0; i < 4; i++) {
		ck_assert_msg(count_items(OTTO, of_others[i], NULL, 0) > 0, "%s", of_others[i]);
	}
	ck_assert_uint_gt(count_items(OTTO, "report", PAIRS(brand)), 0);
	ck_assert_uint_gt(count_items(OTTO, "notes", PAIRS(of_deal)), 0);
	ck_assert_int_eq(stage_ask(&stage, otto, "deal", PAIRS(id), NULL), OK);
	suspend("otto");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stage_ask(&stage, otto, for_operators[i], NULL, 0, NULL), ERROR_NOT_ALLOWED);
	}
	ck_assert_uint_eq(count_items(OTTO, "deals", NULL, 0), 0);
	ck_assert_uint_eq(count_items(OTTO, "offers", NULL, 0), 0);
	ck_assert_int_eq(stage_ask(&stage, otto, "report", PAIRS(brand), NULL), ERROR_NOT_ALLOWED);
	ck_assert_int_eq(stage_ask(&stage, otto, "deal", PAIRS(id), NULL), ERROR_NOT_FOUND);
	ck_assert_int_eq(stage_ask(&stage, otto, "notes", PAIRS(of_deal), NULL), ERROR_NOT_FOUND);
	ck_assert_int_eq(stage_ask(&stage, otto, "account", NULL, 0, NULL), OK);
}
END_TEST

/* Whose offers run, who wants to agree to them, and what the agency earns. */
START_TEST(a_suspended_operator_reads_no_offer_no_applicant_and_no_account_of_the_agency) {
	static const struct note_pair own[] = { PAIR("name", "otto") };
	const struct pack_value *ok = NULL;
	struct signed_note split;
	uint8_t id[HASH_SIZE];
	char hex[HASH_HEX_SIZE];
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, BEN, &offer, &text);
	stage_text(&stage, BEN, &text, &deal);
	stage_deliver(&stage, ACME, BEN, &deal);
	stage_offer(&stage, ACME, "selection", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, NULL);
	ck_assert_int_eq(signed_note_split(buffer_slice(&offer), &split, NULL), OK);
	signed_note_id(split.text, id);
	hex_encode(slice_of(id, sizeof id), hex);
	const struct note_pair offer_id[] = { { "id", slice_of_text(hex) } };
	const uint8_t *otto = stage.cast[OTTO].transport;
	ck_assert_int_eq(stage_ask(&stage, otto, "offer", PAIRS(offer_id), NULL), OK);
	ck_assert_uint_eq(count_items(OTTO, "applicants", PAIRS(offer_id)), 1);
	suspend("otto");
	ck_assert_int_eq(stage_ask(&stage, otto, "offer", PAIRS(offer_id), NULL), ERROR_NOT_FOUND);
	ck_assert_int_eq(stage_ask(&stage, otto, "applicants", PAIRS(offer_id), NULL), ERROR_NOT_FOUND);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stage_ask(&stage, otto, "statement", own, i, &ok), OK);
		ck_assert_uint_eq(pack_count(pack_find(ok, "items")) + pack_count(pack_find(ok, "balances")), 0);
	}
	ck_assert_uint_gt(count_items(OLGA, "statement", PAIRS(own)), 0);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_authority");
	TCase *tcase = tcase_create("market_authority");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_suspended_operator_moves_no_money_and_judges_no_account);
	tcase_add_test(tcase, a_suspended_operator_admits_nobody);
	tcase_add_test(tcase, a_suspended_operator_takes_no_step_of_a_deal);
	tcase_add_test(tcase, nobody_decides_his_own_standing);
	tcase_add_test(tcase, a_suspended_operator_reads_what_somebody_without_deals_reads);
	tcase_add_test(tcase, a_suspended_operator_reads_no_offer_no_applicant_and_no_account_of_the_agency);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
