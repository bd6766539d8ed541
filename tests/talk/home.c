/* An account's home folder: made once, with a key that is sealed by its passphrase or plain. */
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/command.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120

static struct agency_process agency;
static const char *join;

static void set_up(void) {
	agency_start(&agency, 1);
	join = scratch_path(agency.home, "agency.join");
}

static const char *write_passphrase(const char *text) {
	const char *path = scratch_path(scratch_folder(), "passphrase");
	scratch_write(path, text);
	return path;
}

START_TEST(a_sealed_key_signs_with_its_passphrase_and_with_no_other) {
	const char *home = scratch_path(scratch_folder(), "sealed");
	const char *right = write_passphrase("correct horse battery staple\n");
	const char *wrong = write_passphrase("correct horse battery stable\n");
	const char *empty = write_passphrase("\n");
	(void)said_done(troth("init", "--home", home, "--role", "brand", "--name", "sealed-brand", "--join", join,
	                      "--passphrase-file", right, NULL));
	char *key = scratch_read(scratch_path(home, "signing.key"));
	ck_assert_ptr_nonnull(strstr(key, "\nseal argon2id "));
	free(key);
	struct store_counts before = store_count(agency.home);
	said_refused(troth("enrol", "--home", home, "--passphrase-file", wrong, NULL), 1, ERROR_WRONG_PASSPHRASE, 0);
	said_refused(troth("enrol", "--home", home, "--passphrase-file", empty, NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("enrol", "--home", home, "--passphrase-file", "/nowhere", NULL), 1, ERROR_NOT_FOUND, 0);
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
	(void)said_id(troth("enrol", "--home", home, "--passphrase-file", right, NULL));
	store_has_grown(agency.home, before, (struct store_counts){ .notes = 1 });
	(void)said_done(troth("status", "--home", home, NULL)); /* what signs nothing needs no passphrase */
}
END_TEST

START_TEST(a_home_is_made_once) {
	const char *home = home_init(&agency, "creator", "only-once");
	char *before = scratch_read(scratch_path(home, "signing.key"));
	said_refused(troth("init", "--home", home, "--role", "creator", "--name", "only-once", "--join", join,
	                   "--no-passphrase", NULL), 1, ERROR_EXISTS, 0);
	char *after = scratch_read(scratch_path(home, "signing.key"));
	ck_assert_str_eq(after, before);
	free(after);
	free(before);
}
END_TEST

START_TEST(keys_are_for_their_owner_only) {
	const char *home = home_init(&agency, "creator", "private-keys");
	static const char *const names[] = { "signing.key", "transport.key" };
	struct stat status;
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stat(scratch_path(home, names[i]), &status), 0);
		ck_assert_uint_eq(status.st_mode & 0777, 0600);
	}
	ck_assert_int_eq(stat(scratch_path(agency.home, "agency.key"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(home, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0700);
}
END_TEST

/* What init cannot make a home of. */
static const struct {
	const char *role, *name;
	bool with_join;
} wrong[] = {
	{ "brand", "Acme Yoga", true }, { "brand", "a", true },         { "brand", "agency", true },
	{ "king", "acme-yoga", true },  { "brand", "acme-yoga", false }, { "brand", "-acme", true },
};

START_TEST(wrong_words_make_no_home) {
	const char *home = scratch_path(scratch_folder(), "wrong");
	struct stat status;
	const char *file = wrong[_i].with_join ? join : "/nowhere/agency.join";
	struct said said = troth("init", "--home", home, "--role", wrong[_i].role, "--name", wrong[_i].name, "--join", file,
	                         "--no-passphrase", NULL);
	ck_assert_msg(said.status == (wrong[_i].with_join ? 2 : 1), "status %d\n%s", said.status, said.errors);
	ck_assert_int_ne(stat(scratch_path(home, "account.ini"), &status), 0);
}
END_TEST

START_TEST(without_a_home_commands_say_what_to_do) {
	const char *home = scratch_folder();
	struct said said = troth("status", "--home", home, NULL);
	said_refused(said, 1, ERROR_NOT_FOUND, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "troth init"));
	said = troth("store", "check", "--home", home, NULL);
	said_refused(said, 1, ERROR_NOT_FOUND, 0);
}
END_TEST

START_TEST(one_who_has_not_enrolled_is_told_so) {
	const char *home = home_init(&agency, "creator", "not-yet");
	struct said said = troth("status", "--home", home, NULL);
	said_refused(said, 1, ERROR_NOT_FOUND, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "troth enrol"));
	said_refused(troth("offer", "list", "--home", home, NULL), 1, ERROR_NOT_ADMITTED, 0);
	(void)said_id(troth("enrol", "--home", home, NULL));
	struct said waiting = troth("status", "--home", home, NULL);
	(void)said_done(waiting);
	ck_assert_ptr_nonnull(strstr(waiting.output, "waiting"));
	said_refused(troth("offer", "list", "--home", home, NULL), 1, ERROR_NOT_ADMITTED, 0);
}
END_TEST

