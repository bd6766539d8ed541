/* An agency that is there on paper only: a join file, accounts with their keys, and the signed notes of one deal, with
 * the numbers and times that an agency would give them. For tests, under Check, of what is verified offline.
 *
 *     10 olga's admission   20 acme-yoga's   30 studio-flow's   40 money   50 the offer   60 the agreement
 *     70 submit   80 approve   90 post   100 verify   110 a part of the payment */
#ifndef TROTH_TESTS_LIB_PAPER_AGENCY_H
#define TROTH_TESTS_LIB_PAPER_AGENCY_H

#include "cli/print.h"
#include "tests/lib/command.h"

#define PAPER_NOTES_MAX 100

struct paper_entry {
	struct buffer signed_note;
	int64_t sequence, received;
	bool left_out; /* of the bundle */
};

struct paper_agency {
	struct agency_process world; /* nothing but the join file's content */
	const char *join;            /* its path */
	struct actor agency, olga, acme, flow;
	struct paper_entry entries[PAPER_NOTES_MAX];
	size_t count;
	size_t offer, agreement;         /* their places in `entries` */
	uint8_t deal[HASH_SIZE], head[HASH_SIZE]; /* the deal's id, and its latest note's */
};

/* Makes the keys and notes above. Release with paper_agency_release. */
void paper_agency_make(struct paper_agency *paper);
void paper_agency_release(struct paper_agency *paper);

/* The next entry, for its signed note. */
struct buffer *paper_entry_begin(struct paper_agency *paper);
struct slice paper_note(const struct paper_agency *paper, size_t index);

/* Adds a step of the deal by the actor, with up to four keys and values of its own, ended by NULL. */
void paper_step(struct paper_agency *paper, const struct actor *actor, enum kind_id kind, const char *const *fields);
#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Appends a signature to a signed note. */
void paper_sign(struct buffer *signed_note, const struct actor *actor);

/* The actor as notes write it. */
#define PAPER_PARTY_MAX 160
const char *paper_party(const struct actor *actor, char out[PAPER_PARTY_MAX]);

/* The text of a bundle of all entries that are not left out. Caller frees. */
char *paper_bundle(const struct paper_agency *paper);

/* Writes a text to a new file, and what `troth verify` says of it. */
const char *paper_write(const char *text);
struct said paper_verify(const struct paper_agency *paper, const char *path);

/* Checks that one of the two streams holds these words. */
void paper_says(struct said said, const char *words);

#endif
