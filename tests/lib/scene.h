/* An agency with a few accounts and offers in every state, and tables of notes that its workers must refuse. */
#ifndef TROTH_TESTS_LIB_SCENE_H
#define TROTH_TESTS_LIB_SCENE_H

#include "tests/lib/direct.h"

struct scene {
	struct agency_process agency;
	struct actor operator;
	struct actor brand, rival;           /* admitted; only the brand has made offers */
	struct actor creator, second, third; /* admitted */
	struct actor waiting;                /* a creator who has enrolled and is not admitted */
	struct actor stranger;               /* a creator of whom the agency has never heard */
	struct buffer enrolment;             /* of `waiting` */
	struct buffer offer;                 /* open; `second` has accepted it */
	struct buffer full;                  /* its only slot is taken by `second` */
	struct buffer closed;
};

/* Fits a fixture that outlives the tests: keeps no connection. */
void scene_make(struct scene *scene);
void scene_release(struct scene *scene);

/* A connection by which any note can be submitted. Caller frees. */
struct client *scene_connect(const struct scene *scene, const struct actor *actor);

/* Submits a note that must be accepted. */
void scene_accepts(struct client *client, const struct buffer *note);

/* Appends a note that closes the offer of this note. */
void scene_close(const struct actor *brand, struct slice note, struct buffer *out);

/* The same actor as he would sign in another role. */
struct actor scene_in_role(const struct actor *actor, enum role role);

#define ANY_LINE UINT32_MAX

struct refusal {
	const char *name;
	void (*make)(const struct scene *scene, struct buffer *out);
	enum error code;
	unsigned line; /* of the note, or ANY_LINE */
};

/* Submits each note of a table and checks that it is refused so, and that nothing was stored. */
void scene_refuses(const struct scene *scene, const struct refusal *rows, size_t count);

#endif
