/* The loop of troth-broker: wait, take what has come, commit, tell, tick. */
#include "broker/shell.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/signals.h"
#include "broker/durable.h"
#include "broker/metrics.h"
#include "broker/notice.h"

#define MESSAGES_PER_WAKE 1000 /* then the clock and signals have their turn; libzmq's own proxy takes as many */
#define TICK_MS_MAX 50
#define BIND_PATIENCE_MS 5000
#define BIND_RETRY_MS 100
#define RANDOM_POOL 4096       /* bytes; the largest wish is a token */
#define COMMIT_RETRY_MS 1000   /* after a commit that failed; what is new is tried at once, for someone waits for it */
#define TEND_MS 60000          /* between two looks after the store */
#define STORE_FACTOR 3         /* the store's file may be so much larger than what it holds */
#define STORE_LEAST ((int64_t)64 << 20)

struct shell {
	const struct broker_config *config;
	struct access *access;
	int signals;
	int64_t tick_ms;
	struct wire *wire;
	struct link *link;
	struct core *core;
	struct durable *durable;
	int64_t clock_offset_us; /* from the clock that never jumps to the time since 1970, as it was at the start */
	int64_t started;         /* milliseconds since 1970 */
	int64_t tended, measured;
	int64_t commit_again; /* not before it, after a commit that failed */
	bool stop, stop_now;
	uint8_t random[RANDOM_POOL];
	size_t random_left;
	struct histogram wake_messages;
};

static int64_t now_us(const struct shell *shell) {
	return clock_nanoseconds() / 1000 + shell->clock_offset_us;
}

/* ---- what the core needs of the world ---- */

static enum error send_message(void *argument, struct message *message) {
	return link_send(((struct shell *)argument)->link, message);
}

/* Out of a pool, since a system call for each token would cost more than the rest of a hand-over. */
static void fill_random(void *argument, uint8_t *out, size_t size) {
	struct shell *shell = argument;
	if (size > shell->random_left) {
		entropy_fill(shell->random, sizeof shell->random);
		shell->random_left = sizeof shell->random;
	}
	shell->random_left -= size;
	memcpy(out, shell->random + shell->random_left, size);
	explicit_bzero(shell->random + shell->random_left, size);
}

static bool allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	return access_allows(((struct shell *)argument)->access, key, service);
}

static bool serves(void *argument, struct slice service) {
	return access_serves(((struct shell *)argument)->access, service);
}

static const char *name_of(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return access_name(((struct shell *)argument)->access, key);
}

static void tell(void *argument, const struct core_notice *notice) {
	notice_log(((struct shell *)argument)->access, notice);
}

static void ticket_id(void *argument, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                      const struct message *message, size_t first, uint8_t out[TICKET_SIZE]) {
	durable_ticket_id(((struct shell *)argument)->durable, client, service, message, first, out);
}

static void keep(void *argument, const struct ticket_change *change) {
	durable_keep(((struct shell *)argument)->durable, change);
}

static enum error load(void *argument, const uint8_t id[TICKET_SIZE], enum ticket_part part, struct message *out) {
	return durable_load(((struct shell *)argument)->durable, id, part, out);
}

static void look(void *argument, struct core_surroundings *out) {
	const struct shell *shell = argument;
	const struct link_counts *counts = link_counts(shell->link);
	*out = (struct core_surroundings){
		.endpoint = link_endpoint(shell->link),
		.started = shell->started,
		.connections = counts->connections,
		.connections_refused = counts->refused,
		.handshakes_failed = counts->handshakes_failed,
		.memory = counts->memory,
		.memory_max = (uint64_t)shell->config->bounds.memory_max,
		.commit_us = durable_commit_us(shell->durable),
		.commit_changes = durable_commit_changes(shell->durable),
		.wake_messages = &shell->wake_messages,
	};
	for (enum link_kick kick = 0; kick < LINK_KICKS; kick++) {
		out->connections_ended += counts->kicked[kick];
	}
}

static bool admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return access_admits(((struct shell *)argument)->access, key);
}

/* ---- start ---- */

/* Notes what signals want. */
static void take_signals(struct shell *shell, bool *reload) {
	for (int number = signals_take(shell->signals); number != 0; number = signals_take(shell->signals)) {
		if (number == SIGTERM || number == SIGINT) {
			shell->stop_now = shell->stop;
			shell->stop = true;
		} else if (number == SIGHUP) {
			*reload = true;
		}
	}
}

