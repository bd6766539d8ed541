/* troth ops payout: what is to be paid goes to the payment provider as a file; what the provider has paid comes back as
 * one, and becomes pay notes. */
#include "cli/batch_run.h"
#include "cli/payout_row.h"
#include "cli/step.h"

#define OUTPUT_MAX (256 << 20)

/* ---- export ---- */

struct exporting {
	const struct join *join;
	struct deal_view view;
	struct buffer csv;
	size_t count;
};

static enum error write_payable(void *argument, const struct pack_value *item, struct failure *failure) {
	struct exporting *exporting = argument;
	enum error error = deal_view_read(item, exporting->join, &exporting->view, failure);
	if (error == OK) {
		error = payout_csv_row(&exporting->csv, &exporting->view, failure);
	}
	exporting->count++;
	return error;
}

/* A script that reads JSON on standard output must not meet CSV there. */
static enum error check_out(const struct settings *settings, struct failure *failure) {
	if (settings->out == NULL) {
		return fail(failure, ERROR_USAGE, "--out is missing: the file to write (- is standard output)");
	}
	return settings->json && strcmp(settings->out, "-") == 0
	    ? fail(failure, ERROR_USAGE, "--json does not go with --out -, which prints CSV: give --out a file") : OK;
}

enum error command_payout_export(const struct invocation *call, struct failure *failure) {
	struct act act = { .settings = NULL };
	struct exporting exporting = { .join = &act.home.join };
	buffer_init(&exporting.csv, OUTPUT_MAX);
	payout_csv_head(&exporting.csv);
	enum error error = check_out(&call->settings, failure);
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
	deal_view_release(&exporting.view);
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
	char due[PAYOUT_KEY_SIZE];
	if (given.size == 0 || slice_is(given, payout_key(&view->deal, due))) {
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
