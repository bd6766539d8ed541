/* Questions and orders of an operator; see admin.h. */
#include "cli/admin.h"

#include "wire/body.h"

enum error admin_open_home(struct admin *admin, const struct settings *settings, struct failure *failure) {
	*admin = (struct admin){ .broker = 0 };
	enum error error = act_open(&admin->act, settings, ACT_READS, failure);
	return error == OK && settings->broker != NULL
	           ? join_find_broker(&admin->act.home.join, settings->broker, &admin->broker, failure) : error;
}

enum error admin_connect(struct admin *admin, size_t broker, struct failure *failure) {
	session_release(&admin->act.session);
	admin->broker = broker;
	return session_open_broker(&admin->act.session, &admin->act.home, admin->act.settings, broker, failure);
}

enum error admin_open(struct admin *admin, const struct settings *settings, struct failure *failure) {
	enum error error = admin_open_home(admin, settings, failure);
	if (error == OK && settings->broker == NULL && admin->act.home.join.broker_count > 1) {
		(void)fprintf(stderr, "this is about %s, the first of %zu brokers; --broker chooses\n", admin_endpoint(admin),
		              admin->act.home.join.broker_count);
	}
	return error == OK ? admin_connect(admin, admin->broker, failure) : error;
}

void admin_release(struct admin *admin) {
	act_release(&admin->act);
}

const char *admin_endpoint(const struct admin *admin) {
	return admin->act.home.join.brokers[admin->broker].endpoint;
}

struct buffer *admin_request(struct admin *admin, const char *operation, size_t arguments) {
	struct buffer *request = &admin->act.session.request;
	buffer_clear(request);
	body_begin_request(request, operation, arguments);
	return request;
}

/* Says which line makes this home an operator of the broker. */
static enum error explain_not_allowed(const struct admin *admin, struct failure *failure) {
	struct identity identity;
	char key[TRANSPORT_KEY_TEXT];
	enum error error = home_load_identity(&admin->act.home, &identity, failure);
	if (error != OK) {
		return error;
	}
	transport_key_format(identity.public_key, key);
	identity_wipe(&identity);
	return fail(failure, ERROR_NOT_ALLOWED, "%s is no operator of %.70s. On the broker's machine, add this line to its "
	            "workers.allow and send the broker SIGHUP: %s %s broker", admin->act.home.name, admin_endpoint(admin),
	            key, admin->act.home.name);
}

enum error admin_ask(struct admin *admin, const struct pack_value **ok, struct failure *failure) {
	enum error error = session_call(&admin->act.session, SERVICE_BROKER, ok, failure);
	switch ((int)error) {
	case ERROR_NOT_ALLOWED:
		return explain_not_allowed(admin, failure);
	case ERROR_NO_WORKER:
		return fail(failure, error, "%.100s answers, but has no service for operators: is it of an older version?",
		            admin_endpoint(admin));
	case ERROR_UNKNOWN_OPERATION:
		return fail(failure, error, "%.100s does not know this command: is it of another version?",
		            admin_endpoint(admin));
	default:
		return error;
	}
}
