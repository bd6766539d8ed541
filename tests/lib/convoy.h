/* Deals side by side: one offer of a brand, one deal by it for each of many creators, and the same steps by all.
 *
 * What must be accepted and is not ends the test (tests/lib/stop.h). For one thread only. */
#ifndef TROTH_TESTS_LIB_CONVOY_H
#define TROTH_TESTS_LIB_CONVOY_H

#include "rules/deal.h"
#include "tests/lib/notes.h"

#define CONVOY_MAX 64
#define CONVOY_CONTENT \
	"content sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/a\n"

/* Who takes part; all admitted. */
struct cast {
	struct agency_process agency;
	struct actor operator, brand;
	struct actor creators[CONVOY_MAX];
	size_t count; /* of the creators */
};

/* Starts an agency, admits a brand with money and so many creators. */
void cast_make(struct cast *cast, int workers, const char *log_level, size_t creators);
void cast_release(struct cast *cast);

struct convoy {
	struct cast *cast; /* borrowed */
	struct client *client;
	size_t count; /* of the deals */
	struct buffer offer;
	struct thread threads[CONVOY_MAX];
	struct buffer texts[CONVOY_MAX]; /* what each creator has signed first */
};

/* Submits an offer with these lines, besides slots and closing time, and has every creator sign the agreement that
 * follows from it, which is as good as an application where the offer's road is another. Sends by `client`. */
void convoy_begin(struct convoy *convoy, struct cast *cast, struct client *client, size_t slots, const char *lines);
void convoy_end(struct convoy *convoy);

/* Who acts for deal `index` in a role. */
const struct actor *convoy_actor(const struct convoy *convoy, size_t index, enum role role);

/* Every deal takes a step, which must be accepted. */
void convoy_step(struct convoy *convoy, enum role role, enum kind_id kind, const char *lines);

/* Submits a note for each deal, which must be accepted and becomes the head of its chain. */
void convoy_submit(struct convoy *convoy, struct buffer notes[CONVOY_MAX]);

/* Deal `index` as it is now, asked for by the connection of the operator or of a party. */
void convoy_deal(const struct convoy *convoy, struct client *client, size_t index, struct deal *out);

/* Initializes a note for each deal; releases them. */
void convoy_notes_init(struct buffer notes[CONVOY_MAX]);
void convoy_notes_release(struct buffer notes[CONVOY_MAX]);

#endif
