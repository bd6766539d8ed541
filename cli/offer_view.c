/* Offers as shown; see offer_view.h. */
#include "cli/offer_view.h"

#include <inttypes.h>

#include "rules/calendar.h"

#define CAMPAIGN_WIDTH 16
#define DELIVERABLES_WIDTH 28

static const char *const state_words[] = { "unknown", "open", "full", "closed", "over" };

bool offer_state_is_known(const char *word) {
	bool known = false;
	for (size_t i = 1; i < sizeof state_words / sizeof state_words[0]; i++) {
		known = known || strcmp(word, state_words[i]) == 0;
	}
	return known;
}

enum error check_party_signature(const struct signed_note *signed_note, const struct note *note,
                                 struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	struct verifier_key verifier;
	bool verified = false;
	note_signer(note, 0, name, &key);
	enum error error = verifier_key_make(name, key, &verifier, failure);
	if (error == OK) {
		error = signed_note_verify(signed_note, &verifier, 1, &verified, failure);
	}
	if (error == OK && !verified) {
		error = fail(failure, ERROR_WRONG_SIGNER, "not signed by %s with the key in its text", name);
	}
	return error;
}

enum error offer_view_read(const struct pack_value *item, const struct join *join, struct offer_view *out,
                           struct failure *failure) {
	struct slice id;
	struct signed_note split;
	int64_t state = 0;
	if (!pack_as_bytes(pack_find(item, "id"), &id) || id.size != HASH_SIZE ||
	    !pack_as_bytes(pack_find(item, "note"), &out->signed_note) ||
	    !pack_as_signed(pack_find(item, "state"), &state) || !pack_as_signed(pack_find(item, "slots"), &out->slots) ||
	    !pack_as_signed(pack_find(item, "taken"), &out->taken) ||
	    !pack_as_signed(pack_find(item, "closes"), &out->closes)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	out->state = state_words[state < 1 || state > 4 ? 0 : state];
	enum error error = signed_note_split(out->signed_note, &split, failure);
	if (error == OK) {
		error = note_parse(split.text, join->origin, &out->note, failure);
	}
	if (error != OK) {
		return error;
	}
	signed_note_id(split.text, out->id);
	if (out->note.kind->id != KIND_OFFER || !slice_equal(id, slice_of(out->id, HASH_SIZE))) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is not the offer that it says");
	}
	return check_party_signature(&split, &out->note, failure);
}

enum error offer_view_fetch(struct session *session, const char *id, struct offer_view *out,
                            struct failure *failure) {
	char digits[65], hex[HASH_HEX_SIZE];
	const struct pack_value *ok = NULL;
	enum error error = session_id_digits(id, digits, failure);
	if (error == OK) {
		error = session_ask(session, "offer", "id", digits, &ok, failure);
	}
	if (error == OK) {
		error = offer_view_read(pack_find(ok, "offer"), &session->home->join, out, failure);
	}
	if (error != OK) {
		return error;
	}
	hex_encode(slice_of(out->id, HASH_SIZE), hex);
	return strncmp(hex, digits, strlen(digits)) == 0 ? OK
	       : fail(failure, ERROR_MALFORMED, "the agency answered with another offer");
}

/* What the creator gets, in a few words. */
static void print_compensation(const struct note *note) {
	const struct value *fee = note_find(note, "fee"), *product = note_find(note, "product");
	if (fee != NULL) {
		(void)printf("%.*s", (int)fee->raw.size, (const char *)fee->raw.data);
	}
	if (product != NULL) {
		(void)printf("%s%.*s", fee == NULL ? "" : " + ", (int)product->raw.size, (const char *)product->raw.data);
	}
}

void offer_view_print_head(void) {
	struct colours colours = print_colours();
	(void)printf("%s%-12s  %-16s  %-16s  %-11s  %-6s  %9s  %-20s  %-28s  %s%s\n", colours.bold, "id", "brand",
	             "campaign", "road", "state", "taken", "closes", "deliverables", "compensation", colours.end);
}

