/* Ed25519 at its edges: what libsodium's verify says of the cases that implementations disagree about.
 *
 * The two sets (C2SP/CCTV and novifinancial/ed25519-speccheck) do not say right or wrong. What the released libsodium
 * did was recorded once, in tests/vectors/ed25519-libsodium.txt, and is held since: an upgrade that judges one case
 * differently fails here. Run from the root of the repository; `<program> --record` writes the table anew.
 * The sets are found by TROTH_VECTORS, or in ../shared/vectors; without them the tests say so and pass. */
#include "crypto/keys.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

#define TABLE "tests/vectors/ed25519-libsodium.txt"
#define TABLE_MAX 8192
#define CASES_A_LINE 100

/* How each set writes a case. */
struct set {
	const char *file, *key, *signature, *message;
	bool message_is_hex;
	size_t cases;
};

enum { CCTV, SPECCHECK, SETS };

static const struct set sets[SETS] = {
	[CCTV] = { "ed25519-cctv.json", "key", "sig", "msg", false, 914 },
	[SPECCHECK] = { "ed25519-speccheck.json", "pub_key", "signature", "message", true, 12 },
};

/* The set's cases, or NULL, with a word about it, where there is no such file. Caller decrefs. */
static json_t *load(const struct set *set) {
	const char *folder = getenv("TROTH_VECTORS");
	char path[FILE_PATH_MAX];
	ck_assert_int_eq(file_join(path, folder == NULL ? "../shared/vectors" : folder, set->file, NULL), OK);
	if (!file_exists(path)) {
		printf("SKIPPED: no %s, so Ed25519's edge cases are not checked (set TROTH_VECTORS)\n", path);
		return NULL;
	}
	json_error_t error;
	json_t *cases = json_load_file(path, 0, &error);
	ck_assert_msg(cases != NULL, "%s: %s", path, error.text);
	ck_assert_uint_eq(json_array_size(cases), set->cases);
	return cases;
}

static const char *text_of(const json_t *one, const char *key) {
	const char *text = json_string_value(json_object_get(one, key));
	ck_assert_msg(text != NULL, "a case without %s", key);
	return text;
}

static bool is_accepted(const struct set *set, const json_t *one) {
	uint8_t key[KEY_SIZE], signature[SIGNATURE_SIZE], unhexed[HASH_SIZE];
	ck_assert(hex_decode(slice_of_text(text_of(one, set->key)), key, sizeof key));
	ck_assert(hex_decode(slice_of_text(text_of(one, set->signature)), signature, sizeof signature));
	struct slice message = slice_of_text(text_of(one, set->message));
	if (set->message_is_hex) {
		ck_assert(hex_decode(message, unhexed, sizeof unhexed));
		message = slice_of(unhexed, sizeof unhexed);
	}
	return signature_verify(key, message, signature);
}

/* Appends a set's part of the table: its name, then one digit a case, 1 for accepted. */
static void judge_set(const struct set *set, const json_t *cases, struct buffer *out) {
	buffer_format(out, "%s %zu", set->file, set->cases);
	for (size_t i = 0; i < set->cases; i++) {
		buffer_append_text(out, i % CASES_A_LINE == 0 ? "\n" : "");
		buffer_append_text(out, is_accepted(set, json_array_get(cases, i)) ? "1" : "0");
	}
	buffer_append_text(out, "\n");
	ck_assert(buffer_ok(out));
}

START_TEST(libsodium_judges_every_case_as_recorded) {
	const struct set *set = &sets[_i];
	json_t *cases = load(set);
	if (cases == NULL) {
		return;
	}
	struct buffer table, judged;
	struct failure failure;
	buffer_init(&table, TABLE_MAX);
	buffer_init(&judged, TABLE_MAX);
	ck_assert_msg(file_read(TABLE, &table, &failure) == OK, "%s", failure.text);
	judge_set(set, cases, &judged);
	const char *recorded = strstr(buffer_text(&table), set->file);
	ck_assert_msg(recorded != NULL, "%s is not in " TABLE, set->file);
	const char *now = buffer_text(&judged);
	ck_assert_msg(strncmp(recorded, now, judged.size) == 0, "recorded:\n%.*s\nnow:\n%s", (int)judged.size, recorded,
	              now);
	buffer_release(&table);
	buffer_release(&judged);
	json_decref(cases);
}
END_TEST

