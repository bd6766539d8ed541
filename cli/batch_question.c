/* What is asked before a batch is signed: how many notes of which kind, and how much money they speak of. */
#include <unistd.h>

#include "cli/batch_run.h"

#define CURRENCIES_MAX 200
#define QUESTION_MAX 16384

/* What rows come to. */
struct sums {
	struct money totals[CURRENCIES_MAX]; /* one per currency */
	size_t count, good;
	bool is_whole; /* nothing was too much to be summed */
};

static void add(struct sums *sums, const struct money *money) {
	size_t at = 0;
	while (at < sums->count && strcmp(sums->totals[at].currency, money->currency) != 0) {
		at++;
	}
	if (at == CURRENCIES_MAX) {
		sums->is_whole = false;
	} else if (at == sums->count) {
		sums->totals[sums->count++] = *money;
	} else if (money_add(&sums->totals[at], money, &sums->totals[at], NULL) != OK) {
		sums->is_whole = false;
	}
}

/* Rows that cannot be read will be refused: they count neither as notes nor as money. */
static void sum_up(const struct batch_plan *plan, const struct sheet *sheet, struct sums *sums) {
	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		struct money money = { .minor = 0 };
		bool good = row->failure.code == OK && (plan->money == NULL || plan->money(row, &money) == OK);
		sums->good += good;
		if (good && money.minor > 0) {
			add(sums, &money);
		}
	}
}

void batch_question(const struct batch_plan *plan, const struct sheet *sheet, const char *name, struct buffer *out) {
	static struct sums sums; /* too large for a stack; a batch asks once */
	char text[MONEY_TEXT_MAX];
	sums = (struct sums){ .is_whole = true };
	sum_up(plan, sheet, &sums);
	(void)buffer_format(out, "Sign and submit %zu %s%s", sums.good, plan->noun, sums.good == 1 ? "" : "s");
	for (size_t i = 0; i < sums.count; i++) {
		const char *before = i == 0 ? plan->money_words : i + 1 == sums.count ? " and" : ",";
		(void)buffer_format(out, "%s %s", before, money_format(&sums.totals[i], text));
	}
	(void)buffer_format(out, "%s%s as %s", sums.is_whole ? "" : " and more than can be summed up",
	                    sums.count > 0 ? "," : "", name);
	if (sums.good < sheet->count) {
		(void)buffer_format(out, " (%zu more row%s cannot be read)", sheet->count - sums.good,
		                    sheet->count - sums.good == 1 ? "" : "s");
	}
	(void)buffer_append_text(out, "?");
}

enum error batch_amount(const struct sheet_row *row, struct money *out) {
	return money_parse(sheet_value(row, "amount"), out, NULL);
}

enum error batch_confirm(const struct run *run, struct failure *failure) {
	struct buffer question;
	bool agreed = false;
	if (run->call->settings.yes) {
		return OK;
	}
	buffer_init(&question, QUESTION_MAX);
	batch_question(run->plan, run->sheet, run->home.name, &question);
	const char *text = buffer_text(&question);
	if (text == NULL) {
		text = "Sign and submit all rows?";
	}
	bool may_ask = isatty(STDIN_FILENO);
	if (may_ask) {
		agreed = print_ask(text);
	} else {
		(void)fprintf(stderr, "%s\n", text);
	}
	buffer_release(&question);
	if (!may_ask) {
		return fail(failure, ERROR_USAGE, "there is no terminal to ask whether to sign; use --yes if it is right");
	}
	return agreed ? OK : fail(failure, ERROR_NOT_ALLOWED, "not signed; nothing was sent");
}
