/* troth ops payout: what is to be paid goes to the payment provider as a file; what the provider has paid comes back as
 * one, and becomes pay notes. */
#include <inttypes.h>

#include "cli/batch_run.h"
#include "cli/csv_cells.h"
#include "cli/step.h"
#include "rules/deal_pack.h"

#define OUTPUT_MAX (256 << 20)

#define PAYMENT_SIZE 36 /* with the NUL */

/* Identifies a payment: the deal, and what of it was booked as paid before, in minor units. So it stays the same until
 * the payment is booked, and no later one has it: the provider's key for paying once. */
static const char *write_payment(const struct deal *deal, char out[PAYMENT_SIZE]) {
	char id[ID_SHORT_SIZE];
	(void)snprintf(out, PAYMENT_SIZE, "%s-%" PRId64, print_short_id(slice_of(deal->id, HASH_SIZE), id), deal->paid);
	return out;
}

/* ---- export ---- */

struct exporting {
	struct buffer csv;
	size_t count;
};

static enum error write_payable(void *argument, const struct pack_value *item, struct failure *failure) {
	struct exporting *exporting = argument;
	struct buffer *out = &exporting->csv;
	struct deal deal;
	char id[ID_TEXT_SIZE], payment[PAYMENT_SIZE];
	enum error error = deal_unpack(pack_find(item, "deal"), &deal, failure);
	if (error != OK || deal_outstanding(&deal) <= 0) {
		return error;
	}
	if (currency_exponent(deal.terms.currency) < 0 || !account_name_is_valid(slice_of_text(deal.creator))) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer has an unknown currency or no creator");
	}
	(void)buffer_format(out, "%s,", print_id(slice_of(deal.id, HASH_SIZE), id));
	csv_append_text(out, deal.creator);
	(void)buffer_append_text(out, ",");
	csv_append_amount(out, deal_outstanding(&deal), deal.terms.currency);
	(void)buffer_format(out, ",%s,", deal.terms.currency);
	csv_append_time(out, deal.deadline == DEADLINE_PAY ? deal.due : 0);
	(void)buffer_format(out, ",%s,%s\r\n", deal.overdue ? "yes" : "no", write_payment(&deal, payment));
	exporting->count++;
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "more than fits");
}

enum error command_payout_export(const struct invocation *call, struct failure *failure) {
	struct act act = { .settings = NULL };
	struct exporting exporting = { .count = 0 };
	buffer_init(&exporting.csv, OUTPUT_MAX);
	(void)buffer_append_text(&exporting.csv, "deal,creator,amount,currency,due,overdue,payment\r\n");
	enum error error = call->settings.out != NULL ? OK
	    : fail(failure, ERROR_USAGE, "--out is missing: the file to write (- is standard output)");
	if (error == OK) {
		error = act_open(&act, &call->settings, ACT_ASKS, failure);
	}
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_OPERATOR, "operators pay out", failure);
	}
	if (error == OK) {
		error = session_pages(&act.session, "payable", "after", NULL, 0, SESSION_EVERYTHING, write_payable, &exporting,
		                      failure);
	}
	if (error == OK) {
		error = act_write_out(&call->settings, buffer_slice(&exporting.csv), failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_pack("{s:I}", "payments", (json_int_t)exporting.count));
	} else if (error == OK && strcmp(call->settings.out, "-") != 0) {
		(void)printf("%zu payment%s due\n", exporting.count, exporting.count == 1 ? " is" : "s are");
	}
	buffer_release(&exporting.csv);
	act_release(&act);
	return error;
}

/* ---- import ---- */

/* In this order in a row's extras. */
enum column { COLUMN_DEAL, COLUMN_STATUS, COLUMN_REFERENCE, COLUMN_AMOUNT, COLUMN_CURRENCY, COLUMN_PAYMENT };
static const char *const columns[] = { "deal",     "status",  "reference", "amount", "currency",
	                                   "payment",  "creator", "due",       "overdue" };
#define REQUIRED COLUMN_PAYMENT /* those before it */

/* Makes the pay note's draft of a row, or says why there is none. */
static void read_payment(struct sheet_row *row) {
	struct slice status = buffer_slice(&row->extras[COLUMN_STATUS]);
	if (row->failure.code != OK) {
		return;
	}
	if (!slice_is(status, "paid")) {
		bool failed = slice_is(status, "failed");
		(void)fail(&row->failure, failed ? ERROR_WRONG_STATE : ERROR_BAD_VALUE,
		           failed ? "the provider has not paid" : "status: must be paid or failed");
		return;
	}
	(void)buffer_append_text(&row->draft, "amount ");
	(void)buffer_append_slice(&row->draft, buffer_slice(&row->extras[COLUMN_AMOUNT]));
	(void)buffer_append_text(&row->draft, " ");
	(void)buffer_append_slice(&row->draft, buffer_slice(&row->extras[COLUMN_CURRENCY]));
	(void)buffer_append_text(&row->draft, "\nreference ");
	(void)buffer_append_slice(&row->draft, buffer_slice(&row->extras[COLUMN_REFERENCE]));
	(void)buffer_append_text(&row->draft, "\n");
	if (!buffer_ok(&row->draft)) {
		(void)fail(&row->failure, ERROR_TOO_LONG, "longer than a note may be");
	}
}

/* The column may be missing, or empty. */
static enum error check_payment(const struct job *job, const struct deal_view *view, struct failure *failure) {
	struct slice given = buffer_slice(&job->row->extras[COLUMN_PAYMENT]);
	char due[PAYMENT_SIZE];
	if (given.size == 0 || slice_is(given, write_payment(&view->deal, due))) {
		return OK;
	}
	return fail(failure, ERROR_EXISTS,
	            "payment: the one that is due now is %s; this one was booked already or is another deal's: compare the "
	            "provider's list with troth deal show, and export again", due);
}

enum error command_payout_import(const struct invocation *call, struct failure *failure) {
	const struct batch_plan plan = { .form = { .kind = kind_get(KIND_PAY), .noun = "a payment", .extras = columns,
		                                       .extra_count = sizeof columns / sizeof columns[0],
		                                       .required = REQUIRED },
		                             .noun = "payment",
		                             .money = batch_amount,
		                             .money_words = ", together",
		                             .check_role = step_check_role,
		                             .read = read_payment,
		                             .sign = batch_sign_step,
		                             .check_new = check_payment };
	return batch_run(call, call->operands[0], &plan, failure);
}
