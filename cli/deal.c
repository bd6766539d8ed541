/* troth deal list. */
#include "base/clock.h"
#include "cli/act.h"
#include "cli/deal_view.h"
#include "cli/deal_words.h"
#include "cli/listing.h"


struct visiting {
	const struct settings *settings;
	const struct home *home;
	struct deal_view view;
	int64_t left; /* how many more are shown */
	json_t *list;
	size_t count;
};

/* All filters, also those that the worker knows: an older one may not. */
static bool is_wanted(const struct visiting *visiting) {
	const struct settings *settings = visiting->settings;
	const struct deal *deal = &visiting->view.deal;
	const struct value *campaign = note_find(&visiting->view.text.note, "campaign");
	bool with = settings->with == NULL || strcmp(deal->brand, settings->with) == 0 ||
	            strcmp(deal->creator, settings->with) == 0;
	bool of = settings->campaign == NULL || (campaign != NULL && slice_is(campaign->raw, settings->campaign));
	bool waits = !settings->waiting ||
	             deal_view_waits_for(deal, deal_view_side(&visiting->view, visiting->home));
	bool is_in = settings->state == NULL || strcmp(settings->state, deal_state_words[deal->state]) == 0;
	return with && of && waits && is_in;
}

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
	if (deal->deadline != DEADLINE_NONE) {
		(void)buffer_format(&next, "%s ", deadline_words[deal->deadline]);
		words_append_until(&next, deal->due - clock_wall_seconds());
	}
	const char *text = buffer_text(&next);
	(void)printf("%s  %-9s  %-16s  %-16s  %-14.*s  %s%s\n", print_short_id(slice_of(deal->id, HASH_SIZE), id),
	             deal_state_words[deal->state], deal->brand, deal->creator, fee == NULL ? 1 : (int)fee->raw.size,
	             fee == NULL ? "-" : (const char *)fee->raw.data, text == NULL || text[0] == '\0' ? "-" : text,
	             deal->overdue ? ", payment overdue" : "");
	buffer_release(&next);
}

/* ERROR_END stops at the limit. */
static enum error list_deal(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	enum error error = deal_view_read(item, &visiting->home->join, &visiting->view, failure);
	if (error != OK || !is_wanted(visiting)) {
		return error;
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
	return visiting->left > 0 ? OK : ERROR_END;
}

/* The words of what the worker filters. */
static enum error read_filter(const struct settings *settings, struct session_word words[2], size_t *count,
                              char digits[65], struct failure *failure) {
	*count = 0;
	if (settings->state != NULL) {
		bool known = false;
		for (unsigned state = DEAL_PROPOSED; state < DEAL_STATE_COUNT; state++) {
			known = known || strcmp(settings->state, deal_state_words[state]) == 0;
		}
		if (!known) {
			return fail(failure, ERROR_USAGE, "--state: a deal is never \"%s\"; see troth deal list --help",
			            settings->state);
		}
		words[(*count)++] = (struct session_word){ "state", settings->state };
	}
	if (settings->offer != NULL) {
		enum error error = session_id_digits(settings->offer, digits, failure);
		words[(*count)++] = (struct session_word){ "offer", digits };
		return error;
	}
	return OK;
}

enum error command_deal_list(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct act act;
	struct session_word words[2];
	size_t count = 0;
	char digits[65];
	struct visiting visiting = { .settings = settings, .home = &act.home, .list = json_array(),
		                         .left = settings->limit };
	bool filters = settings->state != NULL || settings->with != NULL || settings->campaign != NULL || settings->waiting;
	enum error error = act_open(&act, settings, ACT_ASKS, failure);
	if (error == OK) {
		error = read_filter(settings, words, &count, digits, failure);
	}
	if (error == OK) {
		int64_t limit = filters ? SESSION_EVERYTHING : settings->limit;
		error = session_pages(&act.session, "deals", "before", words, count, limit, list_deal, &visiting, failure);
	}
	error = error == ERROR_END ? OK : error;
	if (error == OK && settings->json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "there are no such deals yet\n");
	}
	json_decref(visiting.list);
	deal_view_release(&visiting.view);
	act_release(&act);
	return error;
}
