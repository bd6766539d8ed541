/* Rows that become notes of operators, by the table of cli/ops_note.c; see batch.h.
 *
 * The same rows again are the same notes. Of what is said anew from time to time that is so while it holds: figures, or
 * whether an account is suspended, may have been changed since by other notes; then a row is signed anew. */
#include "cli/batch_run.h"
#include "cli/ops_note.h"
#include "wire/body.h"

#define SUBJECT_MAX 1024

static enum error check_operator(const struct home *home, const struct kind *kind, struct failure *failure) {
	(void)kind;
	return home_require_role(home, ROLE_OPERATOR, "such notes are signed by operators", failure);
}

static enum error add_cell(const struct ops_row *ops, const struct sheet_row *row, const char *key,
                           struct note_pairs *pairs, struct failure *failure) {
	const struct field *field = kind_find_field(kind_get(ops->kind), slice_of_text(key), NULL);
	struct slice value = sheet_value(row, key);
	if (value.size > 0) {
		return ops_add_value(ops, key, value, key, pairs, failure);
	}
	return field->least == 0 ? OK : fail(failure, ERROR_MISSING_KEY, "%s: the cell is empty", key);
}

/* The values in the order in which the command alone would have them, so that both make the same note. */
static enum error read_cells(const struct ops_row *ops, const struct sheet_row *row, struct note_pairs *pairs,
                             struct failure *failure) {
	const struct kind *kind = kind_get(ops->kind);
	const char *const named[] = { ops->reference, ops->key };
	enum error error = OK;
	for (size_t i = 0; i < OPS_KEYS_MAX && ops->operands[i] != NULL && error == OK; i++) {
		error = add_cell(ops, row, ops->operands[i], pairs, failure);
	}
	if (error == OK && ops->fixed.key != NULL) {
		error = note_pairs_add(pairs, ops->fixed.key, slice_of_text(ops->fixed.value), failure);
	}
	for (size_t i = 0; i < sizeof named / sizeof named[0] && error == OK; i++) {
		error = named[i] == NULL ? OK : add_cell(ops, row, named[i], pairs, failure);
	}
	for (size_t i = 0; i < kind_field_count(kind) && error == OK; i++) {
		const struct field *field = kind_field(kind, i);
		bool is_fixed = ops->fixed.key != NULL && strcmp(field->key, ops->fixed.key) == 0;
		if (field->source == FIELD_FROM_AUTHOR && !is_fixed) {
			error = add_cell(ops, row, field->key, pairs, failure);
		}
	}
	return error;
}

/* Two rows that say different things of the same would be taken in any order. */
static enum error check_subject(struct run *run, const struct job *job, struct failure *failure) {
	const struct ops_row *ops = run->plan->context;
	struct buffer subject;
	enum error error = OK;
	buffer_init(&subject, SUBJECT_MAX);
	for (size_t i = 0; i < OPS_KEYS_MAX && ops->subject[i] != NULL; i++) {
		(void)buffer_append_text(&subject, i == 0 ? "" : " ");
		(void)buffer_append_slice(&subject, sheet_value(job->row, ops->subject[i]));
	}
	const struct sheet_row *first = map_get(run->seen, buffer_slice(&subject));
	if (first == NULL && !map_put(run->seen, buffer_slice(&subject), job->row)) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	} else if (first != NULL && !slice_equal(buffer_slice(&first->draft), buffer_slice(&job->row->draft))) {
		const char *text = buffer_text(&subject);
		error = fail(failure, ERROR_DUPLICATE_KEY, "row %zu says something else of %s: leave the right one in the file",
		             first->number, text == NULL ? "the same" : text);
	}
	buffer_release(&subject);
	return error;
}

