/* Walks MessagePack without unpacking it. One row per range of lead bytes says what follows. */
#include "base/pack_scan.h"

#include "base/pack.h"

enum shape { SHAPE_LEAF, SHAPE_TEXT, SHAPE_BYTES, SHAPE_ARRAY, SHAPE_MAP, SHAPE_REFUSED };

/* Lead bytes `first`..`last`: for a leaf, `length` bytes follow; for the others, `length` bytes hold the size in big
 * endian, or, if it is 0, the size stands in the low bits (`mask`) of the lead byte. */
struct lead {
	uint8_t first, last;
	enum shape shape;
	uint8_t length, mask;
};

static const struct lead leads[] = {
	{ 0x00, 0x7f, SHAPE_LEAF, 0, 0 },      { 0x80, 0x8f, SHAPE_MAP, 0, 0x0f },  { 0x90, 0x9f, SHAPE_ARRAY, 0, 0x0f },
	{ 0xa0, 0xbf, SHAPE_TEXT, 0, 0x1f },   { 0xc0, 0xc0, SHAPE_LEAF, 0, 0 },    { 0xc1, 0xc1, SHAPE_REFUSED, 0, 0 },
	{ 0xc2, 0xc3, SHAPE_LEAF, 0, 0 },      { 0xc4, 0xc4, SHAPE_BYTES, 1, 0 },   { 0xc5, 0xc5, SHAPE_BYTES, 2, 0 },
	{ 0xc6, 0xc6, SHAPE_BYTES, 4, 0 },     { 0xc7, 0xcb, SHAPE_REFUSED, 0, 0 }, { 0xcc, 0xcc, SHAPE_LEAF, 1, 0 },
	{ 0xcd, 0xcd, SHAPE_LEAF, 2, 0 },      { 0xce, 0xce, SHAPE_LEAF, 4, 0 },    { 0xcf, 0xcf, SHAPE_LEAF, 8, 0 },
	{ 0xd0, 0xd0, SHAPE_LEAF, 1, 0 },      { 0xd1, 0xd1, SHAPE_LEAF, 2, 0 },    { 0xd2, 0xd2, SHAPE_LEAF, 4, 0 },
	{ 0xd3, 0xd3, SHAPE_LEAF, 8, 0 },      { 0xd4, 0xd8, SHAPE_REFUSED, 0, 0 }, { 0xd9, 0xd9, SHAPE_TEXT, 1, 0 },
	{ 0xda, 0xda, SHAPE_TEXT, 2, 0 },      { 0xdb, 0xdb, SHAPE_TEXT, 4, 0 },    { 0xdc, 0xdc, SHAPE_ARRAY, 2, 0 },
	{ 0xdd, 0xdd, SHAPE_ARRAY, 4, 0 },     { 0xde, 0xde, SHAPE_MAP, 2, 0 },     { 0xdf, 0xdf, SHAPE_MAP, 4, 0 },
	{ 0xe0, 0xff, SHAPE_LEAF, 0, 0 },
};

struct scan {
	struct slice bytes;
	size_t at;
	size_t values;
	struct failure *failure;
};

static enum error refuse(const struct scan *scan, const char *why) {
	return fail(scan->failure, ERROR_MALFORMED, "MessagePack, byte %zu: %s", scan->at + 1, why);
}

static const struct lead *lead_of(uint8_t byte) {
	size_t i = 0;
	while (byte > leads[i].last) {
		i++;
	}
	return &leads[i];
}

/* Reads a value's head; `size` becomes the bytes of a leaf, text or byte string, or the count of an array or map. */
static enum error read_head(struct scan *scan, enum shape *shape, uint64_t *size) {
	if (scan->at >= scan->bytes.size) {
		return refuse(scan, "cut short");
	}
	if (++scan->values > PACK_VALUES_MAX) {
		return refuse(scan, "too many values");
	}
	uint8_t byte = scan->bytes.data[scan->at];
	const struct lead *lead = lead_of(byte);
	*shape = lead->shape;
	if (lead->shape == SHAPE_REFUSED) {
		return refuse(scan, "a type that is not used here");
	}
	if (lead->shape == SHAPE_LEAF) {
		*size = lead->length;
	} else if (lead->length == 0) {
		*size = byte & lead->mask;
	} else {
		if (scan->bytes.size - scan->at - 1 < lead->length) {
			return refuse(scan, "cut short");
		}
		*size = 0;
		for (size_t i = 0; i < lead->length; i++) {
			*size = *size << 8 | scan->bytes.data[scan->at + 1 + i];
		}
		scan->at += lead->length;
	}
	scan->at++;
	/* Every item of an array needs a byte at least, every pair of a map two. */
	uint64_t needed = lead->shape == SHAPE_MAP ? *size * 2 : *size;
	return needed > scan->bytes.size - scan->at ? refuse(scan, "asks for more than there is") : OK;
}

static enum error scan_value(struct scan *scan, unsigned depth);

static enum error scan_map(struct scan *scan, uint64_t pairs, unsigned depth) {
	struct slice keys[PACK_MAP_MAX];
	if (pairs > PACK_MAP_MAX) {
		return refuse(scan, "too many keys in a map");
	}
	for (uint64_t i = 0; i < pairs; i++) {
		enum shape shape = SHAPE_REFUSED;
		uint64_t size = 0;
		enum error error = read_head(scan, &shape, &size);
		if (error != OK) {
			return error;
		}
		if (shape != SHAPE_TEXT || size > PACK_KEY_MAX) {
			return refuse(scan, "a key that is not a short text");
		}
		keys[i] = slice_of(scan->bytes.data + scan->at, (size_t)size);
		for (uint64_t before = 0; before < i; before++) {
			if (slice_equal(keys[before], keys[i])) {
				return refuse(scan, "a key stands twice");
			}
		}
		scan->at += (size_t)size;
		error = scan_value(scan, depth + 1);
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

/* Recursion is bounded by PACK_DEPTH_MAX. */
static enum error scan_value(struct scan *scan, unsigned depth) {
	if (depth > PACK_DEPTH_MAX) {
		return refuse(scan, "nested too deep");
	}
	enum shape shape = SHAPE_REFUSED;
	uint64_t size = 0;
	enum error error = read_head(scan, &shape, &size);
	if (error != OK) {
		return error;
	}
	if (shape == SHAPE_MAP) {
		return scan_map(scan, size, depth);
	}
	if (shape != SHAPE_ARRAY) {
		scan->at += (size_t)size;
		return OK;
	}
	for (uint64_t i = 0; i < size && error == OK; i++) {
		error = scan_value(scan, depth + 1);
	}
	return error;
}

enum error pack_scan(struct slice bytes, struct failure *failure) {
	struct scan scan = { .bytes = bytes, .failure = failure };
	enum error error = scan_value(&scan, 1);
	if (error == OK && scan.at != bytes.size) {
		error = refuse(&scan, "bytes left over behind the end");
	}
	return error;
}
