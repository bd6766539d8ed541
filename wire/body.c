/* Message bodies, strict in what they accept; see body.h. */
#include "wire/body.h"

#include <limits.h>

#include "base/unicode.h"

void body_begin_request(struct buffer *out, const char *operation, size_t arguments) {
	pack_map(out, arguments + 1);
	pack_key_word(out, "op", operation);
}

void body_begin_ok(struct buffer *out, size_t pairs) {
	pack_map(out, 1);
	pack_word(out, "ok");
	pack_map(out, pairs);
}

void body_error(struct buffer *out, const struct failure *reason) {
	pack_map(out, 1);
	pack_word(out, "error");
	pack_map(out, 2U + (reason->line != 0) + (reason->retry_ms != 0));
	pack_key_word(out, "code", error_word(reason->code));
	pack_key_word(out, "message", reason->text);
	if (reason->line != 0) {
		pack_key_unsigned(out, "line", reason->line);
	}
	if (reason->retry_ms != 0) {
		pack_key_unsigned(out, "retry", reason->retry_ms < BODY_RETRY_MAX_MS ? reason->retry_ms : BODY_RETRY_MAX_MS);
	}
}

enum error body_read_request(struct pack_document *document, struct slice bytes, struct slice *operation,
                             struct failure *failure) {
	enum error error = pack_read(document, bytes, BODY_MAX, failure);
	if (error != OK) {
		return error;
	}
	if (!pack_is_map(pack_root(document))) {
		return fail(failure, ERROR_MALFORMED, "a request is a map with the key op");
	}
	if (!pack_as_text(pack_find(pack_root(document), "op"), operation) || operation->size == 0) {
		return fail(failure, ERROR_MALFORMED, "a request names its operation under the key op, as text");
	}
	return OK;
}

/* Bytes of the character at the front of a text, or of what stands there in its place. */
static size_t character_size(struct slice text) {
	uint8_t lead = text.data[0];
	size_t whole = (size_t)1 + (lead >= 0xc0) + (lead >= 0xe0) + (lead >= 0xf0);
	size_t size = 1;
	while (size < whole && size < text.size && (text.data[size] & 0xc0) == 0x80) {
		size++;
	}
	return size;
}

/* Copies what a person can see; a character that a terminal might obey, or that is none, becomes a question mark. */
static void clean_text(struct slice text, char out[FAILURE_TEXT_MAX]) {
	size_t used = 0;
	while (text.size > 0) {
		struct slice character = slice_of(text.data, character_size(text));
		struct slice shown = unicode_check_line(character, NULL) == OK ? character : slice_of_text("?");
		if (used + shown.size >= FAILURE_TEXT_MAX) {
			break;
		}
		memcpy(out + used, shown.data, shown.size);
		used += shown.size;
		text = slice_of(text.data + character.size, text.size - character.size);
	}
	out[used] = '\0';
}

static enum error read_refusal(const struct pack_value *refusal, struct failure *failure) {
	struct slice code = { 0 };
	struct slice message = { 0 };
	uint64_t line = 0;
	uint64_t retry = 0;
	bool has_line = pack_as_unsigned(pack_find(refusal, "line"), &line);
	bool has_retry = pack_as_unsigned(pack_find(refusal, "retry"), &retry);
	if (!pack_as_text(pack_find(refusal, "code"), &code) || !pack_as_text(pack_find(refusal, "message"), &message) ||
	    pack_count(refusal) != 2U + has_line + has_retry || line > UINT_MAX) {
		return fail(failure, ERROR_MALFORMED, "the reply's error is not made of code, message, line and retry");
	}
	enum error error = error_from_word((const char *)code.data, code.size);
	/* A refusal that says `malformed` keeps its text; a word that is not in our table gets ours. */
	if (error == OK || (error == ERROR_MALFORMED && !slice_is(code, error_word(ERROR_MALFORMED)))) {
		return fail(failure, ERROR_MALFORMED, "the reply's error code is not one that this version knows");
	}
	char text[FAILURE_TEXT_MAX];
	clean_text(message, text);
	(void)fail_at(failure, error, (unsigned)line, "%s", text);
	if (failure != NULL) {
		failure->retry_ms = (unsigned)(retry < BODY_RETRY_MAX_MS ? retry : BODY_RETRY_MAX_MS);
	}
	return error;
}

enum error body_read_reply(struct pack_document *document, struct slice bytes, const struct pack_value **ok,
                           struct failure *failure) {
	*ok = NULL;
	enum error error = pack_read(document, bytes, BODY_MAX, failure);
	if (error != OK) {
		return error == ERROR_TOO_LONG ? fail(failure, ERROR_MALFORMED, "the reply is longer than %d bytes", BODY_MAX)
		                               : error;
	}
	const struct pack_value *root = pack_root(document);
	const struct pack_value *good = pack_find(root, "ok");
	const struct pack_value *refusal = pack_find(root, "error");
	if (pack_count(root) == 1 && pack_is_map(good)) {
		*ok = good;
		return OK;
	}
	if (pack_count(root) == 1 && pack_is_map(refusal)) {
		return read_refusal(refusal, failure);
	}
	return fail(failure, ERROR_MALFORMED, "a reply is a map with the one key ok or error, which holds a map");
}
