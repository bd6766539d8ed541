/* The table of a bound link's connections, pure: who is behind each file descriptor, and how much of what has come from
 * it has not been handed out yet.
 *
 *     accepted --> silent -- its first message --> known -- ended --> leaving -- all its messages are read --> gone
 *                     └── ended: forgotten at once
 *
 * Rows stand under their descriptor. The system uses descriptors again, so each row also holds the cookie of its
 * socket, a number that the kernel never gives twice. Messages may be read after their connection has ended, even when
 * its descriptor is another one's already: the routing id tells, since libzmq counts it up. Only connections whose
 * routing id is known ever become gone; a caller hears of it after the messages that came before the end.
 *
 * Bytes are counted as they stand on the wire. `drains` numbers the moments at which the whole link was found empty:
 * what had come before such a moment and was not handed out by then is part of a message that is not whole. */
#ifndef TROTH_WIRE_CONNECTIONS_H
#define TROTH_WIRE_CONNECTIONS_H

#include "wire/link.h"

#define CONNECTION_ROUTING_SIZE LINK_ROUTING_MAX
#define CONNECTION_ADDRESS_SIZE 16
#define CONNECTIONS_GONE_MAX 65536 /* ends that nobody asks for; the first ones are forgotten */

struct connection {
	bool is_open;
	bool is_known;  /* key and routing id are known, since it has sent a message */
	bool is_kicked; /* shut down by us; its end has not been seen yet */
	int descriptor;
	uint64_t cookie;
	int64_t accepted_ms;
	uint8_t address[CONNECTION_ADDRESS_SIZE]; /* IPv6, or IPv4 mapped into it */
	uint8_t key[TRANSPORT_KEY_SIZE];
	uint8_t routing[CONNECTION_ROUTING_SIZE];
	uint64_t consumed;    /* bytes of its stream that are handed out; never more than the truth */
	uint64_t arrived;     /* bytes that had left the kernel when it was last looked at */
	uint64_t look_drains; /* the link's drains at that time */
	uint64_t sent;        /* bytes of its stream that were given to libzmq, and at least what has left it */
	uint64_t written;     /* bytes that had come to the kernel, or farther, when it was last looked at */
	int64_t heard_ms;     /* when it was accepted or last sent a whole message */
	int before, after;    /* its neighbours among the silent ones, older and younger; -1: none */
};

struct connections;
struct connections *connections_new(void); /* NULL if memory is out */
void connections_free(struct connections *connections);

/* A new connection under this descriptor. What stood there has ended, unless the cookie is the same: then nothing
 * happens. NULL if memory is out: the connection is not watched. */
struct connection *connections_accept(struct connections *connections, int descriptor, uint64_t cookie, int64_t now);

/* The connection under a descriptor, or the one with a routing id, or NULL. Valid until the next one is accepted. */
struct connection *connections_at(const struct connections *connections, int descriptor);
struct connection *connections_of(struct connections *connections, struct slice routing);

/* It has ended. */
void connections_end(struct connections *connections, struct connection *connection);

/* The connection that a message with this routing id and descriptor came from, made known by it if it was silent. NULL
 * if that one has ended before: then its end is (again) to be handed out, after this message. */
struct connection *connections_hear(struct connections *connections, int descriptor, struct slice routing,
                                    const uint8_t key[TRANSPORT_KEY_SIZE]);

/* How many are open and not kicked; how many are known, with this key; the oldest that is silent and not kicked, or
 * NULL. */
size_t connections_open(const struct connections *connections);
size_t connections_with_key(const struct connections *connections, const uint8_t key[TRANSPORT_KEY_SIZE]);
struct connection *connections_oldest_silent(const struct connections *connections);

/* Marks an open connection as shut down; once. */
void connections_kicked(struct connections *connections, struct connection *connection);

/* The next open connection behind a descriptor (-1: the first one), or NULL. */
struct connection *connections_next(const struct connections *connections, int descriptor);

/* The open one, known and not kicked, that has not sent a message for longest; NULL if there is none. Looks at every
 * row. */
struct connection *connections_longest_idle(const struct connections *connections);

/* The link was found empty, or long enough was waited for it: ends that were noted before are now to be handed out. */
void connections_settle(struct connections *connections);

/* Takes the routing id of the next connection that is gone. False if there is none. */
bool connections_gone(struct connections *connections, uint8_t routing[CONNECTION_ROUTING_SIZE]);

/* ---- bytes of one connection ---- */

/* A whole message of so many bytes was handed out; the link had been drained so often. */
void connection_consume(struct connection *connection, uint64_t bytes, uint64_t drains, int64_t now);

/* It is looked at: so many bytes have left the kernel by now. Returns how many of those that were there at the former
 * look belong to a message that is not whole; 0 while that cannot be told. */
uint64_t connection_look(struct connection *connection, uint64_t arrived, uint64_t drains);

/* The same look at the other direction. */
void connection_look_out(struct connection *connection, uint64_t written);

/* The bytes in this process that were not handed out, or not yet sent, at the last look. */
uint64_t connection_unread(const struct connection *connection);
uint64_t connection_unsent(const struct connection *connection);

#endif
