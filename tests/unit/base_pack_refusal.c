/* MessagePack from outside: what is not exactly one bounded document of types in use is refused, with the reason. */
#include <stdio.h>
#include <stdlib.h>

#include "base/pack.h"
#include "tests/lib/unit.h"

#define DOCUMENT_MAX (1 << 20)

/* Reads from a heap copy of exactly this size, so that a sanitizer sees a read past the end. Caller frees `copy`. */
static enum error read_exactly(struct pack_document *document, struct slice bytes, uint8_t **copy,
                               struct failure *failure) {
	*copy = malloc(bytes.size + (bytes.size == 0));
	ck_assert_ptr_nonnull(*copy);
	if (bytes.size > 0) {
		memcpy(*copy, bytes.data, bytes.size);
	}
	return pack_read(document, slice_of(*copy, bytes.size), DOCUMENT_MAX, failure);
}

static enum error verdict(struct slice bytes, struct failure *failure) {
	struct pack_document *document = pack_document_new();
	uint8_t *copy = NULL;
	enum error error = read_exactly(document, bytes, &copy, failure);
	if (error != OK) {
		ck_assert_uint_eq(pack_count(pack_root(document)), 0);
		ck_assert(!pack_is_map(pack_root(document)));
	}
	pack_document_free(document);
	free(copy);
	return error;
}

/* ---- every lead byte ---- */

enum content { NOTHING, BYTES, ITEMS, PAIRS, UNUSED };

/* From the specification: what follows each lead byte. `width` bytes hold the size; 0: it is in the lead byte. */
static const struct {
	int first, last;
	enum content content;
	size_t width;
	size_t fixed; /* bytes that follow, for NOTHING and UNUSED */
} formats[] = {
	{ 0x00, 0x7f, NOTHING, 0, 0 }, { 0x80, 0x8f, PAIRS, 0, 0 },   { 0x90, 0x9f, ITEMS, 0, 0 },
	{ 0xa0, 0xbf, BYTES, 0, 0 },   { 0xc0, 0xc0, NOTHING, 0, 0 }, { 0xc1, 0xc1, UNUSED, 0, 0 },
	{ 0xc2, 0xc3, NOTHING, 0, 0 }, { 0xc4, 0xc4, BYTES, 1, 0 },   { 0xc5, 0xc5, BYTES, 2, 0 },
	{ 0xc6, 0xc6, BYTES, 4, 0 },   { 0xc7, 0xc7, UNUSED, 0, 5 },  { 0xc8, 0xc8, UNUSED, 0, 6 },
	{ 0xc9, 0xc9, UNUSED, 0, 8 },  { 0xca, 0xca, UNUSED, 0, 4 },  { 0xcb, 0xcb, UNUSED, 0, 8 },
	{ 0xcc, 0xcc, NOTHING, 0, 1 }, { 0xcd, 0xcd, NOTHING, 0, 2 }, { 0xce, 0xce, NOTHING, 0, 4 },
	{ 0xcf, 0xcf, NOTHING, 0, 8 }, { 0xd0, 0xd0, NOTHING, 0, 1 }, { 0xd1, 0xd1, NOTHING, 0, 2 },
	{ 0xd2, 0xd2, NOTHING, 0, 4 }, { 0xd3, 0xd3, NOTHING, 0, 8 }, { 0xd4, 0xd4, UNUSED, 0, 2 },
	{ 0xd5, 0xd5, UNUSED, 0, 3 },  { 0xd6, 0xd6, UNUSED, 0, 5 },  { 0xd7, 0xd7, UNUSED, 0, 9 },
	{ 0xd8, 0xd8, UNUSED, 0, 17 }, { 0xd9, 0xd9, BYTES, 1, 0 },   { 0xda, 0xda, BYTES, 2, 0 },
	{ 0xdb, 0xdb, BYTES, 4, 0 },   { 0xdc, 0xdc, ITEMS, 2, 0 },   { 0xdd, 0xdd, ITEMS, 4, 0 },
	{ 0xde, 0xde, PAIRS, 2, 0 },   { 0xdf, 0xdf, PAIRS, 4, 0 },   { 0xe0, 0xff, NOTHING, 0, 0 },
};

static void append_byte(struct buffer *out, size_t byte) {
	uint8_t one = (uint8_t)byte;
	ck_assert(buffer_append(out, &one, 1));
}

