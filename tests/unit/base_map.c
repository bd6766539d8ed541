/* The ordered map beside a model: a sorted array that does the same, slowly. */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

#define STEPS 20000
#define MODEL_MAX 600
#define KEY_MAX 3

struct pair {
	uint8_t key[KEY_MAX];
	size_t size;
	void *value;
};

struct model {
	struct pair pairs[MODEL_MAX];
	size_t count;
};

static struct slice key_of(const struct pair *pair) {
	return slice_of(pair->key, pair->size);
}

/* The index of the first pair with a key >= `key`. */
static size_t model_position(const struct model *model, struct slice key) {
	size_t i = 0;
	while (i < model->count && slice_compare(key_of(&model->pairs[i]), key) < 0) {
		i++;
	}
	return i;
}

static bool model_has(const struct model *model, size_t at, struct slice key) {
	return at < model->count && slice_equal(key_of(&model->pairs[at]), key);
}

static bool model_put(struct model *model, struct slice key, void *value) {
	size_t at = model_position(model, key);
	if (model_has(model, at, key)) {
		return false;
	}
	memmove(&model->pairs[at + 1], &model->pairs[at], (model->count - at) * sizeof model->pairs[0]);
	model->pairs[at] = (struct pair){ .size = key.size, .value = value };
	memcpy(model->pairs[at].key, key.data, key.size);
	model->count++;
	return true;
}

static void *model_remove(struct model *model, struct slice key) {
	size_t at = model_position(model, key);
	if (!model_has(model, at, key)) {
		return NULL;
	}
	void *value = model->pairs[at].value;
	model->count--;
	memmove(&model->pairs[at], &model->pairs[at + 1], (model->count - at) * sizeof model->pairs[0]);
	return value;
}

/* True if `entry` is the model's pair at `at`, or NULL where the model has none. */
static bool is_pair(const struct map_entry *entry, const struct model *model, size_t at) {
	if (at >= model->count) {
		return entry == NULL;
	}
	return entry != NULL && slice_equal(entry->key, key_of(&model->pairs[at])) &&
	       entry->value == model->pairs[at].value;
}

/* One before `at`; behind the end (where is_pair expects NULL) for the first. */
static size_t before(size_t at) {
	return at == 0 ? SIZE_MAX : at - 1;
}

static void compare_around(const struct map *map, const struct model *model, struct slice key, uint32_t seed) {
	size_t at = model_position(model, key);
	bool here = model_has(model, at, key);
	ck_assert_msg(map_size(map) == model->count, "seed %u", seed);
	ck_assert_msg(map_get(map, key) == (here ? model->pairs[at].value : NULL), "seed %u", seed);
	ck_assert_msg(is_pair(map_find(map, key), model, here ? at : SIZE_MAX), "seed %u", seed);
	ck_assert_msg(is_pair(map_at_or_after(map, key), model, at), "seed %u", seed);
	ck_assert_msg(is_pair(map_after(map, key), model, here ? at + 1 : at), "seed %u", seed);
	ck_assert_msg(is_pair(map_before(map, key), model, before(at)), "seed %u", seed);
	ck_assert_msg(is_pair(map_first(map), model, 0), "seed %u", seed);
	ck_assert_msg(is_pair(map_last(map), model, before(model->count)), "seed %u", seed);
}

static void compare_walks(const struct map *map, const struct model *model, uint32_t seed) {
	struct map_entry *entry = map_first(map);
	for (size_t i = 0; i <= model->count; i++) {
		ck_assert_msg(is_pair(entry, model, i), "forwards, seed %u", seed);
		entry = entry == NULL ? NULL : map_next(entry);
	}
	entry = map_last(map);
	for (size_t i = model->count; i-- > 0;) {
		ck_assert_msg(is_pair(entry, model, i), "backwards, seed %u", seed);
		entry = map_previous(entry);
	}
	ck_assert_msg(entry == NULL, "backwards, seed %u", seed);
}

/* Keys of no to three bytes out of eight values, so that prefixes, 0x00, 0xff and repetitions are frequent. */
static struct slice random_key(uint32_t *state, uint8_t *key) {
	static const uint8_t bytes[8] = { 0x00, 0x01, 'a', 'b', 0x7f, 0x80, 0xfe, 0xff };
	size_t size = random_next(state) % (KEY_MAX + 1);
	for (size_t i = 0; i < size; i++) {
		key[i] = bytes[random_next(state) % 8];
	}
	return slice_of(key, size);
}

START_TEST(the_map_does_what_a_sorted_array_does) {
	static const uint32_t seeds[] = { 1, 20261123, 0xfeedface };
	static struct model model;
	static char values[STEPS];
	uint32_t seed = seeds[_i], state = seed;
	struct map *map = map_new();
	ck_assert_ptr_nonnull(map);
	model.count = 0;
	for (int step = 0; step < STEPS; step++) {
		uint8_t bytes[KEY_MAX] = { 0 };
		struct slice key = random_key(&state, bytes);
		/* Alternate between times of growing and of shrinking. */
		bool puts = random_next(&state) % 8 < (step / 2000 % 2 == 0 ? 6U : 2U);
		if (puts) {
			bool put = map_put(map, key, &values[step]);
			ck_assert_msg(put == model_put(&model, key, &values[step]), "put, seed %u", seed);
		} else {
			ck_assert_msg(map_remove(map, key) == model_remove(&model, key), "remove, seed %u", seed);
		}
		compare_around(map, &model, key, seed);
		compare_around(map, &model, random_key(&state, bytes), seed);
		if (step % 500 == 0) {
			compare_walks(map, &model, seed);
		}
	}
	compare_walks(map, &model, seed);
	map_free(map, NULL);
}
END_TEST

