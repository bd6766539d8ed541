/* The ZeroMQ Authentication Protocol (RFC 27), server side, pure: a request's frames become a reply's frames.
 *
 *     request  [route…] empty | "1.0" | id | domain | address | identity | mechanism | credentials…
 *     reply    [route…] empty | "1.0" | id | status | text | user id | metadata
 *
 * Only CURVE with a key of 32 bytes gets a 200; its user id is the key in text form, which libzmq then attaches to
 * every message of that connection. Everything else gets a 400: it fails closed. */
#ifndef TROTH_WIRE_ZAP_H
#define TROTH_WIRE_ZAP_H

#include "wire/link.h"

#define ZAP_DOMAIN "troth"
#define ZAP_AT_ADDRESS 4 /* where the peer's address stands in a request, counted from the empty frame */

/* Answers frames[first..count) of `request`; the frames before `first` lead back to who asked and are moved to the
 * front of `reply`, which must be empty. `admits` NULL lets every CURVE key in. `*refusal` says why the connection is
 * refused (constant text) or is NULL. False: nothing that could be answered; `reply` is empty. */
bool zap_answer(struct message *request, size_t first, link_admits admits, void *argument, struct message *reply,
                const char **refusal);

#endif
