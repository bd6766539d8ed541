/* troth ops fund, refund, attest, suspend, restore, revoke: notes of operators about one account, by one table. */
#include "cli/ops_note.h"

#include "cli/act.h"
#include "cli/batch.h"

static const struct ops_row rows[] = {
	{ "ops fund", KIND_FUND, "operators attest money", { "brand", "amount" }, { NULL, NULL }, "reference", NULL, true,
	  { "reference", NULL } },
	{ "ops refund", KIND_REFUND, "operators give money back", { "brand", "amount" }, { NULL, NULL }, "reference", NULL,
	  true, { "reference", NULL } },
	{ "ops attest", KIND_ATTEST, "operators attest figures", { "creator", NULL }, { NULL, NULL }, NULL, NULL, false,
	  { "creator", "platform" } },
	{ "ops suspend", KIND_SUSPEND, "operators suspend accounts", { "account", NULL }, { "standing", "suspended" },
	  NULL, NULL, false, { "account", NULL } },
	{ "ops restore", KIND_SUSPEND, "operators restore accounts", { "account", NULL }, { "standing", "good" }, NULL,
	  NULL, false, { "account", NULL } },
	{ "ops revoke", KIND_REVOKE, "operators revoke keys", { "account", NULL }, { NULL, NULL }, NULL, "key", true,
	  { "key", NULL } },
};

const struct ops_row *ops_row_of(const struct command *command) {
	size_t at = 0;
	while (strcmp(rows[at].words, command->words) != 0) {
		at++; /* every command of the table of commands that comes here has a row */
	}
	return &rows[at];
}

enum error ops_add_value(const struct ops_row *row, const char *key, struct slice value, const char *what,
                         struct note_pairs *pairs, struct failure *failure) {
	const struct field *field = kind_find_field(kind_get(row->kind), slice_of_text(key), NULL);
	enum error error = field_check_value(field, value, what, failure);
	return error == OK ? note_pairs_add(pairs, field->key, value, failure) : error;
}

static enum error read_values(const struct invocation *call, const struct ops_row *row, struct note_pairs *pairs,
                              struct failure *failure) {
	const struct settings *settings = &call->settings;
	enum error error = OK;
	for (size_t i = 0; i < OPS_KEYS_MAX && row->operands[i] != NULL && error == OK; i++) {
		error = ops_add_value(row, row->operands[i], slice_of_text(call->operands[i]), row->operands[i], pairs,
		                      failure);
	}
	if (error == OK && row->fixed.key != NULL) {
		error = note_pairs_add(pairs, row->fixed.key, slice_of_text(row->fixed.value), failure);
	}
	if (error == OK && row->reference != NULL) {
		error = settings->reference == NULL
		    ? fail(failure, ERROR_USAGE, "--reference is missing: the payment provider's reference, booked once")
		    : ops_add_value(row, row->reference, slice_of_text(settings->reference), "--reference", pairs, failure);
	}
	if (error == OK && row->key != NULL) {
		error = settings->key == NULL
		    ? fail(failure, ERROR_USAGE, "--key is missing: the key that is revoked")
		    : ops_add_value(row, row->key, slice_of_text(settings->key), "--key", pairs, failure);
	}
	if (error == OK) {
		error = field_options_read(call, pairs, failure);
	}
	return error == OK ? field_options_require(call->command, pairs, failure) : error;
}

enum error ops_write_purpose(const struct ops_row *row, const struct note_pairs *pairs, struct buffer *out,
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
	enum error error = ops_write_purpose(row, pairs, &purpose, failure);
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

/* A command has all its words, or a file of rows that say them. */
static enum error check_words(const struct invocation *call, const struct ops_row *row, struct failure *failure) {
	const struct settings *settings = &call->settings;
	bool is_batch = settings->batch != NULL;
	size_t wanted = row->operands[1] == NULL ? 1 : OPS_KEYS_MAX;
	if (call->count != (is_batch ? 0 : wanted)) {
		return fail(failure, ERROR_USAGE, "give either %s or --batch FILE.csv; see troth %s --help",
		            call->command->operands, row->words);
	}
	const char *given = settings->reference != NULL ? "reference" : settings->key != NULL ? "key"
	    : call->words.count > 0 ? call->words.items[0].name : NULL;
	return !is_batch || given == NULL ? OK : fail(failure, ERROR_USAGE, "--%s does not go with --batch, whose columns "
	                                              "say it", given);
}

/* A key as people have it at hand: with or without what stands in front of the digits. */
static const char *whole_key(const char *key, char out[PARTY_TEXT_MAX]) {
	if (key == NULL || strchr(key, ':') != NULL) {
		return key;
	}
	(void)snprintf(out, PARTY_TEXT_MAX, "ed25519:%s", key);
	return out;
}

enum error command_ops_note(const struct invocation *call, struct failure *failure) {
	const struct ops_row *row = ops_row_of(call->command);
	struct act act = { .settings = NULL };
	struct note_pairs pairs = { .count = 0 };
	enum error error = check_words(call, row, failure);
	if (error == OK && call->settings.batch != NULL) {
		return batch_ops(call, row, failure);
	}
	struct invocation named = *call;
	char key[PARTY_TEXT_MAX];
	named.settings.key = whole_key(call->settings.key, key);
	if (error == OK) {
		error = read_values(&named, row, &pairs, failure);
	}
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
