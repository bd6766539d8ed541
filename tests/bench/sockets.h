/* ZeroMQ sockets of the bench itself: bare libzmq, with queues of the sizes that Troth's links have. */
#ifndef TROTH_TESTS_BENCH_SOCKETS_H
#define TROTH_TESTS_BENCH_SOCKETS_H

#include <stddef.h>

#include "wire/identity.h"

#define SOCKET_ENDPOINT_MAX 64
#define SOCKET_QUEUE 8192     /* messages per peer */
#define SOCKET_PATIENCE 10000 /* milliseconds for one message */

/* Ends the program with libzmq's words if the result is negative. */
void must_zmq(int result, const char *what);

void socket_set_number(void *socket, int option, int number);

/* A new pair of keys; cannot fail. */
void socket_keys(struct identity *out);

/* A socket on a free port of the loopback; `own` NULL: without CURVE. */
void *socket_bind(void *context, int type, const struct identity *own, char endpoint[SOCKET_ENDPOINT_MAX]);

/* A DEALER, whose receiving ends the program after SOCKET_PATIENCE; `server_key` NULL: without CURVE. */
void *socket_connect(void *context, const char *endpoint, const uint8_t *server_key, const struct identity *own);

#endif
