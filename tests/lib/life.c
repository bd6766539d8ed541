/* A life of the broker's core: which event comes next, and what must be so between two; see life.h. */
#include "tests/lib/life.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/life_state.h"
#include "tests/lib/random.h"

#define SEASON 3000     /* events of one kind of weather */
#define COUNTS_EVERY 64 /* events between two looks at all numbers */

struct life life;

const char *const life_services[SERVICES] = { "notes", "views", "log", "echo", "mail", "slow", "rare", "nobody" };

/* Only a failure speaks to Check: it would write down each promise that holds. */
_Noreturn void life_breaks(const char *promise, const char *file, int line) {
	ck_abort_msg("TROTH_SEED=%u breaks at event %u: %s (%s:%d)", life.seed, life.events, promise, file, line);
	abort();
}

uint32_t life_below(uint32_t limit) {
	return random_next(&life.state) % limit;
}

bool life_one_in(uint32_t times) {
	return life_below(times) == 0;
}

void life_step(const struct core_event *event) {
	life.events++;
	core_step(life.core, event, life.now_us);
	life.stepped = life.now;
	life_coming_wait();
	life_check();
}

/* ---- what must be so ---- */

void life_check(void) {
	for (int i = 0; i < SERVICES; i++) {
		bool open = !life.is_paused[i] && !life.is_draining && !life.is_stopping && !life.is_committing;
		int waiting = life.definite[i][PRIORITY_INTERACTIVE] + life.definite[i][PRIORITY_BATCH];
		HOLDS(!open || life.rooms[i] == 0 || waiting == 0 || life_last_waits(i));
	}
	HOLDS(!life.is_draining || life.ordinary == 0);
	if (life.events % COUNTS_EVERY == 0 && !life.is_committing) {
		life_check_counts();
	}
}

void life_check_counts(void) {
	struct core_state state = core_state(life.core);
	size_t waiting = 0, delayed = 0, workers = 0;
	const struct model_request *request = NULL;
	for (int i = 0; i < SERVICES; i++) {
		waiting += (size_t)(life.queued[i][PRIORITY_INTERACTIVE] + life.queued[i][PRIORITY_BATCH]);
		workers += (size_t)life.worker_count[i];
	}
	TAILQ_FOREACH(request, &life.delayed, link) {
		delayed++;
	}
	HOLDS(state.waiting + state.delayed == waiting);
	HOLDS(state.delayed <= delayed);
	HOLDS(state.held == (size_t)life.held && state.workers == workers);
	HOLDS(state.tickets == life_tickets() && state.tickets_answered == life.kept[TICKET_ANSWERED]);
	HOLDS(state.tickets_dead == life.kept[TICKET_DEAD] && state.tickets_bytes == (size_t)life.kept_bytes);
	HOLDS(state.tickets <= TICKETS_LIMIT && state.tickets_bytes <= TICKET_BYTES && state.draining == life.is_draining);
	HOLDS(state.oldest_ms >= 0 && (waiting > 0 || state.oldest_ms == 0));
}

/* After a tick no lease is over, and no silent worker is there that may be given up. */
static void check_clocks(void) {
	for (int i = 0; i < WORKERS; i++) {
		const struct model_worker *worker = &life.workers[i];
		const struct model_request *request = NULL;
		bool overdue = life.now - worker->spoke >= CORE_LIVENESS * HEARTBEAT;
		HOLDS(!worker->is_known || !overdue || (!worker->promises && worker->holds > 0));
		HOLDS(worker->leases_over == 0);
		TAILQ_FOREACH(request, &worker->held, link) {
			HOLDS(life.now < request->lease);
		}
	}
}

/* ---- time ---- */

static void turn_clock(int64_t microseconds) {
	life.now_us += microseconds;
	life.now = life.now_us / 1000;
}

