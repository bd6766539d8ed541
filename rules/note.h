/* The text of a note, read and written by its kind's table.
 *
 *     agency.example/offer/v1          <origin>/<kind>/v<n>: no note passes for another kind, agency or a checkpoint
 *     brand acme-yoga ed25519:5f0c…    then `key value` lines, in the table's order; a repeated key is a list
 *     …
 *
 * There is one byte form: what note_parse accepts, note_compose writes again, byte for byte. Pure: takes the text and
 * the time, does no I/O. Signatures are the business of crypto/. */
#ifndef TROTH_RULES_NOTE_H
#define TROTH_RULES_NOTE_H

#include "rules/kind.h"

#define NOTE_TEXT_MAX 16384
#define NOTE_VALUES_MAX 160
#define ORIGIN_MAX 100          /* bytes of an agency's origin, with a NUL */
#define NOTE_SIGNER_MAX 200     /* bytes of a signer's name, with a NUL */
#define NOTE_AHEAD_MAX 600      /* seconds that a note's time may lie ahead of the agency's clock */
#define NOTE_AGE_MAX 604800     /* seconds that it may lie behind it */

struct note {
	const struct kind *kind;
	struct slice origin;
	struct slice text;
	struct value values[NOTE_VALUES_MAX]; /* in the order of the text */
	size_t count;
};

/* A key and its written value, to make a note from. */
struct note_pair {
	const char *key;
	struct slice raw;
};

/* True for a plain lower-case host name such as agency.example, optionally with a path behind it. */
bool origin_is_valid(struct slice origin);

/* Reads a note's text. `origin` is the agency that it must be meant for. `out` borrows from `text`.
 * Errors carry the line and name the key: ERROR_TOO_LONG, ERROR_BAD_TEXT, ERROR_MALFORMED, ERROR_WRONG_ORIGIN,
 * ERROR_UNKNOWN_KIND, ERROR_UNKNOWN_KEY, ERROR_MISSING_KEY, ERROR_MISPLACED_KEY, ERROR_DUPLICATE_KEY, ERROR_BAD_VALUE,
 * ERROR_OVERFLOW. */
enum error note_parse(struct slice text, const char *origin, struct note *out, struct failure *failure);

/* Reads what a person writes: the `key value` lines of a kind without header and without the fields that the program
 * adds; blank lines and lines that begin with '#' are skipped. The same errors, with the line of the file. */
enum error draft_parse(struct slice text, const struct kind *kind, struct note *out, struct failure *failure);

/* Appends the text made of these pairs, put into the table's order (equal keys keep theirs), and checks it by
 * note_parse, whose errors it returns. */
enum error note_compose(const struct kind *kind, const char *origin, const struct note_pair *pairs, size_t count,
                        struct buffer *out, struct failure *failure);

/* The first value under a key, or NULL. */
const struct value *note_find(const struct note *note, const char *key);

/* The first value under a key that the kind's table requires. */
const struct value *note_get(const struct note *note, const char *key);

/* How many parties can sign a note of this kind: 1 or 2. */
size_t note_signer_count(const struct note *note);

/* Who can sign the note: the name on the signature line (`out` has NOTE_SIGNER_MAX bytes) and the key. `index` is below
 * note_signer_count; the row of the kind says which of them must. */
void note_signer(const struct note *note, size_t index, char out[NOTE_SIGNER_MAX], const uint8_t **key);

/* True if signatures by these signers (bit 0 for the first, bit 1 for the second) make a note of its kind. */
bool note_is_signed(const struct note *note, unsigned signed_by);

/* The numbers and words of a field that may be missing. */
int64_t note_number(const struct note *note, const char *key, int64_t otherwise);
size_t note_word(const struct note *note, const char *key, size_t otherwise);

/* "origin/role/name", or "origin/agency". False if it does not fit. */
bool signer_name_write(char out[NOTE_SIGNER_MAX], struct slice origin, enum role role, struct slice name);

/* Judges a note's own time by the agency's clock. ERROR_WRONG_TIME with the line. */
enum error note_check_time(const struct note *note, int64_t now, struct failure *failure);

#endif
