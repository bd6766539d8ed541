/* The verification of a bundle; see verify_bundle.h. */
#include "cli/verify_bundle.h"

#include <inttypes.h>

#include "base/clock.h"
#include "cli/bundle_report.h"
#include "cli/checked_note.h"
#include "crypto/bundle.h"
#include "rules/calendar.h"

#define FIRST_LINE_END "/bundle/v1"

struct verification {
	const struct join *join;
	struct replay *replay;
	struct bundle_report report;
};

bool bundle_is_one(struct slice bytes) {
	size_t end = sizeof FIRST_LINE_END - 1;
	size_t searched = bytes.size < SIGNER_NAME_MAX + end ? bytes.size : SIGNER_NAME_MAX + end;
	const uint8_t *feed = searched == 0 ? NULL : memchr(bytes.data, '\n', searched);
	size_t size = feed == NULL ? 0 : (size_t)(feed - bytes.data);
	return size > end && memcmp(bytes.data + size - end, FIRST_LINE_END, end) == 0;
}

/* Keeps what is wrong with a note. The failure's line is one of the note, or 0. */
static void find(struct verification *check, const struct bundle_entry *entry, const struct failure *failure) {
	struct bundle_report *report = &check->report;
	if (report->finding_count < BUNDLE_FINDINGS_MAX) {
		struct bundle_finding *finding = &report->findings[report->finding_count];
		finding->sequence = entry == NULL ? 0 : entry->sequence;
		finding->failure = *failure;
		finding->failure.line += entry == NULL ? 0 : entry->line;
	}
	report->finding_count++;
}

/* The agency's own notes name its key in their text, which must be the one of the join file. */
static enum error check_signers(struct verification *check, const struct bundle_entry *entry, const struct note *note,
                                struct replay_input *input, struct failure *failure) {
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	note_signer(note, 0, name, &key);
	bool is_agencys = strcmp(name, check->join->agency.name) == 0;
	enum error error =
	    check_signatures(&entry->split, note, check->join, &input->signed_by, &input->countersigned, failure);
	if (error == OK && is_agencys && !input->countersigned) {
		error = fail(failure, ERROR_WRONG_SIGNER, "not signed by %s with the key in the join file", name);
	}
	if (error == OK) {
		size_t signers = (size_t)__builtin_popcount(input->signed_by);
		check->report.by_parties += is_agencys ? 0 : signers;
		check->report.by_agency += input->countersigned ? 1 : 0;
	}
	return error;
}

static enum error check_note(struct verification *check, const struct bundle_entry *entry, struct failure *failure) {
	struct note note;
	uint8_t id[HASH_SIZE];
	struct replay_input input = { .note = &note, .id = id, .sequence = entry->sequence };
	enum error error = time_parse(entry->received, &input.received, failure);
	if (error == OK && entry->hidden) {
		return replay_hidden(check->replay, entry->id, entry->sequence, input.received, failure);
	}
	if (error == OK) {
		error = note_parse(entry->split.text, check->join->origin, &note, failure);
	}
	if (error == OK) {
		error = check_signers(check, entry, &note, &input, failure);
	}
	if (error == OK) {
		signed_note_id(entry->split.text, id);
		error = replay_note(check->replay, &input, failure);
	}
	return error;
}

/* Reads to the end of the file. What is wrong with the file itself ends it; what is wrong with a note is kept. */
static enum error check_notes(struct verification *check, struct bundle_reader *reader, struct failure *failure) {
	struct bundle_entry entry;
	bool done = false;
	for (;;) {
		enum error error = bundle_next(reader, &entry, &done, failure);
		if (error != OK || done) {
			return error;
		}
		struct bundle_report *report = &check->report;
		report->notes += entry.hidden ? 0 : 1;
		report->hidden += entry.hidden ? 1 : 0;
		report->first = report->first == 0 ? entry.sequence : report->first;
		report->last = entry.sequence;
		error = check_note(check, &entry, failure);
		if (error == ERROR_NO_MEMORY || error == ERROR_OVERFLOW) {
			return error;
		}
		if (error != OK) {
			find(check, &entry, failure);
		}
	}
}

/* Anybody can make a key and sign with it in another's name. */
static void find_unvouched(void *argument, const struct replay_key *key) {
	struct verification *check = argument;
	struct failure failure;
	check->report.strangers += !key->vouched && !key->matters ? 1 : 0;
	if (!key->vouched && key->matters) {
		(void)fail(&failure, ERROR_NOT_ADMITTED,
		           "%s (%s) has signed %zu notes with a key that nothing here shows to be this account's: neither an "
		           "admission nor a text that the agency has signed",
		           key->account, role_words[key->role], key->notes);
		find(check, NULL, &failure);
	}
}

static enum error first_finding(const struct bundle_report *report, struct failure *failure) {
	const struct bundle_finding *finding = &report->findings[0];
	if (report->finding_count == 0) {
		return OK;
	}
	if (finding->sequence == 0) {
		*failure = finding->failure;
		return failure->code;
	}
	return fail_at(failure, finding->failure.code, finding->failure.line, "note %" PRId64 ": %s", finding->sequence,
	               finding->failure.text);
}

enum error verify_bundle(const struct settings *settings, const struct join *join, struct slice file,
                         struct failure *failure) {
	struct verification check = { .join = join, .report.origin = join->origin };
	struct bundle_reader reader;
	struct slice origin;
	if (settings->offer != NULL) {
		return fail(failure, ERROR_USAGE, "--offer goes with an agreement; a bundle holds its offers");
	}
	enum error error = bundle_open(file, &reader, &origin, failure);
	if (error == OK && !slice_is(origin, join->origin)) {
		error = fail_at(failure, ERROR_WRONG_ORIGIN, 1, "a bundle of %.*s; the join file is of %s",
		                (int)slice_cut(origin, ORIGIN_MAX).size, (const char *)origin.data, join->origin);
	}
	if (error == OK) {
		check.replay = replay_new();
		error = check.replay == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
	}
	if (error == OK) {
		error = check_notes(&check, &reader, failure);
	}
	if (error == OK) {
		replay_keys(check.replay, find_unvouched, &check);
		check.report.replay = check.replay;
		if (settings->json) {
			bundle_report_json(&check.report);
		} else {
			bundle_report_print(&check.report, clock_wall_seconds());
		}
		error = first_finding(&check.report, failure);
	}
	replay_free(check.replay);
	return error;
}
