/* Workers in the simulation: good ones, slow ones, forgetful ones, dead ones and thieves. */
#include "tests/lib/life_state.h"

static void begin(struct post *post, enum post_kind kind, int index) {
	const struct model_worker *worker = &life.workers[index];
	uint8_t routing[5] = { 'w', (uint8_t)(index >> 8), (uint8_t)index, (uint8_t)(worker->connection >> 8),
		                   (uint8_t)worker->connection };
	*post = (struct post){ .kind = kind, .from = index, .connection = worker->connection };
	message_init(&post->message);
	HOLDS(message_append(&post->message, slice_of(routing, sizeof routing)));
}

/* ---- messages ---- */

static void post_ready(int index) {
	struct post post;
	struct model_worker *worker = &life.workers[index];
	const char *service = life_services[worker->service];
	begin(&post, POST_READY, index);
	if (worker->promises) {
		HOLDS(mdp_write_ready(&post.message, service, worker->window));
	} else {
		uint8_t ready = 1;
		HOLDS(worker->version == MDP_0_2 || message_append_text(&post.message, ""));
		HOLDS(message_append_text(&post.message, worker->version == MDP_0_2 ? MDP_WORKER : MDP_WORKER_0_1));
		HOLDS(message_append(&post.message, slice_of(&ready, 1)) && message_append_text(&post.message, service));
	}
	life_post(&post);
}

static void comes_anew(int index) {
	struct model_worker *worker = &life.workers[index];
	worker->connection++;
	worker->hand_count = 0;
	worker->is_slow = life_one_in(10);
	worker->is_forgetful = life_one_in(20);
	post_ready(index);
}

/* The tokens of what it believes to hold, and now and then of what another one holds. */
static size_t name_held(const struct model_worker *worker, uint8_t tokens[2 * HANDS_MAX * MDP_TOKEN_SIZE]) {
	const struct model_worker *other = &life.workers[life_below(WORKERS)];
	size_t size = 0;
	for (size_t i = 0; i < worker->hand_count; i++, size += MDP_TOKEN_SIZE) {
		memcpy(tokens + size, worker->hands[i].address, MDP_TOKEN_SIZE);
	}
	for (size_t i = 0; i < other->hand_count && life_one_in(4); i++, size += MDP_TOKEN_SIZE) {
		memcpy(tokens + size, other->hands[i].address, MDP_TOKEN_SIZE);
	}
	return size;
}

static void post_signal(int index, enum mdp_command command) {
	struct post post;
	const struct model_worker *worker = &life.workers[index];
	begin(&post, command == MDP_HEARTBEAT ? POST_HEARTBEAT : POST_DISCONNECT, index);
	if (command == MDP_HEARTBEAT && worker->promises) {
		uint8_t tokens[2 * HANDS_MAX * MDP_TOKEN_SIZE];
		HOLDS(mdp_write_heartbeat(&post.message, slice_of(tokens, name_held(worker, tokens))));
	} else {
		HOLDS(mdp_write_signal(&post.message, worker->version, command));
	}
	life_post(&post);
}

static void post_reply(int index, const struct hand *hand, bool is_final) {
	struct post post;
	uint8_t body[5];
	begin(&post, POST_REPLY, index);
	post.number = hand->number;
	post.is_final = is_final;
	memcpy(post.token, hand->address, sizeof post.token);
	memcpy(body, &hand->number, sizeof hand->number);
	body[4] = is_final ? 'f' : 'p';
	HOLDS(mdp_write_worker(&post.message, life.workers[index].version, is_final ? MDP_FINAL : MDP_PARTIAL,
	                       slice_of(hand->address, sizeof hand->address)));
	HOLDS(hand->id_size == 0 || message_append(&post.message, slice_of(hand->id, hand->id_size)));
	HOLDS(message_append(&post.message, slice_of(body, sizeof body)));
	life_post(&post);
}

/* ---- acting ---- */

static void drop_hand(struct model_worker *worker, size_t at) {
	worker->hand_count--;
	memmove(worker->hands + at, worker->hands + at + 1, (worker->hand_count - at) * sizeof worker->hands[0]);
}

static void replies(int index) {
	struct model_worker *worker = &life.workers[index];
	if (worker->hand_count == 0 || (worker->is_slow && !life_one_in(8))) {
		return;
	}
	size_t at = life_below((uint32_t)worker->hand_count);
	struct hand hand = worker->hands[at];
	bool is_final = worker->version == MDP_0_1 || !life_one_in(8);
	if (is_final && !life_one_in(50)) {
		drop_hand(worker, at); /* else it will say it once more */
	}
	post_reply(index, &hand, is_final);
}

static void steals(int thief) {
	const struct model_worker *owner = &life.workers[life_below(WORKERS)];
	if (owner->hand_count > 0 && owner != &life.workers[thief]) {
		struct hand hand = owner->hands[life_below((uint32_t)owner->hand_count)];
		post_reply(thief, &hand, true);
	}
}

static void hangs_up(int index) {
	struct model_worker *worker = &life.workers[index];
	uint8_t routing[5] = { 'w', (uint8_t)(index >> 8), (uint8_t)index, (uint8_t)(worker->connection >> 8),
		                   (uint8_t)worker->connection };
	worker->has_cause = true;
	life_step(&(struct core_event){ .kind = CORE_GONE, .routing = slice_of(routing, sizeof routing) });
	HOLDS(!worker->is_known);
}

