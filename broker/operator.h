/* What the files of the service `broker` share: a question of an operator while it is answered. */
#ifndef TROTH_BROKER_OPERATOR_H
#define TROTH_BROKER_OPERATOR_H

#include "broker/state.h"

/* The answer is written to core->answer, which is empty before. */
struct question {
	struct core *core;
	const struct pack_value *arguments;
	struct failure *failure;
};

typedef enum error operation(struct question *question);

/* ---- operator_lists.c: lists, page by page ---- */

operation operator_services;
operation operator_workers;
operation operator_clients;
operation operator_queue;
operation operator_dead_list;

/* Appends the pairs of a dead letter, as they stand in a list too. */
#define OPERATOR_DEAD_PAIRS 8
void operator_pack_dead(const struct core *core, struct buffer *out, const struct ticket_record *record);

bool operator_text(const struct question *question, const char *key, struct slice *out);

#endif
