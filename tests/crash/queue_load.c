/* What clients of the durable queue send, and when; see queue_load.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "tests/crash/queue_state.h"
#include "tests/lib/stop.h"

#define WINDOW 48      /* requests under way of one connection */
#define TURN_MS 5
#define CARELESS_IN 24 /* one note of so many */
#define TAKEN_MAX 256  /* answers of one connection in one turn */

/* ---- sending ---- */

static struct client *connection_for(const struct queue_load *load, const struct errand *errand) {
	const struct queue_client *client = load->clients[errand->client];
	if (errand->stage == STAGE_REQUEST && errand->road == ROAD_LAST_QUEUE) {
		return client->connections[client->count - 1];
	}
	if (!stages[errand->stage].by_list) {
		return client->connections[CONNECTION_FIRST + errand->broker];
	}
	return client->connections[errand->careless && errand->stage == STAGE_REQUEST ? CONNECTION_HASTY
	                                                                             : CONNECTION_LIST];
}

/* True if this errand has something to send now. */
static bool is_due(const struct queue_load *load, const struct errand *errand, int64_t now) {
	bool waits = !load->permits.fetches && (errand->stage == STAGE_REPLY || errand->stage == STAGE_DIRECT);
	return !errand->is_under_way && errand->stage != STAGE_DONE && !waits && now >= errand->due_ms;
}

static void send(struct queue_load *load, struct errand *errand, struct client *connection) {
	struct failure failure;
	struct buffer body;
	struct slice parts[2];
	size_t count = 0;
	buffer_init(&body, SIGNED_NOTE_MAX + 256);
	if (stages[errand->stage].with_note) {
		market_request(buffer_slice(&errand->note->bytes), &body);
		if (errand->stage != STAGE_DIRECT) {
			parts[count++] = slice_of_text("notes");
		}
		parts[count++] = buffer_slice(&body);
	} else {
		parts[count++] = slice_of_text(errand->ticket);
	}
	if (client_send_parts(connection, stages[errand->stage].service, parts, count, errand, &failure) != OK) {
		stop("sending: %s", failure.text);
	}
	errand->is_under_way = true;
	errand->since = load->history->newest;
	buffer_release(&body);
}

/* Takes something that is done, or acknowledged where nothing is fetched, and lets it be asked for again. */
static void keep_busy(struct queue_load *load) {
	struct errand *errand = load->errands[queue_random(load, (uint32_t)load->count)];
	bool idle = errand->stage == STAGE_DONE && !errand->note->given_up && errand->note->kind == KIND_AGREEMENT;
	if (load->permits.fetches && idle) {
		errand_go_on(errand, STAGE_DIRECT, 0);
		load->first = 0;
	} else if (!load->permits.fetches && errand->stage == STAGE_REPLY && !errand->is_under_way && !errand->careless) {
		errand_go_on(errand, STAGE_SAME, 0);
	}
}

static void send_due(struct queue_load *load) {
	int64_t now = clock_milliseconds();
	while (load->first < load->count && load->errands[load->first]->stage == STAGE_DONE) {
		load->first++;
	}
	for (size_t i = load->first; i < load->count; i++) {
		struct errand *errand = load->errands[i];
		if (is_due(load, errand, now)) {
			struct client *connection = connection_for(load, errand);
			if (client_waiting(connection) < WINDOW) {
				send(load, errand, connection);
			}
		}
	}
}

static bool take_from(struct queue_load *load, struct client *connection, int64_t wait_ms) {
	struct client_answer answer;
	size_t taken = 0;
	while (taken < TAKEN_MAX && client_next(connection, taken == 0 ? wait_ms : 0, &answer) == OK) {
		errand_hear(load, &answer);
		taken++;
	}
	return taken > 0;
}