/* A broker that stood still does not hold that against its workers. */
static void forgive(void) {
	int64_t passed = life.now - life.stepped;
	for (int i = 0; i < WORKERS && passed > HEARTBEAT; i++) {
		struct model_request *request = NULL;
		life.workers[i].spoke += passed;
		TAILQ_FOREACH(request, &life.workers[i].held, link) {
			request->lease += passed;
		}
	}
}

/* A worker whose queue was full may be tried again by a tick, a silent one gets nothing until it speaks. */
static void look_at_workers(void) {
	for (int i = 0; i < WORKERS; i++) {
		struct model_worker *worker = &life.workers[i];
		worker->was_full = false;
		worker->is_silent = worker->is_known && life.now - worker->spoke >= CORE_LIVENESS * HEARTBEAT;
		life_room(worker);
	}
}

void life_passes(int64_t milliseconds) {
	turn_clock(milliseconds * 1000 + life_below(1000));
	forgive();
	look_at_workers();
	life_delays_end(life.now);
	life_step(&(struct core_event){ .kind = CORE_TICK });
	check_clocks();
	life_workers_beat();
}

static void time_passes(void) {
	uint32_t kind = life_below(1000);
	if (kind < 900) {
		life_passes(life_below(60));
	} else if (kind < 999) {
		life_passes(life_below(900));
	} else {
		life_passes(2000 + life_below(8000)); /* the broker stood still */
	}
}

/* ---- events ---- */

/* By season: clients in a hundred events, and workers. */
static const struct {
	uint32_t asks, works;
} seasons[] = { { 40, 45 }, { 65, 20 }, { 30, 55 }, { 40, 10 }, { 10, 75 } };

static void fate_of_a_client(void) {
	struct model_client *client = &life.clients[life_below(CLIENTS)];
	client->is_gone = life_one_in(4);
	client->does_not_read = life_one_in(4);
}

static void something_happens(void) {
	uint32_t season = (life.events / SEASON + life.seed) % (sizeof seasons / sizeof seasons[0]);
	uint32_t asks = seasons[season].asks, works = seasons[season].works;
	uint32_t what = life_below(100);
	if (what < asks) {
		life_client_asks();
	} else if (what < asks + works) {
		life_worker_acts();
	} else if (what < asks + works + 4) {
		time_passes();
	} else if (what < asks + works + 13) {
		life_post_arrives();
	} else if (life_one_in(40)) {
		life_operator_acts();
	} else if (life_one_in(300)) {
		life_reload();
	} else if (life_one_in(3000)) {
		life_crash();
	} else {
		fate_of_a_client();
	}
	turn_clock(life_below(20));
	if (life_one_in(4)) {
		life_commit();
	}
}

/* ---- the end ---- */

static void all_is_kept(void) {
	for (uint32_t i = 0; i < SLOTS; i++) {
		const struct model_request *request = &life.slots[i];
		HOLDS(request->is_ticket || !life_is_under_way(request));
		HOLDS(!request->is_acknowledged || paper_queue_find(life.queue, request->record.id) != NULL);
	}
}

static void end_by_stopping(void) {
	life.is_stopping = life.is_draining = true;
	for (int i = 0; i < WORKERS; i++) {
		life.workers[i].does_not_read = life.workers[i].cannot_be_reached = false;
	}
	life_step(&(struct core_event){ .kind = CORE_STOP });
	life_commit();
	all_is_kept();
	struct core_state state = core_state(life.core);
	HOLDS(state.held + state.delayed + state.workers == 0);
}

static void serve_all(void) {
	life.is_calm = true;
	if (life.is_draining) {
		life.is_draining = false;
		life_operator_does("resume", NULL, NULL, false);
	}
	for (int i = 0; i < SERVICES; i++) {
		life.is_paused[i] = false;
		life_operator_does("resume", "service", life_services[i], false);
	}
	for (int i = 0; i < WORKERS; i++) {
		life.workers[i].is_forbidden = life.workers[i].cannot_be_reached = life.workers[i].does_not_read = false;
	}
	while (life.posted > 0) {
		life_post_arrives();
		life_commit();
	}
	for (int round = 0; round < 1200; round++) {
		for (int i = 0; i < WORKERS; i++) {
			life_worker_answers_all(i);
		}
		life_passes(60);
		life_commit();
	}
}