/* Finds the note that was signed for the same words; asks whether it holds where that matters. */
static enum error open_note(struct run *run, struct job *job, const struct note_pairs *pairs, bool *signs,
                            struct failure *failure) {
	const struct ops_row *ops = run->plan->context;
	struct buffer purpose;
	buffer_init(&purpose, NOTE_TEXT_MAX);
	enum error error = check_subject(run, job, failure);
	if (error == OK) {
		error = ops_write_purpose(ops, pairs, &purpose, failure);
	}
	if (error == OK) {
		error = parcel_open(&job->parcel, &run->home, buffer_slice(&purpose), failure);
	}
	*signs = error == OK && !parcel_is_signed(&job->parcel);
	if (error == OK && !ops->once && parcel_is_accepted(&job->parcel, &run->home)) {
		char name[ACCOUNT_NAME_MAX];
		(void)slice_copy_text(pairs->items[0].raw, name, sizeof name); /* checked as an account's name */
		body_begin_request(&run->session.request, ops->kind == KIND_ATTEST ? "profile" : "party", 1);
		pack_key_word(&run->session.request, "name", name);
	}
	buffer_release(&purpose);
	return error;
}

/* Whether a note that was accepted still says how things are: it is among the creator's figures in force, or the
 * account stands as it says. */
static bool holds(const struct ops_row *ops, const struct job *job, const struct pack_value *answer) {
	const struct pack_value *attests = pack_find(answer, "attests");
	struct slice state, bytes;
	if (ops->kind == KIND_SUSPEND) {
		bool suspended = strcmp(ops->fixed.value, standing_words[STANDING_SUSPENDED]) == 0;
		return pack_as_text(pack_find(answer, "state"), &state) &&
		       slice_is(state, suspended ? "suspended" : "admitted");
	}
	for (size_t i = 0; i < pack_count(attests); i++) {
		struct signed_note note;
		uint8_t id[HASH_SIZE];
		if (pack_as_bytes(pack_item(attests, i), &bytes) && signed_note_split(bytes, &note, NULL) == OK) {
			signed_note_id(note.text, id);
			if (memcmp(id, job->parcel.id, HASH_SIZE) == 0) {
				return true;
			}
		}
	}
	return false;
}

static enum error sign_pairs(struct run *run, struct job *job, struct note_pairs *pairs, struct failure *failure) {
	char operator[PARTY_TEXT_MAX];
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error =
	    note_pairs_add(pairs, "operator", slice_of_text(home_party_text(&run->home, operator)), failure);
	if (error == OK) {
		error = outbox_compose(&run->home, run->plan->form.kind->id, pairs->items, pairs->count, &text, failure);
	}
	if (error == OK) {
		error = parcel_sign(&job->parcel, &run->home, buffer_slice(&text), false, failure);
	}
	buffer_release(&text);
	return error;
}

static enum error sign_ops(struct run *run, struct job *job, const struct pack_value *answer,
                           struct failure *failure) {
	const struct ops_row *ops = run->plan->context;
	struct note_pairs pairs = { .count = 0 };
	bool signs = answer != NULL && !holds(ops, job, answer);
	enum error error = read_cells(ops, job->row, &pairs, failure);
	if (error == OK && answer == NULL) {
		error = open_note(run, job, &pairs, &signs, failure);
	}
	return error == OK && signs ? sign_pairs(run, job, &pairs, failure) : error;
}

enum error batch_ops(const struct invocation *call, const struct ops_row *ops, struct failure *failure) {
	const char *also[OPS_KEYS_MAX + 3] = { NULL };
	const char *const words[] = { ops->operands[0], ops->operands[1], ops->reference, ops->key };
	char noun[32];
	size_t count = 0;
	bool has_money = ops->kind == KIND_FUND || ops->kind == KIND_REFUND;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i] != NULL) {
			also[count++] = words[i];
		}
	}
	(void)snprintf(noun, sizeof noun, "%s note", strrchr(ops->words, ' ') + 1);
	const struct batch_plan plan = { .form = { .kind = kind_get(ops->kind), .noun = "such a note", .also = also,
		                                       .without = ops->fixed.key, .has_figures = ops->kind == KIND_ATTEST },
		                             .noun = noun,
		                             .money = has_money ? batch_amount : NULL,
		                             .money_words = ", together",
		                             .check_role = check_operator,
		                             .sign = sign_ops,
		                             .context = ops };
	return batch_run(call, call->settings.batch, &plan, failure);
}
