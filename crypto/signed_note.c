/* Taking signed notes apart, verifying and making them; see signed_note.h.
 *
 * Splitting and verifying allocate nothing: they are on the way of every note. */
#include "crypto/signed_note.h"

#include "crypto/note_text.h"

#define LINE_START "\xE2\x80\x94 " /* U+2014 SP */
#define LINE_START_SIZE (sizeof LINE_START - 1)
#define PAYLOAD_MAX (SIGNED_NOTE_MAX / 4 * 3) /* what the longest line can decode to */
#define PLAIN_PAYLOAD_SIZE (KEY_ID_SIZE + SIGNATURE_SIZE)

/* The line that the byte at `offset` stands in, counted from 1. For error messages only. */
static unsigned line_of(struct slice bytes, size_t offset) {
	unsigned line = 1;
	for (size_t i = 0; i < offset; i++) {
		line += bytes.data[i] == '\n';
	}
	return line;
}

/* Finds the last empty line; what comes before it, with the LF that ends it, is the text. */
static bool find_last_empty_line(struct slice bytes, size_t *text_size) {
	size_t end = bytes.size;
	while (end > 0) {
		const uint8_t *feed = memrchr(bytes.data, '\n', end);
		if (feed == NULL) {
			return false;
		}
		end = (size_t)(feed - bytes.data);
		if (end > 0 && bytes.data[end - 1] == '\n') {
			*text_size = end;
			return true;
		}
	}
	return false;
}

/* Reads a signature line, which ends in LF. Returns what is wrong with it, or NULL. */
static const char *read_signature(struct slice line, struct note_signature *out) {
	*out = (struct note_signature){ .line = line };
	if (line.size <= LINE_START_SIZE || memcmp(line.data, LINE_START, LINE_START_SIZE) != 0) {
		return "not a signature line: it does not begin with an em dash and a space";
	}
	struct slice rest = slice_of(line.data + LINE_START_SIZE, line.size - LINE_START_SIZE - 1);
	const uint8_t *space = memchr(rest.data, ' ', rest.size);
	if (space == NULL) {
		return "not a signature line: no space behind the name";
	}
	out->name = slice_of(rest.data, (size_t)(space - rest.data));
	if (!signer_name_is_valid(out->name)) {
		return "the signer's name is not allowed";
	}
	uint8_t payload[PAYLOAD_MAX];
	size_t size = 0;
	struct slice encoded = slice_of(space + 1, rest.size - out->name.size - 1);
	if (!base64_decode(encoded, payload, sizeof payload, &size)) {
		return "the signature is not base64";
	}
	if (size <= KEY_ID_SIZE) {
		return "the signature is too short";
	}
	memcpy(out->key_id, payload, KEY_ID_SIZE);
	out->plain = size == PLAIN_PAYLOAD_SIZE;
	if (out->plain) {
		memcpy(out->signature, payload + KEY_ID_SIZE, SIGNATURE_SIZE);
	}
	return NULL;
}

/* Reads the lines from `at` to the end of the note, each of which ends in LF. */
static enum error read_signatures(struct slice bytes, size_t at, struct signed_note *out, struct failure *failure) {
	while (at < bytes.size) {
		if (out->count == SIGNED_NOTE_SIGNATURES_MAX) {
			return fail_at(failure, ERROR_MALFORMED, line_of(bytes, at), "more than %d signatures",
			               SIGNED_NOTE_SIGNATURES_MAX);
		}
		const uint8_t *feed = memchr(bytes.data + at, '\n', bytes.size - at);
		struct slice line = slice_of(bytes.data + at, (size_t)(feed - bytes.data) + 1 - at);
		const char *objection = read_signature(line, &out->signatures[out->count]);
		if (objection != NULL) {
			return fail_at(failure, ERROR_MALFORMED, line_of(bytes, at), "%s", objection);
		}
		out->count++;
		at += line.size;
	}
	return OK;
}

enum error signed_note_split(struct slice bytes, struct signed_note *out, struct failure *failure) {
	out->count = 0;
	out->text = slice_of(bytes.data, 0);
	if (bytes.size > SIGNED_NOTE_MAX) {
		return fail(failure, ERROR_TOO_LONG, "a signed note has at most %d bytes", SIGNED_NOTE_MAX);
	}
	size_t valid = note_text_valid_prefix(bytes);
	if (valid < bytes.size) {
		return fail_at(failure, ERROR_BAD_TEXT, line_of(bytes, valid),
		               "byte %zu is not UTF-8, or a control character", valid + 1);
	}
	if (bytes.size == 0 || bytes.data[bytes.size - 1] != '\n') {
		return fail_at(failure, ERROR_MALFORMED, line_of(bytes, bytes.size), "the last line does not end in LF");
	}
	size_t text_size = 0;
	if (!find_last_empty_line(bytes, &text_size)) {
		return fail(failure, ERROR_MALFORMED, "no empty line between text and signatures");
	}
	if (text_size > SIGNED_NOTE_TEXT_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the text of a note has at most %d bytes", SIGNED_NOTE_TEXT_MAX);
	}
	size_t first_line = text_size + 1;
	if (first_line == bytes.size) {
		return fail_at(failure, ERROR_MALFORMED, line_of(bytes, text_size), "no signature behind the last empty line");
	}
	out->text = slice_of(bytes.data, text_size);
	return read_signatures(bytes, first_line, out, failure);
}

