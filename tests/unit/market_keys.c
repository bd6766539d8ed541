/* Keys that are replaced or revoked: what was signed with them before, and who is known by them afterwards. */
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

/* ---- what was signed before ---- */

/* Leaves Ana's application in `text`, which waits for the brand; returns the number of its note. */
static int64_t apply(void) {
	stage_offer(&stage, ACME, "selection", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	struct inner_outcome outcome = stage_try_text(&stage, ANA, &text, NULL);
	ck_assert_msg(outcome.code == OK, "%s", outcome.text);
	return outcome.sequence;
}

/* The same for an amendment of hers. */
static int64_t amend(void) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_amend(&text, &deal);
	stage_change(&text, "revisions 2", "revisions 1");
	struct inner_outcome outcome = stage_try_text(&stage, ANA, &text, NULL);
	ck_assert_msg(outcome.code == OK, "%s", outcome.text);
	return outcome.sequence;
}

START_TEST(an_application_signed_with_a_key_that_was_not_good_any_more_is_not_concluded) {
	stage_revoke(&stage, ANA, apply() - 1);
	ck_assert_int_eq(stage_try_text(&stage, ACME, &text, NULL).code, ERROR_KEY_REVOKED);
}
END_TEST

START_TEST(an_application_signed_while_the_key_was_good_is_concluded) {
	stage_revoke(&stage, ANA, apply());
	ck_assert_int_eq(stage_try_text(&stage, ACME, &text, NULL).code, OK);
}
END_TEST

START_TEST(an_amendment_signed_with_a_key_that_was_not_good_any_more_is_not_concluded) {
	stage_revoke(&stage, ANA, amend() - 1);
	ck_assert_int_eq(stage_try_text(&stage, ACME, &text, NULL).code, ERROR_KEY_REVOKED);
}
END_TEST

START_TEST(an_amendment_signed_while_the_key_was_good_is_concluded) {
	stage_revoke(&stage, ANA, amend());
	ck_assert_int_eq(stage_try_text(&stage, ACME, &text, NULL).code, OK);
}
END_TEST

/* ---- former keys ---- */

/* What becomes of an agreement that is signed with the key that the creator had; the account is as before then. */
static enum error agree_with(const struct inner_party *former) {
	struct inner_party present = stage.cast[ANA];
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage.cast[ANA] = *former;
	stage_derive(&stage, ANA, &offer, &text);
	enum error error = stage_try_text(&stage, ANA, &text, NULL).code;
	stage.cast[ANA] = present;
	return error;
}

START_TEST(a_former_key_is_good_to_the_last_second_of_the_overlap) {
	struct inner_party former;
	stage_rekey(&stage, ANA, "7d", &former);
	ck_assert_int_eq(agree_with(&former), OK);
	inner_wait(&stage.inner, 7 * STAGE_DAY);
	ck_assert_int_eq(agree_with(&former), OK);
	inner_wait(&stage.inner, 1);
	ck_assert_int_eq(agree_with(&former), ERROR_KEY_REVOKED);
	ck_assert_int_eq(agree_with(&stage.cast[ANA]), OK);
	inner_party_release(&former);
}
END_TEST

START_TEST(a_former_key_without_overlap_is_good_no_longer_than_the_second_in_which_it_was_replaced) {
	struct inner_party former;
	stage_rekey(&stage, ANA, NULL, &former);
	inner_wait(&stage.inner, 1);
	ck_assert_int_eq(agree_with(&former), ERROR_KEY_REVOKED);
	inner_party_release(&former);
}
END_TEST

START_TEST(a_former_key_brings_no_other_one) {
	struct inner_party former, present;
	stage_rekey(&stage, ANA, "7d", &former);
	present = stage.cast[ANA];
	stage.cast[ANA] = former;
	ck_assert_int_eq(stage_try_rekey(&stage, ANA, NULL).code, ERROR_KEY_REVOKED);
	stage.cast[ANA] = present;
	ck_assert_int_eq(stage_try_rekey(&stage, ANA, NULL).code, OK);
	inner_party_release(&former);
}
END_TEST

START_TEST(with_its_present_key_an_account_loses_its_former_ones_for_good) {
	struct inner_party former;
	stage_rekey(&stage, ANA, "30d", &former);
	ck_assert_int_eq(agree_with(&former), OK);
	stage_revoke(&stage, ANA, 1);
	ck_assert_int_eq(agree_with(&former), ERROR_KEY_REVOKED);
	inner_party_release(&stage.cast[ANA]);
	inner_party_make(&stage.cast[ANA], ROLE_CREATOR, "ana");
	inner_admit(&stage.inner, &stage.cast[OLGA], &stage.cast[ANA]);
	ck_assert_int_eq(agree_with(&former), ERROR_KEY_REVOKED);
	ck_assert_int_eq(agree_with(&stage.cast[ANA]), OK);
	inner_party_release(&former);
}
END_TEST

