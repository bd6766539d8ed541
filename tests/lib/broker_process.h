/* A real troth-broker by itself, without workers, on a free port with a key of its own. */
#ifndef TROTH_TESTS_LIB_BROKER_PROCESS_H
#define TROTH_TESTS_LIB_BROKER_PROCESS_H

#include "tests/lib/process.h"
#include "wire/client.h"

struct broker_process {
	struct process *process;
	struct client_broker address;
};

/* Starts one and waits until it is ready; `settings` are further lines of its section [broker], may be "". Ends the
 * test if it does not start. Stop it with broker_process_stop, which frees it. */
void broker_process_start(struct broker_process *broker, const char *settings);
int broker_process_stop(struct broker_process *broker);

/* The most memory that it has taken so far, and what it takes now, in bytes. */
int64_t broker_process_peak(const struct broker_process *broker);
int64_t broker_process_resident(const struct broker_process *broker);

#endif
