/* A deal as it is kept and sent: whatever state it is in, it is read as it was; and nothing is read that no deal can
 * have come to. */
#include "rules/deal_pack.h"

#include "tests/unit/rules_deal_script.h"

static struct script script;

/* Packs a deal and reads it again. */
static enum error pass_on(const struct deal *deal, struct deal *out, struct failure *failure) {
	struct pack_document *document = pack_document_new();
	struct buffer bytes;
	ck_assert_ptr_nonnull(document);
	buffer_init(&bytes, DEAL_PACK_MAX);
	deal_pack(&bytes, deal);
	ck_assert_int_eq(pack_read(document, buffer_slice(&bytes), DEAL_PACK_MAX, failure), OK);
	enum error error = deal_unpack(pack_root(document), out, failure);
	pack_document_free(document);
	buffer_release(&bytes);
	return error;
}

START_TEST(a_deal_goes_on_after_it_was_packed) {
	struct deal read;
	struct failure failure = { .code = OK };
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_POSTED);
	script_verify(&script, _i == 0 ? "420.00 USD" : NULL);
	script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
	ck_assert_msg(pass_on(&script.deal, &read, &failure) == OK, "%s", failure.text);
	ck_assert_int_eq(read.commission_earned, _i == 0 ? 4200 : 0);
	script.deal = read;
	script_play(&script, EVENT_RESUME, OPERATOR); /* from what was packed it knows what is commission */
	ck_assert_int_eq(script.deal.earned, _i == 0 ? 29200 : 25000);
	ck_assert_int_eq(script.deal.held, _i == 0 ? 0 : 10000);
}
END_TEST

/* A split takes fee and commission together as one amount. */
START_TEST(a_commission_is_read_up_to_its_cap_and_as_an_amount) {
	static const struct {
		int64_t fee, cap, earned;
		enum error error;
	} cases[] = {
		{ 25000, 10000, 10000, OK },
		{ 25000, 10000, 10001, ERROR_MALFORMED },
		{ MONEY_MINOR_MAX - 1, 2, 1, OK },
		{ MONEY_MINOR_MAX - 1, 2, 2, ERROR_MALFORMED },
	};
	struct deal read;
	struct failure failure = { .code = OK };
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_VERIFIED);
	script.deal.terms.fee = cases[_i].fee;
	script.deal.terms.commission_cap = cases[_i].cap;
	script.deal.commission_earned = cases[_i].earned;
	ck_assert_msg(pass_on(&script.deal, &read, &failure) == cases[_i].error, "%s", failure.text);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("pack");
	tcase_add_loop_test(tests, a_deal_goes_on_after_it_was_packed, 0, 2);
	tcase_add_loop_test(tests, a_commission_is_read_up_to_its_cap_and_as_an_amount, 0, 4);
	Suite *suite = suite_create("rules/deal pack");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
