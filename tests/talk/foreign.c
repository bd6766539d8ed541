/* The agreement that the command line writes, checked by programs that we did not write: every signature line, with the
 * creator's key out of the text and the agency's out of the join file. */
#include <stdlib.h>

#include "crypto/signed_note.h"
#include "rules/note.h"
#include "tests/lib/foreign.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define SIGNER_COUNT 2

static struct story story;
static char *file;
static struct signed_note parts;
static uint8_t keys[SIGNER_COUNT][KEY_SIZE]; /* in the order of the signature lines */

static void set_up(void) {
	struct failure failure;
	struct note note;
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	story_begin(&story);
	story_agree(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	file = scratch_read(story.agreement);
	ck_assert_int_eq(signed_note_split(slice_of_text(file), &parts, &failure), OK);
	ck_assert_int_eq(note_parse(parts.text, "agency.example", &note, &failure), OK);
	note_signer(&note, 0, name, &key);
	memcpy(keys[0], key, KEY_SIZE);
	memcpy(keys[1], story.agency.join.agency.public_key, KEY_SIZE);
}

static void tear_down(void) {
	free(file);
	process_free_all();
}

START_TEST(every_signature_line_is_accepted) {
	ck_assert_uint_eq(parts.count, SIGNER_COUNT);
	for (size_t i = 0; i < SIGNER_COUNT; i++) {
		ck_assert_msg(foreign_verifiers[_i].accepts(keys[i], parts.text, parts.signatures[i].signature),
		              "%s refuses line %zu", foreign_verifiers[_i].name, i);
	}
}
END_TEST

START_TEST(a_signature_is_not_the_other_ones) {
	for (size_t i = 0; i < SIGNER_COUNT; i++) {
		ck_assert_msg(!foreign_verifiers[_i].accepts(keys[i], parts.text, parts.signatures[1 - i].signature),
		              "%s accepts line %zu for another key", foreign_verifiers[_i].name, 1 - i);
	}
}
END_TEST

START_TEST(a_changed_byte_fails_for_every_signature) {
	uint8_t *text = malloc(parts.text.size);
	ck_assert_ptr_nonnull(text);
	const size_t places[] = { 0, parts.text.size / 2, parts.text.size - 1 };
	for (size_t i = 0; i < SIGNER_COUNT; i++) {
		for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
			memcpy(text, parts.text.data, parts.text.size);
			text[places[place]] ^= 1;
			ck_assert_msg(!foreign_verifiers[_i].accepts(keys[i], slice_of(text, parts.text.size),
			                                             parts.signatures[i].signature),
			              "%s accepts line %zu with byte %zu changed", foreign_verifiers[_i].name, i, places[place]);
		}
	}
	free(text);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("foreign verifiers");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, every_signature_line_is_accepted, 0, FOREIGN_COUNT);
	tcase_add_loop_test(tests, a_signature_is_not_the_other_ones, 0, FOREIGN_COUNT);
	tcase_add_loop_test(tests, a_changed_byte_fails_for_every_signature, 0, FOREIGN_COUNT);
	Suite *suite = suite_create("talk/foreign");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
