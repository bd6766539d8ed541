/* Reading and writing the join file; see join.h. */
#include "cli/join.h"

#include <stddef.h>

#include "base/config.h"
#include "base/file.h"

struct join_text {
	char origin[ORIGIN_MAX];
	char endpoint[JOIN_BROKERS_MAX][CLIENT_ENDPOINT_MAX];
	char transport_key[JOIN_BROKERS_MAX][TRANSPORT_KEY_TEXT];
	char agency_key[VERIFIER_KEY_MAX];
};

#define ROW(name, member, fallback, help) \
	{ "agency", name, CONFIG_TEXT, offsetof(struct join_text, member), 0, sizeof(((struct join_text *)0)->member), \
	  fallback, help }

static const struct config_key keys[] = {
	ROW("origin", origin, NULL, "the agency's name in every note"),
	ROW("endpoint", endpoint[0], NULL, "where its broker listens"),
	ROW("transport-key", transport_key[0], NULL, "the broker's transport key"),
	ROW("endpoint-2", endpoint[1], "", "where another broker listens"),
	ROW("transport-key-2", transport_key[1], "", "its transport key, if it is not the first one's"),
	ROW("endpoint-3", endpoint[2], "", "where another broker listens"),
	ROW("transport-key-3", transport_key[2], "", "its transport key, if it is not the first one's"),
	ROW("endpoint-4", endpoint[3], "", "where another broker listens"),
	ROW("transport-key-4", transport_key[3], "", "its transport key, if it is not the first one's"),
	ROW("agency-key", agency_key, NULL, "verifier key of the agency's signatures"),
};

/* What stands behind the name of a broker's setting: nothing for the first one, "-2" for the second. */
static const char *broker_suffix(size_t index) {
	static const char *const suffixes[JOIN_BROKERS_MAX] = { "", "-2", "-3", "-4" };
	return suffixes[index];
}

static bool is_known(const struct join *join, const char *endpoint) {
	for (size_t i = 0; i < join->broker_count; i++) {
		if (strcmp(join->brokers[i].endpoint, endpoint) == 0) {
			return true;
		}
	}
	return false;
}

static enum error read_broker(const char *path, const struct join_text *text, size_t index, struct join *join,
                              struct failure *failure) {
	const char *endpoint = text->endpoint[index], *key = text->transport_key[index], *suffix = broker_suffix(index);
	if (endpoint[0] == '\0' && key[0] == '\0') {
		return OK;
	}
	if (endpoint[0] == '\0' || index != join->broker_count) {
		return fail(failure, ERROR_CONFIG, "%s: endpoint%s is missing, but something of a later broker is there", path,
		            broker_suffix(join->broker_count));
	}
	if (is_known(join, endpoint)) {
		return fail(failure, ERROR_CONFIG, "%s: endpoint%s is that of another broker too", path, suffix);
	}
	struct client_broker *broker = &join->brokers[join->broker_count++];
	memcpy(broker->endpoint, endpoint, sizeof broker->endpoint);
	if (!transport_key_parse(slice_of_text(key[0] == '\0' ? text->transport_key[0] : key), broker->public_key)) {
		return fail(failure, ERROR_CONFIG, "%s: transport-key%s is not curve25519: and 64 hex digits", path, suffix);
	}
	return OK;
}

enum error join_load(const char *path, struct join *join, struct failure *failure) {
	struct join_text text;
	enum error error = config_load(path, keys, sizeof keys / sizeof keys[0], &text, failure);
	if (error != OK) {
		return error;
	}
	*join = (struct join){ .origin = "" };
	memcpy(join->origin, text.origin, sizeof join->origin);
	if (!origin_is_valid(slice_of_text(join->origin))) {
		return fail(failure, ERROR_CONFIG, "%s: origin is not like agency.example", path);
	}
	for (size_t i = 0; i < JOIN_BROKERS_MAX && error == OK; i++) {
		error = read_broker(path, &text, i, join, failure);
	}
	if (error != OK) {
		return error;
	}
	char expected[NOTE_SIGNER_MAX];
	(void)signer_name_write(expected, slice_of_text(join->origin), ROLE_OPERATOR, slice_of_text(AGENCY_NAME));
	if (verifier_key_parse(slice_of_text(text.agency_key), &join->agency, NULL) != OK ||
	    strcmp(join->agency.name, expected) != 0) {
		return fail(failure, ERROR_CONFIG, "%s: agency-key is not the verifier key of %s", path, expected);
	}
	return OK;
}

enum error join_find_broker(const struct join *join, const char *word, size_t *index, struct failure *failure) {
	for (*index = 0; *index < join->broker_count; (*index)++) {
		char number[24];
		(void)snprintf(number, sizeof number, "%zu", *index + 1);
		if (strcmp(word, number) == 0 || strcmp(word, join->brokers[*index].endpoint) == 0) {
			return OK;
		}
	}
	if (join->broker_count == 1) {
		return fail(failure, ERROR_USAGE, "--broker must be 1 or %.100s, the only one in the join file",
		            join->brokers[0].endpoint);
	}
	return fail(failure, ERROR_USAGE, "--broker must be 1 to %zu, or an endpoint that stands in the join file",
	            join->broker_count);
}

enum error join_save(const char *path, const struct join *join, struct failure *failure) {
	char transport[TRANSPORT_KEY_TEXT], agency[VERIFIER_KEY_MAX];
	struct buffer text;
	buffer_init(&text, CONFIG_FILE_MAX);
	verifier_key_format(&join->agency, agency);
	(void)buffer_format(&text, "# How to join the agency %s: troth init --join THIS-FILE\n[agency]\norigin = %s\n",
	                    join->origin, join->origin);
	for (size_t i = 0; i < join->broker_count; i++) {
		transport_key_format(join->brokers[i].public_key, transport);
		(void)buffer_format(&text, "endpoint%s = %s\ntransport-key%s = %s\n", broker_suffix(i),
		                    join->brokers[i].endpoint, broker_suffix(i), transport);
	}
	(void)buffer_format(&text, "agency-key = %s\n", agency);
	enum error error = file_replace(path, buffer_slice(&text), 0644, failure);
	buffer_release(&text);
	return error;
}