static void misfortune(int index) {
	struct model_worker *worker = &life.workers[index];
	switch (life_below(8)) {
	case 0:
		worker->is_mute = true;
		break;
	case 1:
		worker->cannot_be_reached = true;
		break;
	case 2:
		worker->does_not_read = !worker->does_not_read;
		break;
	case 3:
		steals(index);
		break;
	case 4:
		hangs_up(index);
		break;
	case 5:
		post_ready(index);
		break;
	default:
		post_signal(index, MDP_DISCONNECT);
		break;
	}
}

void life_worker_acts(void) {
	int index = (int)life_below(WORKERS);
	for (int tries = 0; tries < 6 && life.workers[index].hand_count == 0; tries++) {
		index = (index + 37) % WORKERS;
	}
	struct model_worker *worker = &life.workers[index];
	if (!worker->is_known) {
		if (!worker->is_forbidden && life_one_in(3)) {
			comes_anew(index);
		}
	} else if (!worker->is_mute && life_below(100) < 97) {
		replies(index);
	} else if (!worker->is_mute && !life.is_calm) {
		misfortune(index);
	}
}

/* A plain worker that is slow says nothing while it works. */
void life_workers_beat(void) {
	for (int i = 0; i < WORKERS && !life.is_empty; i++) {
		struct model_worker *worker = &life.workers[i];
		bool works = !worker->promises && worker->is_slow && worker->hand_count > 0;
		if (worker->is_known && !worker->is_mute && !works && life.now - worker->sent >= HEARTBEAT) {
			worker->sent = life.now;
			post_signal(i, MDP_HEARTBEAT);
		} else if (!worker->is_known && life_one_in(200) && !worker->is_forbidden) {
			comes_anew(i);
		}
	}
}

void life_worker_answers_all(int index) {
	struct model_worker *worker = &life.workers[index];
	worker->is_mute = worker->is_slow = worker->is_forgetful = false;
	if (!worker->is_known && !worker->is_forbidden) {
		comes_anew(index);
	}
	while (worker->hand_count > 0) {
		struct hand hand = worker->hands[0];
		drop_hand(worker, 0);
		post_reply(index, &hand, true);
	}
}

/* ---- arriving ---- */

static void step_as_worker(struct post *post) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	life_worker_key(post->from, key);
	life_step(&(struct core_event){ .kind = CORE_MESSAGE, .message = &post->message, .peer_key = key });
}

/* The request that is held under this token, or NULL. */
static struct model_request *held_by(const struct post *post) {
	struct model_request *request = &life.slots[post->number % SLOTS];
	bool is_held = request->number == post->number && request->state == LIFE_HELD &&
	               memcmp(request->token, post->token, sizeof post->token) == 0;
	return is_held ? request : NULL;
}

static void reply_arrives(struct post *post) {
	struct model_request *request = held_by(post);
	struct model_worker *worker = &life.workers[post->from];
	if (request == NULL) {
		uint64_t late = core_count(life.core, CORE_LATE_REPLIES);
		step_as_worker(post);
		HOLDS(core_count(life.core, CORE_LATE_REPLIES) == late + 1);
	} else if (request->holder != post->from) {
		int holder = request->holder;
		worker->has_cause = true;
		step_as_worker(post);
		HOLDS(!worker->is_known && request->state == LIFE_HELD && request->holder == holder);
	} else {
		request->lease = life.now + LEASE;
		life.answering = request;
		step_as_worker(post);
		life.answering = NULL;
		HOLDS((request->state == LIFE_OVER) == post->is_final);
	}
}

/* A heartbeat touches what its worker holds, and nothing else. */
static void heartbeat_arrives(struct post *post) {
	const struct model_worker *worker = &life.workers[post->from];
	struct slice tokens = message_frame(&post->message, post->message.count - 1);
	for (size_t at = 0; worker->promises && at + MDP_TOKEN_SIZE <= tokens.size; at += MDP_TOKEN_SIZE) {
		struct model_request *request = NULL;
		TAILQ_FOREACH(request, &worker->held, link) {
			if (memcmp(request->token, tokens.data + at, MDP_TOKEN_SIZE) == 0) {
				request->lease = life.now + LEASE;
			}
		}
	}
	step_as_worker(post);
}

void life_worker_arrives(struct post *post) {
	struct model_worker *worker = &life.workers[post->from];
	if (post->connection != worker->connection) {
		return; /* that connection has ended */
	}
	if (!worker->is_known) {
		bool may_come = post->kind == POST_READY && !worker->is_forbidden;
		step_as_worker(post);
		HOLDS(worker->is_known == may_come || worker->cannot_be_reached);
		return;
	}
	if (post->kind == POST_READY) {
		worker->has_cause = true;
		step_as_worker(post);
		HOLDS(!worker->is_known);
		return;
	}
	worker->spoke = life.now;
	worker->is_silent = false;
	life_room(worker);
	if (post->kind == POST_REPLY) {
		reply_arrives(post);
	} else if (post->kind == POST_HEARTBEAT) {
		heartbeat_arrives(post);
	} else {
		worker->has_cause = true;
		step_as_worker(post);
		HOLDS(!worker->is_known);
	}
}
