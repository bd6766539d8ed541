/* Message bodies: one MessagePack map (doc/protocol.md).
 *
 *     request  {op: "submit", …arguments}
 *     reply    {ok: {…}}  or  {error: {code: "offer-full", message: "…", line: 7}}
 *                         or  {error: {code: "busy", message: "…", retry: 500}}
 *
 * The words of `code` are those of base/error.h. */
#ifndef TROTH_WIRE_BODY_H
#define TROTH_WIRE_BODY_H

#include "base/pack.h"

#define BODY_MAX 262144           /* bytes of a body, whoever sends it */
#define BODY_RETRY_MAX_MS 3600000 /* the longest time to retry; one that is longer counts as this */

/* Begins a request: the caller appends exactly `arguments` keys with their values. */
void body_begin_request(struct buffer *out, const char *operation, size_t arguments);

/* Begins a good reply: the caller appends exactly `pairs` keys with their values. */
void body_begin_ok(struct buffer *out, size_t pairs);

/* A whole refusing reply. `line` and `retry` are left out where they are 0. */
void body_error(struct buffer *out, const struct failure *reason);

/* Reads a request: `*operation` borrows from `bytes`. ERROR_MALFORMED, ERROR_TOO_LONG. The arguments are the other
 * keys of pack_root(document). */
enum error body_read_request(struct pack_document *document, struct slice bytes, struct slice *operation,
                             struct failure *failure);

/* Reads a reply. OK: `*ok` is the map under `ok`. A refusal returns its code and fills `failure` with the peer's
 * words, cut and cleaned of control characters; so does a reply that is not in this form, with ERROR_MALFORMED. */
enum error body_read_reply(struct pack_document *document, struct slice bytes, const struct pack_value **ok,
                           struct failure *failure);

#endif