/* A whole document that begins with `lead` and, where it has a size, holds that many things. */
static void append_document(struct buffer *out, size_t format, int lead) {
	size_t count = 3, fixed = formats[format].fixed;
	append_byte(out, (size_t)lead);
	if (formats[format].width == 0) {
		count = (size_t)(lead - formats[format].first);
	}
	for (size_t i = formats[format].width; i-- > 0;) {
		append_byte(out, i == 0 ? count : 0);
	}
	switch (formats[format].content) {
	case BYTES:
		fixed = count;
		break;
	case ITEMS:
		for (size_t i = 0; i < count; i++) {
			append_byte(out, 0xc0);
		}
		break;
	case PAIRS:
		for (size_t i = 0; i < count; i++) {
			append_byte(out, 0xa1);
			append_byte(out, 'a' + i);
			append_byte(out, 0xc0);
		}
		break;
	default:
		break;
	}
	for (size_t i = 0; i < fixed; i++) {
		append_byte(out, 1);
	}
}

START_TEST(every_lead_byte_is_read_or_refused_as_the_specification_says) {
	int next = 0;
	for (size_t format = 0; format < sizeof formats / sizeof formats[0]; format++) {
		ck_assert_int_eq(formats[format].first, next);
		for (int lead = next; lead <= formats[format].last; lead++) {
			struct buffer text;
			struct failure failure;
			buffer_init(&text, 64);
			append_document(&text, format, lead);
			struct slice bytes = buffer_slice(&text);
			bool used = formats[format].content != UNUSED;
			ck_assert_msg(verdict(bytes, &failure) == (used ? OK : ERROR_MALFORMED), "lead byte %02x", (unsigned)lead);
			append_byte(&text, 0xc0);
			ck_assert_msg(verdict(buffer_slice(&text), &failure) == ERROR_MALFORMED, "%02x and more", (unsigned)lead);
			for (size_t size = 0; size < bytes.size; size++) {
				ck_assert_msg(verdict(slice_of(text.data, size), &failure) == ERROR_MALFORMED,
				              "lead byte %02x cut at %zu", (unsigned)lead, size);
			}
			buffer_release(&text);
		}
		next = formats[format].last + 1;
	}
	ck_assert_int_eq(next, 256);
}
END_TEST

/* ---- what is refused, and why ---- */

#define LITERAL(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static const struct {
	struct slice bytes;
	const char *why;
} refused[] = {
	{ LITERAL(""), "cut short" },
	{ LITERAL("\xdd\xff\xff\xff\xff"), "asks for more than there is" }, /* msgpack-c issue 1013 */
	{ LITERAL("\xdf\xff\xff\xff\xff"), "asks for more than there is" },
	{ LITERAL("\xdf\x80\x00\x00\x00"), "asks for more than there is" }, /* twice that is 2^32 */
	{ LITERAL("\xdb\xff\xff\xff\xff"), "asks for more than there is" },
	{ LITERAL("\xc6\xff\xff\xff\xff"), "asks for more than there is" },
	{ LITERAL("\xdc\xff\xff\xc0"), "asks for more than there is" },
	{ LITERAL("\x81\xa1k"), "byte 4: cut short" },
	{ LITERAL("\x92\xc0\x91"), "asks for more than there is" },
	{ LITERAL("\xdd\x00\x00"), "cut short" },
	{ LITERAL("\x91\xdd"), "cut short" },
	{ LITERAL("\xc0\xc0"), "byte 2: bytes left over" },
	{ LITERAL("\x80\x00"), "byte 2: bytes left over" },
	{ LITERAL("\x82\xa1k\x01\xa1k\x02"), "a key stands twice" },
	{ LITERAL("\x82\xa1k\x01\xd9\x01k\x02"), "a key stands twice" }, /* the same key in another form */
	{ LITERAL("\x81\x01\x02"), "a key that is not a short text" },
	{ LITERAL("\x81\xc4\x01k\x02"), "a key that is not a short text" },
	{ LITERAL("\x81\xc0\x02"), "a key that is not a short text" },
	{ LITERAL("\x81\x90\x02"), "a key that is not a short text" },
	{ LITERAL("\xca\x00\x00\x00\x00"), "a type that is not used here" },
	{ LITERAL("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"), "a type that is not used here" },
	{ LITERAL("\xd6\xff\x00\x00\x00\x00"), "a type that is not used here" }, /* a timestamp */
	{ LITERAL("\x81\xa1k\xc7\x01\x05x"), "a type that is not used here" },
	{ LITERAL("\x91\xc1"), "a type that is not used here" },
};

