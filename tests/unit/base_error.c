/* Error codes: every one has its own word, a sentence and an exit status, and a failure says what and where. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/unit.h"

/* Every code there is: OK, and the run from the first error to the last. */
static int code_at(int i) {
	return i == 0 ? OK : ERROR_USAGE + i - 1;
}

static const int codes = ERROR_END - ERROR_USAGE + 1;

START_TEST(every_code_has_a_word_that_leads_back_to_it) {
	for (int i = 0; i < codes; i++) {
		const char *word = error_word(code_at(i));
		ck_assert_str_ne(word, "unknown");
		ck_assert_int_eq(error_from_word(word, strlen(word)), code_at(i));
	}
}
END_TEST

START_TEST(no_two_codes_share_a_word_or_a_sentence) {
	for (int i = 0; i < codes; i++) {
		for (int other = 0; other < i; other++) {
			ck_assert_str_ne(error_word(code_at(i)), error_word(code_at(other)));
			ck_assert_str_ne(error_sentence(code_at(i)), error_sentence(code_at(other)));
		}
	}
}
END_TEST

START_TEST(words_are_lower_case_letters_and_hyphens) {
	for (int i = 0; i < codes; i++) {
		const char *word = error_word(code_at(i));
		ck_assert_uint_eq(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
	}
}
END_TEST

START_TEST(a_number_that_is_no_code_is_unknown_and_refused) {
	static const int strangers[] = { 1, -1, ERROR_USAGE - 1, ERROR_END, 1000000, -1000000 };
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		ck_assert_str_eq(error_word(strangers[i]), "unknown");
		ck_assert_ptr_nonnull(error_sentence(strangers[i]));
		ck_assert_int_eq(error_exit_status(strangers[i]), EXIT_REFUSED);
		ck_assert(!error_is_passing(strangers[i]));
	}
}
END_TEST

START_TEST(a_word_that_is_not_in_the_table_is_malformed) {
	static const struct {
		const char *word;
		size_t size;
		const char *why;
	} cases[] = {
		{ "", 0, "empty" },
		{ "busy", 3, "only the beginning of a word" },
		{ "busyness", 8, "longer than a word" },
		{ "Busy", 4, "upper case" },
		{ "unknown", 7, "the answer for a stranger is itself no word" },
		{ "busy\0", 5, "a NUL behind it" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(error_from_word(cases[i].word, cases[i].size) == ERROR_MALFORMED, "%s", cases[i].why);
	}
}
END_TEST

START_TEST(exit_statuses_tell_usage_refusal_and_silence_apart) {
	static const struct {
		enum error code;
		int status;
	} cases[] = {
		{ OK, 0 },
		{ ERROR_USAGE, 2 },
		{ ERROR_CONFIG, 2 },
		{ ERROR_UNREACHABLE, 3 },
		{ ERROR_NO_WORKER, 3 },
		{ ERROR_BUSY, 3 },
		{ ERROR_BAD_SIGNATURE, 1 },
		{ ERROR_OFFER_FULL, 1 },
		{ ERROR_SYSTEM, 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(error_exit_status(cases[i].code) == (enum exit_status)cases[i].status, "%s",
		              error_word(cases[i].code));
	}
	for (int i = 1; i < codes; i++) {
		ck_assert_msg(error_exit_status(code_at(i)) != EXIT_DONE, "%s is no success", error_word(code_at(i)));
	}
}
END_TEST

START_TEST(only_what_may_succeed_later_is_passing) {
	for (int i = 0; i < codes; i++) {
		int code = code_at(i);
		int expected = code == ERROR_NO_MEMORY || code == ERROR_BUSY || code == ERROR_NO_WORKER ||
		               code == ERROR_GIVEN_UP || code == ERROR_UNREACHABLE || code == ERROR_STORE_FULL;
		ck_assert_msg(!error_is_passing(code) == !expected, "%s", error_word(code));
	}
}
END_TEST

START_TEST(a_failure_says_what_and_where) {
	struct failure failure = { .line = 77 };
	ck_assert_int_eq(fail(&failure, ERROR_BAD_VALUE, "%d is not %s", 5, "six"), ERROR_BAD_VALUE);
	ck_assert_int_eq(failure.code, ERROR_BAD_VALUE);
	ck_assert_uint_eq(failure.line, 0);
	ck_assert_str_eq(failure.text, "5 is not six");
	ck_assert_int_eq(fail_at(&failure, ERROR_MALFORMED, 12, "cut short"), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, 12);
	errno = ENOSPC;
	ck_assert_int_eq(fail_system(&failure, "cannot write %s", "x"), ERROR_SYSTEM);
	ck_assert_int_eq(failure.code, ERROR_SYSTEM);
	ck_assert_uint_eq(failure.line, 0);
	ck_assert_str_eq(failure.text, "cannot write x: No space left on device");
}
END_TEST

START_TEST(a_failure_may_go_unheard) {
	ck_assert_int_eq(fail(NULL, ERROR_BUSY, "%s", "x"), ERROR_BUSY);
	ck_assert_int_eq(fail_at(NULL, ERROR_BUSY, 1, "%s", "x"), ERROR_BUSY);
	ck_assert_int_eq(fail_system(NULL, "%s", "x"), ERROR_SYSTEM);
}
END_TEST

START_TEST(a_long_text_is_cut_and_still_ends) {
	char text[2 * FAILURE_TEXT_MAX];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	struct failure failure;
	(void)fail(&failure, ERROR_BUSY, "%s", text);
	ck_assert_uint_eq(strlen(failure.text), FAILURE_TEXT_MAX - 1);
	errno = EIO;
	(void)fail_system(&failure, "%s", text);
	ck_assert_uint_eq(strlen(failure.text), FAILURE_TEXT_MAX - 1);
}
END_TEST

START_TEST(a_text_is_never_cut_within_a_character) {
	static const char *const characters[] = { "\xc3\xa9", "\xe2\x80\x94", "\xf0\x9f\xa7\x98" };
	for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++) {
		size_t size = strlen(characters[i]);
		for (size_t before = FAILURE_TEXT_MAX - 6; before < FAILURE_TEXT_MAX; before++) {
			struct failure failure;
			(void)fail(&failure, ERROR_BUSY, "%0*d%s%s", (int)before, 0, characters[i], characters[i]);
			size_t kept = strlen(failure.text) - before;
			ck_assert_msg(kept % size == 0, "%zu bytes of a character are left", kept % size);
		}
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("error");
	tcase_add_test(tests, every_code_has_a_word_that_leads_back_to_it);
	tcase_add_test(tests, no_two_codes_share_a_word_or_a_sentence);
	tcase_add_test(tests, words_are_lower_case_letters_and_hyphens);
	tcase_add_test(tests, a_number_that_is_no_code_is_unknown_and_refused);
	tcase_add_test(tests, a_word_that_is_not_in_the_table_is_malformed);
	tcase_add_test(tests, exit_statuses_tell_usage_refusal_and_silence_apart);
	tcase_add_test(tests, only_what_may_succeed_later_is_passing);
	tcase_add_test(tests, a_failure_says_what_and_where);
	tcase_add_test(tests, a_failure_may_go_unheard);
	tcase_add_test(tests, a_long_text_is_cut_and_still_ends);
	tcase_add_test(tests, a_text_is_never_cut_within_a_character);
	Suite *suite = suite_create("base/error");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
