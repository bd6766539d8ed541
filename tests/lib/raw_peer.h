/* A peer made of a plain TCP socket, which speaks as much ZMTP 3.0 (RFC 23) and CURVE (RFC 26) as it is told to, and
 * stops wherever it is told to: what no client of libzmq does. It does not check what the server says.
 *
 * Nothing here waits longer than RAW_PATIENCE_MS for the server, and nothing ends the test because of what the server
 * does: a function that could not do its work, since the server has ended the connection or does not read, says so. */
#ifndef TROTH_TESTS_LIB_RAW_PEER_H
#define TROTH_TESTS_LIB_RAW_PEER_H

#include "tests/lib/foreign_dealer.h"

#define RAW_PATIENCE_MS 10000

struct raw_peer {
	int fd; /* -1: not connected */
	uint8_t short_public[32], short_secret[32];
	uint8_t shared[32]; /* between the two short keys, once there was a WELCOME */
	uint64_t nonce;
};

/* Connects by TCP only. */
bool raw_connect(struct raw_peer *peer, const struct foreign_target *target);
void raw_close(struct raw_peer *peer);

/* The steps of a handshake, each after the one before. `routing_id` may be empty. */
bool raw_greet(struct raw_peer *peer);
bool raw_hello(struct raw_peer *peer, const struct foreign_target *target);
bool raw_initiate(struct raw_peer *peer, const struct foreign_target *target, const struct identity *identity,
                  struct slice routing_id);

/* All of them, with connecting; true once the server has said READY. */
bool raw_join(struct raw_peer *peer, const struct foreign_target *target, const struct identity *identity,
              struct slice routing_id);

/* Sends one encrypted frame of a message. */
bool raw_send(struct raw_peer *peer, struct slice frame, bool more);

/* Sends a PING, which the server answers. */
bool raw_ping(struct raw_peer *peer);

/* Sends any bytes. */
bool raw_send_bytes(struct raw_peer *peer, struct slice bytes);

/* The head of a ZMTP frame with a length of 8 bytes, which says that so many bytes follow. */
bool raw_send_head(struct raw_peer *peer, uint64_t size);

/* True if the server has ended the connection, as far as is known now. Throws away what it has sent. */
bool raw_is_cut(struct raw_peer *peer);

#endif
