/* Frames as text and back, as tests/lib/broker_world.h writes them. */
#ifndef TROTH_TESTS_LIB_WORLD_FRAMES_H
#define TROTH_TESTS_LIB_WORLD_FRAMES_H

#include "broker/ticket.h"
#include "wire/frame.h"

/* Fills in the token that has this number, from 1. */
void world_token(unsigned number, uint8_t out[MDP_TOKEN_SIZE]);

/* The number of a ticket, from 1, which is what its id says. */
void world_ticket(unsigned number, uint8_t out[TICKET_SIZE]);

/* Appends the frames that the text means. */
void world_write_frames(struct message *message, const char *text);

/* Appends what a frame says to a text of `size` bytes. `*retry` is set by a refusal. */
void world_append_text(char *out, size_t size, struct slice frame, unsigned *retry);

#endif
