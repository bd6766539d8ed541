/* A broker's durable queue, as its clients use it: services titanic.request, titanic.reply and titanic.close (RFC 9 and
 * doc/protocol.md). */
#ifndef TROTH_CLI_TITANIC_H
#define TROTH_CLI_TITANIC_H

#include "cli/session.h"

#define TITANIC_TICKET_DIGITS 32

/* What the queue says of a ticket. */
enum titanic_state {
	TITANIC_WAITING,  /* not answered yet */
	TITANIC_ANSWERED,
	TITANIC_UNKNOWN,  /* closed, expired, or another client's */
	TITANIC_GIVEN_UP, /* a dead letter: no worker could do it */
};

/* Puts a request for a service into the queue. OK: it is on the broker's disk, under this ticket. ERROR_NO_WORKER if
 * the broker has no durable queue, ERROR_BUSY and ERROR_STORE_FULL if there is no room in it. */
enum error titanic_put(struct session *session, const char *service, struct slice body,
                       char ticket[TITANIC_TICKET_DIGITS + 1], struct failure *failure);

/* The same in two steps, for many at once: the frames to send to TITANIC_REQUEST, and the reading of the answer. */
#define TITANIC_PUT_PARTS 2
void titanic_put_parts(const char *service, struct slice body, struct slice parts[TITANIC_PUT_PARTS]);
enum error titanic_read_ticket(struct session *session, const struct client_answer *answer,
                               char ticket[TITANIC_TICKET_DIGITS + 1], struct failure *failure);

/* Asks what has become of it. TITANIC_ANSWERED: *body is the worker's reply, borrowed from the session until its next
 * call. TITANIC_GIVEN_UP: `failure` holds the reason, and OK is returned. */
enum error titanic_ask(struct session *session, const char *ticket, enum titanic_state *state, struct slice *body,
                       struct failure *failure);

/* Has the broker forget it, done or not. */
enum error titanic_close(struct session *session, const char *ticket, struct failure *failure);

/* True for 32 lower-case hex digits. */
bool titanic_ticket_is_valid(struct slice text);

#endif
