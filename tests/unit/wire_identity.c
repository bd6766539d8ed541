/* Transport keys and their file, and the endpoints that are accepted. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "wire/endpoint.h"
#include "wire/identity.h"

/* The example pair of the man page zmq_curve(7). */
#define PUBLIC "bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518"
#define SECRET "7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888"
#define HEAD "troth-transport-key/v1\n"

static struct failure failure;

START_TEST(a_made_key_is_saved_and_loaded) {
	const char *path = scratch_path(scratch_folder(), "key");
	struct identity made, loaded, other;
	ck_assert_int_eq(identity_make(&made, &failure), OK);
	ck_assert_int_eq(identity_make(&other, &failure), OK);
	ck_assert_int_ne(memcmp(&made, &other, sizeof made), 0);
	ck_assert_int_eq(identity_save(path, &made, &failure), OK);
	ck_assert_int_eq(identity_load(path, &loaded, &failure), OK);
	ck_assert_int_eq(memcmp(&made, &loaded, sizeof made), 0);
	struct stat status;
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq((int)(status.st_mode & 0777), 0600);
	ck_assert_int_eq(identity_save(path, &other, &failure), ERROR_EXISTS);
	ck_assert_int_eq(identity_load(path, &loaded, &failure), OK);
	ck_assert_int_eq(memcmp(&made, &loaded, sizeof made), 0);
}
END_TEST

START_TEST(a_wiped_key_is_gone) {
	struct identity made;
	ck_assert_int_eq(identity_make(&made, &failure), OK);
	identity_wipe(&made);
	const struct identity nothing = { 0 };
	ck_assert_int_eq(memcmp(&made, &nothing, sizeof made), 0);
}
END_TEST

static const struct {
	const char *text;
	enum error error;
	unsigned line;
} files[] = {
	{ HEAD "public curve25519:" PUBLIC "\nsecret " SECRET "\n", OK, 0 },
	{ "", ERROR_MALFORMED, 1 },
	{ "troth-transport-key/v2\npublic curve25519:" PUBLIC "\nsecret " SECRET "\n", ERROR_MALFORMED, 1 },
	{ "\n" HEAD "public curve25519:" PUBLIC "\nsecret " SECRET "\n", ERROR_MALFORMED, 1 },
	{ HEAD "secret " SECRET "\npublic curve25519:" PUBLIC "\n", ERROR_MALFORMED, 2 },
	{ HEAD "public " PUBLIC "\nsecret " SECRET "\n", ERROR_MALFORMED, 2 },
	{ HEAD "public curve25519:BB" PUBLIC "\nsecret " SECRET "\n", ERROR_MALFORMED, 2 },
	{ HEAD "public curve25519:" PUBLIC " \nsecret " SECRET "\n", ERROR_MALFORMED, 2 },
	{ HEAD "public curve25519:" PUBLIC "\r\nsecret " SECRET "\r\n", ERROR_MALFORMED, 2 },
	{ HEAD "public curve25519:" PUBLIC "\n", ERROR_MALFORMED, 3 },
	{ HEAD "public curve25519:" PUBLIC "\nsecret " SECRET, ERROR_MALFORMED, 3 },
	{ HEAD "public curve25519:" PUBLIC "\nsecret x" SECRET "\n", ERROR_MALFORMED, 3 },
	{ HEAD "public curve25519:" PUBLIC "\nsecret " SECRET "\n\n", ERROR_MALFORMED, 4 },
	{ HEAD "public curve25519:" SECRET "\nsecret " SECRET "\n", ERROR_BAD_KEY, 0 },
};

START_TEST(a_key_file_is_read_strictly) {
	const char *path = scratch_path(scratch_folder(), "key");
	scratch_write(path, files[_i].text);
	ck_assert_int_eq(chmod(path, 0600), 0);
	struct identity identity;
	failure = (struct failure){ 0 };
	enum error error = identity_load(path, &identity, &failure);
	ck_assert_msg(error == files[_i].error, "%d: %s", _i, failure.text);
	ck_assert_uint_eq(failure.line, files[_i].line);
	ck_assert_msg(error == OK || strstr(failure.text, path) != NULL, "said: %s", failure.text);
	ck_assert_ptr_null(strstr(failure.text, SECRET));
	const struct identity nothing = { 0 };
	ck_assert_int_eq(error == OK, memcmp(&identity, &nothing, sizeof identity) != 0);
}
END_TEST

