/* Notes of others, checked; see checked_note.h. */
#include "cli/checked_note.h"

enum error check_signatures(const struct signed_note *split, const struct note *note, const struct join *join,
                            unsigned *signed_by, bool *by_agency, struct failure *failure) {
	struct verifier_key keys[KIND_SIGNERS_MAX + 1];
	bool verified[KIND_SIGNERS_MAX + 1] = { false };
	size_t count = note_signer_count(note);
	enum error error = OK;
	*signed_by = 0;
	*by_agency = false;
	for (size_t i = 0; i < count && error == OK; i++) {
		char name[NOTE_SIGNER_MAX];
		const uint8_t *key = NULL;
		note_signer(note, i, name, &key);
		error = verifier_key_make(name, key, &keys[i], failure);
	}
	/* What the agency says by itself names its key in the text. */
	bool is_its_own = count > 0 && error == OK && strcmp(keys[0].name, join->agency.name) == 0 &&
	                  memcmp(keys[0].public_key, join->agency.public_key, KEY_SIZE) == 0;
	size_t agency = is_its_own ? 0 : count;
	keys[agency] = join->agency;
	if (error == OK) {
		error = signed_note_verify(split, keys, is_its_own ? count : count + 1, verified, failure);
	}
	for (size_t i = 0; i < count && error == OK; i++) {
		*signed_by |= verified[i] ? 1U << i : 0;
	}
	if (error == OK) {
		*by_agency = verified[agency];
		error = note_is_signed(note, *signed_by) ? OK
		        : fail(failure, ERROR_WRONG_SIGNER, "the %s is not signed with the keys in its text",
		               note->kind->name);
	}
	return error;
}

enum error checked_note_read(struct checked_note *checked, struct slice signed_note, const struct join *join,
                             struct failure *failure) {
	if (checked->bytes.maximum == 0) {
		buffer_init(&checked->bytes, SIGNED_NOTE_MAX);
	}
	buffer_clear(&checked->bytes);
	if (!buffer_append_slice(&checked->bytes, signed_note)) {
		buffer_clear(&checked->bytes);
		return fail(failure, ERROR_TOO_LONG, "longer than a signed note may be");
	}
	enum error error = signed_note_split(buffer_slice(&checked->bytes), &checked->split, failure);
	if (error == OK) {
		error = note_parse(checked->split.text, join->origin, &checked->note, failure);
	}
	if (error == OK) {
		signed_note_id(checked->split.text, checked->id);
		error = check_signatures(&checked->split, &checked->note, join, &checked->signed_by, &checked->by_agency,
		                         failure);
	}
	if (error != OK) {
		buffer_clear(&checked->bytes);
		if (failure != NULL) {
			failure->line = 0; /* of a text that nobody has seen yet */
		}
	}
	return error;
}

void checked_note_release(struct checked_note *checked) {
	buffer_release(&checked->bytes);
}

bool checked_note_is_there(const struct checked_note *checked) {
	return checked->bytes.size > 0;
}
