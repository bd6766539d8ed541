/* Keys, signatures, SHA-256, hex and base64, held against published vectors. */
#include "crypto/keys.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* RFC 8032 section 7.1: TEST 1, TEST 2, TEST 3. */
static const struct signing_row {
	const char *seed, *public_key, *message, *signature;
} signing_rows[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void unhex(const char *text, uint8_t *out, size_t size) {
	ck_assert_msg(hex_decode(slice_of_text(text), out, size), "not %zu bytes of hex: %s", size, text);
}

static void assert_hex(const uint8_t *bytes, size_t size, const char *expected) {
	char text[2 * SIGNATURE_SIZE + 1];
	hex_encode(slice_of(bytes, size), text);
	ck_assert_str_eq(text, expected);
}

START_TEST(a_seed_gives_the_key_and_the_signature_of_rfc_8032) {
	const struct signing_row *row = &signing_rows[_i];
	uint8_t seed[KEY_SIZE], message[2], signature[SIGNATURE_SIZE], copied[KEY_SIZE];
	size_t size = strlen(row->message) / 2;
	unhex(row->seed, seed, KEY_SIZE);
	unhex(row->message, message, size);
	struct signing_key *key = signing_key_from_seed(seed);
	ck_assert_ptr_nonnull(key);
	assert_hex(signing_key_public(key), KEY_SIZE, row->public_key);
	signing_key_sign(key, slice_of(message, size), signature);
	assert_hex(signature, SIGNATURE_SIZE, row->signature);
	ck_assert(signature_verify(signing_key_public(key), slice_of(message, size), signature));
	signing_key_seed(key, copied);
	ck_assert_mem_eq(copied, seed, KEY_SIZE);
	signing_key_free(key);
}
END_TEST

START_TEST(a_signature_with_any_bit_changed_is_refused) {
	static const char message[] = "one reel within fourteen days";
	struct slice text = slice_of(message, sizeof message - 1);
	struct signing_key *key = signing_key_new();
	uint8_t signature[SIGNATURE_SIZE];
	signing_key_sign(key, text, signature);
	for (size_t bit = 0; bit < 8 * SIGNATURE_SIZE; bit++) {
		signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(!signature_verify(signing_key_public(key), text, signature), "bit %zu", bit);
		signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	ck_assert(signature_verify(signing_key_public(key), text, signature));
	signing_key_free(key);
}
END_TEST

START_TEST(a_signature_holds_for_one_message_and_one_key_only) {
	struct signing_key *key = signing_key_new(), *other = signing_key_new();
	uint8_t signature[SIGNATURE_SIZE];
	signing_key_sign(key, slice_of_text("89.00 USD"), signature);
	ck_assert(!signature_verify(signing_key_public(key), slice_of_text("89.01 USD"), signature));
	ck_assert(!signature_verify(signing_key_public(key), slice_of_text("89.00 US"), signature));
	ck_assert(!signature_verify(signing_key_public(other), slice_of_text("89.00 USD"), signature));
	signing_key_free(key);
	signing_key_free(other);
}
END_TEST

START_TEST(two_new_keys_differ) {
	struct signing_key *one = signing_key_new(), *two = signing_key_new();
	ck_assert_mem_ne(signing_key_public(one), signing_key_public(two), KEY_SIZE);
	signing_key_free(one);
	signing_key_free(two);
	signing_key_free(NULL);
}
END_TEST

/* Encodings of points, and whether an account may be enrolled with them. p = 2^255 - 19. */
static const struct point_row {
	const char *bytes;
	bool usable;
	const char *why;
} point_rows[] = {
	{ "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", true, "RFC 8032 TEST 1" },
	{ "5866666666666666666666666666666666666666666666666666666666666666", true, "the base point" },
	{ "0100000000000000000000000000000000000000000000000000000000000000", false, "the neutral element" },
	{ "0000000000000000000000000000000000000000000000000000000000000000", false, "of order 4" },
	{ "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false, "of order 2" },
	{ "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", false, "of order 8" },
	{ "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false, "y = p + 1, not canonical" },
	{ "0200000000000000000000000000000000000000000000000000000000000000", false, "not on the curve" },
	{ "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d", false, "with a part of order 8" },
};

START_TEST(only_points_of_the_prime_order_group_are_usable) {
	const struct point_row *row = &point_rows[_i];
	uint8_t point[KEY_SIZE];
	unhex(row->bytes, point, KEY_SIZE);
	ck_assert_msg(public_key_is_usable(point) == row->usable, "%s", row->why);
}
END_TEST

/* FIPS 180-4, examples of NIST. */
static const struct hash_row {
	const char *unit;
	size_t times;
	const char *hash;
} hash_rows[] = {
	{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

START_TEST(sha256_gives_the_examples_of_nist) {
	const struct hash_row *row = &hash_rows[_i];
	struct buffer message;
	buffer_init(&message, 1 << 20);
	for (size_t i = 0; i < row->times; i++) {
		buffer_append_text(&message, row->unit);
	}
	ck_assert(buffer_ok(&message));
	uint8_t hash[HASH_SIZE];
	hash_sha256(buffer_slice(&message), hash);
	assert_hex(hash, HASH_SIZE, row->hash);
	buffer_release(&message);
}
END_TEST

START_TEST(hash_of_no_bytes_at_no_address_is_fine) {
	uint8_t hash[HASH_SIZE];
	hash_sha256(slice_of(NULL, 0), hash);
	assert_hex(hash, HASH_SIZE, hash_rows[0].hash);
}
END_TEST

static const struct hex_row {
	const char *text;
	size_t size; /* asked for */
	bool good;
	const char *why;
} hex_rows[] = {
	{ "", 0, true, "nothing" },
	{ "00ff7a", 3, true, "lower case" },
	{ "00FF7a", 3, false, "capitals are a second form" },
	{ "00ff7", 3, false, "half a byte is missing" },
	{ "00ff7a", 2, false, "more than asked for" },
	{ "00ff", 3, false, "less than asked for" },
	{ "00fg7a", 3, false, "no digit" },
	{ "0 ff7a", 3, false, "a blank" },
	{ "00:ff:", 3, false, "separators" },
};

START_TEST(hex_has_one_form) {
	const struct hex_row *row = &hex_rows[_i];
	uint8_t bytes[4] = { 0 };
	ck_assert_msg(hex_decode(slice_of_text(row->text), bytes, row->size) == row->good, "%s", row->why);
	if (row->good) {
		assert_hex(bytes, row->size, row->text);
	}
}
END_TEST

/* RFC 4648 section 10. */
static const struct base64_row {
	const char *bytes, *text;
} base64_rows[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
};

START_TEST(base64_gives_the_examples_of_rfc_4648) {
	const struct base64_row *row = &base64_rows[_i];
	struct buffer out;
	buffer_init(&out, 64);
	ck_assert(base64_encode(slice_of_text(row->bytes), &out));
	ck_assert_str_eq(buffer_text(&out), row->text);
	uint8_t bytes[8];
	size_t size = 99;
	ck_assert(base64_decode(slice_of_text(row->text), bytes, strlen(row->bytes), &size));
	ck_assert(slice_is(slice_of(bytes, size), row->bytes));
	buffer_release(&out);
}
END_TEST

static const struct bad_base64_row {
	const char *text, *why;
} bad_base64_rows[] = {
	{ "Zg", "no padding" },
	{ "Zg=", "half the padding" },
	{ "Zg===", "too much padding" },
	{ "Zh==", "bits that are not zero under the padding" },
	{ "Zm9=", "bits that are not zero under the padding" },
	{ "Z", "a lone digit" },
	{ "Zm9v\n", "a line feed behind it" },
	{ "Zm\n9v", "a line feed within" },
	{ "Zm 9v", "a blank within" },
	{ "Zm-_", "the alphabet of URLs" },
	{ "Zg==Zg==", "two runs" },
	{ "====", "padding of nothing" },
	{ "Zm9vYmFyZm9v", "more bytes than there is room for" },
};

START_TEST(base64_has_one_form) {
	const struct bad_base64_row *row = &bad_base64_rows[_i];
	uint8_t bytes[8];
	size_t size = 99;
	ck_assert_msg(!base64_decode(slice_of_text(row->text), bytes, sizeof bytes, &size), "%s", row->why);
}
END_TEST

/* libsodium 1.0.18 by itself also decodes all bytes from 0x80. */
START_TEST(base64_has_sixty_four_digits_at_every_place) {
	for (size_t place = 0; place < 3; place++) {
		unsigned digits = 0;
		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t text[4] = { 'A', 'A', 'A', 'A' }, bytes[3];
			size_t size = 0;
			text[place] = (uint8_t)byte;
			digits += base64_decode(slice_of(text, sizeof text), bytes, sizeof bytes, &size);
		}
		ck_assert_uint_eq(digits, 64);
	}
}
END_TEST

START_TEST(base64_round_trips_at_every_length) {
	uint8_t bytes[200], decoded[200];
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] = (uint8_t)(i * 151 + 7);
	}
	struct buffer out;
	buffer_init(&out, 512);
	for (size_t length = 0; length <= sizeof bytes; length++) {
		buffer_clear(&out);
		ck_assert(base64_encode(slice_of(bytes, length), &out));
		ck_assert_uint_eq(out.size, (length + 2) / 3 * 4);
		size_t size = 0;
		ck_assert(base64_decode(buffer_slice(&out), decoded, length, &size));
		ck_assert(slice_equal(slice_of(decoded, size), slice_of(bytes, length)));
	}
	buffer_release(&out);
}
END_TEST

START_TEST(base64_says_when_the_buffer_is_full) {
	struct buffer out;
	buffer_init(&out, 7);
	ck_assert(!base64_encode(slice_of_text("foobar"), &out));
	buffer_release(&out);
}
END_TEST

START_TEST(a_wiped_secret_is_zero) {
	uint8_t secret[40], zero[40] = { 0 };
	memset(secret, 0x5A, sizeof secret);
	secret_wipe(secret, sizeof secret);
	ck_assert_mem_eq(secret, zero, sizeof secret);
}
END_TEST

START_TEST(a_started_process_leaves_no_core) {
	struct rlimit limit = { 1, 1 };
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 0);
	ck_assert_uint_eq(limit.rlim_max, 0);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/keys");
	TCase *tests = tcase_create("keys");
	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, a_seed_gives_the_key_and_the_signature_of_rfc_8032, 0, ROWS(signing_rows));
	tcase_add_test(tests, a_signature_with_any_bit_changed_is_refused);
	tcase_add_test(tests, a_signature_holds_for_one_message_and_one_key_only);
	tcase_add_test(tests, two_new_keys_differ);
	tcase_add_loop_test(tests, only_points_of_the_prime_order_group_are_usable, 0, ROWS(point_rows));
	tcase_add_loop_test(tests, sha256_gives_the_examples_of_nist, 0, ROWS(hash_rows));
	tcase_add_test(tests, hash_of_no_bytes_at_no_address_is_fine);
	tcase_add_loop_test(tests, hex_has_one_form, 0, ROWS(hex_rows));
	tcase_add_loop_test(tests, base64_gives_the_examples_of_rfc_4648, 0, ROWS(base64_rows));
	tcase_add_loop_test(tests, base64_has_one_form, 0, ROWS(bad_base64_rows));
	tcase_add_test(tests, base64_has_sixty_four_digits_at_every_place);
	tcase_add_test(tests, base64_round_trips_at_every_length);
	tcase_add_test(tests, base64_says_when_the_buffer_is_full);
	tcase_add_test(tests, a_wiped_secret_is_zero);
	tcase_add_test(tests, a_started_process_leaves_no_core);
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
