/* The Majordomo codec. One row per legal message says its version, side, command byte and the shape of the rest. */
#include "wire/mdp.h"

#include <assert.h>
#include <stdio.h>

#include "wire/header.h"

enum shape {
	SHAPE_SIGNAL,    /* nothing follows */
	SHAPE_HEARTBEAT, /* [tokens] */
	SHAPE_READY,     /* service */
	SHAPE_WINDOW,    /* service [| window] */
	SHAPE_SERVICE,   /* service | body+ */
	SHAPE_ADDRESS,   /* address | empty | body+ */
};

struct row {
	enum mdp_version version;
	enum mdp_side side;
	uint8_t byte; /* NO_BYTE: there is no command frame */
	enum mdp_command command;
	enum shape shape;
};

#define NO_BYTE 0

static const struct row rows[] = {
	{ MDP_0_2, MDP_SIDE_CLIENT, 0x01, MDP_REQUEST, SHAPE_SERVICE },
	{ MDP_0_2, MDP_SIDE_CLIENT, 0x02, MDP_PARTIAL, SHAPE_SERVICE },
	{ MDP_0_2, MDP_SIDE_CLIENT, 0x03, MDP_FINAL, SHAPE_SERVICE },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x01, MDP_READY, SHAPE_WINDOW },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x02, MDP_REQUEST, SHAPE_ADDRESS },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x03, MDP_PARTIAL, SHAPE_ADDRESS },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x04, MDP_FINAL, SHAPE_ADDRESS },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x05, MDP_HEARTBEAT, SHAPE_HEARTBEAT },
	{ MDP_0_2, MDP_SIDE_WORKER, 0x06, MDP_DISCONNECT, SHAPE_SIGNAL },
	{ MDP_0_1, MDP_SIDE_CLIENT, NO_BYTE, MDP_REQUEST, SHAPE_SERVICE },
	{ MDP_0_1, MDP_SIDE_CLIENT, NO_BYTE, MDP_FINAL, SHAPE_SERVICE }, /* written, and read as the one before it */
	{ MDP_0_1, MDP_SIDE_WORKER, 0x01, MDP_READY, SHAPE_READY },
	{ MDP_0_1, MDP_SIDE_WORKER, 0x02, MDP_REQUEST, SHAPE_ADDRESS },
	{ MDP_0_1, MDP_SIDE_WORKER, 0x03, MDP_FINAL, SHAPE_ADDRESS },
	{ MDP_0_1, MDP_SIDE_WORKER, 0x04, MDP_HEARTBEAT, SHAPE_SIGNAL },
	{ MDP_0_1, MDP_SIDE_WORKER, 0x05, MDP_DISCONNECT, SHAPE_SIGNAL },
};

#define ROWS (sizeof rows / sizeof rows[0])

/* The word that opens a message, by version and side. In 0.1 an empty frame stands in front of it. */
static const char *const opening_words[][2] = {
	[MDP_0_1] = { [MDP_SIDE_CLIENT] = MDP_CLIENT_0_1, [MDP_SIDE_WORKER] = MDP_WORKER_0_1 },
	[MDP_0_2] = { [MDP_SIDE_CLIENT] = MDP_CLIENT, [MDP_SIDE_WORKER] = MDP_WORKER },
};

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

/* Reads the opening and returns where the rest begins, or 0 if it is none. */
static size_t read_opening(const struct message *message, size_t first, struct mdp *out) {
	if (first >= message->count) {
		return 0;
	}
	out->version = message_frame(message, first).size == 0 ? MDP_0_1 : MDP_0_2;
	size_t at = first + (out->version == MDP_0_1);
	if (at >= message->count) {
		return 0;
	}
	for (int side = MDP_SIDE_CLIENT; side <= MDP_SIDE_WORKER; side++) {
		if (slice_is(message_frame(message, at), opening_words[out->version][side])) {
			out->side = (enum mdp_side)side;
			return at + 1;
		}
	}
	return 0;
}

