/* troth export: everything of the caller's, in files that need no agency to be read. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/map.h"
#include "cli/act.h"
#include "cli/csv_cells.h"
#include "cli/deal_notes.h"
#include "cli/deal_view.h"
#include "cli/export_keys.h"
#include "cli/statement.h"
#include "crypto/bundle.h"
#include "rules/calendar.h"


struct exporting {
	struct act act;
	char folder[FILE_PATH_MAX - 64];
	struct buffer bundle, lines, csv;
	struct deal_view view;
	struct export_keys *keys;
	struct map *others; /* names */
	size_t notes, hidden, deals;
};

static enum error save(const struct exporting *exporting, const char *name, const struct buffer *bytes,
                       struct failure *failure) {
	char path[FILE_PATH_MAX];
	if (!buffer_ok(bytes)) {
		return fail(failure, ERROR_TOO_LONG, "%s would be longer than it may be", name);
	}
	enum error error = file_join(path, exporting->folder, name, failure);
	return error == OK ? file_replace(path, buffer_slice(bytes), 0600, failure) : error;
}

/* ---- notes ---- */

static enum error put_note(struct exporting *exporting, const struct export_note *note, struct failure *failure) {
	char received[TIME_TEXT_SIZE];
	enum error error = OK;
	(void)time_format(note->received, received);
	if (note->note.size > 0) {
		error = bundle_append(&exporting->bundle, note->sequence, received, note->note, failure);
		exporting->notes++;
	} else {
		error = bundle_append_hidden(&exporting->bundle, note->sequence, received, note->id, failure);
		exporting->hidden++;
	}
	(void)buffer_append_text(&exporting->lines, note->json == NULL ? "null" : note->json);
	(void)buffer_append_text(&exporting->lines, "\n");
	return error;
}

/* What shows whose the others' keys are, up to a number. */
static enum error put_keys(struct exporting *exporting, int64_t before, struct failure *failure) {
	struct export_note note;
	enum error error = OK;
	while (error == OK && export_keys_next(exporting->keys, before, &note)) {
		error = put_note(exporting, &note, failure);
	}
	return error;
}

static enum error take_note(void *argument, const struct noted *noted, struct failure *failure) {
	struct exporting *exporting = argument;
	enum error error = put_keys(exporting, noted->sequence, failure);
	export_keys_skip(exporting->keys, noted->sequence);
	json_t *object = noted_json(noted);
	char *json = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	struct export_note note = { .sequence = noted->sequence, .received = noted->received, .json = json };
	if (checked_note_is_there(&noted->note)) {
		note.note = buffer_slice(&noted->note.bytes);
	} else if (strcmp(noted->kind, kind_get(KIND_RATE)->name) == 0) {
		note.id = noted->id;
	} else {
		error = fail(failure, ERROR_MALFORMED, "the agency leaves out note %" PRId64 ", which is no rating",
		             noted->sequence);
	}
	error = error == OK ? put_note(exporting, &note, failure) : error;
	free(json);
	json_decref(object);
	return error;
}

static enum error export_notes(struct exporting *exporting, struct failure *failure) {
	enum error error = bundle_begin(&exporting->bundle, exporting->act.home.join.origin, failure);
	if (error == OK) {
		error = notes_each(&exporting->act.session, NULL, take_note, exporting, failure);
	}
	if (error == OK) {
		error = put_keys(exporting, INT64_MAX, failure);
	}
	if (error == OK) {
		error = save(exporting, "notes.bundle", &exporting->bundle, failure);
	}
	return error == OK ? save(exporting, "notes.jsonl", &exporting->lines, failure) : error;
}

/* The other sides of all deals, by name. The answers of one page are read before others' keys are asked for. */
static enum error take_other(void *argument, const struct pack_value *item, struct failure *failure) {
	struct exporting *exporting = argument;
	const struct deal *deal = &exporting->view.deal;
	enum error error = deal_view_read(item, &exporting->act.home.join, &exporting->view, failure);
	if (error == OK && exporting->act.home.role == ROLE_OPERATOR) {
		return OK; /* whose notes are all notes */
	}
	const char *other = exporting->act.home.role == ROLE_BRAND ? deal->creator : deal->brand;
	bool is_new = error == OK && map_find(exporting->others, slice_of_text(other)) == NULL;
	if (is_new && !map_put(exporting->others, slice_of_text(other), exporting)) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	return error;
}

