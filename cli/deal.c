/* troth deal list. */
#include "base/clock.h"
#include "cli/act.h"
#include "cli/deal_view.h"
#include "cli/deal_words.h"

/* What the worker filters by: state, offer, with, campaign. */
#define WORDS_MAX 4

struct visiting {
	const struct settings *settings;
	const struct home *home;
	struct deal_view view;
	int64_t left; /* how many more are shown */
	json_t *list;
	size_t count;
	bool more; /* there is one that is not shown */
};

static void print_head(void) {
	struct colours colours = print_colours();
	(void)printf("%s%-12s  %-9s  %-16s  %-16s  %-14s  %s%s\n", colours.bold, "id", "state", "brand", "creator", "fee",
	             "next", colours.end);
}

static void print_deal(const struct deal_view *view) {
	const struct deal *deal = &view->deal;
	const struct value *fee = note_find(&view->text.note, "fee");
	char id[ID_SHORT_SIZE];
	struct buffer next;
	buffer_init(&next, 64);
	deal_append_waiting(&next, deal, clock_wall_seconds());
	const char *text = buffer_text(&next);
	(void)printf("%s  %-9s  %-16s  %-16s  %-14.*s  %s%s\n", print_short_id(slice_of(deal->id, HASH_SIZE), id),
	             deal_state_words[deal->state], deal->brand, deal->creator, fee == NULL ? 1 : (int)fee->raw.size,
	             fee == NULL ? "-" : (const char *)fee->raw.data, text == NULL || text[0] == '\0' ? "-" : text,
	             deal->overdue ? ", payment overdue" : "");
	buffer_release(&next);
}

/* Whose turn it is, the worker does not know. */
static bool is_wanted(const struct visiting *visiting) {
	return !visiting->settings->waiting ||
	       deal_view_waits_for(&visiting->view.deal, deal_view_side(&visiting->view, visiting->home));
}

/* ERROR_END for the first one that is left out. */
static enum error list_deal(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	enum error error = deal_view_read(item, &visiting->home->join, &visiting->view, failure);
	if (error != OK || !is_wanted(visiting)) {
		return error;
	}
	visiting->more = visiting->left == 0;
	if (visiting->more) {
		return ERROR_END;
	}
	if (visiting->settings->json) {
		(void)json_array_append_new(visiting->list, deal_view_json(&visiting->view));
	} else {
		if (visiting->count == 0) {
			print_head();
		}
		print_deal(&visiting->view);
	}
	visiting->count++;
	visiting->left--;
	return OK;
}

static enum error check_state(const struct settings *settings, struct failure *failure) {
	bool known = settings->state == NULL;
	for (unsigned state = DEAL_PROPOSED; state < DEAL_STATE_COUNT && !known; state++) {
		known = strcmp(settings->state, deal_state_words[state]) == 0;
	}
	return known ? OK
	       : fail(failure, ERROR_USAGE, "--state: a deal is never \"%s\"; see troth deal list --help", settings->state);
}

/* The words of what the worker filters. */
static enum error read_filter(const struct settings *settings, struct session_word words[WORDS_MAX], size_t *count,
                              char digits[65], struct failure *failure) {
	enum error error = check_state(settings, failure);
	if (error == OK && settings->offer != NULL) {
		error = session_id_digits(settings->offer, digits, failure);
	}
	const struct session_word all[WORDS_MAX] = { { "state", settings->state },
		                                         { "offer", settings->offer == NULL ? NULL : digits },
		                                         { "with", settings->with },
		                                         { "campaign", settings->campaign } };
	*count = 0;
	for (size_t i = 0; i < WORDS_MAX; i++) {
		if (all[i].text != NULL) {
			words[(*count)++] = all[i];
		}
	}
	return error;
}

enum error command_deal_list(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct act act;
	struct session_word words[WORDS_MAX];
	size_t count = 0;
	char digits[65];
	struct visiting visiting = { .settings = settings, .home = &act.home, .list = json_array(),
		                         .left = settings->limit };
	enum error error = act_open(&act, settings, ACT_ASKS, failure);
	if (error == OK) {
		error = read_filter(settings, words, &count, digits, failure);
	}
	if (error == OK) {
		int64_t limit = settings->waiting ? SESSION_EVERYTHING : settings->limit + 1;
		error = session_pages(&act.session, "deals", "before", words, count, limit, list_deal, &visiting, failure);
	}
	error = error == ERROR_END && visiting.more ? OK : error;
	if (error == OK && settings->json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "there are no such deals yet\n");
	}
	session_say_more(settings, error == OK && visiting.more);
	json_decref(visiting.list);
	deal_view_release(&visiting.view);
	act_release(&act);
	return error;
}
