/* What the files of the queue's load share: a note on its way, and what is asked for it in each stage. */
#ifndef TROTH_TESTS_CRASH_QUEUE_STATE_H
#define TROTH_TESTS_CRASH_QUEUE_STATE_H

#include "broker/ticket.h"
#include "tests/crash/queue_client.h"
#include "tests/crash/queue_load.h"

#define QUEUE_CLIENTS 4

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
	struct queue_client *clients[QUEUE_CLIENTS];
	struct errand **errands;
	size_t count, room;
	size_t first; /* all before it are done */
	struct queue_counts counts;
	struct queue_permits permits;
};

/* Which service is asked in a stage, by a connection that has all brokers in its list or only the one with the ticket;
 * what goes with it; and who takes the answer. */
struct stage_row {
	const char *service;
	bool by_list, with_note;
	void (*hear)(struct queue_load *load, struct errand *errand, const struct client_answer *answer);
};
extern const struct stage_row stages[STAGE_DONE];

/* Lets an errand go on with a stage, after a while. */
void errand_go_on(struct errand *errand, enum stage stage, int64_t wait_ms);

/* Takes an answer, or the news that there is none, to whatever errand it belongs to. */
void errand_hear(struct queue_load *load, const struct client_answer *answer);

/* A number from 0 to limit - 1. */
uint32_t queue_random(struct queue_load *load, uint32_t limit);

#endif