START_TEST(a_key_is_revoked_for_notes_that_there_are) {
	char hex[HASH_HEX_SIZE], key[INNER_REFERENCE_MAX], number[24];
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	int64_t last = stage_try_text(&stage, ANA, &text, NULL).sequence;
	hex_encode(slice_of(signing_key_public(stage.cast[ANA].key), KEY_SIZE), hex);
	(void)snprintf(key, sizeof key, "ed25519:%s", hex);
	(void)snprintf(number, sizeof number, "%lld", (long long)last + 1);
	const struct note_pair revoke[] = { PAIR("account", "ana"), { "key", slice_of_text(key) },
		                                { "valid-until", slice_of_text(number) }, PAIR("reason", "laptop stolen") };
	ck_assert_int_eq(stage_try(&stage, OLGA, KIND_REVOKE, "operator", PAIRS(revoke)).code, ERROR_BAD_VALUE);
	stage_revoke(&stage, ANA, last);
}
END_TEST

START_TEST(whoever_is_suspended_does_not_come_back_by_a_new_key) {
	static const struct note_pair suspend[] = { PAIR("account", "ana"), PAIR("standing", "suspended"),
		                                        PAIR("reason", "why") };
	stage_sign(&stage, OLGA, KIND_SUSPEND, "operator", PAIRS(suspend));
	stage_revoke(&stage, ANA, 1);
	inner_party_release(&stage.cast[ANA]);
	inner_party_make(&stage.cast[ANA], ROLE_CREATOR, "ana");
	inner_admit(&stage.inner, &stage.cast[OLGA], &stage.cast[ANA]);
	ck_assert_int_eq(agree_with(&stage.cast[ANA]), ERROR_SUSPENDED);
}
END_TEST

/* ---- who is known by them ---- */

/* Asks for an account, and waits to be admitted. */
static void enrol(const struct inner_party *party) {
	struct buffer note;
	char hex[HASH_HEX_SIZE], transport[INNER_REFERENCE_MAX];
	buffer_init(&note, SIGNED_NOTE_MAX);
	hex_encode(slice_of(party->transport, FIELD_KEY_SIZE), hex);
	(void)snprintf(transport, sizeof transport, "curve25519:%s", hex);
	const struct note_pair asked[] = { { "account", slice_of_text(party->text) }, PAIR("role", "creator"),
		                               { "transport", slice_of_text(transport) },
		                               PAIR("consent", "electronic-signatures") };
	inner_compose(&stage.inner, party, KIND_ENROL, PAIRS(asked), &note, NULL);
	ck_assert_int_eq(inner_try(&stage.inner, buffer_slice(&note)).code, OK);
	buffer_release(&note);
}

static const struct note_pair content[] = {
	PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/1")
};

START_TEST(a_key_that_was_revoked_takes_its_transport_key_along_until_new_ones_are_admitted) {
	struct inner_party before;
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ANA].transport, "deals", NULL, 0, NULL), OK);
	stage_revoke(&stage, ANA, 1);
	before = stage.cast[ANA];
	ck_assert_int_eq(stage_ask(&stage, before.transport, "account", NULL, 0, NULL), ERROR_NOT_FOUND);
	ck_assert_int_eq(stage_ask(&stage, before.transport, "deals", NULL, 0, NULL), ERROR_NOT_ADMITTED);
	ck_assert_int_eq(stage_try_step(&stage, ANA, KIND_SUBMIT, &deal, PAIRS(content)).code, ERROR_KEY_REVOKED);
	inner_party_make(&stage.cast[ANA], ROLE_CREATOR, "ana");
	inner_admit(&stage.inner, &stage.cast[OLGA], &stage.cast[ANA]);
	inner_flush(&stage.inner);
	const struct pack_value *ok = NULL;
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ANA].transport, "deals", NULL, 0, &ok), OK);
	ck_assert_uint_eq(pack_count(pack_find(ok, "items")), 1);
	ck_assert_int_eq(stage_ask(&stage, before.transport, "deals", NULL, 0, NULL), ERROR_NOT_ADMITTED);
	stage_deliver(&stage, ACME, ANA, &deal);
	inner_party_release(&before);
}
END_TEST

START_TEST(a_former_key_is_revoked_without_the_present_one) {
	char hex[HASH_HEX_SIZE], key[INNER_REFERENCE_MAX];
	hex_encode(slice_of(signing_key_public(stage.cast[ANA].key), KEY_SIZE), hex);
	(void)snprintf(key, sizeof key, "ed25519:%s", hex);
	const struct note_pair revoke[] = { PAIR("account", "ana"), { "key", slice_of_text(key) },
		                                PAIR("valid-until", "1"), PAIR("reason", "laptop stolen") };
	ck_assert_int_eq(stage_try_rekey(&stage, ANA, NULL).code, OK);
	stage_sign(&stage, OLGA, KIND_REVOKE, "operator", PAIRS(revoke));
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ANA].transport, "deals", NULL, 0, NULL), OK);
}
END_TEST

