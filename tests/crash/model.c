/* The market once more; see model.h. */
#include "tests/crash/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/keys.h"
#include "tests/lib/stop.h"

#define KEY_MAX 256

struct model_offer {
	int64_t slots, taken, fee;
};

/* What a brand had available after each note. */
struct timeline {
	int64_t available;
	int64_t *after; /* [number of the note]; 0 before the brand was admitted */
	size_t room;
};

struct model {
	int64_t told;
	struct map *enrolled;    /* name; as in all sets, the value is the model itself */
	struct map *admitted;    /* name */
	struct map *brands;      /* name -> struct timeline */
	struct map *references;  /* "brand reference" */
	struct map *offers;      /* id -> struct model_offer */
	struct map *agreements;  /* id of the offer, name of the creator */
	struct map *balances;    /* account -> int64_t */
};

static struct map *new_map(void) {
	struct map *map = map_new();
	if (map == NULL) {
		stop("out of memory");
	}
	return map;
}

struct model *model_new(void) {
	struct model *model = calloc(1, sizeof *model);
	if (model == NULL) {
		stop("out of memory");
	}
	model->enrolled = new_map();
	model->admitted = new_map();
	model->brands = new_map();
	model->references = new_map();
	model->offers = new_map();
	model->agreements = new_map();
	model->balances = new_map();
	return model;
}

static void free_timeline(void *value) {
	struct timeline *timeline = value;
	free(timeline->after);
	free(timeline);
}

void model_free(struct model *model) {
	map_free(model->enrolled, NULL);
	map_free(model->admitted, NULL);
	map_free(model->brands, free_timeline);
	map_free(model->references, NULL);
	map_free(model->offers, free);
	map_free(model->agreements, NULL);
	map_free(model->balances, free);
	free(model);
}

/* Puts a value that is not there yet; `value` may come fresh from calloc. */
static void put(struct map *map, struct slice key, void *value) {
	if (value == NULL || !map_put(map, key, value)) {
		stop("out of memory");
	}
}

/* ---- keys made of two parts ---- */

struct key {
	uint8_t bytes[KEY_MAX];
};

/* Names hold no blank, so that no two pairs have the same key; an id comes first with its fixed size. */
static struct slice pair_key(struct key *key, struct slice first, struct slice second) {
	if (first.size + 1 + second.size > KEY_MAX) {
		stop("a key is too long");
	}
	memcpy(key->bytes, first.data, first.size);
	key->bytes[first.size] = ' ';
	memcpy(key->bytes + first.size + 1, second.data, second.size);
	return slice_of(key->bytes, first.size + 1 + second.size);
}

static struct slice id_of(const uint8_t id[FIELD_HASH_SIZE]) {
	return slice_of(id, FIELD_HASH_SIZE);
}

/* ---- money ---- */

static void book(struct model *model, const char *account, int64_t amount) {
	int64_t *balance = map_get(model->balances, slice_of_text(account));
	if (balance == NULL) {
		balance = calloc(1, sizeof *balance);
		put(model->balances, slice_of_text(account), balance);
	}
	*balance += amount;
}

static void book_brand(struct model *model, struct slice brand, const char *purpose, int64_t amount) {
	char account[KEY_MAX];
	(void)snprintf(account, sizeof account, "brand/%.*s/%s", (int)brand.size, (const char *)brand.data, purpose);
	book(model, account, amount);
}

static void book_note(struct model *model, const char *kind, const uint8_t *id, const char *purpose, int64_t amount) {
	char account[KEY_MAX], hex[HASH_HEX_SIZE];
	hex_encode(id_of(id), hex);
	(void)snprintf(account, sizeof account, "%s/%s/%s", kind, hex, purpose);
	book(model, account, amount);
}

static void change_available(struct model *model, struct slice brand, int64_t amount) {
	struct timeline *timeline = map_get(model->brands, brand);
	timeline->available += amount;
	book_brand(model, brand, "available", amount);
}

/* Writes down what every brand has available after the note that was told last. */
static void remember(struct model *model) {
	for (struct map_entry *entry = map_first(model->brands); entry != NULL; entry = map_next(entry)) {
		struct timeline *timeline = entry->value;
		size_t needed = (size_t)model->told + 1;
		if (timeline->room < needed) {
			timeline->after = reallocarray(timeline->after, 2 * needed, sizeof *timeline->after);
			if (timeline->after == NULL) {
				stop("out of memory");
			}
			memset(timeline->after + timeline->room, 0, (2 * needed - timeline->room) * sizeof *timeline->after);
			timeline->room = 2 * needed;
		}
		timeline->after[model->told] = timeline->available;
	}
}

/* ---- the kinds ---- */

static const char *tell_enrol(struct model *model, const struct note *note, const uint8_t *id) {
	(void)id;
	struct slice name = note_get(note, "account")->party.name;
	if (map_get(model->enrolled, name) != NULL) {
		return "the name is asked for twice, but nobody here does that";
	}
	put(model->enrolled, name, model);
	return NULL;
}

