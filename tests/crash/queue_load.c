/* What clients of the durable queue do; see queue_load.h. */
#include "tests/crash/queue_load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "broker/ticket.h"
#include "tests/crash/queue_client.h"
#include "tests/crash/report.h"
#include "tests/lib/random.h"
#include "tests/lib/stop.h"

#define CLIENTS 4
#define WINDOW 48       /* requests under way of one connection */
#define TURN_MS 5
#define AGAIN_MS 20     /* before an answer that is not there yet is asked for again */
#define CARELESS_IN 24  /* one note of so many */
#define TAKEN_MAX 256   /* answers of one connection in one turn */

enum stage {
	STAGE_DIRECT,
	STAGE_REQUEST,
	STAGE_SAME,  /* the same request again: the same ticket */
	STAGE_FIND,  /* whichever broker has the ticket; the answer may wait */
	STAGE_REPLY,
	STAGE_AGAIN, /* the answer once more */
	STAGE_CLOSE,
	STAGE_GONE,  /* a closed ticket is not there */
	STAGE_DONE,
};

struct errand {
	struct sent_note *note;
	size_t client;
	enum stage stage;
	enum queue_road road;
	bool careless;    /* waits for a moment only, and never closes */
	bool is_under_way;
	bool is_alone;    /* nothing was sent twice for it, so no late copy can surprise */
	bool was_closed;
	int64_t due_ms;
	int64_t since;    /* history.h */
	size_t broker;    /* that is asked for the ticket */
	bool is_found;    /* this one has it */
	size_t unknown;   /* brokers in a row that did not */
	char ticket[TICKET_TEXT];
};

struct queue_load {
	const struct fleet *fleet;
	struct history *history;
	uint32_t *random;
	struct queue_client *clients[CLIENTS];
	struct errand **errands;
	size_t count, room;
	size_t first; /* all before it are done */
	struct queue_counts counts;
	struct queue_permits permits;
};

static uint32_t below(struct queue_load *load, uint32_t limit) {
	return random_next(load->random) % limit;
}

/* ---- what comes after what ---- */

static bool is_single(const struct queue_load *load) {
	return load->fleet->broker_count == 1;
}

static void go_on(struct errand *errand, enum stage stage, int64_t wait_ms) {
	errand->stage = stage;
	errand->due_ms = clock_milliseconds() + wait_ms;
}

static void go_on_after_reply(struct queue_load *load, struct errand *errand) {
	static const enum stage next[] = { STAGE_AGAIN, STAGE_SAME, STAGE_CLOSE, STAGE_CLOSE, STAGE_CLOSE };
	go_on(errand, errand->careless ? STAGE_DONE : next[below(load, sizeof next / sizeof next[0])], 0);
}

/* ---- answers, stage by stage ---- */

static bool is_status(const struct client_answer *answer, const char *status, size_t parts) {
	return answer->part_count == parts && slice_is(answer->parts[0], status);
}

static void tell_odd(const struct errand *errand, const struct client_answer *answer, const char *question) {
	struct slice status = answer->part_count == 0 ? slice_of_text("nothing") : answer->parts[0];
	finding("%s, ticket %s at broker %zu: answered by %.*s and %zu frames in all", question, errand->ticket,
	        errand->broker + 1, (int)(status.size < 40 ? status.size : 40), (const char *)status.data,
	        answer->part_count);
}

static void note_wait(struct queue_load *load, const struct client_answer *answer) {
	load->counts.longest_ns =
	    answer->waited_ns > load->counts.longest_ns ? answer->waited_ns : load->counts.longest_ns;
}

/* What a worker says of a note is judged by the history, however it has come. */
static void hear_worker(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	struct outcome outcome;
	market_read(load->fleet->agency, buffer_slice(&errand->note->bytes), answer, &outcome);
	history_take(load->history, errand->note, errand->since, &outcome);
}

static void hear_direct(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	note_wait(load, answer);
	hear_worker(load, errand, answer);
	go_on(errand, STAGE_DONE, 0);
}

/* Which of the brokers in the list has given the ticket is not known. */
static size_t first_to_ask(struct queue_load *load, const struct errand *errand) {
	if (is_single(load) || errand->road == ROAD_LAST_QUEUE) {
		return load->fleet->broker_count - 1;
	}
	return load->permits.dead < FLEET_BROKERS_MAX ? 1 - load->permits.dead : below(load, FLEET_BROKERS_MAX);
}

static void hear_request(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	bool good = is_status(answer, "200", 2) && answer->parts[1].size == TICKET_TEXT - 1;
	if (!good) {
		tell_odd(errand, answer, "titanic.request");
		go_on(errand, STAGE_DONE, 0);
		return;
	}
	if (errand->was_closed && is_single(load) && !slice_is(answer->parts[1], errand->ticket)) {
		tell_odd(errand, answer, "the same request after its ticket was closed: another ticket");
	}
	(void)slice_copy_text(answer->parts[1], errand->ticket, sizeof errand->ticket);
	note_wait(load, answer);
	load->counts.tickets += !errand->note->queued;
	errand->note->queued = true;
	errand->broker = first_to_ask(load, errand);
	errand->is_found = is_single(load) || errand->road == ROAD_LAST_QUEUE;
	go_on(errand, errand->is_found ? STAGE_REPLY : STAGE_FIND, 0);
}

