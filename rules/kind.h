/* The kinds of notes: for each a table of its fields in order, and who signs it.
 *
 * The tables stand in rules/kind.c; a new field is one line there. Terms that an offer and the agreement share are one
 * list, so an agreement repeats every term of its offer. */
#ifndef TROTH_RULES_KIND_H
#define TROTH_RULES_KIND_H

#include "rules/field.h"

#define KIND_LISTS_MAX 5
#define KIND_SIGNERS_MAX 2

enum kind_id {
	KIND_ENROL,
	KIND_ADMIT,
	KIND_SUSPEND,
	KIND_REKEY,
	KIND_REVOKE,
	KIND_PROFILE,
	KIND_ATTEST,
	KIND_OFFER,
	KIND_CLOSE,
	KIND_FUND,
	KIND_REFUND,
	KIND_AGREEMENT,
	KIND_DECLINE,
	KIND_SHIP,
	KIND_RECEIVE,
	KIND_SUBMIT,
	KIND_REVISE,
	KIND_APPROVE,
	KIND_POST,
	KIND_VERIFY,
	KIND_PAY,
	KIND_RATE,
	KIND_CANCEL,
	KIND_DISPUTE,
	KIND_RULING,
	KIND_LAPSE,
	KIND_COUNT,
};

/* What an account may be. The words are those of the field `role`. */
enum role { ROLE_BRAND, ROLE_CREATOR, ROLE_OPERATOR, ROLE_COUNT };
extern const char *const role_words[ROLE_COUNT + 1];

/* How an agreement comes about. The words are those of an offer's field `road`. */
enum road { ROAD_FIRST_COME, ROAD_SELECTION, ROAD_NEGOTIATION, ROAD_INVITATION, ROAD_COUNT };
extern const char *const road_words[ROAD_COUNT + 1];

/* The deadlines of a deal. The words are those of a lapse's field `deadline`. */
enum deadline {
	DEADLINE_NONE,
	DEADLINE_ANSWER,
	DEADLINE_SHIP,
	DEADLINE_RECEIVE,
	DEADLINE_DELIVER,
	DEADLINE_RESUBMIT,
	DEADLINE_REVIEW,
	DEADLINE_POST,
	DEADLINE_VERIFY,
	DEADLINE_PAY,
	DEADLINE_RATE,
	DEADLINE_COUNT,
};
extern const char *const deadline_words[DEADLINE_COUNT + 1];

enum ruling_outcome { OUTCOME_RESUME, OUTCOME_SETTLE, OUTCOME_COUNT };
extern const char *const outcome_words[OUTCOME_COUNT + 1];

enum standing { STANDING_SUSPENDED, STANDING_GOOD, STANDING_COUNT };
extern const char *const standing_words[STANDING_COUNT + 1];

extern const char *const platform_words[]; /* ended by NULL */

struct field_list {
	const struct field *fields;
	size_t count;
};

struct note;

/* Whose signatures make a note. */
enum signing {
	SIGNED_BY_ONE,    /* the first signer's */
	SIGNED_BY_EITHER, /* one of the two, or both: what that means is for the rules */
	SIGNED_BY_BOTH,
};

struct signer {
	const char *key; /* the field of the party */
	enum role role;  /* ROLE_COUNT: the one that the field `role` says */
};

struct kind {
	enum kind_id id;
	const char *name;
	unsigned version;
	struct field_list lists[KIND_LISTS_MAX]; /* in the order of the text; unused ones are empty */
	struct signer signers[KIND_SIGNERS_MAX]; /* one, or two where `how` says so */
	enum signing how;
	bool countersigned; /* the agency adds its signature, once the note binds both sides */
	enum error (*check)(const struct note *note, struct failure *failure); /* rules across fields; may be NULL */
	const char *help;
};

/* The table's row, and the row of a name (NULL if there is none). */
const struct kind *kind_get(enum kind_id id);
const struct kind *kind_find(struct slice name);

/* The terms: the list that the kinds offer and agreement share. */
const struct field_list *kind_terms(void);

/* The number of fields of a kind, and one of them in the order of the text. */
size_t kind_field_count(const struct kind *kind);
const struct field *kind_field(const struct kind *kind, size_t index);

/* The field with this key, or NULL; *index (may be NULL) is its place in the order. */
const struct field *kind_find_field(const struct kind *kind, struct slice key, size_t *index);

/* Appends the reference of all kinds in Markdown (doc/notes.md). */
void kinds_describe(struct buffer *out);

#endif
