/* Fuzzer of the readers of notes and drafts: what they accept is written again to the very same bytes.
 *
 * The first byte says which kind of draft the rest is read as; the rest is read as a note too. If its high bit is set
 * the rest is an edit of a good note of some kind, or of a draft, since chance alone does not find 64 hex digits:
 *
 *     0x80 + which[1]  offset[2], big endian  removed[1]  bytes to put there */
#include <stdint.h>
#include <stdlib.h>

#include "rules/note.h"
#include "rules/offer.h"
#include "tests/unit/rules_sample_texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char draft_of_offer[] = "# ours\n\n" WHOLE_TERMS "slots 5\ncloses 2027-03-31T23:59:59Z\n";

static void require(bool claim) {
	if (!claim) {
		__builtin_trap();
	}
}

/* Each value in its only form, and the note made of all of them. */
static void check_note(const struct note *note, struct slice text, struct buffer *out) {
	struct note_pair pairs[NOTE_VALUES_MAX];
	for (size_t i = 0; i < note->count; i++) {
		buffer_clear(out);
		value_write(&note->values[i], out);
		require(buffer_ok(out) && slice_equal(buffer_slice(out), note->values[i].raw));
		pairs[i] = (struct note_pair){ note->values[i].field->key, note->values[i].raw };
	}
	buffer_clear(out);
	require(note_compose(note->kind, ORIGIN, pairs, note->count, out, NULL) == OK);
	require(slice_equal(buffer_slice(out), text));
	for (size_t i = 0; i < note_signer_count(note); i++) {
		char signer[NOTE_SIGNER_MAX];
		const uint8_t *key = NULL;
		note_signer(note, i, signer, &key);
		require(key != NULL && signer[0] != '\0');
	}
}

/* From every offer an agreement can be derived, which is a note and follows. */
static void check_offer(const struct note *offer, struct buffer *out) {
	static const uint8_t id[FIELD_HASH_SIZE] = { 1 };
	struct note agreement;
	struct buffer scratch;
	buffer_clear(out);
	require(agreement_derive(offer, id, NULL, &note_get(offer, "brand")->party, note_get(offer, "time")->raw,
	                         note_get(offer, "nonce")->raw, out, NULL) == OK);
	require(note_parse(buffer_slice(out), ORIGIN, &agreement, NULL) == OK);
	buffer_init(&scratch, NOTE_TEXT_MAX);
	require(agreement_follows(&agreement, offer, id, &scratch, NULL) == OK);
	buffer_release(&scratch);
}

/* The lines of a draft without its comments: again a draft, of the same values. */
static void check_draft(const struct note *draft, struct buffer *out) {
	struct note again;
	buffer_clear(out);
	for (size_t i = 0; i < draft->count; i++) {
		(void)buffer_format(out, "%s ", draft->values[i].field->key);
		value_write(&draft->values[i], out);
		(void)buffer_append_text(out, "\n");
	}
	require(buffer_ok(out) && draft_parse(buffer_slice(out), draft->kind, &again, NULL) == OK);
	require(again.count == draft->count);
	for (size_t i = 0; i < draft->count; i++) {
		require(slice_equal(again.values[i].raw, draft->values[i].raw));
		require(again.values[i].line <= draft->values[i].line);
	}
}

/* Appends the text that the input stands for. */
static void take_text(const uint8_t *data, size_t size, struct buffer *text) {
	if (data[0] < 0x80 || size < 4) {
		(void)buffer_append(text, data + 1, size - 1);
		return;
	}
	size_t which = (data[0] - 0x80u) % (SAMPLE_TEXTS + 1);
	struct slice base = slice_of_text(which == SAMPLE_TEXTS ? draft_of_offer : sample_texts[which]);
	size_t offset = (size_t)(data[1] << 8 | data[2]) % (base.size + 1);
	size_t removed = data[3] > base.size - offset ? base.size - offset : data[3];
	(void)buffer_append(text, base.data, offset);
	(void)buffer_append(text, data + 4, size - 4);
	(void)buffer_append(text, base.data + offset + removed, base.size - offset - removed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct failure failure;
	struct note note;
	struct buffer input, out;
	buffer_init(&input, 4 * NOTE_TEXT_MAX);
	buffer_init(&out, NOTE_TEXT_MAX);
	if (size > 0) {
		take_text(data, size, &input);
	}
	struct slice text = buffer_slice(&input);
	enum error error = note_parse(text, ORIGIN, &note, &failure);
	require(error == OK || failure.code == error);
	if (error == OK) {
		check_note(&note, text, &out);
		if (note.kind->id == KIND_OFFER) {
			check_offer(&note, &out);
		}
	}
	enum kind_id kind = size == 0 || data[0] >= 0x80 ? KIND_OFFER : (enum kind_id)(data[0] % KIND_COUNT);
	if (draft_parse(text, kind_get(kind), &note, &failure) == OK) {
		check_draft(&note, &out);
	}
	buffer_release(&out);
	buffer_release(&input);
	return 0;
}
