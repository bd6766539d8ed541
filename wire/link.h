/* ZeroMQ sockets with CURVE, always: the only way in which Troth's processes speak to each other.
 *
 * A bound link is a ROUTER that never drops in silence (ROUTER_MANDATORY); a connected link is a DEALER. Every link
 * bounds frame sizes, queue lengths and handshake time. A bound link authenticates by ZAP (RFC 27) in the process's own
 * loop: call wire_wait and link_receive often. It fails closed: the domain is enforced, and a mechanism other than
 * CURVE, or a key that `admits` refuses, gets no connection. Source for the pitfalls: libzmq 4.3.4. */
#ifndef TROTH_WIRE_LINK_H
#define TROTH_WIRE_LINK_H

#include "base/error.h"
#include "wire/frame.h"
#include "wire/identity.h"

#define LINK_ENDPOINT_MAX 256
#define LINK_FRAME_MAX 262144 /* bytes of one frame from a peer */

/* One ZeroMQ context. */
struct wire;
struct wire *wire_new(int io_threads);
void wire_free(struct wire *wire); /* after its links; waits for the I/O threads */

struct link;

/* Tells whether a client's transport key may connect at all. */
typedef bool (*link_admits)(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* A DEALER to a server whose transport key is known. */
enum error link_connect(struct wire *wire, const char *endpoint, const uint8_t server_key[TRANSPORT_KEY_SIZE],
                        const struct identity *identity, struct link **link, struct failure *failure);

/* A ROUTER. `admits` NULL lets every CURVE key in. One bound link per wire, since it also answers ZAP.
 * ERROR_SYSTEM with the endpoint, e.g. where the port is taken. */
enum error link_bind(struct wire *wire, const char *endpoint, const struct identity *identity, link_admits admits,
                     void *argument, struct link **link, struct failure *failure);

void link_free(struct link *link); /* drops what was not sent yet after at most 200 ms */

/* The endpoint that a bound link got, with its port. */
const char *link_endpoint(const struct link *link);

/* Takes one whole message, without waiting. On a bound link frame 0 is the routing id, and *peer_key (may be NULL)
 * receives the authenticated transport key; a message without one is thrown away inside. ERROR_NOT_FOUND:
 * nothing there. ERROR_TOO_LONG: a message with too many frames was thrown away (`message` then holds its routing id
 * only, for the log). */
enum error link_receive(struct link *link, struct message *message, uint8_t peer_key[TRANSPORT_KEY_SIZE]);

/* Sends a whole message, without waiting. OK takes the frames (the message is empty afterwards); on an error they
 * stay. ERROR_BUSY: the queue to this peer is full. ERROR_UNREACHABLE: no such peer. */
enum error link_send(struct link *link, struct message *message);

/* Waits until one of the links has a message, a connected link that was ERROR_BUSY has room, `fd` (-1 for none) is
 * readable, or `wait_ms` have passed; answers ZAP requests that came meanwhile. True if there may be something to
 * do. */
bool wire_wait(struct wire *wire, struct link *const *links, size_t count, int fd, int64_t wait_ms);

#endif
