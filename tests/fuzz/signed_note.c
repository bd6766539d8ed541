/* Fuzzes the reading of signed notes and of verifier keys, and holds what was read against its own bytes. */
#include "crypto/signed_note.h"

#include <stdlib.h>

#include "crypto/note_text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
	(void)argc;
	(void)argv;
	return crypto_start(NULL) == OK ? 0 : -1;
}

static void expect(bool holds) {
	if (!holds) {
		abort();
	}
}

/* A line whose signature has the length of Ed25519 has one form, so it can be written again from its parts. */
static void expect_line_again(const struct note_signature *signature) {
	uint8_t payload[KEY_ID_SIZE + SIGNATURE_SIZE];
	memcpy(payload, signature->key_id, KEY_ID_SIZE);
	memcpy(payload + KEY_ID_SIZE, signature->signature, SIGNATURE_SIZE);
	struct buffer line;
	buffer_init(&line, SIGNED_NOTE_MAX);
	buffer_append_text(&line, "\xE2\x80\x94 ");
	buffer_append_slice(&line, signature->name);
	buffer_append_text(&line, " ");
	base64_encode(slice_of(payload, sizeof payload), &line);
	buffer_append_text(&line, "\n");
	expect(buffer_ok(&line) && slice_equal(buffer_slice(&line), signature->line));
	buffer_release(&line);
}

/* Text, empty line and signature lines are all that there is, in this order. */
static void expect_whole(struct slice bytes, const struct signed_note *note) {
	size_t at = note->text.size + 1;
	expect(note->count >= 1 && note->count <= SIGNED_NOTE_SIGNATURES_MAX);
	expect(note->text.data == bytes.data && note->text.size >= 1 && note->text.size <= SIGNED_NOTE_TEXT_MAX);
	expect(bytes.data[at - 2] == '\n' && bytes.data[at - 1] == '\n');
	for (size_t i = 0; i < note->count; i++) {
		const struct note_signature *signature = &note->signatures[i];
		expect(signature->line.data == bytes.data + at);
		expect(signer_name_is_valid(signature->name));
		at += signature->line.size;
		if (signature->plain) {
			expect_line_again(signature);
		}
	}
	expect(at == bytes.size && note_text_valid_prefix(bytes) == bytes.size);
}

/* Nobody can have signed for a key that was made a moment ago, even if the line bears its name and id. */
static void expect_nobody(const struct signed_note *note) {
	static struct signing_key *fresh;
	if (fresh == NULL) {
		fresh = signing_key_new();
		expect(fresh != NULL);
	}
	struct verifier_key key;
	char name[SIGNER_NAME_MAX];
	bool verified = true;
	expect(slice_copy_text(note->signatures[0].name, name, sizeof name));
	expect(verifier_key_make(name, signing_key_public(fresh), &key, NULL) == OK);
	memcpy(key.key_id, note->signatures[0].key_id, KEY_ID_SIZE);
	expect(signed_note_verify(note, &key, 1, &verified, NULL) != OK && !verified);
}

static void try_verifier_key(struct slice bytes) {
	struct verifier_key key;
	char text[VERIFIER_KEY_MAX];
	if (verifier_key_parse(bytes, &key, NULL) == OK) {
		verifier_key_format(&key, text);
		expect(slice_is(bytes, text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct slice bytes = slice_of(data, size);
	struct signed_note note;
	struct failure failure;
	if (signed_note_split(bytes, &note, &failure) == OK) {
		expect_whole(bytes, &note);
		expect_nobody(&note);
	}
	try_verifier_key(bytes);
	return 0;
}