START_TEST(an_entry_that_was_added_is_removed_without_a_search) {
	struct map *map = map_new();
	int one = 1, two = 2;
	struct map_entry *first = map_add(map, slice_of_text("one"), &one);
	struct map_entry *second = map_add(map, slice_of_text("two"), &two);
	ck_assert_ptr_eq(first, map_find(map, slice_of_text("one")));
	ck_assert_ptr_null(map_add(map, slice_of_text("one"), &two));
	ck_assert_ptr_eq(map_remove_entry(map, first), &one);
	ck_assert_ptr_null(map_find(map, slice_of_text("one")));
	ck_assert_ptr_eq(map_first(map), second);
	ck_assert_uint_eq(map_size(map), 1);
	map_free(map, NULL);
}
END_TEST

START_TEST(an_empty_map_has_nothing) {
	struct map *map = map_new();
	struct slice key = slice_of_text("key");
	ck_assert_uint_eq(map_size(map), 0);
	ck_assert_ptr_null(map_get(map, key));
	ck_assert_ptr_null(map_find(map, key));
	ck_assert_ptr_null(map_remove(map, key));
	ck_assert_ptr_null(map_first(map));
	ck_assert_ptr_null(map_last(map));
	ck_assert_ptr_null(map_after(map, key));
	ck_assert_ptr_null(map_at_or_after(map, key));
	ck_assert_ptr_null(map_before(map, key));
	map_free(map, NULL);
	map_free(NULL, NULL);
}
END_TEST

START_TEST(the_map_keeps_its_own_copy_of_a_key) {
	struct map *map = map_new();
	char key[] = "original";
	int value = 0;
	ck_assert(map_put(map, slice_of_text(key), &value));
	memset(key, 'x', strlen(key));
	ck_assert_ptr_eq(map_get(map, slice_of_text("original")), &value);
	ck_assert_ptr_null(map_get(map, slice_of_text(key)));
	map_free(map, NULL);
}
END_TEST

START_TEST(the_empty_key_is_a_key_and_comes_first) {
	struct map *map = map_new();
	int empty = 0, zero = 0;
	ck_assert(map_put(map, slice_of("\0", 1), &zero));
	ck_assert(map_put(map, slice_of(NULL, 0), &empty));
	ck_assert(!map_put(map, slice_of("", 0), &zero));
	ck_assert_ptr_eq(map_first(map)->value, &empty);
	ck_assert_ptr_eq(map_after(map, slice_of(NULL, 0))->value, &zero);
	ck_assert_ptr_null(map_before(map, slice_of(NULL, 0)));
	map_free(map, NULL);
}
END_TEST

START_TEST(a_value_can_be_changed_in_its_entry) {
	struct map *map = map_new();
	int old = 0, new = 0;
	ck_assert(map_put(map, slice_of_text("k"), &old));
	ck_assert(!map_put(map, slice_of_text("k"), &new));
	ck_assert_ptr_eq(map_get(map, slice_of_text("k")), &old);
	map_find(map, slice_of_text("k"))->value = &new;
	ck_assert_ptr_eq(map_get(map, slice_of_text("k")), &new);
	map_free(map, NULL);
}
END_TEST

static int freed;

static void count_and_free(void *value) {
	freed++;
	free(value);
}

START_TEST(clearing_frees_each_value_once_and_leaves_a_usable_map) {
	struct map *map = map_new();
	freed = 0;
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < 100; i++) {
			char key[16];
			int size = snprintf(key, sizeof key, "%d", i * 37 % 100);
			ck_assert(map_put(map, slice_of(key, (size_t)size), malloc(1)));
		}
		map_clear(map, count_and_free);
		ck_assert_int_eq(freed, 100 * round);
		ck_assert_uint_eq(map_size(map), 0);
		ck_assert_ptr_null(map_first(map));
	}
	ck_assert(map_put(map, slice_of_text("last"), malloc(1)));
	map_free(map, count_and_free);
	ck_assert_int_eq(freed, 201);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("map");
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, the_map_does_what_a_sorted_array_does, 0, 3);
	tcase_add_test(tests, an_entry_that_was_added_is_removed_without_a_search);
	tcase_add_test(tests, an_empty_map_has_nothing);
	tcase_add_test(tests, the_map_keeps_its_own_copy_of_a_key);
	tcase_add_test(tests, the_empty_key_is_a_key_and_comes_first);
	tcase_add_test(tests, a_value_can_be_changed_in_its_entry);
	tcase_add_test(tests, clearing_frees_each_value_once_and_leaves_a_usable_map);
	Suite *suite = suite_create("base/map");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