static const char *tell_admit(struct model *model, const struct note *note, const uint8_t *id) {
	(void)id;
	struct slice name = note_get(note, "account")->party.name;
	if (map_get(model->enrolled, name) == NULL) {
		return "who is admitted has not enrolled before";
	}
	if (map_get(model->admitted, name) != NULL) {
		return "the account is admitted twice";
	}
	put(model->admitted, name, model);
	if (note_get(note, "role")->word == ROLE_BRAND) {
		put(model->brands, name, calloc(1, sizeof(struct timeline)));
	}
	return NULL;
}

static const char *tell_fund(struct model *model, const struct note *note, const uint8_t *id) {
	(void)id;
	struct key key;
	struct slice brand = note_get(note, "brand")->text;
	struct slice reference = pair_key(&key, brand, note_get(note, "reference")->text);
	if (map_get(model->brands, brand) == NULL) {
		return "the brand is not admitted before";
	}
	if (map_get(model->references, reference) != NULL) {
		return "the payment is booked twice";
	}
	put(model->references, reference, model);
	book_brand(model, brand, "funded", -note_get(note, "amount")->money.minor);
	change_available(model, brand, note_get(note, "amount")->money.minor);
	return NULL;
}

static const char *tell_offer(struct model *model, const struct note *note, const uint8_t *id) {
	struct slice brand = note_get(note, "brand")->party.name;
	const struct timeline *timeline = map_get(model->brands, brand);
	int64_t reservation = model_reservation(note);
	if (timeline == NULL) {
		return "the brand is not admitted before";
	}
	if (reservation > timeline->available) {
		return "the offer reserves more than the brand has";
	}
	struct model_offer *offer = calloc(1, sizeof *offer);
	put(model->offers, id_of(id), offer);
	offer->slots = note_get(note, "slots")->number;
	offer->fee = reservation / offer->slots;
	if (reservation > 0) {
		change_available(model, brand, -reservation);
		book_note(model, "offer", id, "reserved", reservation);
	}
	return NULL;
}

static const char *tell_agreement(struct model *model, const struct note *note, const uint8_t *id) {
	struct key key;
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	struct slice creator = note_get(note, "creator")->party.name;
	struct slice agreement = pair_key(&key, id_of(offer_id), creator);
	struct model_offer *offer = map_get(model->offers, id_of(offer_id));
	if (offer == NULL || map_get(model->admitted, creator) == NULL) {
		return "offer or creator is not known before";
	}
	if (offer->taken >= offer->slots) {
		return "the offer has no slot left";
	}
	if (map_get(model->agreements, agreement) != NULL) {
		return "the creator has agreed to this offer before";
	}
	put(model->agreements, agreement, model);
	offer->taken++;
	if (offer->fee > 0) {
		book_note(model, "offer", offer_id, "reserved", -offer->fee);
		book_note(model, "deal", id, "held", offer->fee);
	}
	return NULL;
}

static const char *(*const tellers[KIND_COUNT])(struct model *, const struct note *, const uint8_t *) = {
	[KIND_ENROL] = tell_enrol, [KIND_ADMIT] = tell_admit,         [KIND_FUND] = tell_fund,
	[KIND_OFFER] = tell_offer, [KIND_AGREEMENT] = tell_agreement,
};

const char *model_tell(struct model *model, const struct note *note, const uint8_t id[FIELD_HASH_SIZE]) {
	model->told++;
	const char *wrong = tellers[note->kind->id] == NULL ? "nobody sends such a note"
	                                                    : tellers[note->kind->id](model, note, id);
	remember(model);
	return wrong;
}

/* ---- what is so ---- */

bool model_reference_is_used(const struct model *model, struct slice brand, struct slice reference) {
	struct key key;
	return map_get(model->references, pair_key(&key, brand, reference)) != NULL;
}

bool model_offer_is_full(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE]) {
	const struct model_offer *found = map_get(model->offers, id_of(offer));
	return found != NULL && found->taken == found->slots;
}

bool model_has_agreed(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE], struct slice creator) {
	struct key key;
	return map_get(model->agreements, pair_key(&key, id_of(offer), creator)) != NULL;
}

int64_t model_least_available(const struct model *model, struct slice brand, int64_t since) {
	const struct timeline *timeline = map_get(model->brands, brand);
	int64_t least = INT64_MAX;
	for (int64_t at = since; timeline != NULL && at <= model->told; at++) {
		least = timeline->after[at] < least ? timeline->after[at] : least;
	}
	return least;
}

int64_t model_reservation(const struct note *offer) {
	const struct value *fee = note_find(offer, "fee");
	return fee == NULL ? 0 : fee->money.minor * note_get(offer, "slots")->number;
}

int64_t model_taken(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE]) {
	const struct model_offer *found = map_get(model->offers, id_of(offer));
	return found == NULL ? -1 : found->taken;
}

const struct map *model_balances(const struct model *model) {
	return model->balances;
}
