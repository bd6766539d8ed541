/* One operator's talk with a broker: its service `broker` (doc/protocol.md). */
#ifndef TROTH_CLI_ADMIN_H
#define TROTH_CLI_ADMIN_H

#include "cli/act.h"

struct admin {
	struct act act;
	size_t broker; /* which one of the join file */
};

/* Opens the home and a connection to the broker that --broker names, else to the first one; which is said, if there
 * are several. Release in any case. */
enum error admin_open(struct admin *admin, const struct settings *settings, struct failure *failure);

/* Opens the home only, and then a connection to one broker after the other. */
enum error admin_open_home(struct admin *admin, const struct settings *settings, struct failure *failure);
enum error admin_connect(struct admin *admin, size_t broker, struct failure *failure);

void admin_release(struct admin *admin);

/* Begins a request; the caller appends its arguments to it and asks. */
struct buffer *admin_request(struct admin *admin, const char *operation, size_t arguments);

/* Sends the request and reads the answer; *ok is valid until the next one. What is refused because this home is no
 * operator of the broker, or because the broker knows no operators, is told with what to do. */
enum error admin_ask(struct admin *admin, const struct pack_value **ok, struct failure *failure);

/* Where the broker listens, as the join file says it. */
const char *admin_endpoint(const struct admin *admin);

#endif
