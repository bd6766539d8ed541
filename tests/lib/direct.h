/* Requests straight to an agency's workers, past all that the command checks before it signs and sends.
 *
 * With it, notes that no sound program would make: any text, signed under any name. For one thread only. */
#ifndef TROTH_TESTS_LIB_DIRECT_H
#define TROTH_TESTS_LIB_DIRECT_H

#include "base/pack.h"
#include "tests/lib/market.h"

/* Sends a body to a service and waits. Code OK: *ok (may be NULL) is the reply's map, until the next call. Else the
 * refusal's code, line and words. */
struct failure direct_call(struct client *client, const char *service, struct slice body,
                           const struct pack_value **ok);

/* Asks the service views, with one text as argument unless `key` is NULL. */
struct failure direct_ask(struct client *client, const char *operation, const char *key, const char *text,
                          const struct pack_value **ok);

/* Asks the service views with any arguments: a text, or where `text` is NULL a number, or `flag` for true. */
struct argument {
	const char *key, *text;
	int64_t number;
	bool flag;
};
struct failure direct_query(struct client *client, const char *operation, const struct argument *arguments,
                            size_t count, const struct pack_value **ok);

/* Submits a signed note. */
struct failure direct_submit(struct client *client, struct slice signed_note);

/* Appends text, empty line and a signature line of any name, whatever the text holds. */
void direct_sign(struct slice text, const char *name, const struct signing_key *key, struct buffer *out);

/* Appends the text of a signed note with its first line that begins with `key` and a blank replaced by `lines`, which
 * end in LF; "" takes the line out. Ends the test if there is no such line. */
void direct_edit(struct slice signed_note, const char *key, const char *lines, struct buffer *out);

/* The same, signed by an actor: another note, as he could have written it. */
void direct_resign(const struct actor *actor, struct slice signed_note, const char *key, const char *lines,
                   struct buffer *out);

/* The text of a signed note, borrowed from it. */
struct slice direct_text(struct slice signed_note);

#endif
