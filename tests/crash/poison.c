/* Poison in the queue; see poison.h. */
#include "tests/crash/poison.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "broker/ticket.h"
#include "tests/crash/report.h"
#include "tests/lib/direct.h"
#include "tests/lib/fragile_worker.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"

#define HARMLESS 40
#define POISON_AT 17     /* so many are queued before it */
#define DELIVERIES_MAX 3
#define CALL_MS 10000
#define RETRY_MS 300
#define LOOK_MS 20       /* between two looks at what is not there yet */
#define PATIENCE_MS 60000
#define BODY_TEXT_MAX 32

struct poison {
	struct fleet *fleet;
	struct client *client; /* its key is an operator's too */
	struct process *worker;
	size_t deaths;
	int64_t until_ms;
	char tickets[HARMLESS][TICKET_TEXT];
	char poison[TICKET_TEXT];
};

/* ---- processes ---- */

/* The broker of the other phases, but with a limit that can be reached. */
static void write_settings(const struct fleet *fleet) {
	char text[1024];
	(void)snprintf(text, sizeof text, "[broker]\nendpoint = %s\nidentity = broker.key\nworkers = workers.allow\n"
	               "queue = queue\ndeliveries-max = %d\nbackoff-ms = 20\n", fleet->addresses[0].endpoint,
	               DELIVERIES_MAX);
	scratch_write(scratch_path(fleet->agency->home, "poison.ini"), text);
}

static void start_worker(struct poison *poison) {
	const char *home = poison->fleet->agency->home;
	const char *const words[] = { "/proc/self/exe", "--fragile-worker", home, NULL };
	const struct process_options options = { .errors_path = scratch_path(home, "fragile.log") };
	poison->worker = process_start(words, &options);
}

/* Lets a moment pass; a worker that has ended meanwhile is followed by another one. */
static void pause_and_watch(struct poison *poison) {
	int status = process_wait(poison->worker, LOOK_MS);
	if (status == PROCESS_NO_STATUS) {
		return;
	}
	if (status != FRAGILE_EXIT_STATUS) {
		finding("the fragile worker ended with status %d", status);
	}
	poison->deaths++;
	process_free(poison->worker);
	start_worker(poison);
}

static bool has_time(const struct poison *poison) {
	return findings() == 0 && clock_milliseconds() < poison->until_ms;
}

/* ---- the queue ---- */

static struct client *connect_operator(const struct fleet *fleet) {
	struct identity identity;
	struct client *client = NULL;
	struct failure failure;
	struct client_options options = { .brokers = &fleet->addresses[0], .broker_count = 1, .identity = &identity,
		                              .retry_ms = RETRY_MS, .timeout_ms = CALL_MS };
	if (identity_load(scratch_path(fleet->agency->home, FLEET_OPERATOR ".key"), &identity, &failure) != OK ||
	    client_new(&options, &client, &failure) != OK) {
		stop("%s", failure.text);
	}
	identity_wipe(&identity);
	return client;
}

static void put(const struct poison *poison, const char *body, char ticket[TICKET_TEXT]) {
	struct client_answer answer;
	struct failure failure = { .code = OK };
	const struct slice parts[] = { slice_of_text(FRAGILE_SERVICE), slice_of_text(body) };
	if (client_call_parts(poison->client, "titanic.request", parts, 2, &answer, &failure) != OK ||
	    answer.part_count != 2 || !slice_is(answer.parts[0], "200") ||
	    !slice_copy_text(answer.parts[1], ticket, TICKET_TEXT)) {
		finding("%s was not queued: %s", body, failure.text);
		ticket[0] = '\0';
	}
}

static void write_harmless(size_t number, char text[BODY_TEXT_MAX]) {
	(void)snprintf(text, BODY_TEXT_MAX, "harmless %zu", number);
}

static void put_all(struct poison *poison) {
	for (size_t i = 0; i < HARMLESS; i++) {
		char body[BODY_TEXT_MAX];
		if (i == POISON_AT) {
			put(poison, FRAGILE_POISON, poison->poison);
		}
		write_harmless(i, body);
		put(poison, body, poison->tickets[i]);
	}
}

/* True if the answer is there; another one than the request's own body is a finding. */
static bool is_answered(const struct poison *poison, size_t number) {
	struct client_answer answer;
	struct failure failure = { .code = OK };
	char body[BODY_TEXT_MAX];
	const struct slice ticket = slice_of_text(poison->tickets[number]);
	if (client_call_parts(poison->client, "titanic.reply", &ticket, 1, &answer, &failure) != OK) {
		finding("harmless request %zu: %s", number, failure.text);
		return false;
	}
	if (answer.part_count == 1 && slice_is(answer.parts[0], "300")) {
		return false;
	}
	write_harmless(number, body);
	if (answer.part_count != 2 || !slice_is(answer.parts[0], "200") || !slice_is(answer.parts[1], body)) {
		finding("harmless request %zu has another answer", number);
	}
	return true;
}

static void fetch_all(struct poison *poison) {
	for (size_t i = 0; i < HARMLESS && has_time(poison); i++) {
		while (has_time(poison) && !is_answered(poison, i)) {
			pause_and_watch(poison);
		}
	}
}

/* ---- dead letters ---- */

/* How many there are; each must be the poison, given to as many workers as is allowed. */
static size_t count_dead(const struct poison *poison) {
	struct buffer request;
	const struct pack_value *ok = NULL;
	buffer_init(&request, BODY_MAX);
	body_begin_request(&request, "dead-list", 0);
	struct failure failure = direct_call(poison->client, "broker", buffer_slice(&request), &ok);
	buffer_release(&request);
	if (failure.code != OK) {
		finding("dead-list: %s", failure.text);
		return 0;
	}
	const struct pack_value *items = pack_find(ok, "items");
	for (size_t i = 0; i < pack_count(items); i++) {
		struct slice ticket = { 0 };
		int64_t deliveries = 0;
		(void)pack_as_text(pack_find(pack_item(items, i), "ticket"), &ticket);
		(void)pack_as_signed(pack_find(pack_item(items, i), "deliveries"), &deliveries);
		if (!slice_is(ticket, poison->poison) || deliveries != DELIVERIES_MAX) {
			finding("dead letter %.*s after %" PRId64 " deliveries", (int)ticket.size, (const char *)ticket.data,
			        deliveries);
		}
	}
	return pack_count(items);
}

static void await_death(struct poison *poison) {
	while (has_time(poison) && count_dead(poison) == 0) {
		pause_and_watch(poison);
	}
	if (poison->deaths != DELIVERIES_MAX) {
		finding("%zu workers have died of the poison, the limit is %d", poison->deaths, DELIVERIES_MAX);
	}
}

void poison_run(struct fleet *fleet) {
	struct poison poison = { .fleet = fleet, .until_ms = clock_milliseconds() + PATIENCE_MS };
	write_settings(fleet);
	fleet_start_broker(fleet, 0, "poison.ini");
	poison.client = connect_operator(fleet);
	put_all(&poison);
	start_worker(&poison);
	fetch_all(&poison);
	await_death(&poison);
	fleet_kill_broker(fleet, 0);
	fleet_start_broker(fleet, 0, "poison.ini");
	if (findings() == 0 && count_dead(&poison) != 1) {
		finding("the dead letter is gone after the broker was killed");
	}
	client_free(poison.client);
	process_free(poison.worker);
	fleet_stop(fleet);
}
