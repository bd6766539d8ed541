/* The text form of frames; see broker_world.h for its rules. */
#include "tests/lib/world_frames.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/unit.h"
#include "wire/body.h"
#include "wire/header.h"

#define TOKEN_BEGINS "token-000000000" /* and one character */
#define TICKET_BEGINS 0xb0             /* each byte of a ticket but the last */

void world_token(unsigned number, uint8_t out[MDP_TOKEN_SIZE]) {
	char text[MDP_TOKEN_SIZE + 1];
	(void)snprintf(text, sizeof text, TOKEN_BEGINS "%c", (char)('0' + number));
	memcpy(out, text, MDP_TOKEN_SIZE);
}

void world_ticket(unsigned number, uint8_t out[TICKET_SIZE]) {
	memset(out, TICKET_BEGINS, TICKET_SIZE);
	out[TICKET_SIZE - 1] = (uint8_t)number;
}

/* ---- from text ---- */

static bool is_command(struct slice text) {
	return text.size == 2 && text.data[0] == '0' && text.data[1] >= '1' && text.data[1] <= '6';
}

static void append_address(struct message *message, struct slice text) {
	uint8_t address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE];
	world_token((unsigned)(text.data[1] - '0'), address);
	memset(address + MDP_TOKEN_SIZE, text.data[3], TRANSPORT_KEY_SIZE);
	ck_assert(message_append(message, slice_of(address, sizeof address)));
}

static void append_tokens(struct message *message, struct slice digits) {
	uint8_t tokens[8 * MDP_TOKEN_SIZE];
	ck_assert_uint_le(digits.size, 8);
	for (size_t i = 0; i < digits.size; i++) {
		world_token((unsigned)(digits.data[i] - '0'), tokens + i * MDP_TOKEN_SIZE);
	}
	ck_assert(message_append(message, slice_of(tokens, digits.size * MDP_TOKEN_SIZE)));
}

/* "^b250:id" */
static void append_header(struct message *message, struct slice text) {
	const uint8_t *colon = memchr(text.data, ':', text.size);
	ck_assert_ptr_nonnull(colon);
	struct header header = { .priority = text.data[1] == 'b' ? PRIORITY_BATCH : PRIORITY_INTERACTIVE };
	header.ttl_ms = (uint32_t)strtoul((const char *)text.data + 2, NULL, 10);
	header.id = slice_of(colon + 1, text.size - (size_t)(colon + 1 - text.data));
	uint8_t bytes[HEADER_MAX];
	size_t size = header_write(&header, bytes);
	ck_assert_uint_gt(size, 0);
	ck_assert(message_append(message, slice_of(bytes, size)));
}

static void append_ticket(struct message *message, struct slice text) {
	uint8_t id[TICKET_SIZE];
	char hex[TICKET_TEXT];
	world_ticket((unsigned)(text.data[1] - '0'), id);
	ticket_format(id, hex);
	ck_assert(message_append_text(message, hex));
}

static void append_frame(struct message *message, struct slice text) {
	uint8_t first = text.size == 0 ? 0 : text.data[0];
	if (is_command(text)) {
		uint8_t byte = (uint8_t)(text.data[1] - '0');
		ck_assert(message_append(message, slice_of(&byte, 1)));
	} else if (first == '#' && text.size == 4) {
		append_address(message, text);
	} else if (first == '*') {
		append_tokens(message, slice_of(text.data + 1, text.size - 1));
	} else if (first == '^') {
		append_header(message, text);
	} else if (first == '$' && text.size == 2) {
		append_ticket(message, text);
	} else {
		ck_assert(message_append(message, text));
	}
}

void world_write_frames(struct message *message, const char *text) {
	for (;;) {
		const char *bar = strchr(text, '|');
		append_frame(message, bar == NULL ? slice_of_text(text) : slice_of(text, (size_t)(bar - text)));
		if (bar == NULL) {
			return;
		}
		text = bar + 1;
	}
}

/* ---- to text ---- */

static void write_reply(char *out, size_t size, struct slice frame, unsigned *retry) {
	struct pack_document *document = pack_document_new();
	const struct pack_value *ok = NULL;
	struct failure failure = { .code = OK };
	enum error error = body_read_reply(document, frame, &ok, &failure);
	(void)snprintf(out, size, "{%s}", error == OK ? "ok" : error_word(error));
	ck_assert_msg(error == OK || failure.text[0] != '\0', "a refusal must say why");
	ck_assert_msg(error != ERROR_BUSY || failure.retry_ms > 0, "who is busy must say until when");
	*retry = failure.retry_ms;
	pack_document_free(document);
}

static bool write_ticket(char *out, size_t size, struct slice frame) {
	uint8_t id[TICKET_SIZE], expected[TICKET_SIZE];
	if (!ticket_parse(frame, id)) {
		return false;
	}
	world_ticket(id[TICKET_SIZE - 1], expected);
	ck_assert_mem_eq(id, expected, TICKET_SIZE);
	(void)snprintf(out, size, "$%u", id[TICKET_SIZE - 1]);
	return true;
}

void world_append_text(char *whole, size_t whole_size, struct slice frame, unsigned *retry) {
	char *out = whole + strlen(whole);
	size_t size = whole_size - strlen(whole);
	struct header header;
	if (frame.size == MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE && memcmp(frame.data, TOKEN_BEGINS, 6) == 0) {
		(void)snprintf(out, size, "#%c/%c", frame.data[MDP_TOKEN_SIZE - 1], frame.data[MDP_TOKEN_SIZE]);
	} else if (frame.size == 1 && frame.data[0] < ' ') {
		(void)snprintf(out, size, "%02x", frame.data[0]);
	} else if (frame.size > 0 && frame.data[0] == 0x81) {
		write_reply(out, size, frame, retry);
	} else if (header_read(frame, &header)) {
		(void)snprintf(out, size, "^%c%u:%.*s", header.priority == PRIORITY_BATCH ? 'b' : 'i', header.ttl_ms,
		               (int)header.id.size, (const char *)header.id.data);
	} else if (!write_ticket(out, size, frame)) {
		(void)snprintf(out, size, "%.*s", (int)frame.size, (const char *)frame.data);
	}
}