START_TEST(what_is_not_one_document_is_refused_with_the_reason) {
	struct failure failure = { 0 };
	ck_assert_int_eq(verdict(refused[_i].bytes, &failure), ERROR_MALFORMED);
	ck_assert_int_eq(failure.code, ERROR_MALFORMED);
	ck_assert_msg(strstr(failure.text, refused[_i].why) != NULL, "\"%s\" is not \"%s\"", failure.text,
	              refused[_i].why);
	ck_assert_int_eq(verdict(refused[_i].bytes, NULL), ERROR_MALFORMED);
}
END_TEST

/* Arrays within arrays (or maps within maps), `depth` of them, the innermost empty. */
static struct slice nest(struct buffer *out, size_t depth, bool maps) {
	buffer_clear(out);
	for (size_t i = 1; i < depth; i++) {
		if (maps) {
			pack_map(out, 1);
			pack_word(out, "k");
		} else {
			pack_array(out, 1);
		}
	}
	if (maps) {
		pack_map(out, 0);
	} else {
		pack_array(out, 0);
	}
	ck_assert(buffer_ok(out));
	return buffer_slice(out);
}

START_TEST(eight_levels_are_read_and_nine_are_not) {
	struct buffer text;
	struct failure failure;
	buffer_init(&text, DOCUMENT_MAX);
	for (int maps = 0; maps <= 1; maps++) {
		ck_assert_int_eq(verdict(nest(&text, 8, maps), &failure), OK);
		ck_assert_int_eq(verdict(nest(&text, 9, maps), &failure), ERROR_MALFORMED);
		ck_assert_ptr_nonnull(strstr(failure.text, "nested too deep"));
		ck_assert_int_eq(verdict(nest(&text, 100000, maps), &failure), ERROR_MALFORMED);
	}
	buffer_release(&text);
}
END_TEST

static struct slice map_of(struct buffer *out, size_t pairs, int key_size) {
	buffer_clear(out);
	pack_map(out, pairs);
	for (size_t i = 0; i < pairs; i++) {
		char key[128];
		(void)snprintf(key, sizeof key, "%0*zu", key_size, i);
		pack_key_boolean(out, key, true);
	}
	ck_assert(buffer_ok(out));
	return buffer_slice(out);
}

static struct slice array_of(struct buffer *out, size_t count) {
	buffer_clear(out);
	pack_array(out, count);
	for (size_t i = 0; i < count; i++) {
		pack_unsigned(out, i % 100);
	}
	ck_assert(buffer_ok(out));
	return buffer_slice(out);
}

START_TEST(limits_hold_to_the_one) {
	struct buffer text;
	struct failure failure;
	buffer_init(&text, DOCUMENT_MAX);
	ck_assert_int_eq(verdict(map_of(&text, PACK_MAP_MAX, 2), &failure), OK);
	ck_assert_int_eq(verdict(map_of(&text, PACK_MAP_MAX + 1, 2), &failure), ERROR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(failure.text, "too many keys"));
	ck_assert_int_eq(verdict(map_of(&text, 2, PACK_KEY_MAX), &failure), OK);
	ck_assert_int_eq(verdict(map_of(&text, 2, PACK_KEY_MAX + 1), &failure), ERROR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(failure.text, "short text"));
	ck_assert_int_eq(verdict(array_of(&text, PACK_VALUES_MAX - 1), &failure), OK);
	ck_assert_int_eq(verdict(array_of(&text, PACK_VALUES_MAX), &failure), ERROR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(failure.text, "too many values"));
	buffer_release(&text);
}
END_TEST

START_TEST(a_document_over_the_callers_maximum_is_too_long) {
	static const struct slice bytes = LITERAL("\xa3xyz");
	struct pack_document *document = pack_document_new();
	struct failure failure = { 0 };
	ck_assert_int_eq(pack_read(document, bytes, 4, &failure), OK);
	ck_assert_int_eq(pack_read(document, bytes, 3, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(failure.code, ERROR_TOO_LONG);
	ck_assert_int_eq(pack_read(document, slice_of(NULL, 0), 0, &failure), ERROR_MALFORMED);
	pack_document_free(document);
	pack_document_free(NULL);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("refusal");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, every_lead_byte_is_read_or_refused_as_the_specification_says);
	tcase_add_loop_test(tests, what_is_not_one_document_is_refused_with_the_reason, 0,
	                    (int)(sizeof refused / sizeof refused[0]));
	tcase_add_test(tests, eight_levels_are_read_and_nine_are_not);
	tcase_add_test(tests, limits_hold_to_the_one);
	tcase_add_test(tests, a_document_over_the_callers_maximum_is_too_long);
	Suite *suite = suite_create("base/pack refusal");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
