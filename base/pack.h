/* MessagePack with bounds: a writer into a buffer, and a reader that refuses before it parses.
 *
 * Used for message bodies and for record bodies alike. The reader first walks the bytes by itself and refuses what is
 * too large, too deep, cut short, followed by more, has keys that are not text or stand twice, or is of a type that
 * Troth does not use (floats, extensions); only then msgpack-c unpacks it. So counts that ask for more than there is
 * (msgpack-c issue 1013) never reach the library.
 *
 * Layout: MessagePack specification (github.com/msgpack/msgpack, spec.md). */
#ifndef TROTH_BASE_PACK_H
#define TROTH_BASE_PACK_H

#include "base/buffer.h"
#include "base/error.h"

#define PACK_DEPTH_MAX 8
#define PACK_MAP_MAX 64     /* keys of one map */
#define PACK_KEY_MAX 64     /* bytes of one key */
#define PACK_VALUES_MAX 65536 /* values of one document */

/* ---- writing: every function appends to `out`; check buffer_ok(out) once, at the end ---- */

void pack_map(struct buffer *out, size_t pairs);   /* `pairs` keys and values must follow */
void pack_array(struct buffer *out, size_t count); /* `count` values must follow */
void pack_text(struct buffer *out, struct slice text);
void pack_word(struct buffer *out, const char *text);
void pack_bytes(struct buffer *out, struct slice bytes);
void pack_unsigned(struct buffer *out, uint64_t number);
void pack_signed(struct buffer *out, int64_t number);
void pack_boolean(struct buffer *out, bool value);

/* A key and its value, for maps. */
void pack_key_text(struct buffer *out, const char *key, struct slice text);
void pack_key_word(struct buffer *out, const char *key, const char *text);
void pack_key_bytes(struct buffer *out, const char *key, struct slice bytes);
void pack_key_unsigned(struct buffer *out, const char *key, uint64_t number);
void pack_key_signed(struct buffer *out, const char *key, int64_t number);
void pack_key_boolean(struct buffer *out, const char *key, bool value);

/* ---- reading ---- */

struct pack_document;
struct pack_value;

/* A reader that can be used for many documents, one after the other. NULL if memory is out. */
struct pack_document *pack_document_new(void);
void pack_document_free(struct pack_document *document);

/* Reads one document of at most `maximum` bytes; ERROR_TOO_LONG or ERROR_MALFORMED with the byte offset otherwise.
 * Values live in the document until it reads again; texts and byte strings point into `bytes`. */
enum error pack_read(struct pack_document *document, struct slice bytes, size_t maximum, struct failure *failure);

/* The outermost value of what was read last. */
const struct pack_value *pack_root(const struct pack_document *document);

/* The value under a key; NULL if there is none or `map` is NULL or no map. */
const struct pack_value *pack_find(const struct pack_value *map, const char *key);

/* The number of items of an array or pairs of a map; 0 for anything else and for NULL. */
size_t pack_count(const struct pack_value *value);

/* An item of an array; NULL if there is none. */
const struct pack_value *pack_item(const struct pack_value *array, size_t index);

/* A pair of a map, in the order of the bytes: sets *key and returns the value; NULL if there is none. */
const struct pack_value *pack_pair(const struct pack_value *map, size_t index, struct slice *key);

/* What a value holds. False, with nothing changed, if it is NULL or of another type or out of range. */
bool pack_as_text(const struct pack_value *value, struct slice *out);
bool pack_as_bytes(const struct pack_value *value, struct slice *out);
bool pack_as_unsigned(const struct pack_value *value, uint64_t *out);
bool pack_as_signed(const struct pack_value *value, int64_t *out);
bool pack_as_boolean(const struct pack_value *value, bool *out);
bool pack_is_map(const struct pack_value *value);
bool pack_is_array(const struct pack_value *value);

#endif
