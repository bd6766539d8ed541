/* The durable queue's requests and answers; see titanic.h. Every answer begins with a status frame. */
#include "cli/titanic.h"

#include "wire/body.h"

#define STATUS_DONE "200"
#define STATUS_WAITING "300"
#define STATUS_REFUSED "400"
#define STATUS_FAILED "500"

bool titanic_ticket_is_valid(struct slice text) {
	bool valid = text.size == TITANIC_TICKET_DIGITS;
	for (size_t i = 0; valid && i < text.size; i++) {
		valid = memchr("0123456789abcdef", text.data[i], 16) != NULL;
	}
	return valid;
}

#define ANY_COUNT 0 /* of parts */

static bool has_status(const struct client_answer *answer, const char *status, size_t parts) {
	return answer->part_count > 0 && (parts == ANY_COUNT || answer->part_count == parts) &&
	       slice_is(answer->parts[0], status);
}

/* What an answer means that is not the one hoped for: a refusal of the queue, one of the broker before it, or of a
 * broker that has no such service. */
static enum error read_refusal(struct session *session, const struct client_answer *answer, struct failure *failure) {
	const struct pack_value *ok = NULL;
	if (has_status(answer, "404", ANY_COUNT) || has_status(answer, "501", ANY_COUNT)) {
		return fail(failure, ERROR_NO_WORKER, "this broker has no durable queue");
	}
	bool refused = has_status(answer, STATUS_REFUSED, 2) || has_status(answer, STATUS_FAILED, 2);
	if (!refused && answer->part_count != 1) {
		return fail(failure, ERROR_MALFORMED, "the broker's answer is none of a durable queue");
	}
	enum error error = body_read_reply(session->document, answer->parts[answer->part_count - 1], &ok, failure);
	return error != OK ? error : fail(failure, ERROR_MALFORMED, "the broker's answer is none of a durable queue");
}

void titanic_put_parts(const char *service, struct slice body, struct slice parts[TITANIC_PUT_PARTS]) {
	parts[0] = slice_of_text(service);
	parts[1] = body;
}

enum error titanic_read_ticket(struct session *session, const struct client_answer *answer,
                               char ticket[TITANIC_TICKET_DIGITS + 1], struct failure *failure) {
	if (!has_status(answer, STATUS_DONE, 2)) {
		return read_refusal(session, answer, failure);
	}
	if (!titanic_ticket_is_valid(answer->parts[1])) {
		return fail(failure, ERROR_MALFORMED, "the broker's ticket is not made of %d hex digits",
		            TITANIC_TICKET_DIGITS);
	}
	(void)slice_copy_text(answer->parts[1], ticket, TITANIC_TICKET_DIGITS + 1);
	return OK;
}

enum error titanic_put(struct session *session, const char *service, struct slice body,
                       char ticket[TITANIC_TICKET_DIGITS + 1], struct failure *failure) {
	struct client_answer answer;
	struct slice parts[TITANIC_PUT_PARTS];
	titanic_put_parts(service, body, parts);
	enum error error = session_exchange(session, TITANIC_REQUEST, parts, TITANIC_PUT_PARTS, &answer, failure);
	return error == OK ? titanic_read_ticket(session, &answer, ticket, failure) : error;
}

enum error titanic_ask(struct session *session, const char *ticket, enum titanic_state *state, struct slice *body,
                       struct failure *failure) {
	struct client_answer answer;
	struct slice part = slice_of_text(ticket);
	enum error error = session_exchange(session, TITANIC_REPLY, &part, 1, &answer, failure);
	if (error != OK) {
		return error;
	}
	if (has_status(&answer, STATUS_DONE, 2)) {
		*state = TITANIC_ANSWERED;
		*body = answer.parts[1];
		return OK;
	}
	if (has_status(&answer, STATUS_WAITING, 1)) {
		*state = TITANIC_WAITING;
		return OK;
	}
	if (has_status(&answer, STATUS_REFUSED, ANY_COUNT)) {
		*state = TITANIC_UNKNOWN;
		return OK;
	}
	error = read_refusal(session, &answer, failure);
	if (has_status(&answer, STATUS_FAILED, 2) && error != ERROR_MALFORMED) {
		*state = TITANIC_GIVEN_UP;
		return OK;
	}
	return error;
}

enum error titanic_close(struct session *session, const char *ticket, struct failure *failure) {
	struct client_answer answer;
	struct slice part = slice_of_text(ticket);
	enum error error = session_exchange(session, TITANIC_CLOSE, &part, 1, &answer, failure);
	if (error != OK || has_status(&answer, STATUS_DONE, 1)) {
		return error;
	}
	/* What it does not know is as good as closed. */
	return has_status(&answer, STATUS_REFUSED, ANY_COUNT) ? OK
	       : read_refusal(session, &answer, failure);
}
