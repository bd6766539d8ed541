/* The one byte form of notes: which lines, in which order, of which bytes; and what is said of all others. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/rules_samples.h"

static struct note note;
static struct failure failure;
static char changed[SAMPLE_MAX];

static enum error parse(const char *text) {
	failure = (struct failure){ .line = 999 };
	return note_parse(slice_of_text(text), ORIGIN, &note, &failure);
}

static void expect(const char *text, enum error error, unsigned line, const char *what) {
	enum error actual = parse(text);
	ck_assert_msg(actual == error, "%s: %s, not %s: %s\n%s", what, error_word(actual), error_word(error), failure.text,
	              text);
	if (error != OK) {
		ck_assert_msg(failure.line == line, "%s: line %u, not %u: %s", what, failure.line, line, failure.text);
		ck_assert_int_eq(failure.code, error);
		ck_assert_int_eq(note_parse(slice_of_text(text), ORIGIN, &note, NULL), error); /* no one asks why */
	}
}

static const struct {
	const char *text;
	enum kind_id kind;
	size_t values;
	const char *signer;
	uint8_t first_key_byte;
} samples[] = {
	{ OFFER, KIND_OFFER, 23, ORIGIN "/brand/acme-yoga", 0x5f },
	{ GIFT, KIND_OFFER, 10, ORIGIN "/brand/acme-yoga", 0x5f },
	{ PAID, KIND_OFFER, 10, ORIGIN "/brand/acme-yoga", 0x5f },
	{ AGREEMENT, KIND_AGREEMENT, 23, ORIGIN "/creator/studio-flow", 0xa1 },
	{ ENROL, KIND_ENROL, 6, ORIGIN "/creator/studio-flow", 0xa1 },
	{ ADMIT, KIND_ADMIT, 6, ORIGIN "/operator/olga", 0x5f },
	{ CLOSE, KIND_CLOSE, 4, ORIGIN "/brand/acme-yoga", 0x5f },
	{ FUND, KIND_FUND, 6, ORIGIN "/operator/olga", 0x5f },
	{ WHOLE_OFFER, KIND_OFFER, 55, ORIGIN "/brand/acme-yoga", 0x5f },
	{ WHOLE_AGREEMENT, KIND_AGREEMENT, 43, ORIGIN "/creator/studio-flow", 0xa1 },
	{ COUNTER, KIND_AGREEMENT, 24, ORIGIN "/creator/studio-flow", 0xa1 },
	{ AMENDMENT, KIND_AGREEMENT, 25, ORIGIN "/creator/studio-flow", 0xa1 },
	{ SUSPEND, KIND_SUSPEND, 6, ORIGIN "/operator/olga", 0x5f },
	{ NEW_KEY, KIND_REKEY, 7, ORIGIN "/creator/studio-flow", 0x00 },
	{ REVOKE, KIND_REVOKE, 7, ORIGIN "/operator/olga", 0xa1 },
	{ PROFILE, KIND_PROFILE, 10, ORIGIN "/creator/studio-flow", 0xa1 },
	{ ATTEST, KIND_ATTEST, 8, ORIGIN "/operator/olga", 0x5f },
	{ REFUND, KIND_REFUND, 6, ORIGIN "/operator/olga", 0x5f },
	{ DECLINE, KIND_DECLINE, 8, ORIGIN "/brand/acme-yoga", 0x5f },
	{ SHIP, KIND_SHIP, 7, ORIGIN "/brand/acme-yoga", 0x5f },
	{ RECEIVE, KIND_RECEIVE, 5, ORIGIN "/creator/studio-flow", 0xa1 },
	{ SUBMIT, KIND_SUBMIT, 7, ORIGIN "/creator/studio-flow", 0xa1 },
	{ REVISE, KIND_REVISE, 6, ORIGIN "/brand/acme-yoga", 0x5f },
	{ APPROVE, KIND_APPROVE, 5, ORIGIN "/brand/acme-yoga", 0x5f },
	{ POST, KIND_POST, 6, ORIGIN "/creator/studio-flow", 0xa1 },
	{ VERIFY, KIND_VERIFY, 13, ORIGIN "/operator/olga", 0x5f },
	{ PAY, KIND_PAY, 7, ORIGIN "/operator/olga", 0x5f },
	{ RATE, KIND_RATE, 8, ORIGIN "/creator/studio-flow", 0xa1 },
	{ CANCEL, KIND_CANCEL, 7, ORIGIN "/creator/studio-flow", 0xa1 },
	{ DISPUTE, KIND_DISPUTE, 7, ORIGIN "/brand/acme-yoga", 0x5f },
	{ RULING, KIND_RULING, 8, ORIGIN "/operator/olga", 0x5f },
	{ LAPSE, KIND_LAPSE, 7, ORIGIN "/agency", 0x5f },
	{ LAPSE_OF_OFFER, KIND_LAPSE, 6, ORIGIN "/agency", 0x5f },
};

