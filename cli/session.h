/* A connection of one home to its agency, and questions over it. */
#ifndef TROTH_CLI_SESSION_H
#define TROTH_CLI_SESSION_H

#include "base/pack.h"
#include "cli/home.h"
#include "wire/client.h"

#define SERVICE_NOTES "notes"
#define SERVICE_VIEWS "views"
#define SERVICE_BROKER "broker"

struct session {
	struct home *home; /* borrowed */
	struct client *client;
	struct pack_document *document;
	struct buffer request, reply;
};

/* Connects with the home's transport key to the brokers of its join file, one after the other where one is silent; does
 * not wait. All its requests belong to one trace, that of TRACEPARENT (W3C Trace Context) or a new one. Release in any
 * case. */
enum error session_open(struct session *session, struct home *home, const struct settings *settings,
                        struct failure *failure);

/* The same with another transport key than the home's. */
enum error session_open_as(struct session *session, struct home *home, const struct settings *settings,
                           const struct identity *identity, struct failure *failure);

/* The same to one of the brokers only. */
enum error session_open_broker(struct session *session, struct home *home, const struct settings *settings,
                               size_t broker, struct failure *failure);
void session_release(struct session *session);

/* Sends what stands in session->request to a service and reads the reply. OK: *ok is the reply's map, valid until the
 * next call. A refusal returns its code. */
enum error session_call(struct session *session, const char *service, const struct pack_value **ok,
                        struct failure *failure);

/* Sends a request of several frames; *answer borrows from the session until its next call. */
enum error session_exchange(struct session *session, const char *service, const struct slice *parts, size_t count,
                            struct client_answer *answer, struct failure *failure);

/* Asks a question without arguments, or with one text. */
enum error session_ask(struct session *session, const char *operation, const char *key, const char *text,
                       const struct pack_value **ok, struct failure *failure);

/* Visits the items of a question that is answered page by page, at most `limit` of them, or SESSION_EVERYTHING: then
 * nothing is left out, however much it is. `visit` returns an error to stop with. The question has texts as arguments,
 * and `cursor` names the argument by which pages follow each other: "before" (the newest first) or "after" (the oldest
 * first, or by name). */
#define SESSION_EVERYTHING INT64_MAX
typedef enum error (*session_visit)(void *argument, const struct pack_value *item, struct failure *failure);
struct session_word {
	const char *key, *text;
};
enum error session_pages(struct session *session, const char *operation, const char *cursor,
                         const struct session_word *words, size_t count, int64_t limit, session_visit visit,
                         void *argument, struct failure *failure);

/* The same for lists that people look at: at most `limit` items, which may not be all of them; *more says whether there
 * is at least one that was left out. session_say_more tells people so, on standard error. */
enum error session_some(struct session *session, const char *operation, const char *cursor,
                        const struct session_word *words, size_t count, int64_t limit, session_visit visit,
                        void *argument, bool *more, struct failure *failure);
void session_say_more(const struct settings *settings, bool more);

/* The hex digits of an id as people write it: with or without sha256:. ERROR_USAGE unless it has at least 8 digits and
 * at most 64. `out` has 65 bytes. */
enum error session_id_digits(const char *text, char out[65], struct failure *failure);

#endif
