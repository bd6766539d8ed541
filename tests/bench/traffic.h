/* Requests of 400 bytes and their replies, as bare DEALERs exchange them with a broker or with libzmq's proxy.
 *
 *     client -> either     MDPC02 | 01 | bench | header | body           and back with 03
 *     broker -> worker     MDPW02 | 02 | address (48 bytes) | | header | body     and back with 04
 *     proxy  -> worker     routing id (5 bytes) | MDPC02 | 01 | bench | header | body     and back with 03
 *
 * So every hop has the same number of frames either way; at the worker's, the proxy's are 38 bytes less in all. The
 * worker sends the body back as it came. Client and worker are threads with a context of their own each. */
#ifndef TROTH_TESTS_BENCH_TRAFFIC_H
#define TROTH_TESTS_BENCH_TRAFFIC_H

#include <stdbool.h>

#include "tests/bench/sockets.h"

#define TRAFFIC_BODY 400 /* bytes, as in design section 11 */

/* Where they connect to. */
struct traffic_ends {
	bool is_broker;                      /* a worker says READY, and is addressed */
	char front[SOCKET_ENDPOINT_MAX];     /* for clients */
	char back[SOCKET_ENDPOINT_MAX];      /* for workers */
	const uint8_t *server_key;           /* NULL: without CURVE */
	const struct identity *client, *worker;
};

struct traffic_result {
	double per_second; /* round trips; alone: what the median of one allows */
	double count;      /* of all, also before and after what was timed */
};

/* Runs for about so long, with `window` requests under way. */
void traffic_run(const struct traffic_ends *ends, size_t window, double seconds, struct traffic_result *out);

/* A request, as any client sends it: with a header whose id is this number; ends with the program if it cannot. For
 * other services some payload comes in front of the body ("": none). */
void traffic_ask(void *socket, const char *service, const char *in_front, uint64_t number);

/* Takes an answer, which must have so many frames, and the frame `at` of which must have so many bytes. */
void traffic_hear(void *socket, size_t frames, size_t at, size_t size);

#endif
