/* troth ops fund, refund, attest, suspend, restore, revoke: notes of operators about one account, by one table. */
#include "cli/act.h"
#include "cli/field_options.h"

#define OPERANDS_MAX 2

/* How a command's words become a note. What counts once (a reference) is known by all its words; of what is said anew
 * from time to time the latest counts, so only a note that is still waiting for its answer is sent again. */
static const struct ops_row {
	const char *words;
	enum kind_id kind;
	const char *what; /* "operators attest money" */
	const char *operands[OPERANDS_MAX];
	struct {
		const char *key, *value;
	} fixed;
	const char *reference; /* the option of these names gives the field */
	const char *key;
	bool once;
} rows[] = {
	{ "ops fund", KIND_FUND, "operators attest money", { "brand", "amount" }, { NULL, NULL }, "reference", NULL, true },
	{ "ops refund", KIND_REFUND, "operators give money back", { "brand", "amount" }, { NULL, NULL }, "reference", NULL,
	  true },
	{ "ops attest", KIND_ATTEST, "operators attest figures", { "creator", NULL }, { NULL, NULL }, NULL, NULL, false },
	{ "ops suspend", KIND_SUSPEND, "operators suspend accounts", { "account", NULL }, { "standing", "suspended" },
	  NULL, NULL, false },
	{ "ops restore", KIND_SUSPEND, "operators restore accounts", { "account", NULL }, { "standing", "good" }, NULL,
	  NULL, false },
	{ "ops revoke", KIND_REVOKE, "operators revoke keys", { "account", NULL }, { NULL, NULL }, NULL, "key", true },
};

static const struct ops_row *find_row(const char *words) {
	size_t at = 0;
	while (strcmp(rows[at].words, words) != 0) {
		at++; /* every command of the table of commands that comes here has a row */
	}
	return &rows[at];
}

/* Adds a value that is no option of the kind's table, checked as `what`. */
static enum error add_value(struct note_pairs *pairs, const struct kind *kind, const char *key, const char *value,
                            const char *what, struct failure *failure) {
	const struct field *field = kind_find_field(kind, slice_of_text(key), NULL);
	enum error error = field_check_value(field, slice_of_text(value), what, failure);
	return error == OK ? note_pairs_add(pairs, field->key, slice_of_text(value), failure) : error;
}

static enum error read_values(const struct invocation *call, const struct ops_row *row, struct note_pairs *pairs,
                              struct failure *failure) {
	const struct kind *kind = kind_get(row->kind);
	const struct settings *settings = &call->settings;
	enum error error = OK;
	for (size_t i = 0; i < OPERANDS_MAX && row->operands[i] != NULL && error == OK; i++) {
		error = add_value(pairs, kind, row->operands[i], call->operands[i], row->operands[i], failure);
	}
	if (error == OK && row->fixed.key != NULL) {
		error = note_pairs_add(pairs, row->fixed.key, slice_of_text(row->fixed.value), failure);
	}
	if (error == OK && row->reference != NULL) {
		error = settings->reference == NULL
		    ? fail(failure, ERROR_USAGE, "--reference is missing: the payment provider's reference, booked once")
		    : add_value(pairs, kind, row->reference, settings->reference, "--reference", failure);
	}
	if (error == OK && row->key != NULL) {
		error = settings->key == NULL ? fail(failure, ERROR_USAGE, "--key is missing: the key that is revoked")
		                              : add_value(pairs, kind, row->key, settings->key, "--key", failure);
	}
	if (error == OK) {
		error = field_options_read(call, pairs, failure);
	}
	return error == OK ? field_options_require(call->command, pairs, failure) : error;
}

static enum error write_purpose(const struct ops_row *row, const struct note_pairs *pairs, struct buffer *out,
                                struct failure *failure) {
	(void)buffer_format(out, "%s", kind_get(row->kind)->name);
	for (size_t i = 0; i < pairs->count; i++) {
		(void)buffer_append_text(out, i == 0 ? " " : "\n");
		(void)buffer_append_slice(out, pairs->items[i].raw);
	}
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "the words are too long");
}

static enum error sign(struct act *act, const struct ops_row *row, struct note_pairs *pairs, struct failure *failure) {
	char operator[PARTY_TEXT_MAX];
	struct buffer purpose;
	buffer_init(&purpose, NOTE_TEXT_MAX);
	enum error error = write_purpose(row, pairs, &purpose, failure);
	if (error == OK) {
		error = note_pairs_add(pairs, "operator", slice_of_text(home_party_text(&act->home, operator)), failure);
	}
	if (error == OK) {
		struct slice words = buffer_slice(&purpose);
		error = row->once ? act_sign(act, words, row->kind, pairs->items, pairs->count, failure)
		                  : act_sign_latest(act, words, row->kind, pairs->items, pairs->count, failure);
	}
	buffer_release(&purpose);
	return error;
}

enum error command_ops_note(const struct invocation *call, struct failure *failure) {
	const struct ops_row *row = find_row(call->command->words);
	struct act act = { .settings = NULL };
	struct note_pairs pairs = { .count = 0 };
	enum error error = read_values(call, row, &pairs, failure);
	if (error == OK) {
		error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	}
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_OPERATOR, row->what, failure);
	}
	if (error == OK) {
		error = sign(&act, row, &pairs, failure);
	}
	if (error == OK) {
		error = act_finish(&act, failure);
	}
	act_release(&act);
	return error;
}