static void hear_same(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (!is_status(answer, "200", 2) || !slice_is(answer->parts[1], errand->ticket)) {
		tell_odd(errand, answer, "the same request again");
	}
	load->counts.same++;
	go_on(errand, STAGE_REPLY, 0);
}

/* A ticket lives at one broker; if none of them knows it, it is lost. */
static void look_elsewhere(const struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	errand->unknown++;
	if (errand->is_found || errand->unknown >= load->fleet->broker_count) {
		tell_odd(errand, answer, "an acknowledged ticket is not known any more");
		go_on(errand, STAGE_DONE, 0);
		return;
	}
	errand->broker = 1 - errand->broker;
	go_on(errand, STAGE_FIND, 0);
}

static void hear_reply(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (is_status(answer, "400", 1)) {
		look_elsewhere(load, errand, answer);
		return;
	}
	errand->unknown = 0;
	errand->is_found = true;
	if (is_status(answer, "300", 1) && errand->stage != STAGE_AGAIN) {
		go_on(errand, STAGE_REPLY, AGAIN_MS);
	} else if (!is_status(answer, "200", 2)) {
		tell_odd(errand, answer, "titanic.reply");
		go_on(errand, STAGE_DONE, 0);
	} else {
		load->counts.fetched++;
		hear_worker(load, errand, answer);
		go_on_after_reply(load, errand);
	}
}

static void hear_again(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	hear_reply(load, errand, answer);
	go_on(errand, STAGE_CLOSE, 0);
}

static void hear_close(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (!is_status(answer, "200", 1)) {
		tell_odd(errand, answer, "titanic.close");
	}
	load->counts.closed++;
	bool once_more = errand->is_alone && !errand->was_closed && is_single(load) && below(load, 8) == 0;
	errand->was_closed = true;
	go_on(errand, once_more ? STAGE_REQUEST : errand->is_alone ? STAGE_GONE : STAGE_DONE, 0);
}

static void hear_gone(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	(void)load;
	if (!is_status(answer, "400", 1) && errand->is_alone) {
		tell_odd(errand, answer, "a closed ticket is there again");
	}
	go_on(errand, STAGE_DONE, 0);
}

/* Which service is asked in a stage, by a connection that has all brokers in its list or only the one with the ticket;
 * what goes with it; and who takes the answer. */
static const struct {
	const char *service;
	bool by_list, with_note;
	void (*hear)(struct queue_load *load, struct errand *errand, const struct client_answer *answer);
} stages[] = {
	[STAGE_DIRECT] = { "notes", true, true, hear_direct },
	[STAGE_REQUEST] = { "titanic.request", true, true, hear_request },
	[STAGE_SAME] = { "titanic.request", false, true, hear_same },
	[STAGE_FIND] = { "titanic.reply", false, false, hear_reply },
	[STAGE_REPLY] = { "titanic.reply", false, false, hear_reply },
	[STAGE_AGAIN] = { "titanic.reply", false, false, hear_again },
	[STAGE_CLOSE] = { "titanic.close", false, false, hear_close },
	[STAGE_GONE] = { "titanic.reply", false, false, hear_gone },
};

/* Nobody has answered in time: the careless give up, all others try for ever. */
static void hear_nothing(struct queue_load *load, struct errand *errand) {
	errand->is_alone = false;
	if (errand->careless && errand->stage == STAGE_REQUEST) {
		errand->note->given_up = true;
		load->counts.given_up++;
		go_on(errand, STAGE_DONE, 0);
	}
}

static void hear(struct queue_load *load, const struct client_answer *answer) {
	struct errand *errand = answer->tag;
	errand->is_under_way = false;
	errand->is_alone = errand->is_alone && answer->tries <= 1;
	load->counts.resent += answer->tries > 1 ? answer->tries - 1 : 0;
	if (answer->error == OK) {
		enum stage before = errand->stage;
		stages[before].hear(load, errand, answer);
		load->counts.progress += errand->stage != before;
	} else {
		hear_nothing(load, errand);
	}
}

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
	struct errand *errand = load->errands[below(load, (uint32_t)load->count)];
	bool idle = errand->stage == STAGE_DONE && !errand->note->given_up && errand->note->kind == KIND_AGREEMENT;
	if (load->permits.fetches && idle) {
		go_on(errand, STAGE_DIRECT, 0);
		load->first = 0;
	} else if (!load->permits.fetches && errand->stage == STAGE_REPLY && !errand->is_under_way && !errand->careless) {
		go_on(errand, STAGE_SAME, 0);
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
		hear(load, &answer);
		taken++;
	}
	return taken > 0;
}

static void take(struct queue_load *load) {
	struct client *waiting = NULL;
	bool any = false;
	for (size_t i = 0; i < CLIENTS; i++) {
		for (size_t c = 0; c < load->clients[i]->count; c++) {
			struct client *connection = load->clients[i]->connections[c];
			any = take_from(load, connection, 0) || any;
			bool may_wait = client_waiting(connection) > 0 && (waiting == NULL || below(load, 2) == 0);
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
	for (size_t i = 0; i < CLIENTS; i++) {
		load->clients[i] = queue_client_new(fleet, i % fleet->broker_count);
	}
	return load;
}

void queue_load_free(struct queue_load *load) {
	for (size_t i = 0; i < CLIENTS; i++) {
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
	errand->client = load->count % CLIENTS;
	errand->careless = road == ROAD_QUEUE && below(load, CARELESS_IN) == 0;
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
