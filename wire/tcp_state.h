/* What Linux knows of a TCP socket by its descriptor. libzmq closes descriptors in its own threads at any time, and the
 * system uses them again, so every call may meet a descriptor that is closed, or none of ours: it then says so. */
#ifndef TROTH_WIRE_TCP_STATE_H
#define TROTH_WIRE_TCP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define TCP_ADDRESS_SIZE 16
#define TCP_ADDRESS_TEXT 46

/* A number of this socket that the kernel gives to no other one. False if the descriptor is no socket. */
bool tcp_cookie(int descriptor, uint64_t *cookie);

/* The peer's address, without its port; all zero if it cannot be had. IPv4 is mapped into IPv6. */
void tcp_peer_address(int descriptor, uint8_t address[TCP_ADDRESS_SIZE]);
const char *tcp_address_text(const uint8_t address[TCP_ADDRESS_SIZE], char out[TCP_ADDRESS_TEXT]);

/* Bytes since it connected: that have come from the peer, and that the peer has confirmed. False if the descriptor is
 * no TCP socket. */
bool tcp_bytes(int descriptor, uint64_t *received, uint64_t *confirmed);

/* How many bytes wait in the kernel: to be read, or to be sent and confirmed; 0 if that cannot be had. */
uint64_t tcp_waiting_in(int descriptor);
uint64_t tcp_waiting_out(int descriptor);

/* Ends the connection in both directions, if the descriptor is still this socket; its owner closes it. */
void tcp_shut_down(int descriptor, uint64_t cookie);

#endif
