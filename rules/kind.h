/* The kinds of notes: for each a table of its fields in order, and who signs it.
 *
 * The tables stand in rules/kind.c; a new field is one line there. Terms that an offer and the agreement share are one
 * list, so an agreement repeats every term of its offer. */
#ifndef TROTH_RULES_KIND_H
#define TROTH_RULES_KIND_H

#include "rules/field.h"

#define KIND_LISTS_MAX 4

enum kind_id { KIND_ENROL, KIND_ADMIT, KIND_OFFER, KIND_CLOSE, KIND_AGREEMENT, KIND_FUND, KIND_COUNT };

/* What an account may be. The words are those of the field `role`. */
enum role { ROLE_BRAND, ROLE_CREATOR, ROLE_OPERATOR, ROLE_COUNT };
extern const char *const role_words[ROLE_COUNT + 1];

struct field_list {
	const struct field *fields;
	size_t count;
};

struct note;

struct kind {
	enum kind_id id;
	const char *name;
	unsigned version;
	struct field_list lists[KIND_LISTS_MAX]; /* in the order of the text; unused ones are empty */
	const char *signer;                      /* the key of the party that signs */
	enum role signer_role;                   /* its role; ROLE_COUNT: the one that the field `role` says */
	bool countersigned;                      /* the agency adds its signature when it accepts the note */
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
