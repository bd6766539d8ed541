/* troth verify: checks a signed note, or a bundle of them, offline: with the file and the agency's join file only. */
#include "cli/checked_note.h"
#include "cli/home.h"
#include "cli/offer_view.h"
#include "cli/verify_bundle.h"
#include "crypto/bundle.h"
#include "rules/offer.h"

struct verification {
	struct join join;
	struct buffer file, offer_file;
	struct signed_note split;
	struct note note;
	uint8_t id[HASH_SIZE];
	unsigned signed_by; /* as for note_is_signed */
	bool by_agency;
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

static enum error parse_signed(const char *path, const char *origin, const struct buffer *file,
                               struct signed_note *split, struct note *note, struct failure *failure) {
	enum error error = signed_note_split(buffer_slice(file), split, failure);
	if (error == OK) {
		error = note_parse(split->text, origin, note, failure);
	}
	if (error != OK) {
		name_file(path, failure);
	}
	return error;
}

/* Reads a note or a bundle. A file is read as far as a note may go before it is known which, since a bundle may be very
 * large; standard input can be read only once. */
static enum error read_input(const char *path, struct buffer *file, struct failure *failure) {
	bool is_stream = strcmp(path, "-") == 0;
	buffer_init(file, is_stream ? BUNDLE_FILE_MAX : SIGNED_NOTE_MAX);
	enum error error = file_read(path, file, failure);
	if (error == ERROR_TOO_LONG && bundle_is_one(slice_of(file->data, file->size))) {
		buffer_release(file);
		buffer_init(file, BUNDLE_FILE_MAX);
		error = file_read(path, file, failure);
	}
	return error;
}

/* A key that stands in a text proves only that its holder has signed. That it is the account's is known from what the
 * agency itself has signed: an agreement, or the admission of its first operator. */
static enum error check_vouched(const struct verification *check, struct failure *failure) {
	return check->by_agency ? OK
	       : fail(failure, ERROR_NOT_ADMITTED, "good text, signed by the key in it; but the agency has not signed this "
	              "%s, so nothing here shows whose key that is (an offer is checked with its agreement, by --offer)",
	              check->note.kind->name);
}

static const char *signer_name(const struct verification *check, size_t index, char out[NOTE_SIGNER_MAX]) {
	const uint8_t *key = NULL;
	note_signer(&check->note, index, out, &key);
	return out;
}

static bool has_signed(const struct verification *check, size_t index) {
	return (check->signed_by & 1U << index) != 0;
}

/* Whether the note is nothing without this signature. An agreement that the brand has not signed follows from the
 * brand's offer; a text that changes another one follows from none. */
static bool must_sign(const struct verification *check, size_t index) {
	const struct note *note = &check->note;
	bool changes = note_find(note, "replaces") != NULL || note_find(note, "amends") != NULL;
	return note->kind->how != SIGNED_BY_EITHER || index == 0 || changes;
}

static enum error refuse_missing(const char *name, const char *source, struct failure *failure) {
	return fail(failure, ERROR_WRONG_SIGNER, "the signature of %s (%s) is missing", name, source);
}

static enum error check_note_signatures(struct verification *check, struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const struct note *note = &check->note;
	const char *agency = check->join.agency.name;
	bool is_agencys = strcmp(signer_name(check, 0, name), agency) == 0;
	enum error error =
	    check_signatures(&check->split, note, &check->join, &check->signed_by, &check->by_agency, failure);
	if (error != OK && error != ERROR_WRONG_SIGNER) {
		return error;
	}
	bool is_proposal = note->kind->countersigned && !check->by_agency && check->signed_by != 0;
	if (is_proposal) {
		return fail(failure, ERROR_WRONG_SIGNER,
		            "a proposal, not binding yet: the signature of %s (key in the join file) is missing, which it gets "
		            "when both sides are bound", agency);
	}
	for (size_t i = 0; i < note_signer_count(note); i++) {
		if (must_sign(check, i) && !has_signed(check, i)) {
			return refuse_missing(signer_name(check, i, name), "key in the text", failure);
		}
	}
	bool agency_missing = (note->kind->countersigned || is_agencys) && !check->by_agency;
	return agency_missing ? refuse_missing(agency, "key in the join file", failure) : OK;
}

static enum error check_offer(struct verification *check, const char *path, struct failure *failure) {
	struct signed_note split;
	struct note offer;
	struct buffer scratch;
	uint8_t id[HASH_SIZE] = { 0 };
	if (check->note.kind->id != KIND_AGREEMENT) {
		return fail(failure, ERROR_USAGE, "--offer goes with an agreement; this is a note of kind %s",
		            check->note.kind->name);
	}
	buffer_init(&scratch, NOTE_TEXT_MAX);
	enum error error = file_read(path, &check->offer_file, failure);
	if (error == OK) {
		error = parse_signed(path, check->join.origin, &check->offer_file, &split, &offer, failure);
	}
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
	bool is_its_offer = memcmp(id, note_get(&check->note, "offer")->bytes, HASH_SIZE) == 0;
	if (error == ERROR_TERMS_DIFFER && is_its_offer && has_signed(check, 1)) {
		error = OK; /* the terms were negotiated, and the brand has signed this very text */
	}
	buffer_release(&scratch);
	return error;
}

static const char *const sources[] = { "key in the text", "key in the join file" };

/* The signature at `index`, the agency's last; false if it is not there. */
static bool show_signature(const struct verification *check, size_t index, const char **name, const char **source,
                           char out[NOTE_SIGNER_MAX]) {
	bool is_last = index == note_signer_count(&check->note);
	*name = is_last ? check->join.agency.name : signer_name(check, index, out);
	bool is_agencys = strcmp(*name, check->join.agency.name) == 0;
	*source = sources[is_agencys ? 1 : 0];
	return is_last ? check->by_agency && check->note.kind->countersigned : has_signed(check, index);
}

static void report_json(const struct verification *check, bool offer_given) {
	char id[ID_TEXT_SIZE], out[NOTE_SIGNER_MAX];
	const char *name = NULL, *source = NULL;
	json_t *signatures = json_array();
	for (size_t i = 0; i <= note_signer_count(&check->note); i++) {
		if (show_signature(check, i, &name, &source, out)) {
			(void)json_array_append_new(signatures, json_pack("{s:s, s:s, s:b}", "name", name, "key", source,
			                                                  "verified", 1));
		}
	}
	json_t *object = json_pack("{s:b, s:s, s:s, s:o, s:o}", "verified", 1, "id",
	                           print_id(slice_of(check->id, HASH_SIZE), id), "kind", check->note.kind->name,
	                           "signatures", signatures, "values", note_json(&check->note));
	if (offer_given) {
		(void)json_object_set_new(object, "follows-from-offer", json_boolean(check->follows));
	}
	print_json(object);
}

static void report_offer(const struct verification *check, bool offer_given, const struct colours *colours) {
	if (offer_given) {
		(void)printf("  offer      %sgood%s: signed by the brand, and %s\n", colours->good, colours->end,
		             check->follows ? "this agreement follows from it byte for byte"
		                            : "this agreement changes its terms: both sides have signed this very text");
	} else if (check->note.kind->id == KIND_AGREEMENT && !has_signed(check, 1)) {
		(void)printf("  offer      not looked at: the brand's own signature is on the offer; check it with\n"
		             "             --offer FILE (troth offer show ID --out FILE)\n");
	}
}

static void report(const struct verification *check, bool offer_given) {
	struct colours colours = print_colours();
	char id[ID_TEXT_SIZE], out[NOTE_SIGNER_MAX];
	const char *name = NULL, *source = NULL;
	(void)printf("%s %s\n", check->note.kind->name, print_id(slice_of(check->id, HASH_SIZE), id));
	(void)printf("  text       %sgood%s: %zu lines, every rule of %s/v%u holds\n", colours.good, colours.end,
	             check->note.count + 1, check->note.kind->name, check->note.kind->version);
	for (size_t i = 0; i <= note_signer_count(&check->note); i++) {
		if (show_signature(check, i, &name, &source, out)) {
			(void)printf("  signature  %sgood%s: %s (%s)\n", colours.good, colours.end, name, source);
		}
	}
	report_offer(check, offer_given, &colours);
	(void)printf("%sverified%s\n", colours.bold, colours.end);
}

static enum error verify_note(struct verification *check, const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	enum error error = parse_signed(call->operands[0], check->join.origin, &check->file, &check->split, &check->note,
	                                failure);
	if (error == OK) {
		signed_note_id(check->split.text, check->id);
		error = check_note_signatures(check, failure);
	}
	if (error == OK && settings->offer != NULL) {
		error = check_offer(check, settings->offer, failure);
	}
	if (error == OK) {
		error = check_vouched(check, failure);
	}
	if (error == OK && settings->json) {
		report_json(check, settings->offer != NULL);
	} else if (error == OK) {
		report(check, settings->offer != NULL);
	}
	return error;
}

enum error command_verify(const struct invocation *call, struct failure *failure) {
	struct verification check = { .signed_by = 0 };
	buffer_init(&check.file, SIGNED_NOTE_MAX);
	buffer_init(&check.offer_file, SIGNED_NOTE_MAX);
	enum error error = find_join(&call->settings, &check.join, failure);
	if (error == OK) {
		error = read_input(call->operands[0], &check.file, failure);
	}
	if (error == OK) {
		error = bundle_is_one(buffer_slice(&check.file))
		    ? verify_bundle(&call->settings, &check.join, buffer_slice(&check.file), failure)
		    : verify_note(&check, call, failure);
	}
	buffer_release(&check.file);
	buffer_release(&check.offer_file);
	return error;
}