static enum error bind_patiently(struct shell *shell, const struct identity *identity, struct failure *failure) {
	int64_t until = clock_milliseconds() + BIND_PATIENCE_MS;
	const char *endpoint = shell->config->endpoint;
	bool is_told = false, ignored = false;
	for (;;) {
		enum error error = link_bind(shell->wire, endpoint, identity, admits, shell, &shell->config->bounds,
		                             &shell->link, failure);
		if (error != ERROR_SYSTEM || clock_milliseconds() >= until) {
			return error;
		}
		if (!is_told) {
			log_event(LOG_WARNING, "bind-again", "endpoint", endpoint, "reason", failure->text, NULL);
			is_told = true;
		}
		struct pollfd signals = { .fd = shell->signals, .events = POLLIN };
		if (poll(&signals, 1, BIND_RETRY_MS) > 0) {
			take_signals(shell, &ignored);
		}
		if (shell->stop) {
			return error;
		}
	}
}

static void restore(void *argument, const struct ticket_record *record) {
	struct shell *shell = argument;
	core_step(shell->core, &(struct core_event){ .kind = CORE_RESTORE, .ticket = record }, now_us(shell));
}

static enum error open_queue(struct shell *shell, struct failure *failure) {
	int64_t bytes_max = shell->config->limits.tickets_bytes_max * STORE_FACTOR;
	enum error error = durable_open(shell->config->queue, bytes_max > STORE_LEAST ? bytes_max : STORE_LEAST,
	                                shell->config->keep_free, &shell->durable, failure);
	return error == OK ? durable_restore(shell->durable, restore, shell, failure) : error;
}

