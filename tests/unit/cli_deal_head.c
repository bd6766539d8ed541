/* The latest note of a deal: what an agency could show that is not what the next step would answer. */
#include "cli/deal_head.h"
#include "tests/unit/rules_samples.h"

static struct noted head;
static struct deal deal;
static struct note agreement; /* whose terms hold: of flow and acme, with the keys below */
static struct head_signer unproven;
static struct failure failure;
static char text[SAMPLE_MAX], agreed[SAMPLE_MAX];

#define KEY_CREATOR HEX_C
#define KEY_BRAND HEX_B
#define KEY_OTHER HEX_A

/* A submission by flow as the latest note of a submitted deal. */
static void set_up(void) {
	(void)snprintf(text, sizeof text,
	               ORIGIN "/submit/v1\ndeal sha256:" HEX_A "\nafter sha256:" HEX_B "\ncreator flow ed25519:" HEX_C
	               "\ncontent sha256:" HEX_C " https://example.com/reel.mp4\n" STAMP);
	head = (struct noted){ .kind = "submit", .id = { 9 }, .note.signed_by = 1 };
	buffer_init(&head.note.bytes, SAMPLE_MAX);
	(void)buffer_append_text(&head.note.bytes, text);
	sample_parse(text, &head.note.note);
	deal = (struct deal){ .state = DEAL_SUBMITTED, .head = { 9 }, .brand = "acme", .creator = "flow" };
	memcpy(deal.id, note_get(&head.note.note, "deal")->bytes, sizeof deal.id);
	(void)snprintf(agreed, sizeof agreed,
	               ORIGIN "/agreement/v1\noffer sha256:" HEX_A "\nbrand acme ed25519:" KEY_BRAND
	               "\ncreator flow ed25519:" KEY_CREATOR "\ncompensation gifted\nproduct Mat\nproduct-value 89.00 USD\n"
	               "deliverable 1 instagram-reel within 14d\ndisclosure #ad\n" STAMP);
	sample_parse(agreed, &agreement);
	failure = (struct failure){ .code = OK };
}

static void tear_down(void) {
	noted_release(&head);
}

/* As a note of another kind. */
static void become(const char *kind, const char *lines) {
	(void)snprintf(text, sizeof text, ORIGIN "/%s/v1\ndeal sha256:" HEX_A "\nafter sha256:" HEX_B "\n%s" STAMP, kind,
	               lines);
	(void)snprintf(head.kind, sizeof head.kind, "%s", kind);
	buffer_clear(&head.note.bytes);
	(void)buffer_append_text(&head.note.bytes, text);
	sample_parse(text, &head.note.note);
}

static void refused(enum error error) {
	struct head_keys keys = deal_head_keys(&agreement);
	enum error given = deal_head_judge(&deal, &keys, &head, &unproven, &failure);
	ck_assert_msg(given == error, "%s: %s", error_word(given), failure.text);
}

START_TEST(the_note_that_led_to_the_state_is_good) {
	refused(OK);
}
END_TEST

START_TEST(another_note_than_the_head_is_refused) {
	head.id[0] = 8;
	refused(ERROR_MALFORMED);
}
END_TEST

START_TEST(a_note_that_does_not_lead_to_the_state_is_refused) {
	deal.state = DEAL_POSTED;
	refused(ERROR_MALFORMED);
}
END_TEST

START_TEST(a_note_of_another_deal_is_refused) {
	deal.id[0] ^= 1;
	refused(ERROR_MALFORMED);
}
END_TEST

START_TEST(a_note_of_another_creator_or_brand_is_refused) {
	(void)snprintf(deal.creator, sizeof deal.creator, "other");
	refused(ERROR_WRONG_SIGNER);
	deal.state = DEAL_CANCELLED;
	become("cancel", "by acme ed25519:" KEY_BRAND "\nrole brand\n");
	refused(OK);
	become("cancel", "by flow ed25519:" KEY_CREATOR "\nrole brand\n");
	refused(ERROR_WRONG_SIGNER);
}
END_TEST

