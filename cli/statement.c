/* troth statement; see statement.h. */
#include "cli/statement.h"

#include <inttypes.h>

#include "base/unicode.h"
#include "cli/act.h"
#include "cli/csv_cells.h"
#include "rules/calendar.h"
#include "rules/kind.h"
#include "wire/body.h"

#define OUTPUT_MAX (256 << 20)

/* ---- reading ---- */

static bool read_amount(const struct pack_value *item, char account[LEDGER_ACCOUNT_MAX], struct money *amount) {
	struct slice name, currency;
	return pack_as_text(pack_find(item, "account"), &name) && unicode_check_line(name, NULL) == OK &&
	       slice_copy_text(name, account, LEDGER_ACCOUNT_MAX) &&
	       pack_as_text(pack_find(item, "currency"), &currency) &&
	       slice_copy_text(currency, amount->currency, CURRENCY_SIZE) && currency_exponent(amount->currency) >= 0 &&
	       pack_as_signed(pack_find(item, "amount"), &amount->minor);
}

/* A text that may be missing, as the bounded line that a note has. */
static bool read_words(const struct pack_value *item, const char *key, char out[81]) {
	struct slice text;
	out[0] = '\0';
	return pack_find(item, key) == NULL ||
	       (pack_as_text(pack_find(item, key), &text) && unicode_check_line(text, NULL) == OK &&
	        slice_copy_text(text, out, 81));
}

static bool read_deal(const struct pack_value *item, char out[ID_TEXT_SIZE]) {
	struct slice id;
	out[0] = '\0';
	if (pack_find(item, "deal") == NULL) {
		return true;
	}
	bool good = pack_as_bytes(pack_find(item, "deal"), &id) && id.size == HASH_SIZE;
	return good && print_id(id, out) != NULL;
}

static enum error read_line(const struct pack_value *item, struct statement_line *out, struct failure *failure) {
	struct slice kind, id;
	bool good = read_amount(item, out->account, &out->amount) &&
	            pack_as_signed(pack_find(item, "sequence"), &out->sequence) &&
	            pack_as_signed(pack_find(item, "line"), &out->line) &&
	            pack_as_signed(pack_find(item, "received"), &out->received) && out->received >= 0 &&
	            pack_as_text(pack_find(item, "kind"), &kind) && kind_find(kind) != NULL &&
	            slice_copy_text(kind, out->kind, sizeof out->kind) && pack_as_bytes(pack_find(item, "id"), &id) &&
	            id.size == HASH_SIZE && read_deal(item, out->deal) && read_words(item, "campaign", out->campaign) &&
	            read_words(item, "reference", out->reference);
	if (!good) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	memcpy(out->id, id.data, HASH_SIZE);
	return OK;
}

static enum error read_balances(const struct pack_value *list, struct statement *out, struct failure *failure) {
	out->balance_count = 0;
	if (pack_count(list) > STATEMENT_BALANCES_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the agency tells of %zu balances, and at most %d can be shown whole",
		            pack_count(list), STATEMENT_BALANCES_MAX);
	}
	for (size_t i = 0; i < pack_count(list); i++) {
		struct statement_balance *balance = &out->balances[out->balance_count++];
		if (!read_amount(pack_item(list, i), balance->account, &balance->amount)) {
			return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
		}
	}
	return OK;
}

/* A page begins behind the posting that two numbers name. */
static enum error ask(struct session *session, const char *name, int64_t sequence, int64_t line,
                      const struct pack_value **ok, struct failure *failure) {
	buffer_clear(&session->request);
	body_begin_request(&session->request, "statement", name == NULL ? 2 : 3);
	pack_key_signed(&session->request, "sequence", sequence);
	pack_key_signed(&session->request, "line", line);
	if (name != NULL) {
		pack_key_word(&session->request, "name", name);
	}
	return session_call(session, SERVICE_VIEWS, ok, failure);
}

bool statement_goes_on(int64_t sequence, int64_t line, int64_t former, int64_t former_line) {
	return sequence > former || (sequence == former && line > former_line);
}

enum error statement_read(struct session *session, const char *name, struct statement *out, statement_visit visit,
                          void *argument, struct failure *failure) {
	int64_t sequence = 0, line = 0;
	bool is_first = true, goes_on = true;
	while (goes_on) {
		const struct pack_value *ok = NULL;
		int64_t former = sequence, former_line = line;
		enum error error = ask(session, name, sequence, line, &ok, failure);
		if (error == OK && is_first) {
			error = read_balances(pack_find(ok, "balances"), out, failure);
		}
		const struct pack_value *items = pack_find(ok, "items");
		for (size_t i = 0; error == OK && i < pack_count(items); i++) {
			struct statement_line item;
			error = read_line(pack_item(items, i), &item, failure);
			error = error == OK ? visit(argument, &item, failure) : error;
		}
		if (error != OK) {
			return error;
		}
		is_first = false;
		goes_on = pack_as_signed(pack_find(ok, "sequence"), &sequence) && pack_as_signed(pack_find(ok, "line"), &line);
		if (goes_on && !statement_goes_on(sequence, line, former, former_line)) {
			return fail(failure, ERROR_MALFORMED, "the agency's answer does not go on");
		}
	}
	return OK;
}

/* ---- writing ---- */

