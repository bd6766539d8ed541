/* Checks endpoints before libzmq sees them; see endpoint.h. */
#include "wire/endpoint.h"

#include "wire/link.h"

static const char scheme[] = "tcp://";

/* "1" to "65535", without a leading zero. */
static bool is_port(struct slice text) {
	unsigned port = 0;
	if (text.size == 0 || text.size > 5 || text.data[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			return false;
		}
		port = port * 10 + (unsigned)(text.data[i] - '0');
	}
	return port <= UINT16_MAX;
}

static bool all_in(struct slice text, const char *allowed) {
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\0' || strchr(allowed, text.data[i]) == NULL) {
			return false;
		}
	}
	return text.size > 0;
}

/* A name, an IPv4 address or an IPv6 address in brackets. */
static bool is_host(struct slice text) {
	if (text.size > 2 && text.data[0] == '[' && text.data[text.size - 1] == ']') {
		return all_in(slice_of(text.data + 1, text.size - 2), "0123456789abcdefABCDEF:.");
	}
	return all_in(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._");
}

enum error endpoint_check(const char *endpoint, enum endpoint_use use, struct failure *failure) {
	size_t size = strlen(endpoint);
	const char *colon = strrchr(endpoint, ':');
	if (size < LINK_ENDPOINT_MAX && strncmp(endpoint, scheme, sizeof scheme - 1) == 0) {
		const char *host = endpoint + sizeof scheme - 1;
		struct slice host_part = slice_of(host, colon > host ? (size_t)(colon - host) : 0);
		struct slice port_part = slice_of_text(colon + 1);
		bool binds = use == ENDPOINT_BIND;
		if ((is_host(host_part) || (binds && slice_is(host_part, "*"))) &&
		    (is_port(port_part) || (binds && slice_is(port_part, "*")))) {
			return OK;
		}
	}
	return fail(failure, ERROR_BAD_VALUE, "%.80s is not an endpoint such as tcp://127.0.0.1:7787", endpoint);
}

bool endpoint_is_ipv6(const char *endpoint) {
	return endpoint[strcspn(endpoint, "[")] != '\0';
}