void signed_note_id(struct slice text, uint8_t id[HASH_SIZE]) {
	hash_sha256(text, id);
}

static bool text_is_signable(struct slice text) {
	return text.size > 0 && text.size <= SIGNED_NOTE_TEXT_MAX && text.data[text.size - 1] == '\n' &&
	       note_text_valid_prefix(text) == text.size;
}

/* What has to hold before anything is written: a name that may sign, and a text that may be signed. */
static enum error check_signing(const char *name, const struct signing_key *key, struct slice text,
                                struct verifier_key *signer, struct failure *failure) {
	if (!text_is_signable(text)) {
		return fail(failure, ERROR_BAD_VALUE, "not a text to sign: UTF-8 lines, each ended by LF, of at most %d bytes",
		            SIGNED_NOTE_TEXT_MAX);
	}
	return verifier_key_make(name, signing_key_public(key), signer, failure);
}

static enum error append_line(struct buffer *out, const struct verifier_key *signer, const struct signing_key *key,
                              struct slice text, struct failure *failure) {
	uint8_t payload[PLAIN_PAYLOAD_SIZE];
	memcpy(payload, signer->key_id, KEY_ID_SIZE);
	signing_key_sign(key, text, payload + KEY_ID_SIZE);
	(void)buffer_append_text(out, LINE_START);
	(void)buffer_append_text(out, signer->name);
	(void)buffer_append_text(out, " ");
	(void)base64_encode(slice_of(payload, sizeof payload), out);
	(void)buffer_append_text(out, "\n");
	return buffer_ok(out) ? OK : fail(failure, ERROR_NO_MEMORY, "no room for the signature");
}

enum error signed_note_append_signature(struct buffer *out, const char *name, const struct signing_key *key,
                                        struct slice text, struct failure *failure) {
	struct verifier_key signer;
	enum error error = check_signing(name, key, text, &signer, failure);
	return error != OK ? error : append_line(out, &signer, key, text, failure);
}

enum error signed_note_write(struct buffer *out, struct slice text, const char *name, const struct signing_key *key,
                             struct failure *failure) {
	struct verifier_key signer;
	enum error error = check_signing(name, key, text, &signer, failure);
	if (error != OK) {
		return error;
	}
	(void)buffer_append_slice(out, text);
	(void)buffer_append_text(out, "\n");
	return append_line(out, &signer, key, text, failure);
}

static bool is_signed_by(const struct note_signature *signature, const struct verifier_key *key) {
	return memcmp(signature->key_id, key->key_id, KEY_ID_SIZE) == 0 && slice_is(signature->name, key->name);
}

/* The first signature stands behind the text's lines and the empty one. */
static unsigned signature_line(const struct signed_note *note, size_t index) {
	return line_of(note->text, note->text.size) + 1 + (unsigned)index;
}

/* Judges one signature of a known key. */
static enum error judge(const struct signed_note *note, size_t index, const struct verifier_key *key, bool *verified,
                        struct failure *failure) {
	const struct note_signature *signature = &note->signatures[index];
	if (*verified) {
		return fail_at(failure, ERROR_MALFORMED, signature_line(note, index), "%s signs twice", key->name);
	}
	if (!signature->plain || !signature_verify(key->public_key, note->text, signature->signature)) {
		return fail_at(failure, ERROR_BAD_SIGNATURE, signature_line(note, index), "the signature of %s is wrong",
		               key->name);
	}
	*verified = true;
	return OK;
}

enum error signed_note_verify(const struct signed_note *note, const struct verifier_key *keys, size_t count,
                              bool *verified, struct failure *failure) {
	enum error error = OK;
	for (size_t k = 0; k < count; k++) {
		verified[k] = false;
	}
	for (size_t s = 0; error == OK && s < note->count; s++) {
		for (size_t k = 0; error == OK && k < count; k++) {
			if (is_signed_by(&note->signatures[s], &keys[k])) {
				error = judge(note, s, &keys[k], &verified[k], failure);
			}
		}
	}
	/* So that a caller who overlooks the error finds nobody's signature. */
	for (size_t k = 0; error != OK && k < count; k++) {
		verified[k] = false;
	}
	return error;
}
