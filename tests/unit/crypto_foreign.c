/* Programs that we did not write verify our signatures: openssl and signify-openbsd.
 *
 * Both are dependencies of the project (.ci/deps), so a missing one is a failure. */
#include "crypto/signed_note.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define TEXT "agency.example/offer/v1\nbrand acme-yoga\nproduct Cork yoga mat, 5 mm\nfee 89.00 EUR\n\nprix 89 €\n"
#define COMMENT "untrusted comment: made by a test of Troth\n"
#define NOT_FOUND 127

static char folder[] = "/tmp/troth-foreign-XXXXXX";
static char text_path[FILE_PATH_MAX], changed_path[FILE_PATH_MAX];
static struct signing_key *key;
static struct buffer note;
static struct signed_note parts;

static void path_of(const char *name, char *path) {
	ck_assert_int_eq(file_join(path, folder, name, NULL), OK);
}

static void write_file(const char *name, struct slice bytes, char *path) {
	struct failure failure;
	path_of(name, path);
	ck_assert_msg(file_create(path, bytes, 0600, &failure) == OK, "%s", failure.text);
}

/* Writes the text of a signed note, as signed_note_split gives it, and the same with one byte changed. */
static void setup(void) {
	ck_assert_ptr_nonnull(mkdtemp(folder));
	key = signing_key_new();
	buffer_init(&note, SIGNED_NOTE_MAX);
	ck_assert_int_eq(signed_note_write(&note, slice_of_text(TEXT), "agency.example/brand/acme", key, NULL), OK);
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &parts, NULL), OK);
	write_file("text", parts.text, text_path);
	char changed[] = TEXT;
	*strstr(changed, "89.00") = '7';
	write_file("changed", slice_of_text(changed), changed_path);
}

static void teardown(void) {
	static const char *const names[] = { "text", "changed", "key.pem", "signature", "key.pub", "text.sig" };
	char path[FILE_PATH_MAX];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		path_of(names[i], path);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	signing_key_free(key);
	buffer_release(&note);
}

/* Runs a program without its output and returns its exit status. */
static int run(const char *const arguments[]) {
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		int nowhere = open("/dev/null", O_RDWR);
		(void)dup2(nowhere, STDOUT_FILENO);
		(void)dup2(nowhere, STDERR_FILENO);
		(void)execvp(arguments[0], (char *const *)arguments); /* which it does not change */
		_exit(NOT_FOUND);
	}
	int status = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status), "%s was killed", arguments[0]);
	ck_assert_msg(WEXITSTATUS(status) != NOT_FOUND, "%s is not installed", arguments[0]);
	return WEXITSTATUS(status);
}

/* SubjectPublicKeyInfo of RFC 8410, as PEM. */
static void write_pem(char *path) {
	uint8_t der[12 + KEY_SIZE] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	memcpy(der + 12, signing_key_public(key), KEY_SIZE);
	struct buffer pem;
	buffer_init(&pem, 1024);
	buffer_append_text(&pem, "-----BEGIN PUBLIC KEY-----\n");
	base64_encode(slice_of(der, sizeof der), &pem);
	buffer_append_text(&pem, "\n-----END PUBLIC KEY-----\n");
	write_file("key.pem", buffer_slice(&pem), path);
	buffer_release(&pem);
}

START_TEST(openssl_verifies_our_signature_and_no_other_text) {
	char pem[FILE_PATH_MAX], signature[FILE_PATH_MAX];
	write_pem(pem);
	write_file("signature", slice_of(parts.signatures[0].signature, SIGNATURE_SIZE), signature);
	const char *command[] = { "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", pem,
		                "-sigfile", signature, "-in", text_path, NULL };
	ck_assert_int_eq(run(command), 0);
	command[10] = changed_path;
	ck_assert_int_ne(run(command), 0);
}
END_TEST

/* signify's files: a comment, then base64 of "Ed" || key number[8] || what it is about. */
static void write_signify(const char *name, struct slice content, char *path) {
	uint8_t bytes[2 + 8 + SIGNATURE_SIZE] = { 'E', 'd', 't', 'r', 'o', 't', 'h', '0', '0', '1' };
	memcpy(bytes + 10, content.data, content.size);
	struct buffer file;
	buffer_init(&file, 1024);
	buffer_append_text(&file, COMMENT);
	base64_encode(slice_of(bytes, 10 + content.size), &file);
	buffer_append_text(&file, "\n");
	write_file(name, buffer_slice(&file), path);
	buffer_release(&file);
}

START_TEST(signify_verifies_our_signature_and_no_other_text) {
	char public_key[FILE_PATH_MAX], signature[FILE_PATH_MAX];
	write_signify("key.pub", slice_of(signing_key_public(key), KEY_SIZE), public_key);
	write_signify("text.sig", slice_of(parts.signatures[0].signature, SIGNATURE_SIZE), signature);
	const char *command[] = { "signify-openbsd", "-V", "-p", public_key, "-x", signature, "-m", text_path, NULL };
	ck_assert_int_eq(run(command), 0);
	command[7] = changed_path;
	ck_assert_int_ne(run(command), 0);
}
END_TEST

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/foreign verifiers");
	TCase *tests = tcase_create("foreign verifiers");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, openssl_verifies_our_signature_and_no_other_text);
	tcase_add_test(tests, signify_verifies_our_signature_and_no_other_text);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void) {
	struct failure failure;
	if (crypto_start(&failure) != OK) {
		fprintf(stderr, "%s\n", failure.text);
		return EXIT_FAILURE;
	}
	SRunner *runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