static enum error find_keys(struct exporting *exporting, struct failure *failure) {
	struct session *session = &exporting->act.session;
	exporting->keys = export_keys_new();
	exporting->others = map_new();
	enum error error = exporting->keys == NULL || exporting->others == NULL
	    ? fail(failure, ERROR_NO_MEMORY, "out of memory")
	    : session_pages(session, "deals", "before", NULL, 0, SESSION_EVERYTHING, take_other, exporting, failure);
	struct map_entry *entry = error == OK ? map_first(exporting->others) : NULL;
	for (; entry != NULL && error == OK; entry = map_next(entry)) {
		char name[ACCOUNT_NAME_MAX];
		error = slice_copy_text(entry->key, name, sizeof name)
		    ? export_keys_of(exporting->keys, session, name, failure)
		    : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	return error;
}

/* ---- deals ---- */

/* Figures that nobody has told are left empty: that is not none. */
static void append_figures(struct buffer *out, const struct deal *deal) {
	const struct {
		unsigned told;
		int64_t figure;
	} figures[] = { { TOLD_REACH, deal->reach },
		            { TOLD_IMPRESSIONS, deal->impressions },
		            { TOLD_ENGAGEMENTS, deal->engagements } };
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		(void)buffer_append_text(out, ",");
		if ((deal->told & figures[i].told) != 0) {
			(void)buffer_format(out, "%" PRId64, figures[i].figure);
		}
	}
}

/* What is sent counts for the tax of who gets it, and for claims. */
static void append_product(struct buffer *out, const struct deal *deal, const struct note *text) {
	char name[256] = "";
	const struct value *product = note_find(text, "product");
	if (product != NULL) {
		(void)slice_copy_text(product->raw, name, sizeof name);
	}
	(void)buffer_append_text(out, ",");
	csv_append_text(out, name);
	(void)buffer_append_text(out, ",");
	if (deal->terms.product_currency[0] != '\0') {
		csv_append_amount(out, deal->terms.product_value, deal->terms.product_currency);
	}
	(void)buffer_format(out, ",%s", deal->terms.product_currency);
}

static enum error take_deal(void *argument, const struct pack_value *item, struct failure *failure) {
	struct exporting *exporting = argument;
	struct buffer *out = &exporting->csv;
	const struct deal *deal = &exporting->view.deal;
	enum error error = deal_view_read(item, &exporting->act.home.join, &exporting->view, failure);
	if (error != OK) {
		return error;
	}
	const struct value *campaign = note_find(&exporting->view.text.note, "campaign");
	const char *currency = deal->terms.currency;
	const int64_t amounts[] = { deal->terms.fee, deal->terms.agency_fee, deal->held, deal->earned, deal->paid };
	char id[ID_TEXT_SIZE], offer[ID_TEXT_SIZE], text[128] = "";
	if (campaign != NULL) {
		(void)slice_copy_text(campaign->raw, text, sizeof text);
	}
	(void)buffer_format(out, "%s,%s,", print_id(slice_of(deal->id, HASH_SIZE), id),
	                    print_id(slice_of(deal->offer, HASH_SIZE), offer));
	csv_append_text(out, text);
	(void)buffer_format(out, ",%s,%s,%s,", deal->brand, deal->creator, deal_state_words[deal->state]);
	csv_append_time(out, deal->since);
	(void)buffer_format(out, ",%s,", deal->deadline == DEADLINE_NONE ? "" : deadline_words[deal->deadline]);
	csv_append_time(out, deal->due);
	(void)buffer_format(out, ",%s", currency);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		(void)buffer_append_text(out, ",");
		csv_append_amount(out, amounts[i], currency);
	}
	(void)buffer_format(out, ",%s", deal->overdue ? "yes" : "no");
	append_figures(out, deal);
	append_product(out, deal, &exporting->view.text.note);
	(void)buffer_append_text(out, ",");
	csv_append_amount(out, deal->commission_earned, currency);
	(void)buffer_append_text(out, ",");
	csv_append_time(out, deal->posted);
	(void)buffer_append_text(out, "\r\n");
	exporting->deals++;
	return OK;
}