static const struct row *find_byte(enum mdp_version version, enum mdp_side side, uint8_t byte) {
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].version == version && rows[i].side == side && rows[i].byte == byte) {
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

static enum error read_window_frame(const struct message *message, size_t at, struct mdp *out,
                                    struct failure *failure) {
	if (message->count > at + 1) {
		return fail(failure, ERROR_MALFORMED, "frames left over behind READY");
	}
	out->has_window = message->count == at + 1;
	if (out->has_window && !read_window(message_frame(message, at), &out->window)) {
		return fail(failure, ERROR_MALFORMED, "the window of READY is not a number from 1 to %d", MDP_WINDOW_MAX);
	}
	return OK;
}

static enum error read_held(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	out->names_held = message->count > at;
	if (!out->names_held) {
		return OK;
	}
	out->held = message_frame(message, at);
	if (message->count > at + 1 || out->held.size % MDP_TOKEN_SIZE != 0 ||
	    out->held.size > (size_t)MDP_HELD_MAX * MDP_TOKEN_SIZE) {
		return fail(failure, ERROR_MALFORMED,
		            "what follows HEARTBEAT is not one frame of at most %d tokens of %d bytes", MDP_HELD_MAX,
		            MDP_TOKEN_SIZE);
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

bool mdp_body_has_id(const struct message *message, size_t body_first) {
	if (body_first + 2 > message->count) {
		return false;
	}
	struct header header;
	struct slice frame = message_frame(message, body_first);
	return (body_first + 2 == message->count && frame.size <= MDP_ID_MAX) || header_read(frame, &header);
}

static enum error read_body(const struct message *message, size_t at, struct mdp *out, struct failure *failure) {
	if (at >= message->count) {
		return fail(failure, ERROR_MALFORMED, "the body is missing");
	}
	/* What a worker says passes on to a client, whose head is never longer. */
	if (out->side == MDP_SIDE_CLIENT && out->command == MDP_REQUEST && message->count - at > MDP_BODY_FRAMES_MAX) {
		return fail(failure, ERROR_MALFORMED, "%zu body frames instead of at most %d", message->count - at,
		            MDP_BODY_FRAMES_MAX);
	}
	out->body_first = at;
	out->has_id = mdp_body_has_id(message, at);
	return OK;
}

static enum error read_shape(enum shape shape, const struct message *message, size_t at, struct mdp *out,
                             struct failure *failure) {
	enum error error = OK;
	switch (shape) {
	case SHAPE_SIGNAL:
		return message->count == at ? OK : fail(failure, ERROR_MALFORMED, "frames left over behind the command");
	case SHAPE_HEARTBEAT:
		return read_held(message, at, out, failure);
	case SHAPE_READY:
		error = read_service(message, at, out, failure);
		if (error == OK && message->count > at + 1) {
			error = fail(failure, ERROR_MALFORMED, "frames left over behind READY");
		}
		return error;
	case SHAPE_WINDOW:
		error = read_service(message, at, out, failure);
		return error == OK ? read_window_frame(message, at + 1, out, failure) : error;
	case SHAPE_SERVICE:
		error = read_service(message, at, out, failure);
		return error == OK ? read_body(message, at + 1, out, failure) : error;
	case SHAPE_ADDRESS:
		error = read_address(message, at, out, failure);
		return error == OK ? read_body(message, at + 2, out, failure) : error;
	}
	return fail(failure, ERROR_MALFORMED, "no such command");
}

/* Reads the command frame at `*at` and steps behind it; a client's message of 0.1 has none. NULL with the reason. */
static const struct row *read_command(const struct message *message, size_t *at, const struct mdp *mdp,
                                      struct failure *failure) {
	uint8_t byte = NO_BYTE;
	if (mdp->version != MDP_0_1 || mdp->side != MDP_SIDE_CLIENT) {
		if (*at >= message->count || message_frame(message, *at).size != 1) {
			(void)fail(failure, ERROR_MALFORMED, "the command is not a frame of one byte");
			return NULL;
		}
		byte = message_frame(message, *at).data[0];
		*at += 1;
	}
	const struct row *row = find_byte(mdp->version, mdp->side, byte);
	if (row == NULL) {
		(void)fail(failure, ERROR_MALFORMED, "%s has no command 0x%02x", opening_words[mdp->version][mdp->side], byte);
	}
	return row;
}

enum error mdp_read(const struct message *message, size_t first, struct mdp *out, struct failure *failure) {
	*out = (struct mdp){ .version = MDP_0_2, .window = 1, .body_first = message->count };
	size_t at = read_opening(message, first, out);
	if (at == 0) {
		return fail(failure, ERROR_MALFORMED,
		            "the message does not begin with " MDP_CLIENT " or " MDP_WORKER ", or an empty frame and "
		            MDP_CLIENT_0_1 " or " MDP_WORKER_0_1);
	}
	const struct row *row = read_command(message, &at, out, failure);
	if (row == NULL) {
		return ERROR_MALFORMED;
	}
	out->command = row->command;
	return read_shape(row->shape, message, at, out, failure);
}

/* ---- writing ---- */

static const struct row *find_command(enum mdp_version version, enum mdp_side side, enum mdp_command command) {
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].version == version && rows[i].side == side && rows[i].command == command) {
			return &rows[i];
		}
	}
	return NULL;
}

/* Appends opening and command; false if this version has no such message, or it does not fit. */
static bool write_command(struct message *out, enum mdp_version version, enum mdp_side side,
                          enum mdp_command command) {
	const struct row *row = find_command(version, side, command);
	return row != NULL && (version != MDP_0_1 || message_append_text(out, "")) &&
	       message_append_text(out, opening_words[version][side]) &&
	       (row->byte == NO_BYTE || message_append(out, slice_of(&row->byte, 1)));
}

bool mdp_write_client(struct message *out, enum mdp_version version, enum mdp_command command, struct slice service) {
	return write_command(out, version, MDP_SIDE_CLIENT, command) && message_append(out, service);
}

bool mdp_write_ready(struct message *out, const char *service, unsigned window) {
	char text[16];
	int size = snprintf(text, sizeof text, "%u", window);
	return write_command(out, MDP_0_2, MDP_SIDE_WORKER, MDP_READY) && message_append_text(out, service) &&
	       message_append(out, slice_of(text, (size_t)size));
}

bool mdp_write_worker(struct message *out, enum mdp_version version, enum mdp_command command, struct slice address) {
	assert(command == MDP_REQUEST || command == MDP_PARTIAL || command == MDP_FINAL);
	return write_command(out, version, MDP_SIDE_WORKER, command) && message_append(out, address) &&
	       message_append_text(out, "");
}

bool mdp_write_signal(struct message *out, enum mdp_version version, enum mdp_command heartbeat_or_disconnect) {
	assert(heartbeat_or_disconnect == MDP_HEARTBEAT || heartbeat_or_disconnect == MDP_DISCONNECT);
	return write_command(out, version, MDP_SIDE_WORKER, heartbeat_or_disconnect);
}

bool mdp_write_heartbeat(struct message *out, struct slice tokens) {
	assert(tokens.size % MDP_TOKEN_SIZE == 0 && tokens.size <= (size_t)MDP_HELD_MAX * MDP_TOKEN_SIZE);
	return write_command(out, MDP_0_2, MDP_SIDE_WORKER, MDP_HEARTBEAT) && message_append(out, tokens);
}
