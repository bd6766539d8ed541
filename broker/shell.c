/* The loop of troth-broker: wait, take what has come, tick. */
#include "broker/shell.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/signals.h"
#include "broker/notice.h"

#define MESSAGES_PER_WAKE 1000 /* then the clock and signals have their turn; libzmq's own proxy takes as many */
#define TICK_MS_MAX 50
#define BIND_PATIENCE_MS 5000
#define BIND_RETRY_MS 100

static const struct link_bounds bounds = {
	.connections_max = 12000,
	.connections_per_key_max = 64,
	.unread_bytes_max = 16 << 20,
	.memory_max = 512 << 20,
};

struct shell {
	const struct allow_list *workers;
	int signals;
	int64_t tick_ms;
	struct wire *wire;
	struct link *link;
	struct core *core;
};

/* ---- what the core needs of the world ---- */

static enum error send_message(void *argument, struct message *message) {
	return link_send(((struct shell *)argument)->link, message);
}

static void fill_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	entropy_fill(out, size);
}

static bool allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	return allow_list_allows(((struct shell *)argument)->workers, key, service);
}

static void tell(void *argument, const struct core_notice *notice) {
	notice_log(((struct shell *)argument)->workers, notice);
}

/* ---- start ---- */

static bool stop_is_wanted(int signals) {
	bool wanted = false;
	for (int number = signals_take(signals); number != 0; number = signals_take(signals)) {
		wanted = wanted || number == SIGTERM || number == SIGINT;
	}
	return wanted;
}

static enum error bind_patiently(struct shell *shell, const struct broker_config *config,
                                 const struct identity *identity, struct failure *failure) {
	int64_t until = clock_milliseconds() + BIND_PATIENCE_MS;
	bool is_told = false;
	for (;;) {
		enum error error =
			link_bind(shell->wire, config->endpoint, identity, NULL, NULL, &bounds, &shell->link, failure);
		if (error != ERROR_SYSTEM || clock_milliseconds() >= until) {
			return error;
		}
		if (!is_told) {
			log_event(LOG_WARNING, "bind-again", "endpoint", config->endpoint, "reason", failure->text, NULL);
			is_told = true;
		}
		struct pollfd signals = { .fd = shell->signals, .events = POLLIN };
		if (poll(&signals, 1, BIND_RETRY_MS) > 0 && stop_is_wanted(shell->signals)) {
			return error;
		}
	}
}

enum error shell_new(const struct broker_config *config, const struct identity *identity,
                     const struct allow_list *workers, int signals, struct shell **shell, struct failure *failure) {
	struct shell *fresh = calloc(1, sizeof *fresh);
	if (fresh == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	fresh->workers = workers;
	fresh->signals = signals;
	fresh->tick_ms = config->limits.heartbeat_ms / 4 < TICK_MS_MAX ? config->limits.heartbeat_ms / 4 : TICK_MS_MAX;
	fresh->wire = wire_new((int)config->io_threads);
	struct core_edge edge = {
		.argument = fresh, .send = send_message, .random = fill_random, .allows = allows, .tell = tell,
	};
	fresh->core = core_new(&config->limits, &edge);
	enum error error = OK;
	if (fresh->wire == NULL || fresh->core == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory, or of threads");
	} else {
		error = bind_patiently(fresh, config, identity, failure);
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
static bool take_some(struct shell *shell, int64_t now) {
	for (int taken = 0; taken < MESSAGES_PER_WAKE; taken++) {
		if (!take_one(shell, now)) {
			return false;
		}
	}
	return true;
}

void shell_run(struct shell *shell) {
	int64_t next_tick = clock_milliseconds();
	bool more = false;
	while (!stop_is_wanted(shell->signals)) {
		int64_t now = clock_milliseconds();
		if (!more && now < next_tick) {
			(void)wire_wait(shell->wire, &shell->link, 1, shell->signals, next_tick - now);
			now = clock_milliseconds();
		}
		more = take_some(shell, now);
		link_tend(shell->link, now);
		if (now >= next_tick) {
			core_step(shell->core, &(struct core_event){ .kind = CORE_TICK }, now);
			next_tick = now + shell->tick_ms;
		}
	}
	core_step(shell->core, &(struct core_event){ .kind = CORE_STOP }, clock_milliseconds());
	notice_log_counts(shell->core);
}
