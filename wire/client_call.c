/* One request at a time, and failures in words; see client.h. */
#include <assert.h>

#include "wire/client_state.h"

#define LATER_MS 10000 /* a time to retry that is not shortly */

enum error client_explain(const struct client *client, const struct client_answer *answer, struct failure *failure) {
	const char *endpoint = client->brokers[client->current].endpoint;
	double seconds = (double)client->timeout_ms / 1000;
	const char *trace = answer->trace;
	enum error error = answer->error;
	switch ((int)error) {
	case ERROR_UNREACHABLE:
		(void)fail(failure, error,
		           "no answer from %.100s%s within %.1f s: is the agency running there? Start it with troth up, or "
		           "check the endpoint in the join file",
		           client->brokers[0].endpoint, client->broker_count > 1 ? " and the brokers after it" : "", seconds);
		break;
	case ERROR_NO_WORKER:
		(void)fail(failure, error,
		           "%.100s answers, but no worker took the request within %.1f s (request %.8s, tries: %u): start a "
		           "troth-worker there, or try again",
		           endpoint, seconds, trace, answer->tries);
		break;
	case ERROR_BUSY:
		(void)fail(failure, error, "%.100s took nothing for %.1f s (request %.8s, tries: %u): it has too much to do, "
		           "or is being emptied for maintenance; try again %s",
		           endpoint, seconds, trace, answer->tries, answer->retry_ms > LATER_MS ? "later" : "shortly");
		break;
	default:
		(void)fail(failure, error, "request %.8s to %.100s failed: %s", trace, endpoint, error_sentence(error));
	}
	if (failure != NULL) {
		failure->retry_ms = answer->retry_ms;
	}
	return error;
}

enum error client_call_parts(struct client *client, const char *service, const struct slice *parts, size_t count,
                             struct client_answer *answer, struct failure *failure) {
	assert(client_waiting(client) == 0);
	*answer = (struct client_answer){ .error = OK };
	enum error error = client_send_parts(client, service, parts, count, NULL, failure);
	if (error != OK) {
		return error;
	}
	do {
		error = client_next(client, client->timeout_ms, answer);
	} while (error == ERROR_NOT_FOUND);
	return answer->error == OK ? OK : client_explain(client, answer, failure);
}

enum error client_call(struct client *client, const char *service, struct slice body, struct buffer *reply,
                       struct failure *failure) {
	struct client_answer answer;
	enum error error = client_call_parts(client, service, &body, 1, &answer, failure);
	if (error == OK && !buffer_append_slice(reply, answer.body)) {
		error = fail(failure, ERROR_TOO_LONG, "the reply of %zu bytes does not fit", answer.body.size);
	}
	return error;
}
