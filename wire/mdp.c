/* The Majordomo 0.2 codec. One row per legal message says its side, its command byte and the shape of the rest. */
#include "wire/mdp.h"

#include <assert.h>
#include <stdio.h>

enum shape {
	SHAPE_SIGNAL,  /* nothing follows */
	SHAPE_READY,   /* service [| window] */
	SHAPE_SERVICE, /* service | body+ */
	SHAPE_ADDRESS, /* address | empty | body+ */
};

struct row {
	enum mdp_side side;
	uint8_t byte;
	enum mdp_command command;
	enum shape shape;
};

static const struct row rows[] = {
	{ MDP_SIDE_CLIENT, 0x01, MDP_REQUEST, SHAPE_SERVICE },
	{ MDP_SIDE_CLIENT, 0x02, MDP_PARTIAL, SHAPE_SERVICE },
	{ MDP_SIDE_CLIENT, 0x03, MDP_FINAL, SHAPE_SERVICE },
	{ MDP_SIDE_WORKER, 0x01, MDP_READY, SHAPE_READY },
	{ MDP_SIDE_WORKER, 0x02, MDP_REQUEST, SHAPE_ADDRESS },
	{ MDP_SIDE_WORKER, 0x03, MDP_PARTIAL, SHAPE_ADDRESS },
	{ MDP_SIDE_WORKER, 0x04, MDP_FINAL, SHAPE_ADDRESS },
	{ MDP_SIDE_WORKER, 0x05, MDP_HEARTBEAT, SHAPE_SIGNAL },
	{ MDP_SIDE_WORKER, 0x06, MDP_DISCONNECT, SHAPE_SIGNAL },
};

#define ROWS (sizeof rows / sizeof rows[0])

static const char *const side_words[] = { MDP_CLIENT, MDP_WORKER };

bool mdp_service_name_is_valid(struct slice name) {
	if (name.size == 0 || name.size > MDP_SERVICE_MAX) {
		return false;
	}
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] <= ' ' || name.data[i] > '~') {
			return false;
		}
	}
	return true;
}

/* ---- reading ---- */

static bool read_side(struct slice frame, enum mdp_side *side) {
	for (size_t i = 0; i < sizeof side_words / sizeof side_words[0]; i++) {
		if (slice_is(frame, side_words[i])) {
			*side = (enum mdp_side)i;
			return true;
		}
	}
	return false;
}

static const struct row *find_byte(enum mdp_side side, uint8_t byte) {
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].side == side && rows[i].byte == byte) {
			return &rows[i];
		}
	}
	return NULL;
}

