/* Parsers and writers of the field types that consist of several parts; joined with the plain ones in rules/field.c.
 *
 * A parser reads all of `raw` into `out`; a writer appends the value's only written form. Errors: rules/field.h. */
#ifndef TROTH_RULES_FIELD_COMPOUND_H
#define TROTH_RULES_FIELD_COMPOUND_H

#include "rules/field.h"

enum error parse_party(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_transport(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_reference(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_key(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_nonce(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_deliverable(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_percent(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_link(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_content(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_exclusivity(const struct field *field, struct slice raw, struct value *out, struct failure *failure);
enum error parse_channel(const struct field *field, struct slice raw, struct value *out, struct failure *failure);

void write_party(const struct value *value, struct buffer *out);
void write_transport(const struct value *value, struct buffer *out);
void write_reference(const struct value *value, struct buffer *out);
void write_key(const struct value *value, struct buffer *out);
void write_nonce(const struct value *value, struct buffer *out);
void write_deliverable(const struct value *value, struct buffer *out);
void write_percent(const struct value *value, struct buffer *out);
void write_content(const struct value *value, struct buffer *out);
void write_exclusivity(const struct value *value, struct buffer *out);
void write_channel(const struct value *value, struct buffer *out);

/* The position of a text among the field's words; false if it is none of them. */
bool field_find_word(const struct field *field, struct slice raw, size_t *word);

/* Appends the field's words with commas between. */
void field_append_words(const struct field *field, struct buffer *out);

/* ERROR_BAD_VALUE: "<what> one of: <words>". */
enum error field_refuse_word(const struct field *field, const char *what, struct failure *failure);

/* Appends a length of time in the unit in which `raw` ends: `72h` and `3d` are different terms of a text. */
void write_duration_like(int64_t seconds, struct slice raw, struct buffer *out);

/* True for a-z, 0-9 and single hyphens inside, 2 to 40 bytes. */
bool slug_is_valid(struct slice text);

#endif
