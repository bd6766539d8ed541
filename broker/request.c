/* Requests while the broker keeps them, and the answers that go back to clients. */
#include <stdlib.h>

#include "broker/state.h"
#include "wire/body.h"

struct request *request_new(struct core *core, struct arrival *arrival, struct service *service) {
	struct request *request = malloc(sizeof *request);
	if (request == NULL) {
		return NULL;
	}
	message_init(&request->asked);
	message_move(&request->asked, arrival->message);
	request->body_first = arrival->mdp.body_first;
	request->bytes = message_bytes(&request->asked) + sizeof *request;
	memcpy(request->client_key, arrival->key, sizeof request->client_key);
	request->arrived = core->now;
	request->deliveries = 0;
	request->service = service;
	request->worker = NULL;
	core->bytes += request->bytes;
	return request;
}

void request_free(struct core *core, struct request *request) {
	core->bytes -= request->bytes;
	message_release(&request->asked);
	free(request);
}

/* A client that is gone, or that does not read, loses its reply: the broker keeps nothing for it. */
static void send_to_client(struct core *core, struct message *message) {
	enum error error = core->edge.send(core->edge.argument, message);
	if (error == ERROR_UNREACHABLE) {
		core->counts[CORE_CLIENT_GONE]++;
	} else if (error != OK) {
		core->counts[CORE_CLIENT_SLOW]++;
		core_tell_once(core, message_frame(message, 0), &(struct core_notice){
			.level = LOG_WARNING, .event = "reply-dropped", .reason = "the client does not take its replies" });
	}
	message_release(message);
}

/* Begins a message to whoever asked. */
static bool begin(struct message *out, const struct message *asked, size_t body_first, enum mdp_command command) {
	message_init(out);
	return message_append_shared(out, asked, 0) &&
	       mdp_write_client(out, MDP_0_2, command, message_frame(asked, body_first - 1));
}

void answer(struct core *core, const struct message *asked, size_t body_first, struct slice body) {
	struct message out;
	bool fits = begin(&out, asked, body_first, MDP_FINAL);
	if (mdp_body_has_id(asked, body_first)) {
		fits = fits && message_append_shared(&out, asked, body_first);
	}
	if (fits && message_append(&out, body)) {
		send_to_client(core, &out);
	}
	message_release(&out);
}

void answer_refusal(struct core *core, const struct message *asked, size_t body_first, enum error code,
                    const char *text) {
	struct failure failure;
	(void)fail(&failure, code, "%s", text);
	buffer_clear(&core->refusal);
	body_error(&core->refusal, &failure);
	if (buffer_ok(&core->refusal)) {
		answer(core, asked, body_first, buffer_slice(&core->refusal));
	}
}

void request_refuse(struct core *core, struct request *request, enum error code, const char *text) {
	answer_refusal(core, &request->asked, request->body_first, code, text);
	request_free(core, request);
}

void request_forward(struct core *core, const struct request *request, struct arrival *reply) {
	struct message out;
	bool fits = begin(&out, &request->asked, request->body_first, reply->mdp.command);
	for (size_t i = reply->mdp.body_first; fits && i < reply->message->count; i++) {
		fits = message_append_moved(&out, reply->message, i);
	}
	if (fits) {
		send_to_client(core, &out);
	}
	message_release(&out);
}