/* What no case that libsodium accepts may have. */
static const char *const fatal_flags[] = { "low_order_A",     "low_order_R",       "non_canonical_A",
	                                       "non_canonical_R", "low_order_residue", "reencoded_k" };

START_TEST(cases_with_a_fatal_flag_are_refused) {
	json_t *cases = load(&sets[CCTV]);
	size_t flagged = 0;
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i), *flags = json_object_get(one, "flags");
		for (size_t f = 0; f < json_array_size(flags); f++) {
			if (strcmp(json_string_value(json_array_get(flags, f)), fatal_flags[_i]) == 0) {
				flagged++;
				ck_assert_msg(!is_accepted(&sets[CCTV], one), "case %zu has %s", i, fatal_flags[_i]);
			}
		}
	}
	ck_assert_msg(cases == NULL || flagged > 0, "no case has %s", fatal_flags[_i]);
	json_decref(cases);
}
END_TEST

START_TEST(the_case_without_any_flag_is_accepted) {
	json_t *cases = load(&sets[CCTV]);
	size_t unflagged = 0;
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i);
		if (json_array_size(json_object_get(one, "flags")) == 0) {
			unflagged++;
			ck_assert_msg(is_accepted(&sets[CCTV], one), "case %zu", i);
		}
	}
	ck_assert(cases == NULL || unflagged == 1);
	json_decref(cases);
}
END_TEST

/* The case without a flag is the ordinary signature; every other that verifies does so under a key with a part of small
 * order, which is the reason why enrolment asks for more than verify does. */
START_TEST(only_an_ordinary_key_of_the_accepted_cases_may_be_enrolled) {
	json_t *cases = load(&sets[CCTV]);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i);
		uint8_t key[KEY_SIZE];
		ck_assert(hex_decode(slice_of_text(text_of(one, "key")), key, sizeof key));
		bool ordinary = json_array_size(json_object_get(one, "flags")) == 0;
		if (ordinary || is_accepted(&sets[CCTV], one)) {
			ck_assert_msg(public_key_is_usable(key) == ordinary, "case %zu", i);
		}
	}
	json_decref(cases);
}
END_TEST

/* Only for --record. */
START_TEST(the_table_is_written) {
	struct buffer table;
	struct failure failure;
	buffer_init(&table, TABLE_MAX);
	buffer_append_text(&table, "# Which Ed25519 edge cases libsodium's verify accepts (1) and refuses (0), by index.\n"
	                           "# Written by unit-crypto_edge_cases --record; the sets are those of C2SP/CCTV\n"
	                           "# (ed25519) and of novifinancial/ed25519-speccheck.\n");
	for (size_t i = 0; i < SETS; i++) {
		json_t *cases = load(&sets[i]);
		ck_assert_msg(cases != NULL, "nothing to record from");
		judge_set(&sets[i], cases, &table);
		json_decref(cases);
	}
	ck_assert_msg(file_replace(TABLE, buffer_slice(&table), 0644, &failure) == OK, "%s", failure.text);
	buffer_release(&table);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(bool record) {
	Suite *suite = suite_create("crypto/edge cases");
	TCase *tests = tcase_create("edge cases");
	tcase_set_timeout(tests, 60);
	if (record) {
		tcase_add_test(tests, the_table_is_written);
	}
	tcase_add_loop_test(tests, libsodium_judges_every_case_as_recorded, 0, SETS);
	tcase_add_loop_test(tests, cases_with_a_fatal_flag_are_refused, 0, ROWS(fatal_flags));
	tcase_add_test(tests, the_case_without_any_flag_is_accepted);
	tcase_add_test(tests, only_an_ordinary_key_of_the_accepted_cases_may_be_enrolled);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(int argc, char **argv) {
	struct failure failure;
	if (crypto_start(&failure) != OK) {
		fprintf(stderr, "%s\n", failure.text);
		return EXIT_FAILURE;
	}
	bool record = argc == 2 && strcmp(argv[1], "--record") == 0;
	SRunner *runner = srunner_create(make_suite(record));
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
