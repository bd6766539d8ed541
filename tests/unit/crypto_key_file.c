/* Key files: round trips, wrong passphrases, changed bytes, planted parameters.
 *
 * Most tests seal by themselves, with libsodium and the drawing in key_file.h: so the form is held by a second hand,
 * and the smallest Argon2id parameters keep them quick. One test seals as Troth does (256 MiB). */
#include "crypto/key_file.h"

#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/signed_note.h"

#define NAME "agency.example/brand/acme-yoga"
#define PASSPHRASE "correct horse battery staple"
#define SALT "000102030405060708090a0b0c0d0e0f"
#define NONCE "000102030405060708090a0b0c0d0e0f1011121314151617"
#define CHEAP "argon2id operations=1 memory=8 salt=" SALT " nonce=" NONCE

static struct signing_key *key, *opened;
static struct buffer file;
static struct failure failure;
static char name[SIGNER_NAME_MAX];
static struct slice passphrase;

static void setup(void) {
	key = signing_key_new();
	ck_assert_ptr_nonnull(key);
	passphrase = slice_of_text(PASSPHRASE);
	buffer_init(&file, 2 * KEY_FILE_MAX);
}

static void teardown(void) {
	signing_key_free(key);
	buffer_release(&file);
}

static enum error read_file(const struct slice *given) {
	return key_file_read(buffer_slice(&file), given, name, &opened, &failure);
}

static void assert_opens(const struct slice *given) {
	ck_assert_msg(read_file(given) == OK, "%s", failure.text);
	ck_assert_str_eq(name, NAME);
	ck_assert_mem_eq(signing_key_public(opened), signing_key_public(key), KEY_SIZE);
	signing_key_free(opened);
}

/* The lines above `secret`, with this public key and seal. */
static void write_header(const struct signing_key *of, const char *seal) {
	char hex[2 * KEY_SIZE + 1];
	hex_encode(slice_of(signing_key_public(of), KEY_SIZE), hex);
	buffer_clear(&file);
	buffer_format(&file, "troth-key/v1\nname " NAME "\npublic ed25519:%s\nseal %s\n", hex, seal);
}

static void write_secret(struct slice secret) {
	char hex[128];
	hex_encode(secret, hex);
	buffer_format(&file, "secret %s\n", hex);
	ck_assert(buffer_ok(&file));
}

/* A sealed file, made without crypto/key_file.c, that says `of` and holds the seed of `key`. */
static void seal_cheaply(const struct signing_key *of) {
	uint8_t salt[16], nonce[24], sealing_key[32], seed[KEY_SIZE], sealed[KEY_SIZE + 16];
	for (uint8_t i = 0; i < 24; i++) {
		salt[i % 16] = i < 16 ? i : salt[i % 16];
		nonce[i] = i;
	}
	write_header(of, CHEAP);
	signing_key_seed(key, seed);
	ck_assert_int_eq(crypto_pwhash(sealing_key, sizeof sealing_key, PASSPHRASE, strlen(PASSPHRASE), salt, 1, 8192,
	                               crypto_pwhash_ALG_ARGON2ID13), 0);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, seed, sizeof seed, file.data, file.size, NULL, nonce,
	                                           sealing_key);
	write_secret(slice_of(sealed, sizeof sealed));
}

START_TEST(a_plain_file_round_trips) {
	ck_assert_int_eq(key_file_write(&file, NAME, key, NULL, &failure), OK);
	ck_assert(!key_file_is_sealed(buffer_slice(&file)));
	assert_opens(NULL);
	assert_opens(&passphrase);
}
END_TEST

START_TEST(a_plain_file_has_the_form_of_the_drawing) {
	ck_assert_int_eq(key_file_write(&file, NAME, key, NULL, &failure), OK);
	struct buffer written = file;
	uint8_t seed[KEY_SIZE];
	signing_key_seed(key, seed);
	buffer_init(&file, KEY_FILE_MAX);
	write_header(key, "none");
	write_secret(slice_of(seed, KEY_SIZE));
	ck_assert_str_eq(buffer_text(&written), buffer_text(&file));
	buffer_release(&written);
}
END_TEST

START_TEST(a_sealed_file_round_trips) {
	struct slice wrong = slice_of_text("correct horse battery stapl");
	ck_assert_int_eq(key_file_write(&file, NAME, key, &passphrase, &failure), OK);
	ck_assert(key_file_is_sealed(buffer_slice(&file)));
	ck_assert_ptr_nonnull(strstr(buffer_text(&file), "\nseal argon2id operations=3 memory=262144 salt="));
	assert_opens(&passphrase);
	ck_assert_int_eq(read_file(&wrong), ERROR_WRONG_PASSPHRASE);
	ck_assert_ptr_null(opened);
	ck_assert_int_eq(read_file(NULL), ERROR_WRONG_PASSPHRASE);
	ck_assert_ptr_null(opened);
}
END_TEST

