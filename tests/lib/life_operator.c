/* Operators in the simulation: pauses, drains, dead letters; and lists of keys that are read again. */
#include "base/buffer.h"
#include "tests/lib/life_state.h"
#include "wire/body.h"

/* One operation with at most one argument. `all` adds {all: true}. */
void life_operator_does(const char *operation, const char *key, const char *value, bool all) {
	uint8_t peer[TRANSPORT_KEY_SIZE];
	struct message message;
	struct buffer body;
	memset(peer, 'o', sizeof peer);
	message_init(&message);
	buffer_init(&body, 1024);
	body_begin_request(&body, operation, (key != NULL) + (size_t)all);
	if (key != NULL) {
		pack_key_word(&body, key, value);
	}
	if (all) {
		pack_key_boolean(&body, "all", true);
	}
	HOLDS(message_append(&message, slice_of("o\0\0\0", 5)));
	HOLDS(mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text(CORE_OPERATORS)));
	HOLDS(buffer_ok(&body) && message_append(&message, buffer_slice(&body)));
	life.own_answers = 0;
	life_step(&(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = peer });
	HOLDS(life.own_answers == 1);
	message_release(&message);
	buffer_release(&body);
}

static void toggles_pause(int service) {
	bool pauses = !life.is_paused[service];
	if (pauses) {
		life.is_paused[service] = true;
		life_operator_does("pause", "service", life_services[service], false);
	} else {
		life.is_paused[service] = false; /* before, since the core hands out at once */
		life_operator_does("resume", "service", life_services[service], false);
	}
}

/* Everything that is delayed is looked at as what waits; ordinary requests are refused. */
static void drains(void) {
	struct model_request *request = NULL;
	life.is_draining = true;
	TAILQ_FOREACH(request, &life.delayed, link) {
		request->not_before = request->not_after = life.now;
	}
	life_operator_does("drain", NULL, NULL, false);
	life_delays_end(life.now);
	HOLDS(life.ordinary == 0);
}

static void looks_after_dead_letters(void) {
	char text[TICKET_TEXT];
	const struct model_request *request = &life.slots[life_below(SLOTS)];
	for (int tries = 0; tries < 3000 && !(request->is_kept && request->record.state == TICKET_DEAD); tries++) {
		request = &life.slots[life_below(SLOTS)];
	}
	bool all = life_one_in(4);
	bool drops = life_one_in(3);
	ticket_format(request->record.id, text);
	if (!all && !request->is_kept) {
		return;
	}
	life.is_retrying = !drops;
	life.is_dropping = drops;
	life_operator_does(drops ? "dead-drop" : "dead-retry", all ? NULL : "ticket", text, all);
	life.is_retrying = life.is_dropping = false;
}

void life_operator_acts(void) {
	static const char *const questions[] = { "status", "services", "workers", "clients", "queue", "dead-list",
		                                     "metrics", "nonsense" };
	uint32_t what = life_below(100);
	if (what < 20) {
		toggles_pause((int)life_below(SERVICES));
	} else if (what < 25 && !life.is_draining) {
		drains();
	} else if (what < 80 && life.is_draining) {
		life.is_draining = false;
		life_operator_does("resume", NULL, NULL, false);
	} else if (what < 90) {
		looks_after_dead_letters();
	} else {
		life_operator_does(questions[life_below(8)], NULL, NULL, false);
	}
}

/* Some keys are forbidden, some are allowed again. */
void life_reload(void) {
	for (int i = 0; i < WORKERS; i++) {
		life.workers[i].is_forbidden = life_one_in(30);
	}
	life_step(&(struct core_event){ .kind = CORE_RELOADED });
	for (int i = 0; i < WORKERS; i++) {
		HOLDS(!life.workers[i].is_forbidden || !life.workers[i].is_known);
	}
}