/* Prints a text in so many columns, cut between characters where it is longer. */
static void print_cell(struct slice text, size_t width) {
	size_t columns = 0, size = 0;
	while (size < text.size && columns < width) {
		do {
			size++;
		} while (size < text.size && (text.data[size] & 0xc0) == 0x80);
		columns++;
	}
	(void)printf("%.*s%*s  ", (int)size, (const char *)text.data, (int)(width - columns), "");
}

/* What is to be made, without until when. */
static void print_deliverables(const struct note *note) {
	struct buffer all;
	buffer_init(&all, NOTE_TEXT_MAX);
	for (size_t i = 0; i < note->count; i++) {
		struct slice raw = note->values[i].raw;
		const uint8_t *end = memmem(raw.data, raw.size, " within", 7);
		if (note->values[i].field->type == FIELD_DELIVERABLE) {
			(void)buffer_append_text(&all, all.size == 0 ? "" : ", ");
			(void)buffer_append_slice(&all, end == NULL ? raw : slice_of(raw.data, (size_t)(end - raw.data)));
		}
	}
	print_cell(buffer_slice(&all), DELIVERABLES_WIDTH);
	buffer_release(&all);
}

void offer_view_print(const struct offer_view *view) {
	char id[ID_SHORT_SIZE], closes[TIME_TEXT_SIZE], taken[48];
	const struct note *note = &view->note;
	const struct value *campaign = note_find(note, "campaign");
	struct slice brand = note_get(note, "brand")->party.name;
	(void)snprintf(taken, sizeof taken, "%" PRId64 "/%" PRId64, view->taken, view->slots);
	(void)printf("%s  %-16.*s  ", print_short_id(slice_of(view->id, HASH_SIZE), id), (int)brand.size,
	             (const char *)brand.data);
	print_cell(campaign == NULL ? slice_of_text("-") : campaign->raw, CAMPAIGN_WIDTH);
	(void)printf("%-11s  %-6s  %9s  %s  ", road_words[note_word(note, "road", ROAD_FIRST_COME)], view->state, taken,
	             time_format(note_get(note, "closes")->number, closes));
	print_deliverables(note);
	print_compensation(note);
	(void)putchar('\n');
}

json_t *note_json(const struct note *note) {
	json_t *object = json_object();
	for (size_t i = 0; i < note->count; i++) {
		const struct value *value = &note->values[i];
		json_t *text = json_of(value->raw);
		if (value->field->most == 1) {
			(void)json_object_set_new(object, value->field->key, text);
			continue;
		}
		json_t *list = json_object_get(object, value->field->key);
		if (list == NULL) {
			list = json_array();
			(void)json_object_set_new(object, value->field->key, list);
		}
		(void)json_array_append_new(list, text);
	}
	return object;
}

json_t *offer_view_json(const struct offer_view *view) {
	char id[ID_TEXT_SIZE];
	struct slice brand = note_get(&view->note, "brand")->party.name;
	return json_pack("{s:s, s:o, s:s, s:s, s:I, s:I, s:o}", "id", print_id(slice_of(view->id, HASH_SIZE), id), "brand",
	                 json_of(brand), "state", view->state, "road",
	                 road_words[note_word(&view->note, "road", ROAD_FIRST_COME)], "slots", (json_int_t)view->slots,
	                 "taken", (json_int_t)view->taken, "terms", note_json(&view->note));
}

enum error offer_view_find_id(struct session *session, const char *operand, char id[ID_TEXT_SIZE],
                              struct failure *failure) {
	char digits[65];
	struct offer_view view;
	enum error error = session_id_digits(operand, digits, failure);
	if (error == OK && strlen(digits) == 64) {
		(void)snprintf(id, ID_TEXT_SIZE, "sha256:%s", digits);
		return OK;
	}
	if (error == OK) {
		error = offer_view_fetch(session, operand, &view, failure);
	}
	if (error == OK) {
		(void)print_id(slice_of(view.id, HASH_SIZE), id);
	}
	return error;
}
