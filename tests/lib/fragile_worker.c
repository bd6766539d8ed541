/* A worker that can be poisoned; see fragile_worker.h. */
#include "tests/lib/fragile_worker.h"

#include <unistd.h>

#include "tests/lib/stop.h"
#include "wire/server.h"

#define WAIT_MS 500

static void answer(struct server *server, struct server_request *request) {
	if (slice_is(request->body, FRAGILE_POISON)) {
		_exit(FRAGILE_EXIT_STATUS);
	}
	server_reply(server, request, request->body);
}

_Noreturn void fragile_worker_serve(const struct client_broker *broker, const struct identity *identity) {
	struct server *server = NULL;
	struct failure failure;
	const struct server_broker brokers[] = { { .endpoint = broker->endpoint, .key = broker->public_key } };
	const struct server_service services[] = { { FRAGILE_SERVICE, FRAGILE_WINDOW } };
	const struct server_options options = { .brokers = brokers, .broker_count = 1, .identity = identity,
		                                    .services = services, .service_count = 1 };
	if (server_new(&options, &server, &failure) != OK) {
		stop("%s", failure.text);
	}
	for (;;) {
		struct server_request *requests[FRAGILE_WINDOW];
		size_t count = server_take(server, requests, FRAGILE_WINDOW, WAIT_MS, -1);
		for (size_t i = 0; i < count; i++) {
			answer(server, requests[i]);
		}
	}
}
