/* Sealed boxes: who can read them, and what is refused. */
#include "crypto/sealed.h"
#include "tests/lib/unit.h"

static struct signing_key *key_of(uint8_t byte) {
	uint8_t seed[KEY_SIZE];
	memset(seed, byte, sizeof seed);
	struct signing_key *key = signing_key_from_seed(seed);
	ck_assert_ptr_nonnull(key);
	return key;
}

static struct buffer seal(const struct signing_key *key, struct slice message) {
	struct buffer sealed;
	struct failure failure;
	buffer_init(&sealed, SEALED_MESSAGE_MAX + SEALED_OVERHEAD);
	ck_assert_int_eq(sealed_write(signing_key_public(key), message, &sealed, &failure), OK);
	ck_assert_uint_eq(sealed.size, message.size + SEALED_OVERHEAD);
	return sealed;
}

static void opens_to(const struct signing_key *key, struct slice sealed, struct slice message) {
	struct buffer out;
	struct failure failure;
	buffer_init(&out, SEALED_MESSAGE_MAX);
	ck_assert_int_eq(sealed_read(key, sealed, &out, &failure), OK);
	ck_assert(slice_equal(buffer_slice(&out), message));
	buffer_release(&out);
}

static void is_refused(const struct signing_key *key, struct slice sealed, enum error code) {
	struct buffer out;
	struct failure failure;
	buffer_init(&out, SEALED_MESSAGE_MAX);
	ck_assert_int_eq(sealed_read(key, sealed, &out, &failure), code);
	ck_assert_uint_eq(out.size, 0);
	buffer_release(&out);
}

START_TEST(what_is_sealed_to_a_key_is_read_by_its_holder_alone) {
	struct signing_key *brand = key_of(1), *other = key_of(2);
	struct slice address = slice_of_text("Studio Flow\n1 Main Street\n");
	struct buffer sealed = seal(brand, address);
	opens_to(brand, buffer_slice(&sealed), address);
	is_refused(other, buffer_slice(&sealed), ERROR_BAD_KEY);
	buffer_release(&sealed);
	signing_key_free(brand);
	signing_key_free(other);
}
END_TEST

START_TEST(the_empty_and_the_longest_message_go_and_one_byte_more_does_not) {
	static uint8_t long_one[SEALED_MESSAGE_MAX + 1];
	struct signing_key *brand = key_of(1);
	struct failure failure;
	struct buffer out, none = seal(brand, slice_of(NULL, 0)), all = seal(brand, slice_of(long_one, SEALED_MESSAGE_MAX));
	opens_to(brand, buffer_slice(&none), slice_of(NULL, 0));
	opens_to(brand, buffer_slice(&all), slice_of(long_one, SEALED_MESSAGE_MAX));
	buffer_init(&out, 2 * SEALED_MESSAGE_MAX);
	ck_assert_int_eq(sealed_write(signing_key_public(brand), slice_of(long_one, sizeof long_one), &out, &failure),
	                 ERROR_TOO_LONG);
	ck_assert_uint_eq(out.size, 0);
	buffer_release(&out);
	buffer_release(&none);
	buffer_release(&all);
	signing_key_free(brand);
}
END_TEST

START_TEST(the_same_message_is_never_sealed_to_the_same_bytes) {
	struct signing_key *brand = key_of(1);
	struct buffer a = seal(brand, slice_of_text("here")), b = seal(brand, slice_of_text("here"));
	ck_assert(!slice_equal(buffer_slice(&a), buffer_slice(&b)));
	buffer_release(&a);
	buffer_release(&b);
	signing_key_free(brand);
}
END_TEST

START_TEST(whatever_is_changed_or_cut_is_refused) {
	struct signing_key *brand = key_of(1);
	struct buffer sealed = seal(brand, slice_of_text("here"));
	for (size_t i = 0; i < sealed.size; i++) {
		sealed.data[i] ^= 1;
		is_refused(brand, buffer_slice(&sealed), ERROR_BAD_KEY);
		sealed.data[i] ^= 1;
		is_refused(brand, slice_of(sealed.data, i), i < SEALED_OVERHEAD ? ERROR_MALFORMED : ERROR_BAD_KEY);
	}
	opens_to(brand, buffer_slice(&sealed), slice_of_text("here"));
	buffer_release(&sealed);
	signing_key_free(brand);
}
END_TEST

START_TEST(nothing_is_sealed_to_bytes_that_are_no_key) {
	uint8_t none[KEY_SIZE] = { 0 };
	struct failure failure;
	struct buffer out;
	buffer_init(&out, 100);
	ck_assert_int_eq(sealed_write(none, slice_of_text("here"), &out, &failure), ERROR_BAD_KEY);
	none[0] = 1; /* the neutral element: a point of small order */
	ck_assert_int_eq(sealed_write(none, slice_of_text("here"), &out, &failure), ERROR_BAD_KEY);
	ck_assert_uint_eq(out.size, 0);
	buffer_release(&out);
}
END_TEST

int main(void) {
	struct failure failure;
	if (crypto_start(&failure) != OK) {
		return 1;
	}
	Suite *suite = suite_create("sealed boxes");
	TCase *tests = tcase_create("sealed");
	tcase_add_test(tests, what_is_sealed_to_a_key_is_read_by_its_holder_alone);
	tcase_add_test(tests, the_empty_and_the_longest_message_go_and_one_byte_more_does_not);
	tcase_add_test(tests, the_same_message_is_never_sealed_to_the_same_bytes);
	tcase_add_test(tests, whatever_is_changed_or_cut_is_refused);
	tcase_add_test(tests, nothing_is_sealed_to_bytes_that_are_no_key);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
