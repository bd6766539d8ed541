/* The MessagePack writer and reader; the only user of msgpack-c. See pack_scan.c for the walk that comes first. */
#include "base/pack.h"

#include <msgpack.h>
#include <stdlib.h>

#include "base/pack_scan.h"

static int write_bytes(void *data, const char *bytes, size_t size) {
	return buffer_append(data, bytes, size) ? 0 : -1;
}

static msgpack_packer packer(struct buffer *out) {
	msgpack_packer packer;
	msgpack_packer_init(&packer, out, write_bytes);
	return packer;
}

void pack_map(struct buffer *out, size_t pairs) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_map(&to, pairs);
}

void pack_array(struct buffer *out, size_t count) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_array(&to, count);
}

void pack_text(struct buffer *out, struct slice text) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_str(&to, text.size);
	(void)msgpack_pack_str_body(&to, text.data, text.size);
}

void pack_word(struct buffer *out, const char *text) {
	pack_text(out, slice_of_text(text));
}

void pack_bytes(struct buffer *out, struct slice bytes) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_bin(&to, bytes.size);
	(void)msgpack_pack_bin_body(&to, bytes.data, bytes.size);
}

void pack_unsigned(struct buffer *out, uint64_t number) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_uint64(&to, number);
}

void pack_signed(struct buffer *out, int64_t number) {
	msgpack_packer to = packer(out);
	(void)msgpack_pack_int64(&to, number);
}

void pack_boolean(struct buffer *out, bool value) {
	msgpack_packer to = packer(out);
	(void)(value ? msgpack_pack_true(&to) : msgpack_pack_false(&to));
}

void pack_key_text(struct buffer *out, const char *key, struct slice text) {
	pack_word(out, key);
	pack_text(out, text);
}

void pack_key_word(struct buffer *out, const char *key, const char *text) {
	pack_word(out, key);
	pack_word(out, text);
}

void pack_key_bytes(struct buffer *out, const char *key, struct slice bytes) {
	pack_word(out, key);
	pack_bytes(out, bytes);
}

void pack_key_unsigned(struct buffer *out, const char *key, uint64_t number) {
	pack_word(out, key);
	pack_unsigned(out, number);
}

void pack_key_signed(struct buffer *out, const char *key, int64_t number) {
	pack_word(out, key);
	pack_signed(out, number);
}

void pack_key_boolean(struct buffer *out, const char *key, bool value) {
	pack_word(out, key);
	pack_boolean(out, value);
}

struct pack_document {
	msgpack_zone zone;
	msgpack_object root;
};

/* A `struct pack_value` is a msgpack_object under a name of our own, so that no other file sees the library. */
static const msgpack_object *object_of(const struct pack_value *value) {
	return (const msgpack_object *)(const void *)value;
}

static const struct pack_value *value_of(const msgpack_object *object) {
	return (const struct pack_value *)(const void *)object;
}

struct pack_document *pack_document_new(void) {
	struct pack_document *document = calloc(1, sizeof *document);
	if (document != NULL && !msgpack_zone_init(&document->zone, MSGPACK_ZONE_CHUNK_SIZE)) {
		free(document);
		document = NULL;
	}
	return document;
}

void pack_document_free(struct pack_document *document) {
	if (document != NULL) {
		msgpack_zone_destroy(&document->zone);
		free(document);
	}
}

enum error pack_read(struct pack_document *document, struct slice bytes, size_t maximum, struct failure *failure) {
	document->root = (msgpack_object){ .type = MSGPACK_OBJECT_NIL };
	if (bytes.size > maximum) {
		return fail(failure, ERROR_TOO_LONG, "the message has %zu bytes, the limit is %zu", bytes.size, maximum);
	}
	enum error error = pack_scan(bytes, failure);
	if (error != OK) {
		return error;
	}
	msgpack_zone_clear(&document->zone);
	size_t offset = 0;
	msgpack_unpack_return result =
	    msgpack_unpack((const char *)bytes.data, bytes.size, &offset, &document->zone, &document->root);
	if (result != MSGPACK_UNPACK_SUCCESS) {
		return fail(failure, ERROR_MALFORMED, "not MessagePack near byte %zu", offset);
	}
	return OK;
}

const struct pack_value *pack_root(const struct pack_document *document) {
	return value_of(&document->root);
}

const struct pack_value *pack_find(const struct pack_value *map, const char *key) {
	if (!pack_is_map(map)) {
		return NULL;
	}
	const msgpack_object_map *pairs = &object_of(map)->via.map;
	struct slice wanted = slice_of_text(key);
	for (uint32_t i = 0; i < pairs->size; i++) {
		const msgpack_object_str *name = &pairs->ptr[i].key.via.str;
		if (slice_equal(slice_of(name->ptr, name->size), wanted)) {
			return value_of(&pairs->ptr[i].val);
		}
	}
	return NULL;
}

size_t pack_count(const struct pack_value *value) {
	if (value == NULL) {
		return 0;
	}
	const msgpack_object *object = object_of(value);
	if (object->type == MSGPACK_OBJECT_ARRAY) {
		return object->via.array.size;
	}
	return object->type == MSGPACK_OBJECT_MAP ? object->via.map.size : 0;
}

const struct pack_value *pack_item(const struct pack_value *array, size_t index) {
	if (array == NULL || object_of(array)->type != MSGPACK_OBJECT_ARRAY || index >= pack_count(array)) {
		return NULL;
	}
	return value_of(&object_of(array)->via.array.ptr[index]);
}

const struct pack_value *pack_pair(const struct pack_value *map, size_t index, struct slice *key) {
	if (!pack_is_map(map) || index >= pack_count(map)) {
		return NULL;
	}
	const msgpack_object_kv *pair = &object_of(map)->via.map.ptr[index];
	*key = slice_of(pair->key.via.str.ptr, pair->key.via.str.size);
	return value_of(&pair->val);
}

bool pack_as_text(const struct pack_value *value, struct slice *out) {
	if (value == NULL || object_of(value)->type != MSGPACK_OBJECT_STR) {
		return false;
	}
	*out = slice_of(object_of(value)->via.str.ptr, object_of(value)->via.str.size);
	return true;
}

bool pack_as_bytes(const struct pack_value *value, struct slice *out) {
	if (value == NULL || object_of(value)->type != MSGPACK_OBJECT_BIN) {
		return false;
	}
	*out = slice_of(object_of(value)->via.bin.ptr, object_of(value)->via.bin.size);
	return true;
}

bool pack_as_unsigned(const struct pack_value *value, uint64_t *out) {
	if (value == NULL || object_of(value)->type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
		return false;
	}
	*out = object_of(value)->via.u64;
	return true;
}

bool pack_as_signed(const struct pack_value *value, int64_t *out) {
	uint64_t number = 0;
	if (value != NULL && object_of(value)->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
		*out = object_of(value)->via.i64;
		return true;
	}
	if (!pack_as_unsigned(value, &number) || number > INT64_MAX) {
		return false;
	}
	*out = (int64_t)number;
	return true;
}

bool pack_as_boolean(const struct pack_value *value, bool *out) {
	if (value == NULL || object_of(value)->type != MSGPACK_OBJECT_BOOLEAN) {
		return false;
	}
	*out = object_of(value)->via.boolean;
	return true;
}

bool pack_is_map(const struct pack_value *value) {
	return value != NULL && object_of(value)->type == MSGPACK_OBJECT_MAP;
}

bool pack_is_array(const struct pack_value *value) {
	return value != NULL && object_of(value)->type == MSGPACK_OBJECT_ARRAY;
}
