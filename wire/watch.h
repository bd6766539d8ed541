/* The watch over the peers of a bound link: hears of each connection from libzmq's socket monitor, counts what comes by
 * it, and cuts off those that break a bound (link.h).
 *
 * The monitor is a queue of its own, and libzmq's threads wait where it is full: call watch_events often, at the latest
 * when its socket is readable. What they report was so a moment ago; tcp_state.h says what is now. */
#ifndef TROTH_WIRE_WATCH_H
#define TROTH_WIRE_WATCH_H

#include "wire/connections.h"

struct watch;

/* For a socket that is not bound yet. Free it before the socket is closed. ERROR_SYSTEM, ERROR_NO_MEMORY. */
enum error watch_new(void *context, void *socket, link_admits admits, void *argument, const struct link_bounds *bounds,
                     struct watch **watch, struct failure *failure);
void watch_free(struct watch *watch);

/* The monitor's socket, to be polled. */
void *watch_socket(const struct watch *watch);

void watch_events(struct watch *watch, int64_t now);

/* True if a message may be handed out; its key is then filled in. Else its connection is cut off, or was. `bytes` is
 * what it took on the wire. */
bool watch_message(struct watch *watch, const struct message *message, uint64_t bytes,
                   uint8_t key[TRANSPORT_KEY_SIZE]);

/* A message was sent; `bytes` is what it will take on the wire. */
void watch_sent(struct watch *watch, struct slice routing, uint64_t bytes);

/* Nothing was there to be received. */
void watch_drained(struct watch *watch);

void watch_tend(struct watch *watch, int64_t now);
bool watch_gone(struct watch *watch, uint8_t routing[LINK_ROUTING_MAX]);
void watch_kick(struct watch *watch, struct slice routing, const char *reason);
void watch_kick_unadmitted(struct watch *watch);

/* ZAP: whether a key may connect now, and that a request was refused, with the peer's address. */
bool watch_admits(void *watch, const uint8_t key[TRANSPORT_KEY_SIZE]);
void watch_refused(struct watch *watch, const char *reason, const char *peer);

const struct link_counts *watch_counts(const struct watch *watch);

#endif
