/* The answers that clients of the durable queue hear, stage by stage, and whether they may; see queue_load.h. */
#include "base/clock.h"
#include "tests/crash/queue_state.h"
#include "tests/crash/report.h"
#include "tests/lib/random.h"

#define AGAIN_MS 20 /* before an answer that is not there yet is asked for again */

uint32_t queue_random(struct queue_load *load, uint32_t limit) {
	return random_next(load->random) % limit;
}

/* ---- what comes after what ---- */

static bool is_single(const struct queue_load *load) {
	return load->fleet->broker_count == 1;
}

void errand_go_on(struct errand *errand, enum stage stage, int64_t wait_ms) {
	errand->stage = stage;
	errand->due_ms = clock_milliseconds() + wait_ms;
}

static void go_on_after_reply(struct queue_load *load, struct errand *errand) {
	static const enum stage next[] = { STAGE_AGAIN, STAGE_SAME, STAGE_CLOSE, STAGE_CLOSE, STAGE_CLOSE };
	errand_go_on(errand, errand->careless ? STAGE_DONE : next[queue_random(load, sizeof next / sizeof next[0])], 0);
}

/* ---- answers ---- */

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
	errand_go_on(errand, STAGE_DONE, 0);
}

/* Which of the brokers in the list has given the ticket is not known. */
static size_t first_to_ask(struct queue_load *load, const struct errand *errand) {
	if (is_single(load) || errand->road == ROAD_LAST_QUEUE) {
		return load->fleet->broker_count - 1;
	}
	return load->permits.dead < FLEET_BROKERS_MAX ? 1 - load->permits.dead : queue_random(load, FLEET_BROKERS_MAX);
}

static void hear_request(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	bool good = is_status(answer, "200", 2) && answer->parts[1].size == TICKET_TEXT - 1;
	if (!good) {
		tell_odd(errand, answer, "titanic.request");
		errand_go_on(errand, STAGE_DONE, 0);
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
	errand_go_on(errand, errand->is_found ? STAGE_REPLY : STAGE_FIND, 0);
}

static void hear_same(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (!is_status(answer, "200", 2) || !slice_is(answer->parts[1], errand->ticket)) {
		tell_odd(errand, answer, "the same request again");
	}
	load->counts.same++;
	errand_go_on(errand, STAGE_REPLY, 0);
}

/* A ticket lives at one broker; if none of them knows it, it is lost. */
static void look_elsewhere(const struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	errand->unknown++;
	if (errand->is_found || errand->unknown >= load->fleet->broker_count) {
		tell_odd(errand, answer, "an acknowledged ticket is not known any more");
		errand_go_on(errand, STAGE_DONE, 0);
		return;
	}
	errand->broker = 1 - errand->broker;
	errand_go_on(errand, STAGE_FIND, 0);
}

static void hear_reply(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (is_status(answer, "400", 1)) {
		look_elsewhere(load, errand, answer);
		return;
	}
	errand->unknown = 0;
	errand->is_found = true;
	if (is_status(answer, "300", 1) && errand->stage != STAGE_AGAIN) {
		errand_go_on(errand, STAGE_REPLY, AGAIN_MS);
	} else if (!is_status(answer, "200", 2)) {
		tell_odd(errand, answer, "titanic.reply");
		errand_go_on(errand, STAGE_DONE, 0);
	} else {
		load->counts.fetched++;
		hear_worker(load, errand, answer);
		go_on_after_reply(load, errand);
	}
}

static void hear_again(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	hear_reply(load, errand, answer);
	errand_go_on(errand, STAGE_CLOSE, 0);
}

static void hear_close(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	if (!is_status(answer, "200", 1)) {
		tell_odd(errand, answer, "titanic.close");
	}
	load->counts.closed++;
	bool once_more = errand->is_alone && !errand->was_closed && is_single(load) && queue_random(load, 8) == 0;
	errand->was_closed = true;
	errand_go_on(errand, once_more ? STAGE_REQUEST : errand->is_alone ? STAGE_GONE : STAGE_DONE, 0);
}

static void hear_gone(struct queue_load *load, struct errand *errand, const struct client_answer *answer) {
	(void)load;
	if (!is_status(answer, "400", 1) && errand->is_alone) {
		tell_odd(errand, answer, "a closed ticket is there again");
	}
	errand_go_on(errand, STAGE_DONE, 0);
}

const struct stage_row stages[STAGE_DONE] = {
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
		errand_go_on(errand, STAGE_DONE, 0);
	}
}

void errand_hear(struct queue_load *load, const struct client_answer *answer) {
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
