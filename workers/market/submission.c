/* Checking a submitted note, and the form of what is stored and answered; see submission.h. */
#include "workers/market/submission.h"

#include <assert.h>

#include "wire/body.h"

#define NOTE_LINE_MAX 512 /* bytes of a signature line */

void submission_init(struct submission *submission) {
	buffer_init(&submission->stored, SIGNED_NOTE_MAX);
	buffer_init(&submission->counterpart, NOTE_LINE_MAX);
}

void submission_release(struct submission *submission) {
	buffer_release(&submission->stored);
	buffer_release(&submission->counterpart);
}

void submission_refuse(struct submission *submission, const struct failure *failure) {
	submission->state = SUBMISSION_REFUSED;
	submission->failure = *failure;
}

/* Looks for the good signature of one party. */
static enum error find_signer(struct submission *submission, size_t index, struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	struct verifier_key verifier;
	bool verified = false;
	note_signer(&submission->note, index, name, &key);
	enum error error = verifier_key_make(name, key, &verifier, failure);
	if (error == OK) {
		error = signed_note_verify(&submission->signed_note, &verifier, 1, &verified, failure);
	}
	for (size_t i = 0; error == OK && verified && i < submission->signed_note.count; i++) {
		const struct note_signature *signature = &submission->signed_note.signatures[i];
		if (slice_is(signature->name, name) && memcmp(signature->key_id, verifier.key_id, KEY_ID_SIZE) == 0) {
			submission->signer_lines[index] = i;
			submission->signed_by |= 1U << index;
			return OK;
		}
	}
	return error;
}

/* The signatures that the kind asks for must be there and good. Lines of other signers say nothing to the agency and
 * are not kept, so a note that comes back with the agency's own signature is the same note. */
static enum error verify_signers(struct submission *submission, struct failure *failure) {
	const struct note *note = &submission->note;
	enum error error = OK;
	submission->signed_by = 0;
	for (size_t i = 0; i < note_signer_count(note) && error == OK; i++) {
		error = find_signer(submission, i, failure);
	}
	if (error != OK || note_is_signed(note, submission->signed_by)) {
		return error;
	}
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	note_signer(note, (submission->signed_by & 1) != 0 ? 1 : 0, name, &key);
	return fail(failure, ERROR_WRONG_SIGNER, "the note is not signed by %s with the key in its text", name);
}

static enum error check(struct submission *submission, const struct market *market, struct slice bytes, int64_t now,
                        struct failure *failure) {
	enum error error = signed_note_split(bytes, &submission->signed_note, failure);
	if (error == OK) {
		signed_note_id(submission->signed_note.text, submission->id);
		error = note_parse(submission->signed_note.text, market->origin, &submission->note, failure);
	}
	if (error == OK) {
		error = verify_signers(submission, failure);
	}
	submission->received = now;
	submission->binds = false;
	buffer_clear(&submission->counterpart);
	return error;
}

void submission_check(struct submission *submission, const struct market *market, struct slice bytes, int64_t now) {
	struct failure failure = { .code = OK };
	memset(submission->id, 0, sizeof submission->id); /* a note that cannot be taken apart has none */
	enum error error = check(submission, market, bytes, now, &failure);
	submission->state = SUBMISSION_CHECKED;
	if (error != OK) {
		submission_refuse(submission, &failure);
	}
}

/* The parties' lines in the order of the kind's table, whoever was first. */
static void append_party_lines(const struct submission *submission, struct buffer *stored) {
	for (size_t i = 0; i < note_signer_count(&submission->note); i++) {
		bool own = (submission->signed_by & 1U << i) != 0;
		(void)buffer_append_slice(stored, own ? submission->signed_note.signatures[submission->signer_lines[i]].line
		                                      : buffer_slice(&submission->counterpart));
	}
}

void submission_sign(struct submission *submission, const struct market *market) {
	struct buffer *stored = &submission->stored;
	const struct signed_note *note = &submission->signed_note;
	struct failure failure = { .code = OK };
	buffer_clear(stored);
	(void)buffer_append_slice(stored, note->text);
	(void)buffer_append_text(stored, "\n");
	append_party_lines(submission, stored);
	enum error error = OK;
	if (submission->binds) {
		error = signed_note_append_signature(stored, market->agency_signer, market->agency_key, note->text, &failure);
	}
	if (error == OK && !buffer_ok(stored)) {
		error = fail(&failure, ERROR_NO_MEMORY, "out of memory");
	}
	if (error != OK) {
		submission_refuse(submission, &failure);
	}
}

enum error submission_take_known(struct submission *submission, const struct note_record *known,
                                 struct failure *failure) {
	buffer_clear(&submission->stored);
	(void)buffer_append_slice(&submission->stored, known->signed_note);
	submission->sequence = known->sequence;
	submission->received = known->received;
	if (!buffer_ok(&submission->stored)) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	submission->state = SUBMISSION_KNOWN;
	return OK;
}

/* A note that was known already is answered exactly as it was the first time. */
void submission_answer(const struct submission *submission, struct buffer *out) {
	if (submission->state == SUBMISSION_REFUSED) {
		body_error(out, &submission->failure);
		return;
	}
	assert(submission->state == SUBMISSION_ACCEPTED || submission->state == SUBMISSION_KNOWN);
	body_begin_ok(out, 4);
	pack_key_bytes(out, "id", slice_of(submission->id, HASH_SIZE));
	pack_key_signed(out, "sequence", submission->sequence);
	pack_key_signed(out, "received", submission->received);
	pack_key_bytes(out, "note", buffer_slice(&submission->stored));
}
