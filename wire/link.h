/* ZeroMQ sockets with CURVE, always: the only way in which Troth's processes speak to each other.
 *
 * A bound link is a ROUTER that never drops in silence (ROUTER_MANDATORY); a connected link is a DEALER. Every link
 * bounds frame sizes, queue lengths and handshake time. A bound link authenticates by ZAP (RFC 27) in the process's own
 * loop: call wire_wait and link_receive often. It fails closed: the domain is enforced, and a mechanism other than
 * CURVE, or a key that `admits` refuses, gets no connection. Source for the pitfalls: libzmq 4.3.4. */
#ifndef TROTH_WIRE_LINK_H
#define TROTH_WIRE_LINK_H

#include "base/error.h"
#include "wire/frame.h"
#include "wire/identity.h"

#define LINK_ENDPOINT_MAX 256
#define LINK_FRAME_MAX 262144 /* bytes of one frame from a peer; a longer one ends its connection */
#define LINK_ROUTING_MAX 5    /* bytes of a routing id that libzmq chose: a zero byte and a number of 32 bits */

/* One ZeroMQ context. */
struct wire;
struct wire *wire_new(int io_threads);
void wire_free(struct wire *wire); /* after its links; waits for the I/O threads */

struct link;

/* Tells whether a client's transport key may connect at all. */
typedef bool (*link_admits)(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* A DEALER to a server whose transport key is known. */
enum error link_connect(struct wire *wire, const char *endpoint, const uint8_t server_key[TRANSPORT_KEY_SIZE],
                        const struct identity *identity, struct link **link, struct failure *failure);

/* What the peers of a bound link may take of this process; 0: no bound.
 *
 * connections_max: where there are more, one that has not sent a message yet is cut off, the oldest first, else the one
 * that has sent nothing for longest, if that is some seconds, else the new one. It is never more than the process's
 * descriptors allow, less a few.
 *
 * unread_bytes_max: libzmq hands out whole messages only, so a peer that sends frames of one message for ever fills
 * memory (HWM counts messages, MAXMSGSIZE frames). Bounded is what has come over TCP and cannot be handed out, as seen
 * after link_receive has found nothing: whole messages that only wait for their turn do not count, however many they
 * are. It must leave room for the longest message that is to pass, MESSAGE_FRAMES_MAX * LINK_FRAME_MAX at most. In
 * memory it can be 5 times as much, where frames are small.
 *
 * unsent_bytes_max: what was sent to a peer and waits in this process, since the peer does not read. It must leave room
 * for the largest window of a worker.
 *
 * memory_max: while the process is larger, connections are cut off by what waits for or from them, whole messages too,
 * the heaviest first. It must leave room for all that the process itself keeps, and for all whole messages that honest
 * peers can send while it is busy. */
struct link_bounds {
	int64_t connections_max;
	int64_t connections_per_key_max; /* counted from a connection's first message on */
	int64_t unread_bytes_max;
	int64_t unsent_bytes_max;
	int64_t memory_max; /* resident bytes of this process */
};

/* A ROUTER. `admits` NULL lets every CURVE key in; it is asked again for each message. `bounds` NULL: none. One bound
 * link per wire, since it also answers ZAP. ERROR_SYSTEM with the endpoint, e.g. where the port is taken. */
enum error link_bind(struct wire *wire, const char *endpoint, const struct identity *identity, link_admits admits,
                     void *argument, const struct link_bounds *bounds, struct link **link, struct failure *failure);

void link_free(struct link *link); /* drops what was not sent yet after at most 200 ms */

/* The endpoint that a bound link got, with its port. */
const char *link_endpoint(const struct link *link);

/* Takes one whole message, without waiting. On a bound link frame 0 is the routing id, and *peer_key (may be NULL)
 * receives the authenticated transport key; a message without one, with a key that is not admitted (any more), or with
 * a routing id that the peer chose is thrown away inside, and its connection cut off. ERROR_NOT_FOUND: nothing there.
 * ERROR_TOO_LONG: a message with too many frames was thrown away (`message` then holds its routing id only, for the
 * log). */
enum error link_receive(struct link *link, struct message *message, uint8_t peer_key[TRANSPORT_KEY_SIZE]);

/* Sends a whole message, without waiting. OK takes the frames (the message is empty afterwards); on an error they
 * stay. ERROR_BUSY: the queue to this peer is full. ERROR_UNREACHABLE: no such peer. */
enum error link_send(struct link *link, struct message *message);

/* ---- the peers of a bound link ---- */

/* Why a connection was cut off by us. */
enum link_kick {
	LINK_KICK_CONNECTIONS,     /* connections_max */
	LINK_KICK_KEY_CONNECTIONS, /* connections_per_key_max */
	LINK_KICK_UNREAD,          /* unread_bytes_max */
	LINK_KICK_UNSENT,          /* unsent_bytes_max */
	LINK_KICK_MEMORY,          /* memory_max */
	LINK_KICK_ROUTING,         /* it chose its routing id */
	LINK_KICK_UNADMITTED,      /* its key is not admitted any more */
	LINK_KICK_ASKED,           /* link_kick */
	LINK_KICKS,
};

/* A word such as "unread-bytes". */
const char *link_kick_word(enum link_kick kick);

struct link_counts {
	uint64_t connections; /* now */
	uint64_t accepted;
	uint64_t accepts_failed;    /* the system had no descriptor or memory for one */
	uint64_t handshakes;        /* done */
	uint64_t handshakes_failed; /* connections that ended before their first message */
	uint64_t refused;           /* by ZAP: not CURVE, or a key that is not admitted */
	uint64_t discarded;         /* messages */
	uint64_t kicked[LINK_KICKS];
	uint64_t memory; /* resident bytes of this process, at the last link_tend */
};

const struct link_counts *link_counts(const struct link *link);

/* Holds the peers to the bounds. Call it at every tick (50 ms), and after each batch of messages; it takes some
 * microseconds, and at most every 10 ms about a millisecond, however many connections there are. `now` is
 * clock_milliseconds. */
void link_tend(struct link *link, int64_t now);

/* Hands out the routing id of the next connection that has ended, for whatever reason: nothing sent to it arrives. Only
 * those that have sent a message are named, and only after link_receive has handed out what came before. False if there
 * is none. An id may be named twice, where messages of an ended connection were still under way. */
bool link_gone(struct link *link, uint8_t routing[LINK_ROUTING_MAX], size_t *size);

/* Cuts off the connection with this routing id; the reason goes to the log. Nothing happens if there is none. */
void link_kick(struct link *link, struct slice routing, const char *reason);

/* After the list behind `admits` has changed: cuts off every connection whose key is not admitted any more. One that
 * has not sent anything yet cannot either: link_receive asks `admits`. */
void link_kick_unadmitted(struct link *link);

/* ---- waiting ---- */

/* Waits until one of the links has a message, a connected link that was ERROR_BUSY has room, `fd` (-1 for none) is
 * readable, or `wait_ms` have passed; answers ZAP requests that came meanwhile. True if there may be something to
 * do. */
bool wire_wait(struct wire *wire, struct link *const *links, size_t count, int fd, int64_t wait_ms);

#endif
