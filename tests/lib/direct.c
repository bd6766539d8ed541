/* Requests past the command; see direct.h. */
#include "tests/lib/direct.h"

#include "tests/lib/stop.h"
#include "wire/body.h"

static struct pack_document *document(void) {
	static struct pack_document *kept;
	if (kept == NULL) {
		kept = pack_document_new();
	}
	return kept;
}

struct failure direct_call(struct client *client, const char *service, struct slice body,
                           const struct pack_value **ok) {
	static struct buffer reply = { .maximum = BODY_MAX }; /* the reply's values point into it */
	struct failure failure = { .code = OK };
	const struct pack_value *ignored = NULL;
	buffer_clear(&reply);
	enum error error = client_call(client, service, body, &reply, &failure);
	if (error == OK) {
		error = body_read_reply(document(), buffer_slice(&reply), ok == NULL ? &ignored : ok, &failure);
	}
	failure.code = error;
	return failure;
}

struct failure direct_ask(struct client *client, const char *operation, const char *key, const char *text,
                          const struct pack_value **ok) {
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	body_begin_request(&body, operation, key == NULL ? 0 : 1);
	if (key != NULL) {
		pack_key_word(&body, key, text);
	}
	struct failure failure = direct_call(client, "views", buffer_slice(&body), ok);
	buffer_release(&body);
	return failure;
}

struct failure direct_query(struct client *client, const char *operation, const struct argument *arguments,
                            size_t count, const struct pack_value **ok) {
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	body_begin_request(&body, operation, count);
	for (size_t i = 0; i < count; i++) {
		const struct argument *argument = &arguments[i];
		if (argument->text != NULL) {
			pack_key_word(&body, argument->key, argument->text);
		} else if (argument->flag) {
			pack_key_boolean(&body, argument->key, true);
		} else {
			pack_key_signed(&body, argument->key, argument->number);
		}
	}
	struct failure failure = direct_call(client, "views", buffer_slice(&body), ok);
	buffer_release(&body);
	return failure;
}

struct failure direct_submit(struct client *client, struct slice signed_note) {
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	market_request(signed_note, &body);
	struct failure failure = direct_call(client, "notes", buffer_slice(&body), NULL);
	buffer_release(&body);
	return failure;
}

void direct_sign(struct slice text, const char *name, const struct signing_key *key, struct buffer *out) {
	uint8_t payload[KEY_ID_SIZE + SIGNATURE_SIZE];
	struct verifier_key verifier;
	struct failure failure;
	if (verifier_key_make(name, signing_key_public(key), &verifier, &failure) != OK) {
		stop("%s", failure.text);
	}
	memcpy(payload, verifier.key_id, KEY_ID_SIZE);
	signing_key_sign(key, text, payload + KEY_ID_SIZE);
	(void)buffer_append_slice(out, text);
	(void)buffer_format(out, "\n\u2014 %s ", name);
	(void)base64_encode(slice_of(payload, sizeof payload), out);
	(void)buffer_append_text(out, "\n");
}

struct slice direct_text(struct slice signed_note) {
	struct signed_note split;
	struct failure failure;
	if (signed_note_split(signed_note, &split, &failure) != OK) {
		stop("%s", failure.text);
	}
	return split.text;
}

void direct_edit(struct slice signed_note, const char *key, const char *lines, struct buffer *out) {
	struct slice text = direct_text(signed_note);
	size_t size = strlen(key), at = 0;
	bool found = false;
	while (at < text.size) {
		const uint8_t *line = text.data + at, *end = memchr(line, '\n', text.size - at);
		size_t length = (size_t)(end - line) + 1; /* the text ends in LF */
		if (!found && length > size && memcmp(line, key, size) == 0 && line[size] == ' ') {
			(void)buffer_append_text(out, lines);
			found = true;
		} else {
			(void)buffer_append(out, line, length);
		}
		at += length;
	}
	if (!found) {
		stop("no line begins with %s", key);
	}
}

void direct_resign(const struct actor *actor, struct slice signed_note, const char *key, const char *lines,
                   struct buffer *out) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	direct_edit(signed_note, key, lines, &text);
	direct_sign(buffer_slice(&text), actor->signer, actor->key, out);
	buffer_release(&text);
}