START_TEST(a_key_file_that_others_can_read_is_refused) {
	const char *path = scratch_path(scratch_folder(), "key");
	struct identity identity;
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	ck_assert_int_eq(identity_save(path, &identity, &failure), OK);
	static const mode_t modes[] = { 0640, 0604, 0620, 0601 };
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		ck_assert_int_eq(chmod(path, modes[i]), 0);
		ck_assert_int_eq(identity_load(path, &identity, &failure), ERROR_BAD_KEY);
	}
	ck_assert_int_eq(chmod(path, 0400), 0);
	ck_assert_int_eq(identity_load(path, &identity, &failure), OK);
}
END_TEST

START_TEST(a_missing_or_endless_key_file_is_refused) {
	struct identity identity;
	const char *path = scratch_path(scratch_folder(), "key");
	ck_assert_int_eq(identity_load(path, &identity, &failure), ERROR_NOT_FOUND);
	ck_assert_int_eq(identity_load("/dev/zero", &identity, &failure), ERROR_TOO_LONG);
}
END_TEST

START_TEST(a_public_key_has_one_text_form) {
	uint8_t key[TRANSPORT_KEY_SIZE], again[TRANSPORT_KEY_SIZE] = { 0 };
	for (size_t i = 0; i < sizeof key; i++) {
		key[i] = (uint8_t)(i * 8 + 5);
	}
	char text[TRANSPORT_KEY_TEXT];
	transport_key_format(key, text);
	ck_assert_uint_eq(strlen(text), TRANSPORT_KEY_TEXT - 1);
	ck_assert(transport_key_parse(slice_of_text(text), again));
	ck_assert_int_eq(memcmp(key, again, sizeof key), 0);
	ck_assert(!transport_key_parse(slice_of(text, strlen(text) - 1), again));
	ck_assert(!transport_key_parse(slice_of(text, strlen(text) + 1), again));
	ck_assert(!transport_key_parse(slice_of_text(""), again));
	text[0] = 'C';
	ck_assert(!transport_key_parse(slice_of_text(text), again));
	text[0] = 'c';
	text[20] = 'A';
	ck_assert(!transport_key_parse(slice_of_text(text), again));
}
END_TEST

static const struct {
	const char *endpoint;
	bool connect, bind;
} endpoints[] = {
	{ "tcp://127.0.0.1:7787", true, true },
	{ "tcp://agency.example:65535", true, true },
	{ "tcp://[::1]:7787", true, true },
	{ "tcp://*:7787", false, true },
	{ "tcp://127.0.0.1:*", false, true },
	{ "tcp://127.0.0.1:0", false, false },
	{ "tcp://127.0.0.1:65536", false, false },
	{ "tcp://127.0.0.1:99999999999", false, false },
	{ "tcp://127.0.0.1:07787", false, false },
	{ "tcp://127.0.0.1:", false, false },
	{ "tcp://127.0.0.1", false, false },
	{ "tcp://:7787", false, false },
	{ "tcp://", false, false },
	{ "", false, false },
	{ "127.0.0.1:7787", false, false },
	{ "inproc://zeromq.zap.01", false, false },
	{ "ipc:///tmp/socket:1", false, false },
	{ "tcp://eth0;10.0.0.1:7787", false, false },
	{ "tcp://a b:7787", false, false },
	{ "tcp://a\n:7787", false, false },
	{ "tcp://[g]:7787", false, false },
};

START_TEST(only_tcp_endpoints_with_a_port_are_accepted) {
	ck_assert_int_eq(endpoint_check(endpoints[_i].endpoint, ENDPOINT_CONNECT, &failure) == OK, endpoints[_i].connect);
	ck_assert_int_eq(endpoint_check(endpoints[_i].endpoint, ENDPOINT_BIND, &failure) == OK, endpoints[_i].bind);
}
END_TEST

int main(void) {
	TCase *keys = tcase_create("keys");
	tcase_add_test(keys, a_made_key_is_saved_and_loaded);
	tcase_add_test(keys, a_wiped_key_is_gone);
	tcase_add_loop_test(keys, a_key_file_is_read_strictly, 0, (int)(sizeof files / sizeof files[0]));
	tcase_add_test(keys, a_key_file_that_others_can_read_is_refused);
	tcase_add_test(keys, a_missing_or_endless_key_file_is_refused);
	tcase_add_test(keys, a_public_key_has_one_text_form);
	TCase *places = tcase_create("endpoints");
	tcase_add_loop_test(places, only_tcp_endpoints_with_a_port_are_accepted, 0,
	                    (int)(sizeof endpoints / sizeof endpoints[0]));
	Suite *suite = suite_create("wire identity");
	suite_add_tcase(suite, keys);
	suite_add_tcase(suite, places);
	return unit_run(suite);
}