void statement_csv_head(struct buffer *out) {
	(void)buffer_append_text(out, "received,sequence,line,account,amount,currency,kind,note,"
	                              "deal,campaign,reference\r\n");
}

void statement_csv_line(struct buffer *out, const struct statement_line *line) {
	char id[ID_TEXT_SIZE];
	csv_append_time(out, line->received);
	(void)buffer_format(out, ",%" PRId64 ",%" PRId64 ",", line->sequence, line->line);
	csv_append_text(out, line->account);
	(void)buffer_append_text(out, ",");
	csv_append_amount(out, line->amount.minor, line->amount.currency);
	(void)buffer_format(out, ",%s,%s,%s,%s,", line->amount.currency, line->kind,
	                    print_id(slice_of(line->id, HASH_SIZE), id), line->deal);
	csv_append_text(out, line->campaign);
	(void)buffer_append_text(out, ",");
	csv_append_text(out, line->reference);
	(void)buffer_append_text(out, "\r\n");
}

struct printing {
	const struct settings *settings;
	struct buffer text;
	json_t *list;
};

static void append_part(struct buffer *out, const char *key, const char *words) {
	if (words[0] != '\0') {
		(void)buffer_format(out, "  %s %s", key, words);
	}
}

static json_t *line_json(const struct statement_line *line, const char *received, const char *amount) {
	const char *const keys[] = { "deal", "campaign", "reference" };
	const char *const words[] = { line->deal, line->campaign, line->reference };
	char id[ID_TEXT_SIZE];
	json_t *object = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s}", "received", received, "sequence",
	                           (json_int_t)line->sequence, "line", (json_int_t)line->line, "account", line->account,
	                           "amount", amount, "kind", line->kind, "note",
	                           print_id(slice_of(line->id, HASH_SIZE), id));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (words[i][0] != '\0') {
			(void)json_object_set_new(object, keys[i], json_string(words[i]));
		}
	}
	return object;
}

static enum error take_line(void *argument, const struct statement_line *line, struct failure *failure) {
	struct printing *printing = argument;
	char received[TIME_TEXT_SIZE], amount[MONEY_TEXT_MAX], id[ID_TEXT_SIZE];
	(void)time_format(line->received, received);
	(void)money_format(&line->amount, amount);
	if (printing->settings->csv) {
		statement_csv_line(&printing->text, line);
	} else if (printing->settings->json) {
		(void)json_array_append_new(printing->list, line_json(line, received, amount));
	} else {
		(void)buffer_format(&printing->text, "%s  %18s  %-10s  %.12s  %s", received, amount, line->kind,
		                    print_id(slice_of(line->id, HASH_SIZE), id) + strlen("sha256:"), line->account);
		if (line->deal[0] != '\0') {
			(void)buffer_format(&printing->text, "  deal %.12s", line->deal + strlen("sha256:"));
		}
		append_part(&printing->text, "campaign", line->campaign);
		append_part(&printing->text, "reference", line->reference);
		(void)buffer_append_text(&printing->text, "\n");
	}
	return buffer_ok(&printing->text) ? OK : fail(failure, ERROR_TOO_LONG, "more than fits");
}

static void print_statement(const struct printing *printing, const struct statement *statement) {
	json_t *balances = json_array();
	for (size_t i = 0; i < statement->balance_count; i++) {
		const struct statement_balance *balance = &statement->balances[i];
		char amount[MONEY_TEXT_MAX];
		(void)money_format(&balance->amount, amount);
		if (printing->settings->json) {
			(void)json_array_append_new(balances, json_pack("{s:s, s:s}", "account", balance->account,
			                                                "amount", amount));
		} else if (!printing->settings->csv) {
			(void)printf("%s%18s  %s\n", i == 0 ? "balances\n" : "", amount, balance->account);
		}
	}
	if (printing->settings->json) {
		print_json(json_pack("{s:O, s:O}", "balances", balances, "items", printing->list));
	} else {
		bool titled = !printing->settings->csv && printing->text.size > 0;
		bool empty = !printing->settings->csv && printing->text.size == 0 && statement->balance_count == 0;
		(void)fputs(empty ? "nothing was booked yet\n" : "", stderr);
		(void)fputs(titled ? "\npostings\n" : "", stdout);
		(void)fwrite(printing->text.data, 1, printing->text.size, stdout);
	}
	json_decref(balances);
}

enum error command_statement(const struct invocation *call, struct failure *failure) {
	struct act act = { .settings = NULL };
	static struct statement statement;
	struct printing printing = { .settings = &call->settings, .list = json_array() };
	buffer_init(&printing.text, OUTPUT_MAX);
	enum error error = OK;
	if (call->settings.csv && call->settings.json) {
		error = fail(failure, ERROR_USAGE, "--csv and --json exclude each other");
	}
	if (error == OK) {
		error = act_open(&act, &call->settings, ACT_ASKS, failure);
	}
	if (error == OK && call->settings.csv) {
		statement_csv_head(&printing.text);
	}
	if (error == OK) {
		error = statement_read(&act.session, call->count == 0 ? NULL : call->operands[0], &statement, take_line,
		                       &printing, failure);
	}
	if (error == OK) {
		print_statement(&printing, &statement);
	}
	json_decref(printing.list);
	buffer_release(&printing.text);
	act_release(&act);
	return error;
}