/* Anyone can name himself after a side: only the keys in the text prove by themselves who it was. */
static const struct {
	const char *kind, *lines;
	enum deal_state state;
	enum role unproven; /* ROLE_COUNT: proven */
	const char *account;
} signers[] = {
	{ "submit", "creator flow ed25519:" KEY_CREATOR "\ncontent sha256:" HEX_C " https://example.com/reel.mp4\n",
	  DEAL_SUBMITTED, ROLE_COUNT, "" },
	{ "submit", "creator flow ed25519:" KEY_OTHER "\ncontent sha256:" HEX_C " https://example.com/reel.mp4\n",
	  DEAL_SUBMITTED, ROLE_CREATOR, "flow" },
	{ "submit", "creator flow ed25519:" KEY_BRAND "\ncontent sha256:" HEX_C " https://example.com/reel.mp4\n",
	  DEAL_SUBMITTED, ROLE_CREATOR, "flow" },
	{ "approve", "brand acme ed25519:" KEY_BRAND "\n", DEAL_APPROVED, ROLE_COUNT, "" },
	{ "approve", "brand acme ed25519:" KEY_OTHER "\n", DEAL_APPROVED, ROLE_BRAND, "acme" },
	{ "approve", "brand acme ed25519:" KEY_CREATOR "\n", DEAL_APPROVED, ROLE_BRAND, "acme" },
	{ "cancel", "by flow ed25519:" KEY_CREATOR "\nrole creator\n", DEAL_CANCELLED, ROLE_COUNT, "" },
	{ "cancel", "by flow ed25519:" KEY_OTHER "\nrole creator\n", DEAL_CANCELLED, ROLE_CREATOR, "flow" },
	{ "cancel", "by acme ed25519:" KEY_OTHER "\nrole brand\n", DEAL_CANCELLED, ROLE_BRAND, "acme" },
	{ "verify", "operator olga ed25519:" KEY_BRAND "\nlive yes\ntagged yes\ndisclosed yes\n", DEAL_VERIFIED,
	  ROLE_OPERATOR, "olga" },
};

START_TEST(a_key_that_the_text_does_not_name_is_still_to_be_proven) {
	deal.state = signers[_i].state;
	become(signers[_i].kind, signers[_i].lines);
	refused(OK);
	ck_assert_int_eq(unproven.role, signers[_i].unproven);
	if (unproven.role != ROLE_COUNT) {
		const struct signer *signer = &head.note.note.kind->signers[0];
		ck_assert_str_eq(unproven.account, signers[_i].account);
		ck_assert_mem_eq(unproven.key, note_get(&head.note.note, signer->key)->party.key, KEY_SIZE);
	}
}
END_TEST

START_TEST(a_lapse_is_the_agencys) {
	deal.state = DEAL_APPROVED;
	become("lapse", "deadline review\ndue 2026-11-26T10:02:11Z\nby agency ed25519:" HEX_C "\n");
	refused(ERROR_WRONG_SIGNER);
	head.note.by_agency = true;
	refused(OK);
}
END_TEST

START_TEST(only_a_rating_may_be_hidden) {
	buffer_clear(&head.note.bytes);
	refused(ERROR_MALFORMED);
	(void)snprintf(head.kind, sizeof head.kind, "rate");
	refused(ERROR_MALFORMED);
	deal.state = DEAL_PAID;
	refused(OK);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("deal_head");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, the_note_that_led_to_the_state_is_good);
	tcase_add_test(tests, another_note_than_the_head_is_refused);
	tcase_add_test(tests, a_note_that_does_not_lead_to_the_state_is_refused);
	tcase_add_test(tests, a_note_of_another_deal_is_refused);
	tcase_add_test(tests, a_note_of_another_creator_or_brand_is_refused);
	tcase_add_loop_test(tests, a_key_that_the_text_does_not_name_is_still_to_be_proven, 0, ROWS(signers));
	tcase_add_test(tests, a_lapse_is_the_agencys);
	tcase_add_test(tests, only_a_rating_may_be_hidden);
	Suite *suite = suite_create("cli/deal_head");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