START_TEST(a_note_is_read_and_written_again_to_the_same_bytes) {
	struct buffer again;
	buffer_init(&again, NOTE_TEXT_MAX);
	sample_parse(samples[_i].text, &note);
	ck_assert_int_eq(note.kind->id, samples[_i].kind);
	ck_assert_uint_eq(note.count, samples[_i].values);
	ck_assert(slice_is(note.origin, ORIGIN) && slice_is(note.text, samples[_i].text));
	for (size_t i = 0; i < note.count; i++) {
		ck_assert_uint_eq(note.values[i].line, i + 2);
	}
	sample_rewrite(&note, &again);
	ck_assert_str_eq(buffer_text(&again), samples[_i].text);
	buffer_release(&again);
}
END_TEST

START_TEST(a_note_says_who_must_sign_it) {
	char signer[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	sample_parse(samples[_i].text, &note);
	note_signer(&note, 0, signer, &key);
	ck_assert_str_eq(signer, samples[_i].signer);
	ck_assert_uint_eq(key[0], samples[_i].first_key_byte);
}
END_TEST

START_TEST(the_samples_have_every_field_of_every_kind) {
	ck_assert_int_eq(ROWS(samples), (int)SAMPLE_TEXTS);
	for (size_t id = 0; id < KIND_COUNT; id++) {
		const struct kind *kind = kind_get((enum kind_id)id);
		for (size_t i = 0; i < kind_field_count(kind); i++) {
			bool found = false;
			for (size_t at = 0; at < SAMPLE_TEXTS && !found; at++) {
				sample_parse(sample_texts[at], &note);
				found = note.kind == kind && note_find(&note, kind_field(kind, i)->key) != NULL;
			}
			ck_assert_msg(found, "no sample of %s has %s", kind->name, kind_field(kind, i)->key);
		}
	}
}
END_TEST

START_TEST(a_note_of_two_signers_names_both) {
	static const struct {
		const char *text, *second;
		uint8_t first_key_byte;
		bool either;
	} cases[] = { { AGREEMENT, ORIGIN "/brand/acme-yoga", 0x5f, true },
		          { NEW_KEY, ORIGIN "/creator/studio-flow", 0xa1, false } };
	char signer[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	sample_parse(cases[_i].text, &note);
	ck_assert_uint_eq(note_signer_count(&note), 2);
	note_signer(&note, 1, signer, &key);
	ck_assert_str_eq(signer, cases[_i].second);
	ck_assert_uint_eq(key[0], cases[_i].first_key_byte);
	ck_assert(!note_is_signed(&note, 0) && note_is_signed(&note, 3));
	ck_assert(note_is_signed(&note, 1) == cases[_i].either && note_is_signed(&note, 2) == cases[_i].either);
	sample_parse(SHIP, &note);
	ck_assert(note_signer_count(&note) == 1 && note_is_signed(&note, 1) && !note_is_signed(&note, 2));
}
END_TEST

/* What becomes of the offer when a line is left out, stands twice, or changes places with the next. Line 0 with OK. */
static const struct line_row {
	enum error without;
	unsigned without_line;
	enum error doubled;
	unsigned doubled_line;
	enum error swapped;
	unsigned swapped_line;
} lines_of_offer[OFFER_LINES] = {
	{ ERROR_MALFORMED, 1, ERROR_MALFORMED, 2, ERROR_MALFORMED, 1 },           /*  1 header */
	{ ERROR_MISSING_KEY, 2, ERROR_DUPLICATE_KEY, 3, ERROR_MISPLACED_KEY, 2 }, /*  2 brand, required */
	{ OK, 0, ERROR_DUPLICATE_KEY, 4, ERROR_MISPLACED_KEY, 4 },                /*  3 campaign */
	{ ERROR_MISSING_KEY, 4, ERROR_DUPLICATE_KEY, 5, ERROR_MISPLACED_KEY, 4 }, /*  4 compensation, required */
	{ ERROR_MISSING_KEY, 4, ERROR_DUPLICATE_KEY, 6, ERROR_MISPLACED_KEY, 6 }, /*  5 product, by compensation */
	{ ERROR_MISSING_KEY, 4, ERROR_DUPLICATE_KEY, 7, ERROR_MISPLACED_KEY, 7 }, /*  6 product-value, by compensation */
	{ ERROR_MISSING_KEY, 4, ERROR_DUPLICATE_KEY, 8, ERROR_MISPLACED_KEY, 8 }, /*  7 fee, by compensation */
	{ OK, 0, ERROR_DUPLICATE_KEY, 9, ERROR_MISPLACED_KEY, 9 },                /*  8 agency-fee */
	{ OK, 0, OK, 0, OK, 0 },                                                  /*  9 deliverable, a list */
	{ OK, 0, OK, 0, ERROR_MISPLACED_KEY, 11 },                                /* 10 deliverable */
	{ OK, 0, OK, 0, OK, 0 },                                                  /* 11 brief, a list */
	{ OK, 0, OK, 0, ERROR_MISPLACED_KEY, 13 },                                /* 12 brief */
	{ OK, 0, OK, 0, OK, 0 },                                                  /* 13 disclosure, a list */
	{ OK, 0, OK, 0, ERROR_MISPLACED_KEY, 15 },                                /* 14 disclosure */
	{ OK, 0, ERROR_DUPLICATE_KEY, 16, ERROR_MISPLACED_KEY, 16 },              /* 15 ship-within */
	{ OK, 0, ERROR_DUPLICATE_KEY, 17, ERROR_MISPLACED_KEY, 17 },              /* 16 review-within */
	{ OK, 0, ERROR_DUPLICATE_KEY, 18, ERROR_MISPLACED_KEY, 18 },              /* 17 revisions */
	{ OK, 0, ERROR_DUPLICATE_KEY, 19, ERROR_MISPLACED_KEY, 19 },              /* 18 post-within */
	{ OK, 0, ERROR_DUPLICATE_KEY, 20, ERROR_MISPLACED_KEY, 20 },              /* 19 live-for */
	{ ERROR_MISSING_KEY, 4, ERROR_DUPLICATE_KEY, 21, ERROR_MISPLACED_KEY, 21 }, /* 20 pay-within, by compensation */
	{ ERROR_MISSING_KEY, 21, ERROR_DUPLICATE_KEY, 22, ERROR_MISPLACED_KEY, 21 }, /* 21 slots, required */
	{ ERROR_MISSING_KEY, 22, ERROR_DUPLICATE_KEY, 23, ERROR_MISPLACED_KEY, 22 }, /* 22 closes, required */
	{ ERROR_MISSING_KEY, 23, ERROR_DUPLICATE_KEY, 24, ERROR_MISPLACED_KEY, 23 }, /* 23 time, required */
	{ ERROR_MISSING_KEY, 24, ERROR_DUPLICATE_KEY, 25, OK, 0 },                   /* 24 nonce, required; the last */
};

START_TEST(each_line_of_an_offer_left_out_doubled_or_swapped) {
	unsigned line = (unsigned)_i + 1;
	const struct line_row *row = &lines_of_offer[_i];
	expect(sample_without(changed, OFFER, line), row->without, row->without_line, "without");
	expect(sample_doubled(changed, OFFER, line), row->doubled, row->doubled_line, "doubled");
	if (line < OFFER_LINES) {
		expect(sample_swapped(changed, OFFER, line), row->swapped, row->swapped_line, "swapped with the next");
	}
}
END_TEST

START_TEST(kinds_of_required_lines_bear_no_change_of_lines) {
	static const char *const texts[] = { ENROL,   ADMIT, CLOSE,  FUND,   SUSPEND, REVOKE,
		                                 RECEIVE, PAY,   REFUND, APPROVE, ATTEST };
	unsigned last = 1;
	while (*sample_line(texts[_i], last + 1) != '\0') {
		last++;
	}
	for (unsigned line = 2; line <= last; line++) {
		expect(sample_without(changed, texts[_i], line), ERROR_MISSING_KEY, line, "without");
		expect(sample_doubled(changed, texts[_i], line), ERROR_DUPLICATE_KEY, line + 1, "doubled");
		if (line < last) {
			expect(sample_swapped(changed, texts[_i], line), ERROR_MISPLACED_KEY, line, "swapped");
		}
	}
}
END_TEST

START_TEST(a_list_holds_as_many_as_its_table_says) {
	static const struct {
		unsigned line, standing, most;
	} lists[] = { { 9, 2, 20 }, { 11, 2, 10 }, { 13, 2, 5 } };
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		static char text[SAMPLE_MAX];
		memcpy(text, OFFER, sizeof OFFER);
		for (unsigned count = lists[i].standing; count < lists[i].most; count++) {
			sample_doubled(changed, text, lists[i].line);
			expect(changed, OK, 0, "one more");
			memcpy(text, changed, sizeof text);
		}
		expect(sample_doubled(changed, text, lists[i].line), ERROR_DUPLICATE_KEY, lists[i].line + lists[i].most,
		       "one too many");
	}
	expect(sample_splice(changed, OFFER, 9, 2, ""), ERROR_MISSING_KEY, 9, "no deliverable");
	expect(sample_splice(changed, OFFER, 13, 2, ""), ERROR_MISSING_KEY, 13, "no disclosure");
}
END_TEST

#define BRIEF 11 /* the line that is replaced where the place does not matter */

/* Lines that replace `count` lines of the offer from `first` on. */
static const struct {
	unsigned first, count;
	const char *instead;
	enum error error;
	unsigned line;
	const char *says;
} changes[] = {
	/* the first line */
	{ 1, 1, "other.example/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency than agency.example" },
	{ 1, 1, "agency.example.evil/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "agency.exampl/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "evil/agency.example/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "agency.example/offer/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "agency.example//offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "Agency.example/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, " agency.example/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "/offer/v1\n", ERROR_WRONG_ORIGIN, 1, "another agency" },
	{ 1, 1, "agency.example/x\n", ERROR_MALFORMED, 1, "not like agency.example/offer/v1" },
	{ 1, 1, "agency.example\n", ERROR_MALFORMED, 1, "not like" },
	{ 1, 1, "\n", ERROR_MALFORMED, 1, "not like" },
	{ 1, 1, "agency.example/\n", ERROR_MALFORMED, 1, "not like" },
	{ 1, 1, "agency.example/offers/v1\n", ERROR_UNKNOWN_KIND, 1, "no kind of note" },
	{ 1, 1, "agency.example/Offer/v1\n", ERROR_UNKNOWN_KIND, 1, "no kind of note" },
	{ 1, 1, "agency.example//v1\n", ERROR_UNKNOWN_KIND, 1, "no kind of note" },
	{ 1, 1, "agency.example/offer/v2\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/v0\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/v01\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/v11\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/1\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/\n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/offer/v1 \n", ERROR_UNKNOWN_KIND, 1, "version" },
	{ 1, 1, "agency.example/close/v1\n", ERROR_MISSING_KEY, 2, "offer is missing before this line" },
	{ 1, 1, "agency.example/agreement/v1\n", ERROR_MISSING_KEY, 2, "offer is missing before this line" },
	{ 1, 24, "agency.example\n24\nq1w2\n", ERROR_MALFORMED, 1, "not like" },
	{ 1, 24, "agency.example/log\n24\nq1w2\n", ERROR_MALFORMED, 1, "not like" },
	{ 1, 24, "agency.example/offer/v1\n24\nq1w2\n", ERROR_MALFORMED, 2, "not a key, a blank and a value" },
	{ 2, 23, "", ERROR_MISSING_KEY, 2, "brand is missing" },
	/* keys */
	{ BRIEF, 1, "bonus 10.00 USD\n", ERROR_UNKNOWN_KEY, 11, "no key \"bonus\" in offer" },
	{ BRIEF, 1, "Brief Upper case.\n", ERROR_UNKNOWN_KEY, 11, "no key \"Brief\"" },
	{ BRIEF, 1, "brie Short.\n", ERROR_UNKNOWN_KEY, 11, "no key \"brie\"" },
	{ BRIEF, 1, " brief A blank before.\n", ERROR_UNKNOWN_KEY, 11, "no key \"\"" },
	{ BRIEF, 1, "creator studio-flow\n", ERROR_UNKNOWN_KEY, 11, "no key \"creator\" in offer" },
	{ BRIEF, 1, "brief\n", ERROR_MALFORMED, 11, "not a key, a blank and a value" },
	{ BRIEF, 1, "brief:Colon\n", ERROR_MALFORMED, 11, "not a key" },
	{ BRIEF, 1, "\n", ERROR_MALFORMED, 11, "an empty line" },
	{ 25, 0, "\n", ERROR_MALFORMED, 25, "an empty line" },
	{ BRIEF, 1, "# a comment\n", ERROR_UNKNOWN_KEY, 11, "no key \"#\"" },
	{ BRIEF, 1, "fee 1.00 USD\n", ERROR_DUPLICATE_KEY, 11, "fee stands twice" },
	{ 3, 1, "slots 5\n", ERROR_MISPLACED_KEY, 3, "slots must stand behind compensation" },
	{ 20, 0, "brief Late.\n", ERROR_MISPLACED_KEY, 20, "brief must stand before live-for" },
	{ 24, 1, "", ERROR_MISSING_KEY, 24, "nonce is missing" },
	/* blanks and line ends */
	{ BRIEF, 1, "brief Show it. \n", ERROR_BAD_TEXT, 11, "brief: has a blank at its beginning or end" },
	{ BRIEF, 1, "brief  Show it.\n", ERROR_BAD_TEXT, 11, "brief: has a blank at its beginning" },
	{ BRIEF, 1, "brief Show  it.\n", ERROR_BAD_TEXT, 11, "brief: has two blanks" },
	{ BRIEF, 1, "brief \n", ERROR_BAD_VALUE, 11, "brief: is empty" },
	{ 21, 1, "slots 5 \n", ERROR_BAD_VALUE, 21, "slots: needs a whole number" },
	{ 4, 1, "compensation gifted-and-paid \n", ERROR_BAD_VALUE, 4, "compensation: must be one of" },
	{ BRIEF, 1, "brief Show it.\r\n", ERROR_BAD_TEXT, 11, "CR LF" },
	{ 24, 1, "nonce " NONCE "\r\n", ERROR_BAD_TEXT, 24, "CR LF" },
	{ 1, 1, "agency.example/offer/v1\r\n", ERROR_BAD_TEXT, 1, "CR LF" },
	{ BRIEF, 1, "brief Show\rit.\n", ERROR_BAD_TEXT, 11, "U+000D" },
	/* characters that a reader does not see */
	{ BRIEF, 1, "brief Show\tit.\n", ERROR_BAD_TEXT, 11, "U+0009" },
	{ BRIEF, 1, "brief Show\x01it.\n", ERROR_BAD_TEXT, 11, "U+0001" },
	{ BRIEF, 1, "brief Show\x7fit.\n", ERROR_BAD_TEXT, 11, "U+007F" },
	{ BRIEF, 1, "brief Show\xc2\x85 it.\n", ERROR_BAD_TEXT, 11, "U+0085" },
	{ BRIEF, 1, "brief \u202eshow\u202c it.\n", ERROR_BAD_TEXT, 11, "U+202E" },
	{ BRIEF, 1, "brief Show\u2066it.\n", ERROR_BAD_TEXT, 11, "U+2066" },
	{ BRIEF, 1, "brief Show\u200eit.\n", ERROR_BAD_TEXT, 11, "U+200E" },
	{ BRIEF, 1, "brief Show\u200bit.\n", ERROR_BAD_TEXT, 11, "U+200B" },
	{ BRIEF, 1, "brief Show\u200dit.\n", ERROR_BAD_TEXT, 11, "U+200D" },
	{ BRIEF, 1, "brief Show\u00adit.\n", ERROR_BAD_TEXT, 11, "U+00AD" },
	{ BRIEF, 1, "brief Show\u00a0it.\n", ERROR_BAD_TEXT, 11, "U+00A0" },
	{ BRIEF, 1, "brief Show\u2028it.\n", ERROR_BAD_TEXT, 11, "U+2028" },
	{ BRIEF, 1, "brief Show\ue000it.\n", ERROR_BAD_TEXT, 11, "U+E000" },
	{ BRIEF, 1, "b\u200brief Show it.\n", ERROR_BAD_TEXT, 11, "U+200B" },
	{ 1, 1, "\ufeff" ORIGIN "/offer/v1\n", ERROR_BAD_TEXT, 1, "U+FEFF" },
	{ BRIEF, 1, "brief cafe\u0301\n", ERROR_BAD_TEXT, 11, "NFC" },
	{ BRIEF, 1, "brief 5 \u212b\n", ERROR_BAD_TEXT, 11, "NFC" },
	{ BRIEF, 1, "brief caf\xe9 au lait\n", ERROR_BAD_TEXT, 11, "not UTF-8" },
	{ BRIEF, 1, "brief \xc0\xaf\n", ERROR_BAD_TEXT, 11, "not UTF-8" },
	{ BRIEF, 1, "brief \xed\xa0\x80\n", ERROR_BAD_TEXT, 11, "not UTF-8" },
	{ BRIEF, 1, "brief caf\u00e9, \u65e5\u672c\u8a9e, \U0001f9d8\n", OK, 0, "" },
};

START_TEST(a_change_to_an_offer_is_refused_with_code_line_and_reason) {
	sample_splice(changed, OFFER, changes[_i].first, changes[_i].count, changes[_i].instead);
	expect(changed, changes[_i].error, changes[_i].line, changes[_i].instead);
	(void)parse(changed);
	ck_assert_msg(strstr(failure.text, changes[_i].says) != NULL, "says \"%s\", not \"%s\"", failure.text,
	              changes[_i].says);
}
END_TEST

START_TEST(a_note_ends_with_a_whole_line) {
	static const char offer[] = OFFER;
	for (size_t size = 0; size < sizeof offer - 1; size++) {
		enum error error = note_parse(slice_of(offer, size), ORIGIN, &note, &failure);
		ck_assert_msg(error != OK, "the first %zu bytes are no offer", size);
		ck_assert(size > 0 && offer[size - 1] == '\n' ? true : error == ERROR_MALFORMED);
	}
	ck_assert_int_eq(note_parse(slice_of(NULL, 0), ORIGIN, &note, &failure), ERROR_MALFORMED);
	ck_assert_int_eq(note_parse(slice_of("a\0b\n", 4), ORIGIN, &note, &failure), ERROR_BAD_TEXT);
	ck_assert_uint_eq(failure.line, 1);
}
END_TEST

START_TEST(sixteen_kibibytes_are_read_and_one_byte_more_is_not) {
	char *text = malloc(NOTE_TEXT_MAX + 2);
	memset(text, 'x', NOTE_TEXT_MAX + 1);
	memcpy(text, OFFER, sizeof OFFER - 1);
	text[NOTE_TEXT_MAX - 1] = '\n';
	ck_assert_int_eq(note_parse(slice_of(text, NOTE_TEXT_MAX), ORIGIN, &note, &failure), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, OFFER_LINES + 1);
	ck_assert_int_eq(note_parse(slice_of(text, NOTE_TEXT_MAX + 1), ORIGIN, &note, &failure), ERROR_TOO_LONG);
	ck_assert_uint_eq(failure.line, 0);
	free(text);
}
END_TEST

START_TEST(no_changed_byte_gives_a_second_form_of_a_note) {
	char text[] = OFFER;
	struct buffer again;
	buffer_init(&again, 2 * NOTE_TEXT_MAX);
	int accepted = 0;
	const char *wrong = NULL;
	for (size_t at = 0; at < sizeof text - 1 && wrong == NULL; at++) {
		for (unsigned change = 1; change < 256 && wrong == NULL; change++) {
			text[at] = (char)(text[at] ^ (char)change);
			if (note_parse(slice_of(text, sizeof text - 1), ORIGIN, &note, NULL) == OK) {
				sample_rewrite(&note, &again);
				accepted++;
				wrong = slice_equal(buffer_slice(&again), slice_of(text, sizeof text - 1)) ? NULL : text;
			}
			text[at] = (char)(wrong == NULL ? text[at] ^ (char)change : text[at]);
		}
	}
	ck_assert_msg(wrong == NULL, "is read, but written otherwise:\n%s", text);
	ck_assert_msg(accepted > 1000, "only %d changes were accepted: the test says little", accepted);
	buffer_release(&again);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("note");
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_note_is_read_and_written_again_to_the_same_bytes, 0, ROWS(samples));
	tcase_add_loop_test(tests, a_note_says_who_must_sign_it, 0, ROWS(samples));
	tcase_add_loop_test(tests, each_line_of_an_offer_left_out_doubled_or_swapped, 0, OFFER_LINES);
	tcase_add_loop_test(tests, kinds_of_required_lines_bear_no_change_of_lines, 0, 11);
	tcase_add_test(tests, the_samples_have_every_field_of_every_kind);
	tcase_add_loop_test(tests, a_note_of_two_signers_names_both, 0, 2);
	tcase_add_test(tests, a_list_holds_as_many_as_its_table_says);
	tcase_add_loop_test(tests, a_change_to_an_offer_is_refused_with_code_line_and_reason, 0, ROWS(changes));
	tcase_add_test(tests, a_note_ends_with_a_whole_line);
	tcase_add_test(tests, sixteen_kibibytes_are_read_and_one_byte_more_is_not);
	tcase_add_test(tests, no_changed_byte_gives_a_second_form_of_a_note);
	Suite *suite = suite_create("rules/note");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
