/* Fields of notes: one row says a field's name, type, limits and meaning, and drives everything else.
 *
 * Parsing, writing, the command line's help, batch files and the reference page (doc/notes.md) all come from these rows
 * (rules/kind.c holds them). Every type has one written form only: writing a parsed value gives the same bytes. */
#ifndef TROTH_RULES_FIELD_H
#define TROTH_RULES_FIELD_H

#include "base/buffer.h"
#include "rules/money.h"

#define FIELD_HASH_SIZE 32
#define FIELD_KEY_SIZE 32
#define FIELD_NONCE_SIZE 16
#define ACCOUNT_NAME_MAX 41 /* bytes of an account's name, with a NUL */

/* The name under which the agency itself signs. */
#define AGENCY_NAME "agency"

enum field_type {
	FIELD_TEXT,        /* one line of text (base/unicode.h), no outer or doubled blanks; `maximum` bytes */
	FIELD_NAME,        /* an account's name: a-z, 0-9 and single hyphens inside, 2 to 40 bytes, not AGENCY_NAME */
	FIELD_PARTY,       /* <name> ed25519:<64 hex> */
	FIELD_ADMITTER,    /* the same, or the agency itself: agency ed25519:<64 hex> */
	FIELD_TRANSPORT,   /* curve25519:<64 hex> */
	FIELD_REFERENCE,   /* sha256:<64 hex>, the id of a note */
	FIELD_WORD,        /* one of `words` */
	FIELD_COUNT,       /* a whole number from `minimum` to `maximum` */
	FIELD_MONEY,       /* rules/money.h; at least `minimum` minor units */
	FIELD_TIME,        /* rules/calendar.h */
	FIELD_DURATION,    /* rules/calendar.h; at most `maximum` seconds, which are whole days, unless that is 0 */
	FIELD_DELIVERABLE, /* <count> <kind> within <duration>, the kind being one of `words` */
	FIELD_NONCE,       /* 32 hex digits */
	FIELD_SLUG,        /* a plain word: a-z, 0-9 and single hyphens inside, 2 to 40 bytes */
	FIELD_COUNTRY,     /* ISO 3166-1: two capital letters */
	FIELD_LANGUAGE,    /* ISO 639-1: two small letters */
	FIELD_PERCENT,     /* <number> %, at most two decimals, none of them 0; `minimum` to `maximum` in hundredths */
	FIELD_LINK,        /* https://…, without blanks; `maximum` bytes */
	FIELD_KEY,         /* ed25519:<64 hex> */
	FIELD_CONTENT,     /* sha256:<64 hex> <link>: the hash of a file and where it lies */
	FIELD_EXCLUSIVITY, /* <slug> for <duration> */
	FIELD_CHANNEL,     /* <platform> <handle>, the platform being one of `words` */
};

/* Who writes a field's value into a new note. */
enum field_source {
	FIELD_FROM_AUTHOR,  /* the person: it stands in an offer file or on the command line */
	FIELD_FROM_PROGRAM, /* the command that makes the note: parties, time, nonce */
};

struct field {
	const char *key;
	enum field_type type;
	uint8_t least, most; /* how often the key may stand */
	enum field_source source;
	int64_t minimum, maximum;
	const char *const *words; /* ended by NULL */
	const char *example;
	const char *help;
};

struct party {
	struct slice name;
	uint8_t key[FIELD_KEY_SIZE];
};

struct deliverable {
	int64_t count;
	size_t kind; /* position in the field's words */
	int64_t within; /* seconds */
};

struct content {
	uint8_t hash[FIELD_HASH_SIZE];
	struct slice link;
};

struct exclusivity {
	struct slice category;
	int64_t lasts; /* seconds */
};

struct channel {
	size_t platform; /* position in the field's words */
	struct slice handle;
};

struct value {
	const struct field *field;
	struct slice raw; /* the bytes behind "key ", borrowed from the note's text */
	unsigned line;
	union {
		struct slice text; /* TEXT, NAME, SLUG, COUNTRY, LANGUAGE, LINK */
		struct party party;
		uint8_t bytes[FIELD_HASH_SIZE]; /* TRANSPORT, REFERENCE, KEY; the first 16 for NONCE */
		size_t word;                    /* position in the field's words */
		int64_t number;                 /* COUNT; TIME and DURATION in seconds; PERCENT in hundredths */
		struct money money;
		struct deliverable deliverable;
		struct content content;
		struct exclusivity exclusivity;
		struct channel channel;
	};
};

/* Reads one value into `out` (its `line` stays the caller's). The bytes must already have passed unicode_check_line.
 * ERROR_BAD_VALUE, ERROR_BAD_TEXT, ERROR_TOO_LONG or ERROR_OVERFLOW with what is wrong and what is expected; the
 * failure's text does not name the key. */
enum error value_parse(const struct field *field, struct slice raw, struct value *out, struct failure *failure);

/* Appends a value in its only written form. */
void value_write(const struct value *value, struct buffer *out);

/* Appends one line for people: what the field takes, e.g. "amount of money, such as 89.00 USD". */
void field_describe(const struct field *field, struct buffer *out);

/* True if an account may have this name; AGENCY_NAME may not be taken. */
bool account_name_is_valid(struct slice name);

#endif
