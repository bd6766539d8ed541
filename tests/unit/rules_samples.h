/* Valid notes of every kind, and edits of their lines, for the tests of rules/. */
#ifndef TROTH_TESTS_UNIT_RULES_SAMPLES_H
#define TROTH_TESTS_UNIT_RULES_SAMPLES_H

#include <string.h>

#include "rules/note.h"
#include "tests/lib/unit.h"

#define ORIGIN "agency.example"
#define HEX_A "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"
#define HEX_B "a11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11e"
#define HEX_C "00000000000000000000000000000000000000000000000000000000000000ff"
#define BRAND "brand acme-yoga ed25519:" HEX_A "\n"
#define TIME "2026-11-23T10:02:11Z"
#define NONCE "4be0c34be0c34be0c34be0c34be0c3ff"
#define STAMP "time " TIME "\nnonce " NONCE "\n"
#define TIME_SECONDS INT64_C(1795428131)

/* Every optional field once or more, so that each field of the table has its line. */
#define TERMS \
	"campaign Spring 2027\n" \
	"compensation gifted-and-paid\n" \
	"product Cork yoga mat, 5 mm\n" \
	"product-value 89.00 USD\n" \
	"fee 250.00 USD\n" \
	"agency-fee 25.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\n" \
	"deliverable 2 instagram-story within 72h\n" \
	"brief Show the mat in use, in daylight.\n" \
	"brief No other brands in the picture, s'il vous plaît.\n" \
	"disclosure #ad\n" \
	"disclosure Paid partnership with Acme Yoga\n" \
	"ship-within 5d\n" \
	"review-within 72h\n" \
	"revisions 2\n" \
	"post-within 7d\n" \
	"live-for 30d\n" \
	"pay-within 30d\n"

#define OFFER_LINES 24
#define OFFER \
	ORIGIN "/offer/v1\n" BRAND TERMS \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define GIFT \
	ORIGIN "/offer/v1\n" BRAND \
	       "compensation gifted\n" \
	       "product Cork yoga mat, 5 mm\n" \
	       "product-value 89.00 USD\n" \
	       "deliverable 1 instagram-reel within 14d\n" \
	       "disclosure #ad\n" \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define PAID \
	ORIGIN "/offer/v1\n" BRAND \
	       "compensation paid\n" \
	       "fee 250.00 USD\n" \
	       "deliverable 1 instagram-reel within 14d\n" \
	       "disclosure #ad\n" \
	       "pay-within 30d\n" \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define AGREEMENT \
	ORIGIN "/agreement/v1\n" \
	       "offer sha256:" HEX_C "\n" BRAND "creator studio-flow ed25519:" HEX_B "\n" TERMS STAMP
#define ENROL \
	ORIGIN "/enrol/v1\n" \
	       "account studio-flow ed25519:" HEX_B "\n" \
	       "role creator\n" \
	       "transport curve25519:" HEX_C "\n" \
	       "consent electronic-signatures\n" STAMP
#define ADMIT \
	ORIGIN "/admit/v1\n" \
	       "account studio-flow ed25519:" HEX_B "\n" \
	       "role creator\n" \
	       "enrolment sha256:" HEX_C "\n" \
	       "admitter olga ed25519:" HEX_A "\n" STAMP
#define CLOSE ORIGIN "/close/v1\noffer sha256:" HEX_C "\n" BRAND STAMP
#define FUND \
	ORIGIN "/fund/v1\n" \
	       "brand acme-yoga\n" \
	       "amount 1000.00 USD\n" \
	       "reference bank-4711\n" \
	       "operator olga ed25519:" HEX_A "\n" STAMP

#define SAMPLE_MAX (4 * NOTE_TEXT_MAX)
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* The beginning of a line, counted from 1; of a line past the last, the end of the text. */
static inline const char *sample_line(const char *text, unsigned number) {
	const char *at = text;
	for (unsigned line = 1; line < number && *at != '\0'; line++) {
		at = strchr(at, '\n') + 1;
	}
	return at;
}

/* Writes `text` to `out` (SAMPLE_MAX bytes) with `count` lines from `first` on replaced by `instead`. */
static inline const char *sample_splice(char *out, const char *text, unsigned first, unsigned count,
                                        const char *instead) {
	const char *begin = sample_line(text, first), *end = sample_line(text, first + count);
	size_t before = (size_t)(begin - text);
	ck_assert_uint_lt(strlen(text) + strlen(instead), SAMPLE_MAX);
	memcpy(out, text, before);
	memcpy(out + before, instead, strlen(instead));
	memcpy(out + before + strlen(instead), end, strlen(end) + 1);
	return out;
}

/* Copies `count` lines from `first` on. */
static inline const char *sample_copy(char *out, const char *text, unsigned first, unsigned count) {
	const char *begin = sample_line(text, first), *end = sample_line(text, first + count);
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
	return out;
}

static inline const char *sample_without(char *out, const char *text, unsigned number) {
	return sample_splice(out, text, number, 1, "");
}

static inline const char *sample_doubled(char *out, const char *text, unsigned number) {
	char line[SAMPLE_MAX];
	return sample_splice(out, text, number, 0, sample_copy(line, text, number, 1));
}

/* The line and the next one change places. */
static inline const char *sample_swapped(char *out, const char *text, unsigned number) {
	char both[2 * SAMPLE_MAX];
	sample_copy(both, text, number + 1, 1);
	sample_copy(both + strlen(both), text, number, 1);
	return sample_splice(out, text, number, 2, both);
}

/* A text that must be a note. */
static inline void sample_parse(const char *text, struct note *note) {
	struct failure failure = { .code = OK };
	enum error error = note_parse(slice_of_text(text), ORIGIN, note, &failure);
	ck_assert_msg(error == OK, "line %u: %s\n%s", failure.line, failure.text, text);
}

/* Writes a note again from what was read of it. */
static inline void sample_rewrite(const struct note *note, struct buffer *out) {
	buffer_clear(out);
	(void)buffer_append_slice(out, note->origin);
	(void)buffer_format(out, "/%s/v%u\n", note->kind->name, note->kind->version);
	for (size_t i = 0; i < note->count; i++) {
		(void)buffer_format(out, "%s ", note->values[i].field->key);
		value_write(&note->values[i], out);
		(void)buffer_append_text(out, "\n");
	}
	ck_assert(buffer_ok(out));
}

#endif
