/* The way of messages to the broker in the simulation: some are lost, some late, some come twice. */
#include "tests/lib/life_state.h"

static void forget_post(struct post *post) {
	if (post->kind <= POST_CLOSE) {
		life_request(post->number)->posted--;
	}
	message_release(&post->message);
}

static void arrive(struct post *post) {
	life.own_answers = 0;
	switch (post->kind) {
	case POST_REQUEST:
		life_request_arrives(post);
		break;
	case POST_TICKET:
		life_ticket_arrives(post);
		break;
	case POST_FETCH:
		life_fetch_arrives(post);
		break;
	case POST_CLOSE:
		life_close_arrives(post);
		break;
	case POST_DIRECTORY:
		(void)life_may_ask(post->from);
		life_deliver_as_client(post);
		HOLDS(life.own_answers == 1);
		break;
	case POST_GARBAGE:
		life_deliver_as_client(post);
		HOLDS(life.own_answers == 0);
		break;
	case POST_READY:
	case POST_REPLY:
	case POST_HEARTBEAT:
	case POST_DISCONNECT:
		life_worker_arrives(post);
		break;
	}
}

static void arrive_and_forget(struct post *post) {
	arrive(post);
	forget_post(post);
}

static void copy_post(struct post *copy, const struct post *post) {
	*copy = *post;
	message_init(&copy->message);
	for (size_t i = 0; i < post->message.count; i++) {
		HOLDS(message_append_shared(&copy->message, &post->message, i));
	}
	if (post->kind <= POST_CLOSE) {
		life_request(post->number)->posted++;
	}
}

static void keep_for_later(const struct post *post) {
	if (life.posted < POSTED_MAX) {
		copy_post(&life.posts[life.posted++], post);
	}
}

/* Only what the broker knows to be the same may come twice: a request without a header would be done twice. */
static bool may_come_twice(const struct post *post) {
	return post->kind != POST_REQUEST || life_request(post->number)->has_header;
}

void life_post(struct post *post) {
	if (post->kind <= POST_CLOSE) {
		life_request(post->number)->posted++;
	}
	uint32_t fate = life.is_calm ? 50 : life_below(100);
	if (fate < 2) {
		forget_post(post);
		return;
	}
	if (fate < 4 && may_come_twice(post)) {
		keep_for_later(post);
	}
	if (fate >= 90) {
		keep_for_later(post);
		forget_post(post);
		return;
	}
	arrive_and_forget(post);
}

void life_post_arrives(void) {
	if (life.posted == 0) {
		return;
	}
	uint32_t index = life_below((uint32_t)life.posted);
	struct post post = life.posts[index];
	life.posts[index] = life.posts[--life.posted];
	arrive_and_forget(&post);
}