enum error shell_new(const struct broker_config *config, const struct identity *identity, struct access *access,
                     int signals, struct shell **shell, struct failure *failure) {
	struct shell *fresh = calloc(1, sizeof *fresh);
	if (fresh == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	fresh->config = config;
	fresh->access = access;
	fresh->signals = signals;
	fresh->tick_ms = config->limits.heartbeat_ms / 4 < TICK_MS_MAX ? config->limits.heartbeat_ms / 4 : TICK_MS_MAX;
	fresh->clock_offset_us = clock_wall_seconds() * 1000000 - clock_nanoseconds() / 1000;
	fresh->started = now_us(fresh) / 1000;
	fresh->wire = wire_new((int)config->io_threads);
	struct core_edge edge = { .argument = fresh, .send = send_message, .random = fill_random, .allows = allows,
		                      .serves = serves,
		                      .name = name_of, .tell = tell, .ticket_id = ticket_id, .keep = keep, .load = load,
		                      .look = look };
	fresh->core = core_new(&config->limits, &edge);
	enum error error = fresh->wire == NULL || fresh->core == NULL
	                       ? fail(failure, ERROR_NO_MEMORY, "out of memory, or of threads") : OK;
	if (error == OK) {
		error = bind_patiently(fresh, identity, failure);
	}
	if (error == OK) {
		error = open_queue(fresh, failure); /* second, so that a predecessor on this port has closed it */
	}
	if (error != OK) {
		shell_free(fresh);
		return error;
	}
	*shell = fresh;
	return OK;
}

void shell_free(struct shell *shell) {
	if (shell == NULL) {
		return;
	}
	core_free(shell->core);
	durable_close(shell->durable);
	if (shell->link != NULL) {
		link_free(shell->link);
	}
	if (shell->wire != NULL) {
		wire_free(shell->wire);
	}
	free(shell);
}

const char *shell_endpoint(const struct shell *shell) {
	return link_endpoint(shell->link);
}

/* ---- the loop ---- */

static void step(struct shell *shell, const struct core_event *event) {
	core_step(shell->core, event, now_us(shell));
}

/* One message from the link to the core; false if there is none. A message with too many frames comes as its routing
 * id alone, which the core counts as malformed like any other garbage. */
static bool take_one(struct shell *shell, int64_t now) {
	struct message message;
	uint8_t key[TRANSPORT_KEY_SIZE];
	message_init(&message);
	enum error error = link_receive(shell->link, &message, key);
	bool taken = error == OK || error == ERROR_TOO_LONG;
	if (taken) {
		core_step(shell->core, &(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = key }, now);
	}
	message_release(&message);
	return taken;
}

/* True if there may be more. */
static bool take_some(struct shell *shell) {
	int64_t now = now_us(shell);
	int taken = 0;
	while (taken < MESSAGES_PER_WAKE && take_one(shell, now)) {
		taken++;
	}
	if (taken > 0) {
		histogram_add(&shell->wake_messages, taken);
	}
	return taken == MESSAGES_PER_WAKE;
}

static void take_gone(struct shell *shell) {
	uint8_t routing[LINK_ROUTING_MAX];
	size_t size = 0;
	while (link_gone(shell->link, routing, &size)) {
		step(shell, &(struct core_event){ .kind = CORE_GONE, .routing = slice_of(routing, size) });
	}
}

/* Everything that came in this round is made durable by one fsync, and only then acknowledged. */
static void commit(struct shell *shell) {
	struct failure failure = { .code = OK };
	bool wanted = durable_has_new(shell->durable) ||
	              (durable_has_changes(shell->durable) && clock_milliseconds() >= shell->commit_again);
	if (!wanted) {
		return;
	}
	if (durable_commit(shell->durable, &failure) == OK) {
		step(shell, &(struct core_event){ .kind = CORE_COMMITTED });
	} else {
		shell->commit_again = clock_milliseconds() + COMMIT_RETRY_MS;
		log_event(LOG_ERROR, "queue-commit-failed", "reason", failure.text, NULL);
		step(shell, &(struct core_event){ .kind = CORE_NOT_COMMITTED, .failure = &failure });
	}
}

static void reload(struct shell *shell) {
	struct failure failure = { .code = OK };
	if (access_reload(shell->access, &failure) != OK) {
		log_event(LOG_ERROR, "reload-failed", "reason", failure.text, "now", "the former lists stand", NULL);
		return;
	}
	log_event(LOG_INFO, "reloaded", "listed_workers", LOG_NUMBER(access_workers(shell->access)), NULL);
	step(shell, &(struct core_event){ .kind = CORE_RELOADED });
	link_kick_unadmitted(shell->link);
}

static void write_metrics(struct shell *shell) {
	struct core_surroundings around;
	struct buffer text;
	struct failure failure = { .code = OK };
	look(shell, &around);
	buffer_init(&text, METRICS_MAX);
	metrics_write(shell->core, &around, &text);
	if (!buffer_ok(&text)) {
		log_event(LOG_WARNING, "metrics-not-written", "reason", "there are too many", NULL);
	} else if (file_replace(shell->config->metrics, buffer_slice(&text), 0644, &failure) != OK) {
		log_event(LOG_WARNING, "metrics-not-written", "reason", failure.text, NULL);
	}
	buffer_release(&text);
}

static void look_after(struct shell *shell, int64_t now) {
	if (now - shell->tended >= TEND_MS) {
		shell->tended = now;
		durable_tend(shell->durable);
	}
	if (shell->config->metrics[0] != '\0' && now - shell->measured >= shell->config->metrics_ms) {
		shell->measured = now;
		write_metrics(shell);
	}
}

/* One round. `*next_tick` and `more` go from one round to the next. */
static bool run_round(struct shell *shell, int64_t *next_tick, bool more) {
	int64_t now = clock_milliseconds();
	bool wants_reload = false;
	if (!more && now < *next_tick) {
		(void)wire_wait(shell->wire, &shell->link, 1, shell->signals, *next_tick - now);
	}
	take_signals(shell, &wants_reload);
	if (wants_reload) {
		reload(shell);
	}
	more = take_some(shell);
	take_gone(shell);
	now = clock_milliseconds();
	link_tend(shell->link, now);
	if (now >= *next_tick) {
		step(shell, &(struct core_event){ .kind = CORE_TICK });
		look_after(shell, now);
		*next_tick = now + shell->tick_ms;
	}
	commit(shell);
	return more;
}

static void log_left(const struct shell *shell) {
	struct core_state state = core_state(shell->core);
	log_event(state.held > 0 ? LOG_WARNING : LOG_INFO, "stopping", "held", LOG_NUMBER(state.held), "waiting",
	          LOG_NUMBER(state.waiting + state.delayed), "tickets", LOG_NUMBER(state.tickets), NULL);
}

void shell_run(struct shell *shell) {
	int64_t next_tick = clock_milliseconds();
	bool more = false;
	while (!shell->stop) {
		more = run_round(shell, &next_tick, more);
	}
	step(shell, &(struct core_event){ .kind = CORE_DRAIN });
	int64_t until = clock_milliseconds() + shell->config->drain_ms;
	while (core_state(shell->core).held > 0 && clock_milliseconds() < until && !shell->stop_now) {
		more = run_round(shell, &next_tick, more);
	}
	log_left(shell);
	step(shell, &(struct core_event){ .kind = CORE_STOP });
	commit(shell);
	notice_log_counts(shell->core);
}
