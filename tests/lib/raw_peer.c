/* ZMTP and CURVE by hand; see raw_peer.h. Numbers are those of RFC 26: sizes of commands, prefixes of nonces. */
#include "tests/lib/raw_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/lib/stop.h"

#define GREETING_SIZE 64
#define HELLO_SIZE 200
#define WELCOME_SIZE 168
#define COOKIE_SIZE 96
#define METADATA_MAX 512
#define FLAG_LONG 2
#define FLAG_COMMAND 4
#define SHORT_MAX 255
#define MESSAGE_MORE 1
#define MESSAGE_COMMAND 2
#define MESSAGE_HEAD 16 /* "\7MESSAGE" and the short nonce */

/* ---- bytes ---- */

static bool await(int fd, short events, int64_t until) {
	int64_t left = until - clock_milliseconds();
	struct pollfd item = { .fd = fd, .events = events };
	return left > 0 && poll(&item, 1, (int)left) > 0;
}

bool raw_connect(struct raw_peer *peer, const struct foreign_target *target) {
	*peer = (struct raw_peer){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .nonce = 1 };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const char *colon = strrchr(target->endpoint, ':');
	address.sin_port = htons((uint16_t)strtoul(colon == NULL ? "" : colon + 1, NULL, 10));
	if (peer->fd < 0) {
		stop("a socket");
	}
	const int one = 1;
	(void)setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(peer->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		raw_close(peer);
		return false;
	}
	return true;
}

void raw_close(struct raw_peer *peer) {
	if (peer->fd >= 0) {
		(void)close(peer->fd);
	}
	peer->fd = -1;
}

bool raw_send_bytes(struct raw_peer *peer, struct slice bytes) {
	int64_t until = clock_milliseconds() + RAW_PATIENCE_MS;
	while (bytes.size > 0) {
		ssize_t sent = send(peer->fd, bytes.data, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && (errno != EAGAIN || !await(peer->fd, POLLOUT, until))) {
			return false;
		}
		bytes.data += sent < 0 ? 0 : sent;
		bytes.size -= sent < 0 ? 0 : (size_t)sent;
	}
	return true;
}

static bool take_bytes(struct raw_peer *peer, uint8_t *out, size_t size) {
	int64_t until = clock_milliseconds() + RAW_PATIENCE_MS;
	while (size > 0) {
		ssize_t taken = recv(peer->fd, out, size, MSG_DONTWAIT);
		if (taken == 0 || (taken < 0 && (errno != EAGAIN || !await(peer->fd, POLLIN, until)))) {
			return false;
		}
		out += taken < 0 ? 0 : taken;
		size -= taken < 0 ? 0 : (size_t)taken;
	}
	return true;
}

bool raw_is_cut(struct raw_peer *peer) {
	uint8_t ignored[4096];
	ssize_t taken = 1;
	while (taken > 0) {
		taken = recv(peer->fd, ignored, sizeof ignored, MSG_DONTWAIT);
	}
	return taken == 0 || errno != EAGAIN;
}

/* ---- frames ---- */

static void put_number(uint8_t out[8], uint64_t number) {
	for (int i = 7; i >= 0; i--) {
		out[i] = (uint8_t)number;
		number >>= 8;
	}
}

bool raw_send_head(struct raw_peer *peer, uint64_t size) {
	uint8_t head[9] = { FLAG_LONG };
	put_number(head + 1, size);
	return raw_send_bytes(peer, slice_of(head, sizeof head));
}

static bool send_command(struct raw_peer *peer, const uint8_t *body, size_t size) {
	uint8_t head[9] = { FLAG_COMMAND, (uint8_t)size };
	if (size > SHORT_MAX) {
		head[0] |= FLAG_LONG;
		put_number(head + 1, size);
	}
	return raw_send_bytes(peer, slice_of(head, size > SHORT_MAX ? 9 : 2)) &&
	       raw_send_bytes(peer, slice_of(body, size));
}

/* A nonce of RFC 26: a prefix, and a counter or random bytes. */
static void make_nonce(uint8_t nonce[crypto_box_NONCEBYTES], const char *prefix, const uint8_t *rest) {
	size_t size = strlen(prefix);
	memcpy(nonce, prefix, size);
	memcpy(nonce + size, rest, crypto_box_NONCEBYTES - size);
}

static void next_nonce(struct raw_peer *peer, uint8_t nonce[crypto_box_NONCEBYTES], const char *prefix,
                       uint8_t short_nonce[8]) {
	put_number(short_nonce, peer->nonce++);
	make_nonce(nonce, prefix, short_nonce);
}

/* ---- the handshake ---- */

bool raw_greet(struct raw_peer *peer) {
	static const uint8_t greeting[GREETING_SIZE] = {
		0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'C', 'U', 'R', 'V', 'E',
	};
	return raw_send_bytes(peer, slice_of(greeting, sizeof greeting));
}

/* "\5HELLO" version[2] zero[72] C'[32] nonce[8] box[80] */
bool raw_hello(struct raw_peer *peer, const struct foreign_target *target) {
	static const uint8_t zero[64];
	uint8_t hello[HELLO_SIZE] = "\5HELLO\1", nonce[crypto_box_NONCEBYTES];
	(void)crypto_box_keypair(peer->short_public, peer->short_secret);
	memcpy(hello + 80, peer->short_public, sizeof peer->short_public);
	next_nonce(peer, nonce, "CurveZMQHELLO---", hello + 112);
	return crypto_box_easy(hello + 120, zero, sizeof zero, nonce, target->server_key, peer->short_secret) == 0 &&
	       send_command(peer, hello, sizeof hello);
}