static enum error export_deals(struct exporting *exporting, struct failure *failure) {
	buffer_clear(&exporting->csv);
	(void)buffer_append_text(&exporting->csv,
	                         "deal,offer,campaign,brand,creator,state,since,deadline,due,currency,fee,agency-fee,held,"
	                         "earned,paid,overdue,reach,impressions,engagements,product,product-value,"
	                         "product-currency,commission-earned,posted\r\n");
	enum error error = session_pages(&exporting->act.session, "deals", "before", NULL, 0, SESSION_EVERYTHING,
	                                 take_deal, exporting, failure);
	return error == OK ? save(exporting, "deals.csv", &exporting->csv, failure) : error;
}

/* ---- money ---- */

static enum error take_line(void *argument, const struct statement_line *line, struct failure *failure) {
	struct exporting *exporting = argument;
	(void)failure;
	statement_csv_line(&exporting->csv, line);
	return OK;
}

static enum error export_statement(struct exporting *exporting, struct failure *failure) {
	static struct statement statement;
	buffer_clear(&exporting->csv);
	statement_csv_head(&exporting->csv);
	enum error error = statement_read(&exporting->act.session, NULL, &statement, take_line, exporting, failure);
	return error == OK ? save(exporting, "statement.csv", &exporting->csv, failure) : error;
}

/* ---- the command ---- */

static enum error make_folder(struct exporting *exporting, const struct settings *settings, struct failure *failure) {
	const char *path = settings->out == NULL ? "troth-export" : settings->out;
	if (strcmp(path, "-") == 0) {
		return fail(failure, ERROR_USAGE, "--out: an export is a folder of files, so it cannot go to standard output");
	}
	if (!slice_copy_text(slice_of_text(path), exporting->folder, sizeof exporting->folder)) {
		return fail(failure, ERROR_USAGE, "--out: the path is too long");
	}
	return file_make_folder(exporting->folder, 0700, failure);
}

static void tell(const struct exporting *exporting, bool json) {
	if (json) {
		print_json(json_pack("{s:s, s:I, s:I, s:I}", "folder", exporting->folder, "notes", (json_int_t)exporting->notes,
		                     "hidden", (json_int_t)exporting->hidden, "deals", (json_int_t)exporting->deals));
		return;
	}
	(void)printf("wrote notes.bundle, notes.jsonl, deals.csv and statement.csv to %s: %zu notes, %zu deal%s\n",
	             exporting->folder, exporting->notes, exporting->deals, exporting->deals == 1 ? "" : "s");
	if (exporting->hidden > 0) {
		(void)printf("%zu ratings are not to be seen yet\n", exporting->hidden);
	}
}

enum error command_export(const struct invocation *call, struct failure *failure) {
	struct exporting exporting = { .notes = 0 };
	buffer_init(&exporting.bundle, BUNDLE_FILE_MAX);
	buffer_init(&exporting.lines, BUNDLE_FILE_MAX);
	buffer_init(&exporting.csv, BUNDLE_FILE_MAX);
	enum error error = act_open(&exporting.act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = make_folder(&exporting, &call->settings, failure);
	}
	if (error == OK) {
		error = find_keys(&exporting, failure);
	}
	if (error == OK) {
		error = export_notes(&exporting, failure);
	}
	if (error == OK) {
		error = export_deals(&exporting, failure);
	}
	if (error == OK) {
		error = export_statement(&exporting, failure);
	}
	if (error == OK) {
		tell(&exporting, call->settings.json);
	}
	export_keys_free(exporting.keys);
	map_free(exporting.others, NULL);
	deal_view_release(&exporting.view);
	buffer_release(&exporting.csv);
	buffer_release(&exporting.lines);
	buffer_release(&exporting.bundle);
	act_release(&exporting.act);
	return error;
}
