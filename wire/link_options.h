/* The socket options of links, as tables: every bound that stands between a peer and this process's memory. */
#ifndef TROTH_WIRE_LINK_OPTIONS_H
#define TROTH_WIRE_LINK_OPTIONS_H

#include "wire/link.h"

#define LINK_CURVE_OVERHEAD 33 /* bytes of a MESSAGE command around a frame (RFC 26); ZMQ_MAXMSGSIZE counts them */

/* Set the options of a fresh socket (a void * of libzmq) for one of the two uses; ERROR_SYSTEM. */
enum error link_options_for_bound(void *socket, const char *endpoint, const struct identity *identity,
                                  struct failure *failure);
enum error link_options_for_connected(void *socket, const char *endpoint,
                                      const uint8_t server_key[TRANSPORT_KEY_SIZE],
                                      const struct identity *identity, struct failure *failure);

#endif
