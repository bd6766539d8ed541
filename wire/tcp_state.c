/* Asking Linux about a socket; see tcp_state.h. */
#include "wire/tcp_state.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool tcp_cookie(int descriptor, uint64_t *cookie) {
	socklen_t size = sizeof *cookie;
	return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, cookie, &size) == 0;
}

void tcp_peer_address(int descriptor, uint8_t address[TCP_ADDRESS_SIZE]) {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t size = sizeof peer;
	memset(address, 0, TCP_ADDRESS_SIZE);
	if (getpeername(descriptor, &peer.any, &size) != 0) {
		return;
	}
	if (peer.any.sa_family == AF_INET6) {
		memcpy(address, &peer.v6.sin6_addr, TCP_ADDRESS_SIZE);
	} else if (peer.any.sa_family == AF_INET) {
		memset(address + 10, 0xff, 2);
		memcpy(address + 12, &peer.v4.sin_addr, 4);
	}
}

const char *tcp_address_text(const uint8_t address[TCP_ADDRESS_SIZE], char out[TCP_ADDRESS_TEXT]) {
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool is_v4 = memcmp(address, mapped, sizeof mapped) == 0;
	const char *text = is_v4 ? inet_ntop(AF_INET, address + sizeof mapped, out, TCP_ADDRESS_TEXT)
	                         : inet_ntop(AF_INET6, address, out, TCP_ADDRESS_TEXT);
	return text == NULL ? "" : text;
}

bool tcp_bytes(int descriptor, uint64_t *received, uint64_t *confirmed) {
	struct tcp_info info = { .tcpi_state = 0 };
	socklen_t size = sizeof info;
	if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    size < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) {
		return false;
	}
	*received = info.tcpi_bytes_received;
	*confirmed = info.tcpi_bytes_acked;
	return true;
}

static uint64_t waiting(int descriptor, unsigned long queue) {
	int bytes = 0;
	return ioctl(descriptor, queue, &bytes) == 0 && bytes > 0 ? (uint64_t)bytes : 0;
}

uint64_t tcp_waiting_in(int descriptor) {
	return waiting(descriptor, SIOCINQ);
}

uint64_t tcp_waiting_out(int descriptor) {
	return waiting(descriptor, SIOCOUTQ);
}

void tcp_shut_down(int descriptor, uint64_t cookie) {
	uint64_t found = 0;
	if (tcp_cookie(descriptor, &found) && found == cookie) {
		(void)shutdown(descriptor, SHUT_RDWR);
	}
}
