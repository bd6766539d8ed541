/* Fuzzes the MessagePack reader: whatever is accepted can be walked to its last byte, and lies within the bounds. */
#include <assert.h>
#include <stdlib.h>

#include "base/pack.h"

#define DOCUMENT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte that a value points to, so that the sanitizers see a wrong pointer. */
static size_t sum(struct slice slice) {
	size_t total = 0;
	for (size_t i = 0; i < slice.size; i++) {
		total += slice.data[i];
	}
	return total;
}

static size_t walk(const struct pack_value *value, unsigned depth) {
	struct slice slice = { 0 };
	uint64_t number = 0;
	int64_t difference = 0;
	bool truth = false;
	size_t total = 0;
	if (value == NULL) {
		return 0;
	}
	assert(depth <= PACK_DEPTH_MAX);
	if (pack_as_text(value, &slice) || pack_as_bytes(value, &slice)) {
		return sum(slice);
	}
	if (pack_as_unsigned(value, &number)) {
		assert(pack_as_signed(value, &difference) == (number <= INT64_MAX));
		return 1;
	}
	if (pack_as_signed(value, &difference)) {
		assert(difference < 0);
		return 1;
	}
	(void)pack_as_boolean(value, &truth);
	if (pack_is_map(value)) {
		assert(pack_count(value) <= PACK_MAP_MAX && pack_item(value, 0) == NULL);
		return walk(pack_find(value, "key"), depth + 1);
	}
	for (size_t i = 0; i < pack_count(value); i++) {
		const struct pack_value *item = pack_item(value, i);
		assert(item != NULL);
		total += walk(item, depth + 1);
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct pack_document *document = pack_document_new();
	struct failure failure = { 0 };
	if (document == NULL) {
		abort();
	}
	enum error error = pack_read(document, slice_of(data, size), DOCUMENT_MAX, &failure);
	if (error == OK) {
		assert(size > 0 && size <= DOCUMENT_MAX);
		(void)walk(pack_root(document), 1);
	} else {
		assert(error == failure.code && (error == ERROR_MALFORMED) == (size <= DOCUMENT_MAX));
		assert(failure.text[0] != '\0');
	}
	pack_document_free(document);
	return 0;
}
