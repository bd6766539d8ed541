/* Changed terms; see changed_terms.h. */
#include "cli/changed_terms.h"

#include "cli/field_options.h"
#include "cli/outbox.h"

static const struct field *find_term(struct slice key) {
	const struct field_list *terms = kind_terms();
	for (size_t i = 0; i < terms->count; i++) {
		if (slice_is(key, terms->fields[i].key)) {
			return &terms->fields[i];
		}
	}
	return NULL;
}

static bool is_set(const struct option_word *word) {
	return strcmp(word->name, "set") == 0;
}

static bool is_without(const struct option_word *word) {
	return strcmp(word->name, "without") == 0;
}

/* The key that an option speaks of. */
static struct slice key_of(const struct option_word *word) {
	return slice_of(word->value, is_set(word) ? strcspn(word->value, " ") : strlen(word->value));
}

/* Adds what --set says, checked. */
static enum error add_set(const struct option_words *words, struct note_pairs *pairs, size_t *changes,
                          struct failure *failure) {
	for (size_t i = 0; i < words->count; i++) {
		const struct option_word *word = &words->items[i];
		if (!is_set(word) && !is_without(word)) {
			continue;
		}
		struct slice key = key_of(word);
		const struct field *field = find_term(key);
		char what[64];
		if (field == NULL) {
			return fail(failure, ERROR_USAGE, "--%s: \"%.*s\" is no term; see troth fields agreement", word->name,
			            (int)slice_cut(key, 40).size, (const char *)key.data);
		}
		++*changes;
		if (is_without(word)) {
			continue;
		}
		const char *value = word->value + key.size;
		struct slice raw = slice_of_text(*value == ' ' ? value + 1 : value);
		(void)snprintf(what, sizeof what, "--set %s", field->key);
		enum error error = field_check_value(field, raw, what, failure);
		if (error == OK) {
			error = note_pairs_add(pairs, field->key, raw, failure);
		}
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

static bool is_changed(const struct option_words *words, const struct field *field) {
	for (size_t i = 0; i < words->count; i++) {
		const struct option_word *word = &words->items[i];
		if ((is_set(word) || is_without(word)) && slice_is(key_of(word), field->key)) {
			return true;
		}
	}
	return false;
}

/* What is left out must be there: else a slip of the pen would leave in what it was meant for. */
static enum error check_without(const struct note *base, const struct option_words *words, struct failure *failure) {
	for (size_t i = 0; i < words->count; i++) {
		const struct option_word *word = &words->items[i];
		if (is_without(word) && note_find(base, word->value) == NULL) {
			return fail(failure, ERROR_USAGE, "--without %.60s: the text has no such term", word->value);
		}
	}
	return OK;
}

/* True if the n-th value of every term is the same in both. */
static bool has_same_terms(const struct note *one, const struct note *other) {
	size_t a = 0, b = 0;
	for (;;) {
		while (a < one->count && find_term(slice_of_text(one->values[a].field->key)) == NULL) {
			a++;
		}
		while (b < other->count && find_term(slice_of_text(other->values[b].field->key)) == NULL) {
			b++;
		}
		if (a == one->count || b == other->count) {
			return a == one->count && b == other->count;
		}
		const struct value *first = &one->values[a++], *second = &other->values[b++];
		if (strcmp(first->field->key, second->field->key) != 0 || !slice_equal(first->raw, second->raw)) {
			return false;
		}
	}
}

/* A text that says the same in its terms would only put off what can be signed as it is. */
static enum error check_changed(const struct home *home, const struct note *base, const struct agreement_head *head,
                                struct slice text, struct failure *failure) {
	struct note note;
	enum error error = note_parse(text, home->join.origin, &note, failure);
	if (error != OK || !has_same_terms(base, &note)) {
		return error;
	}
	const char *next = "troth deal accept signs it as it is";
	if (head->amends.size > 0) {
		next = "the agreement says so already";
	} else if (base->kind->id == KIND_OFFER && home->role == ROLE_BRAND) {
		next = "without --set the invitation is as the offer says";
	}
	return fail(failure, ERROR_USAGE, "nothing is changed; %s", next);
}

static enum error add_base(const struct note *base, const struct option_words *words, struct note_pairs *pairs,
                           struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < base->count && error == OK; i++) {
		const struct field *field = base->values[i].field;
		if (find_term(slice_of_text(field->key)) == field && !is_changed(words, field)) {
			error = note_pairs_add(pairs, field->key, base->values[i].raw, failure);
		}
	}
	return error;
}

enum error changed_terms_compose(const struct home *home, const struct note *base, const struct agreement_head *head,
                                 const struct option_words *words, struct buffer *out, struct failure *failure) {
	const struct note_pair own[] = { { "offer", head->offer },   { "replaces", head->replaces },
		                             { "amends", head->amends }, { "after", head->after },
		                             { "brand", head->brand },   { "creator", head->creator } };
	struct note_pairs pairs = { .count = 0 };
	size_t changes = 0;
	enum error error = OK;
	for (size_t i = 0; i < sizeof own / sizeof own[0] && error == OK; i++) {
		if (own[i].raw.size > 0) {
			error = note_pairs_add(&pairs, own[i].key, own[i].raw, failure);
		}
	}
	size_t begin = out->size;
	if (error == OK) {
		error = add_base(base, words, &pairs, failure);
	}
	if (error == OK) {
		error = add_set(words, &pairs, &changes, failure);
	}
	if (error == OK && changes == 0) {
		error = fail(failure, ERROR_USAGE, "nothing is changed: say --set \"KEY VALUE\" or --without KEY");
	}
	if (error == OK) {
		error = check_without(base, words, failure);
	}
	if (error == OK) {
		error = outbox_compose(home, KIND_AGREEMENT, pairs.items, pairs.count, out, failure);
		if (failure != NULL) {
			failure->line = 0; /* of a text that nobody has seen yet */
		}
	}
	if (error == OK) {
		error = check_changed(home, base, head, slice_of(out->data + begin, out->size - begin), failure);
	}
	return error;
}

void changed_terms_append(const struct option_words *words, struct buffer *out) {
	for (size_t i = 0; i < words->count; i++) {
		(void)buffer_append_text(out, words->items[i].name);
		(void)buffer_append_text(out, " ");
		(void)buffer_append_text(out, words->items[i].value);
		(void)buffer_append_text(out, "\n");
	}
}