static void end_by_serving(void) {
	serve_all();
	all_is_kept();
	struct core_state state = core_state(life.core);
	HOLDS(state.waiting + state.delayed + state.held + state.bytes == 0);
	HOLDS(life.kept[TICKET_PENDING] == 0);
	life.is_empty = true;
	for (int i = 0; i < 200; i++) {
		life_passes(900);
		life_commit();
	}
	state = core_state(life.core);
	HOLDS(state.workers + state.services + state.tickets + state.peers == 0);
	HOLDS(paper_queue_size(life.queue) == 0);
}

/* ---- beginning ---- */

static void make_people(void) {
	for (int i = 0; i < WORKERS; i++) {
		struct model_worker *worker = &life.workers[i];
		uint32_t kind = life_below(3);
		TAILQ_INIT(&worker->held);
		worker->service = i % NOBODYS_SERVICE;
		worker->version = kind == 0 ? MDP_0_1 : MDP_0_2;
		worker->promises = kind == 2;
		worker->window = kind == 2 ? 1 + life_below(WINDOW_MAX) : 1;
	}
	for (int i = 0; i < CLIENTS; i++) {
		life.clients[i].allowance = PEER_RATE * 1000;
	}
	for (uint32_t i = 0; i < SLOTS; i++) {
		life.slots[i].number = i;
	}
}

static void begin(uint32_t seed) {
	memset(&life, 0, sizeof life);
	life.seed = seed;
	life.state = seed * 2654435761U | 1;
	life.now_us = 1000000;
	life.now = life.stepped = 1000;
	TAILQ_INIT(&life.delayed);
	message_init(&life.last_own);
	life.queue = paper_queue_new();
	life.by_ticket = map_new();
	life.document = pack_document_new();
	life.slots = calloc(SLOTS, sizeof life.slots[0]);
	HOLDS(life.slots != NULL && life.by_ticket != NULL && life.document != NULL);
	make_people();
	life.limits = (struct core_limits){
		.heartbeat_ms = HEARTBEAT, .lease_ms = LEASE, .queue_ms = QUEUE_MS, .backoff_ms = BACKOFF,
		.backoff_max_ms = BACKOFF_MAX, .deliveries_max = DELIVERIES_MAX, .waiting_max = WAITING_LIMIT,
		.bytes_max = BYTES_LIMIT, .peer_requests_max = PEER_REQUESTS, .peer_bytes_max = 1 << 20,
		.peer_rate_max = PEER_RATE, .tickets_max = TICKETS_LIMIT, .tickets_bytes_max = TICKET_BYTES,
		.peer_tickets_max = TICKETS_LIMIT, .peer_tickets_bytes_max = TICKET_BYTES,
		.ticket_ms = TICKET_MS,
	};
	struct core_edge edge = life_edge();
	life.core = core_new(&life.limits, &edge);
	HOLDS(life.core != NULL);
}

static void end(void) {
	for (size_t i = 0; i < life.posted; i++) {
		message_release(&life.posts[i].message);
	}
	core_free(life.core);
	paper_queue_free(life.queue);
	map_free(life.by_ticket, NULL);
	pack_document_free(life.document);
	message_release(&life.last_own);
	free(life.slots);
}

static void tell(void) {
	life_count_all();
	printf("seed %u: %u events, %lld seconds of life, %u crashes of the broker\n", life.seed, life.events,
	       (long long)(life.now / 1000), life.crashes);
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		printf("  %10llu  %s\n", (unsigned long long)life.counts[counter], core_counter_help(counter));
	}
}

void life_play(uint32_t seed, uint32_t events, bool is_told) {
	begin(seed);
	while (life.events < events) {
		something_happens();
	}
	if (is_told) {
		tell();
	}
	if (seed % 2 == 0) {
		end_by_stopping();
	} else {
		end_by_serving();
	}
	end();
}
