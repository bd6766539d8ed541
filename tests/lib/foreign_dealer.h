/* A DEALER straight from libzmq, for peers that wire/link.h would not make: with a routing id of their own choice,
 * without CURVE, or with a message that never ends. Ends the test (tests/lib/stop.h) where libzmq refuses. */
#ifndef TROTH_TESTS_LIB_FOREIGN_DEALER_H
#define TROTH_TESTS_LIB_FOREIGN_DEALER_H

#include "wire/link.h"

struct foreign_target {
	const char *endpoint;
	const uint8_t *server_key;
};

/* Connects without waiting for it. `identity` NULL: without CURVE; `chosen_id` NULL: the server chooses. It sends only
 * once connected. Close with zmq_close. */
void *foreign_dealer(void *context, const struct foreign_target *target, const struct identity *identity,
                     const char *chosen_id);

/* Sends one frame, without waiting. False if it cannot be sent now. */
bool foreign_sends(void *dealer, struct slice frame, bool more);

#endif
