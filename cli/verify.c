/* troth verify: checks a signed note offline, with the file and the agency's join file only. */
#include "cli/home.h"
#include "cli/offer_view.h"
#include "rules/offer.h"

/* One signature that the note must carry. */
struct expected {
	struct verifier_key key;
	const char *source; /* where the key comes from */
	bool verified;
};

struct verification {
	struct join join;
	struct buffer file, offer_file;
	struct signed_note split;
	struct note note;
	uint8_t id[HASH_SIZE];
	struct expected expected[2];
	size_t count;
	bool follows; /* from the offer that was given */
};

static enum error find_join(const struct settings *settings, struct join *join, struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct home home;
	if (settings->join != NULL) {
		return join_load(settings->join, join, failure);
	}
	if (home_locate(settings, &home, NULL) == OK && home_path(&home, "agency.join", path, NULL) == OK &&
	    file_exists(path)) {
		return join_load(path, join, failure);
	}
	return fail(failure, ERROR_USAGE, "say which agency's signature to expect: --join FILE");
}

/* Two files may be given, so what is wrong with one is said with its name. */
static void name_file(const char *path, struct failure *failure) {
	char text[FAILURE_TEXT_MAX];
	(void)snprintf(text, sizeof text, "%s", failure->text);
	(void)snprintf(failure->text, sizeof failure->text, "%.100s: %.200s", path, text);
}

static enum error read_note(const char *path, const char *origin, struct buffer *file, struct signed_note *split,
                            struct note *note, struct failure *failure) {
	enum error error = file_read(path, file, failure);
	if (error != OK) {
		return error;
	}
	error = signed_note_split(buffer_slice(file), split, failure);
	if (error == OK) {
		error = note_parse(split->text, origin, note, failure);
	}
	if (error != OK) {
		name_file(path, failure);
	}
	return error;
}

/* A key that stands in a text proves only that its holder has signed. That it is the account's is known from what the
 * agency itself has signed: an agreement, or the admission of its first operator. */
static enum error check_vouched(const struct verification *check, struct failure *failure) {
	for (size_t i = 0; i < check->count; i++) {
		if (memcmp(&check->expected[i].key, &check->join.agency, sizeof check->join.agency) == 0) {
			return OK;
		}
	}
	return fail(failure, ERROR_NOT_ADMITTED, "good text, signed by the key in it; but the agency has not signed this "
	            "%s, so nothing here shows whose key that is (an offer is checked with its agreement, by --offer)",
	            check->note.kind->name);
}

static enum error check_signatures(struct verification *check, struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	struct verifier_key keys[2];
	bool verified[2] = { false, false };
	note_signer(&check->note, 0, name, &key);
	check->count = 1;
	check->expected[0].source = "key in the text";
	enum error error = verifier_key_make(name, key, &check->expected[0].key, failure);
	if (check->note.kind->countersigned || strcmp(name, check->join.agency.name) == 0) {
		check->expected[check->note.kind->countersigned ? 1 : 0].key = check->join.agency;
		check->expected[check->note.kind->countersigned ? 1 : 0].source = "key in the join file";
		check->count = check->note.kind->countersigned ? 2 : 1;
	}
	for (size_t i = 0; i < check->count; i++) {
		keys[i] = check->expected[i].key;
	}
	if (error == OK) {
		error = signed_note_verify(&check->split, keys, check->count, verified, failure);
	}
	for (size_t i = 0; error == OK && i < check->count; i++) {
		check->expected[i].verified = verified[i];
		if (!verified[i]) {
			error = fail(failure, ERROR_WRONG_SIGNER, "the signature of %s (%s) is missing", keys[i].name,
			             check->expected[i].source);
		}
	}
	return error;
}

static enum error check_offer(struct verification *check, const char *path, struct failure *failure) {
	struct signed_note split;
	struct note offer;
	struct buffer scratch;
	uint8_t id[HASH_SIZE];
	if (check->note.kind->id != KIND_AGREEMENT) {
		return fail(failure, ERROR_USAGE, "--offer goes with an agreement; this is a note of kind %s",
		            check->note.kind->name);
	}
	buffer_init(&scratch, NOTE_TEXT_MAX);
	enum error error = read_note(path, check->join.origin, &check->offer_file, &split, &offer, failure);
	if (error == OK && offer.kind->id != KIND_OFFER) {
		error = fail(failure, ERROR_USAGE, "%s is a note of kind %s, not an offer", path, offer.kind->name);
	}
	if (error == OK) {
		error = check_party_signature(&split, &offer, failure);
	}
	if (error == OK) {
		signed_note_id(split.text, id);
		error = agreement_follows(&check->note, &offer, id, &scratch, failure);
	}
	check->follows = error == OK;
	buffer_release(&scratch);
	return error;
}

static void report_json(const struct verification *check, bool offer_given) {
	char id[ID_TEXT_SIZE];
	json_t *signatures = json_array();
	for (size_t i = 0; i < check->count; i++) {
		(void)json_array_append_new(signatures, json_pack("{s:s, s:s, s:b}", "name", check->expected[i].key.name, "key",
		                                                  check->expected[i].source, "verified",
		                                                  check->expected[i].verified));
	}
	json_t *object = json_pack("{s:b, s:s, s:s, s:o, s:o}", "verified", 1, "id",
	                           print_id(slice_of(check->id, HASH_SIZE), id), "kind", check->note.kind->name,
	                           "signatures", signatures, "values", note_json(&check->note));
	if (offer_given) {
		(void)json_object_set_new(object, "follows-from-offer", json_boolean(check->follows));
	}
	print_json(object);
}

static void report(const struct verification *check, bool offer_given) {
	struct colours colours = print_colours();
	char id[ID_TEXT_SIZE];
	(void)printf("%s %s\n", check->note.kind->name, print_id(slice_of(check->id, HASH_SIZE), id));
	(void)printf("  text       %sgood%s: %zu lines, every rule of %s/v%u holds\n", colours.good, colours.end,
	             check->note.count + 1, check->note.kind->name, check->note.kind->version);
	for (size_t i = 0; i < check->count; i++) {
		(void)printf("  signature  %sgood%s: %s (%s)\n", colours.good, colours.end, check->expected[i].key.name,
		             check->expected[i].source);
	}
	if (offer_given) {
		(void)printf("  offer      %sgood%s: signed by the brand, and this agreement follows from it byte for byte\n",
		             colours.good, colours.end);
	} else if (check->note.kind->id == KIND_AGREEMENT) {
		(void)printf("  offer      not looked at: the brand's own signature is on the offer; check it with\n"
		             "             --offer FILE (troth offer show ID --out FILE)\n");
	}
	(void)printf("%sverified%s\n", colours.bold, colours.end);
}

enum error command_verify(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct verification check = { .count = 0 };
	buffer_init(&check.file, SIGNED_NOTE_MAX);
	buffer_init(&check.offer_file, SIGNED_NOTE_MAX);
	enum error error = find_join(settings, &check.join, failure);
	if (error == OK) {
		error = read_note(call->operands[0], check.join.origin, &check.file, &check.split, &check.note, failure);
	}
	if (error == OK) {
		signed_note_id(check.split.text, check.id);
		error = check_signatures(&check, failure);
	}
	if (error == OK && settings->offer != NULL) {
		error = check_offer(&check, settings->offer, failure);
	}
	if (error == OK) {
		error = check_vouched(&check, failure);
	}
	if (error == OK && settings->json) {
		report_json(&check, settings->offer != NULL);
	} else if (error == OK) {
		report(&check, settings->offer != NULL);
	}
	buffer_release(&check.file);
	buffer_release(&check.offer_file);
	return error;
}