static void take(struct queue_load *load) {
	struct client *waiting = NULL;
	bool any = false;
	for (size_t i = 0; i < QUEUE_CLIENTS; i++) {
		for (size_t c = 0; c < load->clients[i]->count; c++) {
			struct client *connection = load->clients[i]->connections[c];
			any = take_from(load, connection, 0) || any;
			bool may_wait = client_waiting(connection) > 0 && (waiting == NULL || queue_random(load, 2) == 0);
			waiting = may_wait ? connection : waiting;
		}
	}
	if (!any && waiting != NULL) {
		(void)take_from(load, waiting, TURN_MS);
	}
}

/* ---- the load as a whole ---- */

struct queue_load *queue_load_new(const struct fleet *fleet, struct history *history, uint32_t *random) {
	struct queue_load *load = calloc(1, sizeof *load);
	if (load == NULL) {
		stop("out of memory");
	}
	load->fleet = fleet;
	load->history = history;
	load->random = random;
	for (size_t i = 0; i < QUEUE_CLIENTS; i++) {
		load->clients[i] = queue_client_new(fleet, i % fleet->broker_count);
	}
	return load;
}

void queue_load_free(struct queue_load *load) {
	for (size_t i = 0; i < QUEUE_CLIENTS; i++) {
		queue_client_free(load->clients[i]);
	}
	for (size_t i = 0; i < load->count; i++) {
		free(load->errands[i]);
	}
	free(load->errands);
	free(load);
}

const struct sent_note *queue_load_add(struct queue_load *load, enum kind_id kind, struct buffer *bytes,
                                       enum queue_road road) {
	struct errand *errand = calloc(1, sizeof *errand);
	if (load->count == load->room) {
		load->room = load->room == 0 ? 1024 : 2 * load->room;
		load->errands = reallocarray(load->errands, load->room, sizeof(struct errand *));
	}
	if (errand == NULL || load->errands == NULL) {
		stop("out of memory");
	}
	errand->note = history_add(load->history, kind, bytes);
	errand->road = road;
	errand->stage = road == ROAD_DIRECT ? STAGE_DIRECT : STAGE_REQUEST;
	errand->is_alone = true;
	errand->client = load->count % QUEUE_CLIENTS;
	errand->careless = road == ROAD_QUEUE && queue_random(load, CARELESS_IN) == 0;
	load->errands[load->count++] = errand;
	return errand->note;
}

void queue_load_turn(struct queue_load *load, const struct queue_permits *permits) {
	load->permits = *permits;
	if (permits->keeps_busy && queue_load_is_done(load, permits)) {
		for (size_t i = 0; i < WINDOW; i++) {
			keep_busy(load);
		}
	}
	send_due(load);
	take(load);
}

bool queue_load_is_done(const struct queue_load *load, const struct queue_permits *permits) {
	for (size_t i = load->first; i < load->count; i++) {
		const struct errand *errand = load->errands[i];
		bool is_with_queue = errand->stage > STAGE_REQUEST && errand->stage < STAGE_DONE;
		bool may_stay = errand->stage == STAGE_DONE ||
		                (is_with_queue && permits->dead == errand->broker) ||
		                (is_with_queue && !permits->fetches && errand->is_found && !errand->is_under_way);
		if (!may_stay) {
			return false;
		}
	}
	return true;
}

size_t queue_load_at(const struct queue_load *load, size_t broker) {
	size_t found = 0;
	for (size_t i = load->first; i < load->count; i++) {
		const struct errand *errand = load->errands[i];
		found += errand->stage > STAGE_REQUEST && errand->stage < STAGE_DONE && errand->broker == broker;
	}
	return found;
}

size_t queue_load_may_leave(const struct queue_load *load) {
	size_t count = 0;
	for (size_t i = 0; i < load->count; i++) {
		const struct errand *errand = load->errands[i];
		count += errand->road != ROAD_DIRECT && (errand->careless || !errand->is_alone);
	}
	return count;
}

const struct queue_counts *queue_load_counts(const struct queue_load *load) {
	return &load->counts;
}