START_TEST(a_file_sealed_by_another_hand_opens) {
	seal_cheaply(key);
	ck_assert(key_file_is_sealed(buffer_slice(&file)));
	assert_opens(&passphrase);
}
END_TEST

START_TEST(an_impossible_passphrase_is_wrong_when_reading) {
	static uint8_t letters[PASSPHRASE_MAX + 1];
	struct slice empty = slice_of_text(""), longer = slice_of(letters, sizeof letters);
	seal_cheaply(key);
	ck_assert_int_eq(read_file(&empty), ERROR_WRONG_PASSPHRASE);
	ck_assert_int_eq(read_file(&longer), ERROR_WRONG_PASSPHRASE);
}
END_TEST

START_TEST(no_changed_bit_of_a_sealed_file_is_overlooked) {
	seal_cheaply(key);
	for (size_t bit = 0; bit < 8 * file.size; bit++) {
		file.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(read_file(&passphrase) != OK, "bit %zu of byte %zu", bit % 8, bit / 8);
		ck_assert_ptr_null(opened);
		file.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_opens(&passphrase);
}
END_TEST

/* The name of a plain file is not authenticated: whoever can change it has the secret before them anyway. */
START_TEST(no_changed_bit_of_a_plain_file_gives_another_key) {
	ck_assert_int_eq(key_file_write(&file, NAME, key, NULL, &failure), OK);
	size_t first_of_name = strlen("troth-key/v1\nname "), behind_name = first_of_name + strlen(NAME);
	for (size_t bit = 0; bit < 8 * file.size; bit++) {
		if (bit / 8 >= first_of_name && bit / 8 < behind_name) {
			continue;
		}
		file.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(read_file(NULL) == ERROR_MALFORMED, "bit %zu of byte %zu", bit % 8, bit / 8);
		file.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_opens(NULL);
}
END_TEST

START_TEST(no_beginning_of_a_file_is_a_file) {
	seal_cheaply(key);
	size_t whole = file.size;
	for (file.size = 0; file.size < whole; file.size++) {
		ck_assert_int_eq(read_file(&passphrase), ERROR_MALFORMED);
		ck_assert(!key_file_is_sealed(buffer_slice(&file)));
	}
}
END_TEST

START_TEST(a_public_half_of_another_key_is_refused) {
	struct signing_key *other = signing_key_new();
	uint8_t seed[KEY_SIZE];
	signing_key_seed(key, seed);
	write_header(other, "none");
	write_secret(slice_of(seed, KEY_SIZE));
	ck_assert_int_eq(read_file(NULL), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, 3);
	seal_cheaply(other);
	ck_assert_int_eq(read_file(&passphrase), ERROR_MALFORMED);
	ck_assert_ptr_null(opened);
	signing_key_free(other);
}
END_TEST

static const struct seal_row {
	const char *seal, *why;
} seal_rows[] = {
	{ "argon2id operations=11 memory=8 salt=" SALT " nonce=" NONCE, "too many operations" },
	{ "argon2id operations=4294967295 memory=8 salt=" SALT " nonce=" NONCE, "very many operations" },
	{ "argon2id operations=18446744073709551617 memory=8 salt=" SALT " nonce=" NONCE, "1 modulo 2^64 operations" },
	{ "argon2id operations=1 memory=1048577 salt=" SALT " nonce=" NONCE, "more than a GiB" },
	{ "argon2id operations=1 memory=4398046511104 salt=" SALT " nonce=" NONCE, "4 PiB" },
	{ "argon2id operations=1 memory=7 salt=" SALT " nonce=" NONCE, "less than Argon2id takes" },
	{ "argon2id operations=0 memory=8 salt=" SALT " nonce=" NONCE, "no operation" },
	{ "argon2id operations=01 memory=8 salt=" SALT " nonce=" NONCE, "a leading zero" },
	{ "argon2id operations=-1 memory=8 salt=" SALT " nonce=" NONCE, "a negative number" },
	{ "argon2id operations= memory=8 salt=" SALT " nonce=" NONCE, "no number" },
	{ "argon2id memory=8 operations=1 salt=" SALT " nonce=" NONCE, "another order" },
	{ "argon2id operations=1 memory=8 salt=00 nonce=" NONCE, "a short salt" },
	{ "argon2id operations=1 memory=8 salt=" SALT "00 nonce=" NONCE, "a long salt" },
	{ "argon2id operations=1 memory=8 salt=" SALT " nonce=" NONCE "00", "a long nonce" },
	{ "argon2id operations=1 memory=8 salt=" SALT, "no nonce" },
	{ "argon2i operations=1 memory=8 salt=" SALT " nonce=" NONCE, "another function" },
	{ "None", "a capital" },
	{ "", "nothing" },
};

START_TEST(planted_parameters_are_refused_before_they_cost_anything) {
	uint8_t sealed[KEY_SIZE + 16] = { 0 };
	write_header(key, seal_rows[_i].seal);
	write_secret(slice_of(sealed, sizeof sealed));
	clock_t before = clock(); /* of this process alone, so a busy machine does not matter */
	ck_assert_msg(read_file(&passphrase) == ERROR_MALFORMED, "%s", seal_rows[_i].why);
	ck_assert_uint_eq(failure.line, 4);
	ck_assert_msg(clock() - before < CLOCKS_PER_SEC / 10, "%s took long", seal_rows[_i].why);
	ck_assert(!key_file_is_sealed(buffer_slice(&file)));
}
END_TEST

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static const struct refused_row {
	const char *text;
	unsigned line;
	const char *why;
} refused_rows[] = {
	{ "", 1, "nothing" },
	{ "troth-key/v2\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n", 1, "another version" },
	{ "troth-key/v1\r\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n", 1, "a CR" },
	{ "troth-key/v1\npublic ed25519:" ZERO "\nname a\nseal none\nsecret " ZERO "\n", 2, "another order" },
	{ "troth-key/v1\nname a b\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n", 2, "a bad name" },
	{ "troth-key/v1\nname \npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n", 2, "an empty name" },
	{ "troth-key/v1\nname a\npublic ed448:" ZERO "\nseal none\nsecret " ZERO "\n", 3, "another curve" },
	{ "troth-key/v1\nname a\npublic ed25519:00\nseal none\nsecret " ZERO "\n", 3, "a short public key" },
	{ "troth-key/v1\nname a\npublic ed25519:" ZERO "\nseal none\nsecret 00\n", 5, "a short secret" },
	{ "troth-key/v1\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "00\n", 5, "a long secret" },
	{ "troth-key/v1\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO, 5, "no LF at the end" },
	{ "troth-key/v1\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n\n", 6, "more behind it" },
	{ "troth-key/v1\nname a\npublic ed25519:" ZERO "\nseal none\nsecret " ZERO "\n", 3, "keys that do not match" },
};

START_TEST(what_is_no_key_file_is_refused_with_its_line) {
	const struct refused_row *row = &refused_rows[_i];
	enum error error = key_file_read(slice_of_text(row->text), NULL, NULL, &opened, &failure);
	ck_assert_msg(error == ERROR_MALFORMED, "%s: %s", row->why, error_word(error));
	ck_assert_msg(failure.line == row->line, "%s: line %u", row->why, failure.line);
	ck_assert_ptr_null(opened);
}
END_TEST

START_TEST(a_file_that_is_too_long_is_refused) {
	while (file.size <= KEY_FILE_MAX) {
		buffer_append_text(&file, "troth-key/v1\n");
	}
	ck_assert_int_eq(read_file(NULL), ERROR_TOO_LONG);
}
END_TEST

START_TEST(what_could_not_be_read_back_is_not_written) {
	static uint8_t letters[PASSPHRASE_MAX + 1];
	struct slice empty = slice_of_text(""), longer = slice_of(letters, sizeof letters);
	ck_assert_int_eq(key_file_write(&file, "two words", key, NULL, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(key_file_write(&file, NAME, key, &empty, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(key_file_write(&file, NAME, key, &longer, &failure), ERROR_BAD_VALUE);
	ck_assert_uint_eq(file.size, 0);
	struct buffer small;
	buffer_init(&small, 100);
	ck_assert_int_eq(key_file_write(&small, NAME, key, NULL, &failure), ERROR_NO_MEMORY);
	buffer_release(&small);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/key_file");
	TCase *tests = tcase_create("key files");
	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_plain_file_round_trips);
	tcase_add_test(tests, a_plain_file_has_the_form_of_the_drawing);
	tcase_add_test(tests, a_sealed_file_round_trips);
	tcase_add_test(tests, a_file_sealed_by_another_hand_opens);
	tcase_add_test(tests, an_impossible_passphrase_is_wrong_when_reading);
	tcase_add_test(tests, no_changed_bit_of_a_sealed_file_is_overlooked);
	tcase_add_test(tests, no_changed_bit_of_a_plain_file_gives_another_key);
	tcase_add_test(tests, no_beginning_of_a_file_is_a_file);
	tcase_add_test(tests, a_public_half_of_another_key_is_refused);
	tcase_add_loop_test(tests, planted_parameters_are_refused_before_they_cost_anything, 0, ROWS(seal_rows));
	tcase_add_loop_test(tests, what_is_no_key_file_is_refused_with_its_line, 0, ROWS(refused_rows));
	tcase_add_test(tests, a_file_that_is_too_long_is_refused);
	tcase_add_test(tests, what_could_not_be_read_back_is_not_written);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void) {
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