/* Reads the server's greeting and WELCOME, and opens it: S'[32] cookie[96]. */
static bool take_welcome(struct raw_peer *peer, const struct foreign_target *target,
                         uint8_t plain[32 + COOKIE_SIZE]) {
	uint8_t greeting[GREETING_SIZE], frame[2 + WELCOME_SIZE], nonce[crypto_box_NONCEBYTES];
	if (!take_bytes(peer, greeting, sizeof greeting) || !take_bytes(peer, frame, sizeof frame)) {
		return false;
	}
	const uint8_t *welcome = frame + 2;
	make_nonce(nonce, "WELCOME-", welcome + 8);
	return crypto_box_open_easy(plain, welcome + 24, WELCOME_SIZE - 24, nonce, target->server_key,
	                            peer->short_secret) == 0;
}

/* Socket-Type and Identity: name with a length of one byte, value with one of four. */
static size_t write_metadata(uint8_t *out, struct slice routing_id) {
	static const uint8_t type[] = "\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0";
	memcpy(out, type, sizeof type - 1);
	size_t size = sizeof type - 1;
	out[size++] = (uint8_t)routing_id.size;
	if (routing_id.size > 0) {
		memcpy(out + size, routing_id.data, routing_id.size);
	}
	return size + routing_id.size;
}

/* C[32] vouch nonce[16] vouch[80] metadata, where the vouch is a box of C' and S by C to S'. */
static size_t write_vouched(const struct raw_peer *peer, const struct foreign_target *target,
                            const struct identity *identity, const uint8_t server_short[32], struct slice routing_id,
                            uint8_t *out) {
	uint8_t nonce[crypto_box_NONCEBYTES], vouched[64];
	memcpy(out, identity->public_key, 32);
	randombytes_buf(out + 32, 16);
	make_nonce(nonce, "VOUCH---", out + 32);
	memcpy(vouched, peer->short_public, 32);
	memcpy(vouched + 32, target->server_key, 32);
	if (crypto_box_easy(out + 48, vouched, sizeof vouched, nonce, server_short, identity->secret_key) != 0) {
		stop("a vouch");
	}
	return 128 + write_metadata(out + 128, routing_id);
}

/* "\10INITIATE" cookie[96] nonce[8] box */
bool raw_initiate(struct raw_peer *peer, const struct foreign_target *target, const struct identity *identity,
                  struct slice routing_id) {
	uint8_t plain[32 + COOKIE_SIZE], vouched[128 + METADATA_MAX], nonce[crypto_box_NONCEBYTES];
	uint8_t initiate[9 + COOKIE_SIZE + 8 + crypto_box_MACBYTES + sizeof vouched] = "\10INITIATE";
	if (!take_welcome(peer, target, plain) || crypto_box_beforenm(peer->shared, plain, peer->short_secret) != 0) {
		return false;
	}
	memcpy(initiate + 9, plain + 32, COOKIE_SIZE);
	size_t size = write_vouched(peer, target, identity, plain, routing_id, vouched);
	next_nonce(peer, nonce, "CurveZMQINITIATE", initiate + 105);
	return crypto_box_easy_afternm(initiate + 113, vouched, size, nonce, peer->shared) == 0 &&
	       send_command(peer, initiate, 113 + crypto_box_MACBYTES + size);
}

bool raw_join(struct raw_peer *peer, const struct foreign_target *target, const struct identity *identity,
              struct slice routing_id) {
	uint8_t head[2], ready[SHORT_MAX];
	if (!raw_connect(peer, target)) {
		return false;
	}
	if (!raw_greet(peer) || !raw_hello(peer, target) || !raw_initiate(peer, target, identity, routing_id) ||
	    !take_bytes(peer, head, sizeof head) || !take_bytes(peer, ready, head[1]) || ready[0] != 5 ||
	    memcmp(ready + 1, "READY", 5) != 0) {
		raw_close(peer);
		return false;
	}
	return true;
}

/* ---- messages ---- */

/* "\7MESSAGE" nonce[8] box, whose first byte says whether more frames follow, and whether it is a command */
static bool send_box(struct raw_peer *peer, struct slice frame, uint8_t flags) {
	size_t size = MESSAGE_HEAD + crypto_box_MACBYTES + 1 + frame.size;
	uint8_t nonce[crypto_box_NONCEBYTES];
	uint8_t *body = malloc(size + 9), *plain = malloc(1 + frame.size);
	if (body == NULL || plain == NULL) {
		stop("memory for a frame");
	}
	plain[0] = flags;
	if (frame.size > 0) {
		memcpy(plain + 1, frame.data, frame.size);
	}
	size_t head = size > SHORT_MAX ? 9 : 2;
	memcpy(body + head, "\7MESSAGE", 8);
	next_nonce(peer, nonce, "CurveZMQMESSAGEC", body + head + 8);
	bool sent = crypto_box_easy_afternm(body + head + MESSAGE_HEAD, plain, 1 + frame.size, nonce, peer->shared) == 0;
	body[0] = head == 9 ? FLAG_LONG : 0;
	body[1] = (uint8_t)size;
	if (head == 9) {
		put_number(body + 1, size);
	}
	sent = sent && raw_send_bytes(peer, slice_of(body, head + size));
	free(body);
	free(plain);
	return sent;
}

bool raw_send(struct raw_peer *peer, struct slice frame, bool more) {
	return send_box(peer, frame, more ? MESSAGE_MORE : 0);
}

/* "\4PING" time to live[2] */
bool raw_ping(struct raw_peer *peer) {
	static const uint8_t ping[7] = "\4PING";
	return send_box(peer, slice_of(ping, sizeof ping), MESSAGE_COMMAND);
}
