/* What a home remembers of the notes that it has put into a broker's durable queue, one file for each:
 *
 *     queue/<ticket>          which note, for what, at which broker, since when (INI)
 *     queue/<ticket>.answer   the agency's answer, as it came, once it was fetched: the broker has forgotten it then */
#ifndef TROTH_CLI_TICKET_H
#define TROTH_CLI_TICKET_H

#include "cli/outbox.h"
#include "cli/titanic.h"

#define TICKET_SUBJECT_MAX 121
#define TICKET_DIGITS_LEAST 8 /* that people write */

struct ticket {
	char number[TITANIC_TICKET_DIGITS + 1];
	char broker[CLIENT_ENDPOINT_MAX]; /* the one that holds it */
	char kind[16];                    /* of the note */
	char subject[TICKET_SUBJECT_MAX]; /* what it is about, for people */
	char purpose[HASH_HEX_SIZE];      /* its name in the outbox */
	uint8_t id[HASH_SIZE];            /* of the note */
	int64_t since;                    /* seconds since 1970 */
	bool answered;                    /* the answer is in the home */
};

/* Fills in what follows from the note, and the time. The caller adds number and broker. ERROR_MALFORMED. */
enum error ticket_describe(struct ticket *ticket, const struct home *home, const struct parcel *parcel,
                           struct failure *failure);

/* Writes the file, as by outbox_write; an answer from before goes, but what waits already keeps its time. One that is
 * lost is no harm: the same note, queued again, gets the same ticket. */
enum error ticket_save(const struct home *home, const struct ticket *ticket, bool durable, struct failure *failure);

/* The ticket with these first digits. ERROR_USAGE for a text that cannot be one, ERROR_NOT_FOUND, ERROR_AMBIGUOUS. */
enum error ticket_find(const struct home *home, const char *digits, struct ticket *ticket, struct failure *failure);

/* Visits all tickets, the oldest first. `visit` returns an error to stop with. */
typedef enum error (*ticket_visit)(void *argument, const struct ticket *ticket, struct failure *failure);
enum error ticket_each(const struct home *home, ticket_visit visit, void *argument, struct failure *failure);

/* Keeps the answer; reads it again. */
enum error ticket_keep_answer(const struct home *home, const struct ticket *ticket, struct slice answer,
                              struct failure *failure);
enum error ticket_read_answer(const struct home *home, const struct ticket *ticket, struct buffer *out,
                              struct failure *failure);

/* Removes what the home remembers of it. */
enum error ticket_remove(const struct home *home, const struct ticket *ticket, struct failure *failure);

/* Copies what was written as the first digits of a ticket, 8 to 32 of them. ERROR_USAGE. */
enum error ticket_digits(const char *text, char out[TITANIC_TICKET_DIGITS + 1], struct failure *failure);

#endif