/* Whoever can name a transport key can name any bytes: those of another's signing key too. */
START_TEST(no_claim_of_a_transport_key_keeps_a_key_from_being_revoked) {
	uint8_t key[KEY_SIZE];
	struct inner_party eve;
	memcpy(key, signing_key_public(stage.cast[ACME].key), sizeof key);
	ck_assert_int_eq(stage_try_rekey(&stage, BEN, key).code, OK);
	stage_revoke(&stage, ACME, 1);
	memcpy(key, signing_key_public(stage.cast[ANA].key), sizeof key);
	inner_party_make(&eve, ROLE_CREATOR, "eve");
	memcpy(eve.transport, key, sizeof eve.transport);
	enrol(&eve);
	stage_revoke(&stage, ANA, 1);
	inner_party_release(&stage.cast[ACME]);
	inner_party_make(&stage.cast[ACME], ROLE_BRAND, "acme");
	inner_admit(&stage.inner, &stage.cast[OLGA], &stage.cast[ACME]);
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	inner_party_release(&eve);
}
END_TEST

START_TEST(no_account_takes_the_transport_key_of_an_enrolment_that_waits) {
	struct inner_party eve;
	inner_party_make(&eve, ROLE_CREATOR, "eve");
	enrol(&eve);
	ck_assert_int_eq(stage_try_rekey(&stage, ANA, eve.transport).code, ERROR_EXISTS);
	ck_assert_int_eq(stage_try_rekey(&stage, ANA, NULL).code, OK);
	inner_party_release(&eve);
}
END_TEST

/* ---- the brand's new key ---- */

/* An offer of acme's by this road; then acme's key is replaced, and `text` names the new one. */
static void name_the_new_key(const char *road) {
	char before[sizeof stage.cast[ACME].text];
	stage_offer(&stage, ACME, road, PAIRS(stage_fee), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	memcpy(before, stage.cast[ACME].text, sizeof before);
	ck_assert_int_eq(stage_try_rekey(&stage, ACME, NULL).code, OK);
	stage_change(&text, before, stage.cast[ACME].text);
}

START_TEST(an_application_that_names_the_key_that_the_brand_has_by_now_is_concluded) {
	name_the_new_key("selection");
	ck_assert_int_eq(stage_try_text(&stage, ANA, &text, NULL).code, OK);
	ck_assert_int_eq(stage_try_text(&stage, ACME, &text, NULL).code, OK);
}
END_TEST

START_TEST(an_acceptance_names_the_key_by_which_the_brand_is_bound) {
	name_the_new_key("first-come");
	ck_assert_int_eq(stage_try_text(&stage, ANA, &text, NULL).code, ERROR_TERMS_DIFFER);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(stage_try_text(&stage, ANA, &text, NULL).code, OK);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_keys");
	TCase *tcase = tcase_create("market_keys");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_application_signed_with_a_key_that_was_not_good_any_more_is_not_concluded);
	tcase_add_test(tcase, an_application_signed_while_the_key_was_good_is_concluded);
	tcase_add_test(tcase, an_amendment_signed_with_a_key_that_was_not_good_any_more_is_not_concluded);
	tcase_add_test(tcase, an_amendment_signed_while_the_key_was_good_is_concluded);
	tcase_add_test(tcase, a_former_key_is_good_to_the_last_second_of_the_overlap);
	tcase_add_test(tcase, a_former_key_without_overlap_is_good_no_longer_than_the_second_in_which_it_was_replaced);
	tcase_add_test(tcase, a_former_key_brings_no_other_one);
	tcase_add_test(tcase, with_its_present_key_an_account_loses_its_former_ones_for_good);
	tcase_add_test(tcase, a_key_is_revoked_for_notes_that_there_are);
	tcase_add_test(tcase, whoever_is_suspended_does_not_come_back_by_a_new_key);
	tcase_add_test(tcase, a_key_that_was_revoked_takes_its_transport_key_along_until_new_ones_are_admitted);
	tcase_add_test(tcase, a_former_key_is_revoked_without_the_present_one);
	tcase_add_test(tcase, no_claim_of_a_transport_key_keeps_a_key_from_being_revoked);
	tcase_add_test(tcase, no_account_takes_the_transport_key_of_an_enrolment_that_waits);
	tcase_add_test(tcase, an_application_that_names_the_key_that_the_brand_has_by_now_is_concluded);
	tcase_add_test(tcase, an_acceptance_names_the_key_by_which_the_brand_is_bound);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
