/* Lies by changed bytes; see false_worker.h. */
#include "tests/lib/false_worker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"
#include "wire/server.h"

#define WAIT_MS 200
#define PASS_RETRY_MS 1500
#define PASS_TIMEOUT_MS 10000

static const struct server_service services[] = { { "notes", 4 }, { "views", 4 } };

void false_worker_make(struct false_worker *worker, const struct agency_process *agency, const struct actor *first,
                       const struct actor *second) {
	char line[256], key[TRANSPORT_KEY_TEXT];
	struct failure failure;
	const char *allowed = scratch_path(scratch_folder(), "false.allow");
	*worker = (struct false_worker){ .agency = agency, .clients = { first, second } };
	if (identity_make(&worker->identity, &failure) != OK) {
		stop("%s", failure.text);
	}
	transport_key_format(worker->identity.public_key, key);
	(void)snprintf(line, sizeof line, "%s false notes,views\n", key);
	scratch_write(allowed, line);
	(void)snprintf(line, sizeof line, "workers = %s\n", allowed);
	broker_process_start(&worker->broker, line);
	worker->submitted =
	    mmap(NULL, sizeof *worker->submitted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (worker->submitted == MAP_FAILED) {
		stop("no shared memory");
	}
}

void false_worker_release(struct false_worker *worker) {
	(void)broker_process_stop(&worker->broker);
	(void)munmap(worker->submitted, sizeof *worker->submitted);
}

const char *false_home(const struct false_worker *worker, const char *home) {
	const char *copy = scratch_path(scratch_folder(), "home");
	struct process_result result;
	struct join join = worker->agency->join;
	struct failure failure;
	const char *const words[] = { "cp", "-a", home, copy, NULL };
	if (process_run(&result, words) != 0) {
		stop("cannot copy %s: %s", home, result.errors);
	}
	process_result_release(&result);
	join.broker_count = 1;
	join.brokers[0] = worker->broker.address;
	if (join_save(scratch_path(copy, "agency.join"), &join, &failure) != OK) {
		stop("%s", failure.text);
	}
	return copy;
}

/* ---- the other process ---- */

static void swap_all(const struct false_swap *swaps, size_t count, enum false_side side, struct buffer *body) {
	for (size_t i = 0; i < count; i++) {
		const struct slice from = swaps[i].from, to = swaps[i].to;
		uint8_t *at = swaps[i].side == side ? memmem(body->data, body->size, from.data, from.size) : NULL;
		while (at != NULL && to.size <= (size_t)(body->data + body->size - at)) {
			memcpy(at, to.data, to.size);
			at += to.size;
			at = memmem(at, (size_t)(body->data + body->size - at), from.data, from.size);
		}
	}
}

static struct client *connection_of(const struct false_worker *worker, const struct server_request *request,
                                    struct client *connections[FALSE_CLIENTS_MAX]) {
	for (size_t i = 0; i < FALSE_CLIENTS_MAX; i++) {
		if (memcmp(request->client_key, worker->clients[i]->identity.public_key, TRANSPORT_KEY_SIZE) == 0) {
			return connections[i];
		}
	}
	stop("a request of somebody whom this test does not know");
}

static void pass_on(const struct false_worker *worker, const struct false_swap *swaps, size_t count,
                    struct client *connection, const struct server_request *request, struct buffer *reply) {
	struct buffer body;
	struct failure failure;
	buffer_init(&body, BODY_MAX);
	(void)buffer_append_slice(&body, request->body);
	swap_all(swaps, count, FALSE_QUESTION, &body);
	*worker->submitted += strcmp(services[request->service].name, "notes") == 0 ? 1 : 0;
	if (client_call(connection, services[request->service].name, buffer_slice(&body), reply, &failure) != OK) {
		stop("%s", failure.text);
	}
	swap_all(swaps, count, FALSE_ANSWER, reply);
	buffer_release(&body);
}

static _Noreturn void serve(const struct false_worker *worker, const struct false_swap *swaps, size_t count) {
	const struct server_broker broker = { worker->broker.address.endpoint, worker->broker.address.public_key };
	const struct server_options options = { .brokers = &broker, .broker_count = 1, .identity = &worker->identity,
		                                    .services = services,
		                                    .service_count = sizeof services / sizeof services[0] };
	struct client *connections[FALSE_CLIENTS_MAX];
	struct server *server = NULL;
	struct failure failure;
	log_configure("false-worker", LOG_WARNING, LOG_LOGFMT);
	for (size_t i = 0; i < FALSE_CLIENTS_MAX; i++) {
		connections[i] = actor_connect(worker->clients[i], worker->agency, PASS_RETRY_MS, PASS_TIMEOUT_MS);
	}
	if (server_new(&options, &server, &failure) != OK) {
		stop("%s", failure.text);
	}
	for (;;) {
		struct server_request *request = NULL;
		if (server_take(server, &request, 1, WAIT_MS, -1) == 1) {
			struct buffer reply;
			buffer_init(&reply, BODY_MAX);
			pass_on(worker, swaps, count, connection_of(worker, request, connections), request, &reply);
			server_reply(server, request, buffer_slice(&reply));
			buffer_release(&reply);
		}
	}
}

void false_worker_start(struct false_worker *worker, const struct false_swap *swaps, size_t count) {
	*worker->submitted = 0;
	worker->process = fork();
	if (worker->process == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(worker, swaps, count);
	}
	if (worker->process < 0) {
		stop("cannot fork");
	}
}

void false_worker_stop(struct false_worker *worker) {
	(void)kill(worker->process, SIGKILL);
	(void)waitpid(worker->process, NULL, 0);
}
