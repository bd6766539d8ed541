/* The services of a broker's durable queue (RFC 9).
 *
 * Two things differ with them: a request of TITANIC_REQUEST has no time to live unless it means that of the ticket,
 * since what is queued outlives the wait for its ticket; and a refusal in an answer of TITANIC_REPLY is the outcome of
 * the ticket, which no second asking changes. */
#ifndef TROTH_WIRE_TITANIC_H
#define TROTH_WIRE_TITANIC_H

#define TITANIC_PREFIX "titanic."
#define TITANIC_REQUEST TITANIC_PREFIX "request"
#define TITANIC_REPLY TITANIC_PREFIX "reply"
#define TITANIC_CLOSE TITANIC_PREFIX "close"

#endif
