/* Checking a submitted note, and the form of what is stored and answered; see submission.h. */
#include "workers/market/submission.h"

#include <assert.h>

#include "wire/body.h"

void submission_init(struct submission *submission) {
	buffer_init(&submission->stored, SIGNED_NOTE_MAX);
}

void submission_release(struct submission *submission) {
	buffer_release(&submission->stored);
}

void submission_refuse(struct submission *submission, const struct failure *failure) {
	submission->state = SUBMISSION_REFUSED;
	submission->failure = *failure;
}

/* The party's own signature must be there and good. Lines of other signers say nothing to the agency and are not kept,
 * so a note that comes back with the agency's own signature is the same note. */
static enum error verify_signer(struct submission *submission, struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	struct verifier_key verifier;
	bool verified = false;
	note_signer(&submission->note, 0, name, &key);
	enum error error = verifier_key_make(name, key, &verifier, failure);
	if (error == OK) {
		error = signed_note_verify(&submission->signed_note, &verifier, 1, &verified, failure);
	}
	if (error != OK) {
		return error;
	}
	for (size_t i = 0; verified && i < submission->signed_note.count; i++) {
		const struct note_signature *signature = &submission->signed_note.signatures[i];
		if (slice_is(signature->name, name) && memcmp(signature->key_id, verifier.key_id, KEY_ID_SIZE) == 0) {
			submission->signer_line = i;
			return OK;
		}
	}
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
		error = verify_signer(submission, failure);
	}
	submission->received = now;
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

void submission_sign(struct submission *submission, const struct market *market) {
	struct buffer *stored = &submission->stored;
	const struct signed_note *note = &submission->signed_note;
	struct failure failure = { .code = OK };
	buffer_clear(stored);
	(void)buffer_append_slice(stored, note->text);
	(void)buffer_append_text(stored, "\n");
	(void)buffer_append_slice(stored, note->signatures[submission->signer_line].line);
	enum error error = OK;
	if (submission->note.kind->countersigned) {
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
