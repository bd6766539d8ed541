/* Bundles: what is written is read, and what is read is written again byte for byte. What is refused with which line is
 * in crypto_bundle_refusal.c. */
#include "crypto/bundle.h"

#include <stdlib.h>

#include "tests/lib/random.h"
#include "tests/lib/unit.h"
#include "tests/unit/crypto_bundle_samples.h"

static struct buffer file, again;
static struct bundle_reader reader;
static struct bundle_entry entry;
static struct slice origin;
static struct failure failure;
static bool done;

static void setup(void) {
	buffer_init(&file, 64 * SIGNED_NOTE_MAX);
	buffer_init(&again, 64 * SIGNED_NOTE_MAX);
	failure = (struct failure){ .line = 0 };
}

static void teardown(void) {
	buffer_release(&file);
	buffer_release(&again);
}

/* Writes the entry that was read last. */
static void write_again(void) {
	char received[BUNDLE_RECEIVED_SIZE];
	ck_assert(slice_copy_text(entry.received, received, sizeof received));
	enum error error = entry.hidden
	    ? bundle_append_hidden(&again, entry.sequence, received, entry.id, &failure)
	    : bundle_append(&again, entry.sequence, received, entry.signed_note, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
}

/* Reads a whole bundle and writes it again into `again`. Returns the first error, or OK at the end. */
static enum error read_all(struct slice bytes, size_t *entries) {
	char name[SIGNER_NAME_MAX];
	*entries = 0;
	buffer_clear(&again);
	enum error error = bundle_open(bytes, &reader, &origin, &failure);
	if (error != OK) {
		return error;
	}
	ck_assert(slice_copy_text(origin, name, sizeof name));
	ck_assert_int_eq(bundle_begin(&again, name, &failure), OK);
	error = bundle_next(&reader, &entry, &done, &failure);
	while (error == OK && !done) {
		write_again();
		(*entries)++;
		error = bundle_next(&reader, &entry, &done, &failure);
	}
	return error;
}

static void assert_round_trip(struct slice bytes, size_t expected) {
	size_t entries = 0;
	ck_assert_msg(read_all(bytes, &entries) == OK, "line %u: %s", failure.line, failure.text);
	ck_assert_uint_eq(entries, expected);
	ck_assert(slice_equal(buffer_slice(&again), bytes));
}

START_TEST(a_bundle_has_the_form_of_the_drawing) {
	ck_assert_int_eq(bundle_begin(&file, ORIGIN, &failure), OK);
	ck_assert_int_eq(bundle_append(&file, 17, RECEIVED, slice_of_text(NOTE), &failure), OK);
	ck_assert_int_eq(bundle_append(&file, 21, RECEIVED, slice_of_text(NOTE), &failure), OK);
	ck_assert_str_eq(buffer_text(&file), WHOLE);
	assert_round_trip(buffer_slice(&file), 2);
	ck_assert(slice_is(origin, ORIGIN));
}
END_TEST

START_TEST(an_entry_says_number_time_note_and_line) {
	ck_assert_int_eq(bundle_open(slice_of_text(WHOLE), &reader, &origin, &failure), OK);
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
	ck_assert(!done);
	ck_assert_int_eq(entry.sequence, 17);
	ck_assert_uint_eq(entry.line, 3);
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
	ck_assert(!done);
	ck_assert_int_eq(entry.sequence, 21);
	ck_assert_uint_eq(entry.line, 9);
	ck_assert(slice_is(entry.received, RECEIVED));
	ck_assert(slice_is(entry.signed_note, NOTE));
	ck_assert(slice_is(entry.split.text, TEXT));
	ck_assert_uint_eq(entry.split.count, 1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
		ck_assert(done);
	}
}
END_TEST

START_TEST(a_note_that_may_not_be_seen_leaves_its_id) {
	uint8_t id[HASH_SIZE];
	ck_assert(hex_decode(slice_of_text(ID + strlen("sha256:")), id, HASH_SIZE));
	ck_assert_int_eq(bundle_begin(&file, ORIGIN, &failure), OK);
	ck_assert_int_eq(bundle_append(&file, 17, RECEIVED, slice_of_text(NOTE), &failure), OK);
	ck_assert_int_eq(bundle_append_hidden(&file, 18, RECEIVED, id, &failure), OK);
	ck_assert_int_eq(bundle_append(&file, 21, RECEIVED, slice_of_text(NOTE), &failure), OK);
	ck_assert_str_eq(buffer_text(&file), HEAD ENTRY("17") NOTE "\n" HIDDEN("18") ENTRY("21") NOTE "\n");
	assert_round_trip(buffer_slice(&file), 3);
	ck_assert_int_eq(bundle_open(buffer_slice(&file), &reader, &origin, &failure), OK);
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
	ck_assert(!entry.hidden);
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
	ck_assert(entry.hidden && entry.sequence == 18 && entry.line == 9 && entry.signed_note.size == 0);
	ck_assert_mem_eq(entry.id, id, HASH_SIZE);
	ck_assert_int_eq(bundle_append_hidden(&file, 0, RECEIVED, id, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(bundle_append_hidden(&file, 22, "now", id, &failure), ERROR_BAD_VALUE);
}
END_TEST

START_TEST(a_bundle_may_hold_no_note) {
	ck_assert_int_eq(bundle_begin(&file, ORIGIN, &failure), OK);
	ck_assert_str_eq(buffer_text(&file), HEAD);
	assert_round_trip(buffer_slice(&file), 0);
}
END_TEST

/* Whole bundles of one entry. */
static const char *const good_rows[] = {
	HEAD ENTRY("1") NOTE "\n",
	HEAD ENTRY("9223372036854775807") NOTE "\n",
	HEAD "note 5 0000-99-99T99:99:99Z\n" NOTE "\n",                      /* whether there is such a time is not asked */
	HEAD ENTRY("5") "x\n\n" SIGNATURE SIGNATURE "\n",                    /* who signs is not asked */
	HEAD ENTRY("5") ENTRY("6") "\n" SIGNATURE "\n",                      /* a text that looks like an entry */
	HEAD ENTRY("5") ORIGIN "/bundle/v1\n" ENTRY("6") "\n" SIGNATURE "\n", /* a text that looks like a bundle */
	HEAD ENTRY("5") SIGNATURE "\n" SIGNATURE "\n",                       /* a text that looks like signatures */
	"a/bundle/v1/bundle/v1\n\n" ENTRY("5") NOTE "\n",
};

START_TEST(what_is_unusual_but_right_round_trips) {
	assert_round_trip(slice_of_text(good_rows[_i]), 1);
}
END_TEST

START_TEST(a_cut_file_is_a_bundle_only_where_an_entry_ends) {
	static const char whole[] = WHOLE;
	for (size_t size = 0; size < sizeof whole; size++) {
		size_t entries = 0;
		bool at_end = size == strlen(HEAD) || size == strlen(HEAD ENTRY("17") NOTE "\n") || size == strlen(WHOLE);
		enum error error = read_all(slice_of(whole, size), &entries);
		ck_assert_msg(error == (at_end ? OK : ERROR_MALFORMED), "%zu bytes: %s", size, failure.text);
	}
}
END_TEST

/* The property: a changed file is refused, or is a bundle of its own that is written again byte for byte. */
START_TEST(whatever_is_read_is_written_again_byte_for_byte) {
	static const char alphabet[] = "\n\n\n 0179-:TZnote\xE2\x80\x94/v";
	uint32_t state = 1;
	size_t read = 0;
	for (int i = 0; i < 200000; i++) {
		size_t entries = 0;
		buffer_clear(&file);
		buffer_append_text(&file, WHOLE);
		for (uint32_t changes = 1 + random_next(&state) % 2; changes > 0; changes--) {
			file.data[random_next(&state) % file.size] = (uint8_t)alphabet[random_next(&state) % (sizeof alphabet - 1)];
		}
		if (read_all(buffer_slice(&file), &entries) == OK) {
			ck_assert(slice_equal(buffer_slice(&again), buffer_slice(&file)));
			read++;
		}
	}
	ck_assert_uint_gt(read, 1000);
}
END_TEST

/* Appends a note of `size` bytes with a text of `text_size` and one signature that fills the rest, in base64: what
 * size exceeds text_size by must be a multiple of four. */
static void append_long_note(struct buffer *out, size_t text_size, size_t size) {
	for (size_t i = 1; i < text_size; i++) {
		buffer_append_text(out, "x");
	}
	buffer_append_text(out, "\n\n" DASH "a ");
	size_t digits = size - text_size - strlen("\n" DASH "a ") - 1;
	ck_assert_uint_eq(digits % 4, 0);
	for (size_t i = 0; i < digits; i++) {
		buffer_append_text(out, "A");
	}
	buffer_append_text(out, "\n");
}

static enum error read_long_note(size_t text_size, size_t size, size_t *entries) {
	buffer_clear(&file);
	buffer_append_text(&file, HEAD ENTRY("17"));
	append_long_note(&file, text_size, size);
	buffer_append_text(&file, "\n" ENTRY("18") NOTE "\n");
	ck_assert(buffer_ok(&file));
	return read_all(buffer_slice(&file), entries);
}

START_TEST(the_longest_note_is_taken_and_one_byte_more_refused) {
	size_t entries = 0;
	size_t text_size = SIGNED_NOTE_TEXT_MAX - 4;
	ck_assert_msg(read_long_note(text_size, SIGNED_NOTE_MAX, &entries) == OK, "%s", failure.text);
	ck_assert_uint_eq(entries, 2);
	ck_assert(slice_equal(buffer_slice(&again), buffer_slice(&file)));
	ck_assert_int_eq(read_long_note(text_size + 1, SIGNED_NOTE_MAX + 1, &entries), ERROR_TOO_LONG);
	ck_assert_uint_eq(failure.line, 3);
	ck_assert_str_eq(failure.text, "a signed note has at most 24576 bytes");
}
END_TEST

START_TEST(the_longest_text_is_taken_and_one_byte_more_refused) {
	size_t entries = 0;
	size_t size = SIGNED_NOTE_TEXT_MAX + 108;
	ck_assert_msg(read_long_note(SIGNED_NOTE_TEXT_MAX, size, &entries) == OK, "%s", failure.text);
	ck_assert_int_eq(read_long_note(SIGNED_NOTE_TEXT_MAX + 1, size + 1, &entries), ERROR_TOO_LONG);
	ck_assert_uint_eq(failure.line, 3);
	ck_assert_str_eq(failure.text, "the text of a note has at most 16384 bytes");
}
END_TEST

static const struct unwritable_row {
	int64_t sequence;
	const char *received, *note;
	enum error error;
	unsigned line;
} unwritable_rows[] = {
	{ 0, RECEIVED, NOTE, ERROR_BAD_VALUE, 0 },
	{ -1, RECEIVED, NOTE, ERROR_BAD_VALUE, 0 },
	{ INT64_MIN, RECEIVED, NOTE, ERROR_BAD_VALUE, 0 },
	{ 17, "", NOTE, ERROR_BAD_VALUE, 0 },
	{ 17, RECEIVED "\n", NOTE, ERROR_BAD_VALUE, 0 },
	{ 17, "2026-11-23 10:02:11Z", NOTE, ERROR_BAD_VALUE, 0 },
	{ 17, RECEIVED, "", ERROR_MALFORMED, 1 },
	{ 17, RECEIVED, TEXT, ERROR_MALFORMED, 0 },
	{ 17, RECEIVED, "\n" SIGNATURE, ERROR_MALFORMED, 0 },
	{ 17, RECEIVED, "\n\n" SIGNATURE, ERROR_MALFORMED, 1 },
	{ 17, RECEIVED, "\na\n\n" SIGNATURE, ERROR_MALFORMED, 1 },
	{ 17, RECEIVED, "a\n\nb\n\n" SIGNATURE, ERROR_MALFORMED, 2 },
	{ 17, RECEIVED, "a\n\n\n" SIGNATURE, ERROR_MALFORMED, 2 },
	{ 17, RECEIVED, NOTE "\n" ENTRY("18") NOTE, ERROR_MALFORMED, 3 },
	{ 17, RECEIVED, NOTE "\n", ERROR_MALFORMED, 5 },
	{ 17, RECEIVED, "a\r\n\n" SIGNATURE, ERROR_BAD_TEXT, 1 },
};

START_TEST(what_could_not_be_read_back_is_not_written) {
	const struct unwritable_row *row = &unwritable_rows[_i];
	enum error error = bundle_append(&file, row->sequence, row->received, slice_of_text(row->note), &failure);
	ck_assert_msg(error == row->error, "row %d: %s: %s", _i, error_word(error), failure.text);
	ck_assert_msg(failure.line == row->line, "row %d: line %u: %s", _i, failure.line, failure.text);
	ck_assert_uint_eq(file.size, 0);
	ck_assert(buffer_ok(&file));
}
END_TEST

static const char *const no_origins[] = { "", "a b", "a+b", "a\nb", "a\xC0\x80" };

START_TEST(what_may_not_name_a_key_is_no_origin) {
	ck_assert_int_eq(bundle_begin(&file, no_origins[_i], &failure), ERROR_BAD_VALUE);
	ck_assert_uint_eq(file.size, 0);
}
END_TEST

START_TEST(the_longest_origin_is_taken_and_one_byte_more_refused) {
	char name[SIGNER_NAME_MAX + 1] = { 0 };
	memset(name, 'a', SIGNER_NAME_MAX);
	ck_assert_int_eq(bundle_begin(&file, name, &failure), ERROR_BAD_VALUE);
	name[SIGNER_NAME_MAX - 1] = '\0';
	ck_assert_int_eq(bundle_begin(&file, name, &failure), OK);
	assert_round_trip(buffer_slice(&file), 0);
}
END_TEST

START_TEST(a_full_buffer_is_an_error) {
	for (size_t maximum = 0; maximum < strlen(HEAD ENTRY("17") NOTE "\n"); maximum++) {
		struct buffer small;
		buffer_init(&small, maximum);
		bool begun = bundle_begin(&small, ORIGIN, &failure) == OK;
		ck_assert_msg(begun == (maximum >= strlen(HEAD)), "%zu bytes", maximum);
		ck_assert_int_eq(bundle_append(&small, 17, RECEIVED, slice_of_text(NOTE), &failure), ERROR_NO_MEMORY);
		buffer_release(&small);
	}
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

int main(void) {
	Suite *suite = suite_create("crypto/bundle");
	TCase *tests = tcase_create("bundles");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_bundle_has_the_form_of_the_drawing);
	tcase_add_test(tests, an_entry_says_number_time_note_and_line);
	tcase_add_test(tests, a_note_that_may_not_be_seen_leaves_its_id);
	tcase_add_test(tests, a_bundle_may_hold_no_note);
	tcase_add_loop_test(tests, what_is_unusual_but_right_round_trips, 0, ROWS(good_rows));
	tcase_add_test(tests, a_cut_file_is_a_bundle_only_where_an_entry_ends);
	tcase_add_test(tests, whatever_is_read_is_written_again_byte_for_byte);
	tcase_add_test(tests, the_longest_note_is_taken_and_one_byte_more_refused);
	tcase_add_test(tests, the_longest_text_is_taken_and_one_byte_more_refused);
	tcase_add_loop_test(tests, what_could_not_be_read_back_is_not_written, 0, ROWS(unwritable_rows));
	tcase_add_loop_test(tests, what_may_not_name_a_key_is_no_origin, 0, ROWS(no_origins));
	tcase_add_test(tests, the_longest_origin_is_taken_and_one_byte_more_refused);
	tcase_add_test(tests, a_full_buffer_is_an_error);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