START_TEST(of_two_who_ask_for_a_name_the_key_decides) {
	const char *ops = scratch_path(agency.home, "ops");
	const char *first = home_init(&agency, "creator", "same-name");
	const char *second = home_init(&agency, "creator", "same-name");
	char operand[64];
	json_t *enrolled = said_json(troth("enrol", "--home", first, "--json", NULL));
	(void)said_id(troth("enrol", "--home", second, NULL));
	said_refused(troth("ops", "admit", "same-name", "--home", ops, NULL), 1, ERROR_AMBIGUOUS, 0);
	(void)snprintf(operand, sizeof operand, "same-name@%.12s", json_text(enrolled, "key"));
	(void)said_id(troth("ops", "admit", operand, "--home", ops, NULL)); /* 12 digits: it is said which key */
	(void)said_done(troth("offer", "list", "--home", first, NULL));
	said_refused(troth("offer", "list", "--home", second, NULL), 1, ERROR_NOT_ADMITTED, 0);
	json_decref(enrolled);
}
END_TEST

/* Anyone can ask for any name, and only a person can know whose the key is. */
START_TEST(nobody_is_admitted_by_a_name_alone) {
	const char *ops = scratch_path(agency.home, "ops");
	const char *home = home_init(&agency, "brand", "who-is-it");
	char few[64], whole[128];
	json_t *enrolled = said_json(troth("enrol", "--home", home, "--json", NULL));
	const char *key = json_text(enrolled, "key");
	struct store_counts before = store_count(agency.home);
	struct said said = troth("ops", "admit", "who-is-it", "--home", ops, NULL);
	said_refused(said, 2, ERROR_USAGE, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "who-is-it asks to be a brand"));
	ck_assert_ptr_nonnull(strstr(said.errors, key));
	(void)snprintf(few, sizeof few, "who-is-it@%.11s", key);
	said_refused(troth("ops", "admit", few, "--home", ops, NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("ops", "admit", "who-is-it@0X", "--home", ops, NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("ops", "admit", "who-is-it@", "--home", ops, NULL), 2, ERROR_USAGE, 0);
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
	(void)snprintf(whole, sizeof whole, "who-is-it@ed25519:%s", key);
	(void)said_id(troth("ops", "admit", whole, "--home", ops, NULL));
	json_decref(enrolled);
}
END_TEST

START_TEST(an_operator_is_admitted_only_on_purpose) {
	const char *ops = scratch_path(agency.home, "ops");
	const char *home = home_init(&agency, "operator", "sly-brand");
	(void)said_done(troth("enrol", "--home", home, NULL));
	said_refused(troth("ops", "admit", "sly-brand", "--home", ops, NULL), 1, ERROR_NOT_ALLOWED, 0);
	said_refused(troth("ops", "admit", "sly-brand", "--role", "brand", "--home", ops, NULL), 1, ERROR_NOT_ALLOWED, 0);
	said_refused(troth("ops", "fund", "acme-yoga", "1.00 USD", "--reference", "x", "--home", home, "-y", NULL), 1,
	             ERROR_NOT_ADMITTED, 0);
	(void)said_done(troth("ops", "admit", "sly-brand", "--role", "operator", "--yes", "--home", ops, NULL));
	(void)said_done(troth("ops", "waiting", "--home", home, NULL));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("home");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, process_free_all);
	tcase_add_test(tests, a_sealed_key_signs_with_its_passphrase_and_with_no_other);
	tcase_add_test(tests, a_home_is_made_once);
	tcase_add_test(tests, keys_are_for_their_owner_only);
	tcase_add_loop_test(tests, wrong_words_make_no_home, 0, sizeof wrong / sizeof wrong[0]);
	tcase_add_test(tests, without_a_home_commands_say_what_to_do);
	tcase_add_test(tests, one_who_has_not_enrolled_is_told_so);
	tcase_add_test(tests, nobody_is_admitted_by_a_name_alone);
	tcase_add_test(tests, an_operator_is_admitted_only_on_purpose);
	tcase_add_test(tests, of_two_who_ask_for_a_name_the_key_decides);
	Suite *suite = suite_create("talk/home");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
