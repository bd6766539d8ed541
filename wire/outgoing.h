/* A client's request as it stands in a message, without a routing id; pure.
 *
 *     MDPC02 | 01 REQUEST | service | header | payload+
 */
#ifndef TROTH_WIRE_OUTGOING_H
#define TROTH_WIRE_OUTGOING_H

#include "wire/header.h"
#include "wire/mdp.h"

#define OUTGOING_PARTS_MAX (MDP_BODY_FRAMES_MAX - 1) /* payload frames */

/* Replaces what the message held. False if memory is out, or there are too many parts. */
bool outgoing_write(struct message *out, struct slice service, const struct header *header, const struct slice *parts,
                    size_t count);

/* Writes the header again with another time to live; the other frames stay. False if memory is out: nothing changed. */
bool outgoing_set_ttl(struct message *request, uint32_t ttl_ms);

/* Borrowed from the message. */
struct slice outgoing_service(const struct message *request);
struct slice outgoing_header(const struct message *request);

#endif