/* "1" to "4096", without a leading zero. */
static bool read_window(struct slice text, unsigned *window) {
	unsigned value = 0;
	if (text.size == 0 || text.size > 4 || text.data[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			return false;
		}
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*window = value;
	return value <= MDP_WINDOW_MAX;
}

static enum error read_service(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	if (at >= message->count) {
		return fail(failure, ERROR_MALFORMED, "the service name is missing");
	}
	out->service = message_frame(message, at);
	if (!mdp_service_name_is_valid(out->service)) {
		return fail(failure, ERROR_MALFORMED, "the service name is not 1 to %d printable characters", MDP_SERVICE_MAX);
	}
	return OK;
}

static enum error read_ready(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	enum error error = read_service(message, at, out, failure);
	if (error != OK) {
		return error;
	}
	if (message->count > at + 2) {
		return fail(failure, ERROR_MALFORMED, "frames left over behind READY");
	}
	if (message->count == at + 2 && !read_window(message_frame(message, at + 1), &out->window)) {
		return fail(failure, ERROR_MALFORMED, "the window of READY is not a number from 1 to %d", MDP_WINDOW_MAX);
	}
	return OK;
}

static enum error read_address(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	if (message->count < at + 2) {
		return fail(failure, ERROR_MALFORMED, "the address or the empty frame behind it is missing");
	}
	out->address = message_frame(message, at);
	if (out->address.size == 0 || out->address.size > MDP_ADDRESS_MAX) {
		return fail(failure, ERROR_MALFORMED, "the address has %zu bytes instead of 1 to %d", out->address.size,
		            MDP_ADDRESS_MAX);
	}
	if (message_frame(message, at + 1).size != 0) {
		return fail(failure, ERROR_MALFORMED, "the frame behind the address is not empty");
	}
	return OK;
}

static enum error read_body(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	if (at >= message->count) {
		return fail(failure, ERROR_MALFORMED, "the body is missing");
	}
	if (message->count - at > 2) {
		return fail(failure, ERROR_MALFORMED, "%zu frames in front of the body instead of at most one",
		            message->count - at - 1);
	}
	if (message->count - at == 2 && message_frame(message, at).size > MDP_ID_MAX) {
		return fail(failure, ERROR_MALFORMED, "the id frame has %zu bytes, the limit is %d",
		            message_frame(message, at).size, MDP_ID_MAX);
	}
	out->body_first = at;
	return OK;
}

static enum error read_shape(enum shape shape, const struct message *message, size_t at, struct mdp *out,
                             struct failure *failure) {
	enum error error = OK;
	switch (shape) {
	case SHAPE_SIGNAL:
		return message->count == at ? OK : fail(failure, ERROR_MALFORMED, "frames left over behind the command");
	case SHAPE_READY:
		return read_ready(message, at, out, failure);
	case SHAPE_SERVICE:
		error = read_service(message, at, out, failure);
		return error == OK ? read_body(message, at + 1, out, failure) : error;
	case SHAPE_ADDRESS:
		error = read_address(message, at, out, failure);
		return error == OK ? read_body(message, at + 2, out, failure) : error;
	}
	return fail(failure, ERROR_MALFORMED, "no such command");
}

enum error mdp_read(const struct message *message, size_t first, struct mdp *out, struct failure *failure) {
	*out = (struct mdp){ .window = 1, .body_first = message->count };
	if (first >= message->count || !read_side(message_frame(message, first), &out->side)) {
		return fail(failure, ERROR_MALFORMED, "the message does not begin with " MDP_CLIENT " or " MDP_WORKER);
	}
	if (message->count < first + 2 || message_frame(message, first + 1).size != 1) {
		return fail(failure, ERROR_MALFORMED, "the command is not a frame of one byte");
	}
	uint8_t byte = message_frame(message, first + 1).data[0];
	const struct row *row = find_byte(out->side, byte);
	if (row == NULL) {
		return fail(failure, ERROR_MALFORMED, "%s has no command 0x%02x", side_words[out->side], byte);
	}
	out->command = row->command;
	return read_shape(row->shape, message, first + 2, out, failure);
}

/* ---- writing ---- */

static const struct row *find_command(enum mdp_side side, enum mdp_command command) {
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].side == side && rows[i].command == command) {
			return &rows[i];
		}
	}
	return NULL;
}

/* Appends header and command. Which commands are written is up to our own code. */
static bool write_command(struct message *out, enum mdp_side side, enum mdp_command command, enum shape shape) {
	const struct row *row = find_command(side, command);
	assert(row != NULL && row->shape == shape);
	return message_append_text(out, side_words[side]) && message_append(out, slice_of(&row->byte, 1));
}

bool mdp_write_client(struct message *out, enum mdp_command command, struct slice service) {
	return write_command(out, MDP_SIDE_CLIENT, command, SHAPE_SERVICE) && message_append(out, service);
}

bool mdp_write_ready(struct message *out, const char *service, unsigned window) {
	char text[16];
	int size = snprintf(text, sizeof text, "%u", window);
	return write_command(out, MDP_SIDE_WORKER, MDP_READY, SHAPE_READY) && message_append_text(out, service) &&
	       message_append(out, slice_of(text, (size_t)size));
}

bool mdp_write_worker(struct message *out, enum mdp_command command, struct slice address) {
	return write_command(out, MDP_SIDE_WORKER, command, SHAPE_ADDRESS) && message_append(out, address) &&
	       message_append_text(out, "");
}

bool mdp_write_signal(struct message *out, enum mdp_command heartbeat_or_disconnect) {
	return write_command(out, MDP_SIDE_WORKER, heartbeat_or_disconnect, SHAPE_SIGNAL);
}
