/* Endpoints such as tcp://127.0.0.1:7787; pure.
 *
 * TCP is the only transport: inproc would pass by CURVE without a word, and libzmq itself takes a port of 99999. */
#ifndef TROTH_WIRE_ENDPOINT_H
#define TROTH_WIRE_ENDPOINT_H

#include "base/error.h"
#include "base/slice.h"

enum endpoint_use {
	ENDPOINT_CONNECT, /* tcp://HOST:PORT, the port from 1 to 65535 */
	ENDPOINT_BIND,    /* the host may be * (every address), the port * (any that is free) */
};

/* ERROR_BAD_VALUE with what an endpoint must look like. */
enum error endpoint_check(const char *endpoint, enum endpoint_use use, struct failure *failure);

/* True for tcp://[ADDRESS]:PORT, an IPv6 address. */
bool endpoint_is_ipv6(const char *endpoint);

#endif
