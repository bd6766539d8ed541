/* Reading and writing the join file; see join.h. */
#include "cli/join.h"

#include <stddef.h>

#include "base/config.h"
#include "base/file.h"

struct join_text {
	char origin[ORIGIN_MAX];
	char endpoint[CLIENT_ENDPOINT_MAX];
	char transport_key[TRANSPORT_KEY_TEXT];
	char agency_key[VERIFIER_KEY_MAX];
};

#define ROW(name, member, help) \
	{ "agency", name, CONFIG_TEXT, offsetof(struct join_text, member), 0, sizeof(((struct join_text *)0)->member), \
	  NULL, help }

static const struct config_key keys[] = {
	ROW("origin", origin, "the agency's name in every note"),
	ROW("endpoint", endpoint, "where its broker listens"),
	ROW("transport-key", transport_key, "the broker's transport key"),
	ROW("agency-key", agency_key, "verifier key of the agency's signatures"),
};

enum error join_load(const char *path, struct join *join, struct failure *failure) {
	struct join_text text;
	enum error error = config_load(path, keys, sizeof keys / sizeof keys[0], &text, failure);
	if (error != OK) {
		return error;
	}
	*join = (struct join){ .origin = "" };
	memcpy(join->origin, text.origin, sizeof join->origin);
	memcpy(join->broker.endpoint, text.endpoint, sizeof join->broker.endpoint);
	if (!origin_is_valid(slice_of_text(join->origin))) {
		return fail(failure, ERROR_CONFIG, "%s: origin is not like agency.example", path);
	}
	if (!transport_key_parse(slice_of_text(text.transport_key), join->broker.public_key)) {
		return fail(failure, ERROR_CONFIG, "%s: transport-key is not curve25519: and 64 hex digits", path);
	}
	char expected[NOTE_SIGNER_MAX];
	(void)signer_name_write(expected, slice_of_text(join->origin), ROLE_OPERATOR, slice_of_text(AGENCY_NAME));
	if (verifier_key_parse(slice_of_text(text.agency_key), &join->agency, NULL) != OK ||
	    strcmp(join->agency.name, expected) != 0) {
		return fail(failure, ERROR_CONFIG, "%s: agency-key is not the verifier key of %s", path, expected);
	}
	return OK;
}

enum error join_save(const char *path, const struct join *join, struct failure *failure) {
	char transport[TRANSPORT_KEY_TEXT], agency[VERIFIER_KEY_MAX];
	struct buffer text;
	buffer_init(&text, CONFIG_FILE_MAX);
	transport_key_format(join->broker.public_key, transport);
	verifier_key_format(&join->agency, agency);
	(void)buffer_format(&text, "# How to join the agency %s: troth init --join THIS-FILE\n[agency]\norigin = %s\n",
	                    join->origin, join->origin);
	(void)buffer_format(&text, "endpoint = %s\ntransport-key = %s\nagency-key = %s\n", join->broker.endpoint, transport,
	                    agency);
	enum error error = file_replace(path, buffer_slice(&text), 0644, failure);
	buffer_release(&text);
	return error;
}
