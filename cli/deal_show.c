/* troth deal show: where a deal is, who must act until when, what each ending moves, what has happened, the terms. */
#include "base/clock.h"
#include "cli/act.h"
#include "cli/deal_notes.h"
#include "cli/deal_view.h"
#include "cli/deal_words.h"
#include "cli/offer_view.h"
#include "cli/terms_diff.h"
#include "rules/calendar.h"

#define PAGE_MAX (1 << 20)

/* ---- for people ---- */

static void append_line(struct buffer *out, const char *title, const char *text) {
	(void)buffer_format(out, "%-9s %s\n", title, text);
}

static void append_money(struct buffer *out, const struct deal *deal) {
	const struct {
		const char *word;
		int64_t minor;
	} amounts[] = { { "held", deal->held }, { "earned", deal->earned }, { "paid", deal->paid } };
	if (currency_exponent(deal->terms.currency) < 0) {
		return;
	}
	(void)buffer_format(out, "%-9s ", "money");
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		char text[MONEY_TEXT_MAX];
		struct money money = { .minor = amounts[i].minor };
		memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
		(void)buffer_format(out, "%s%s %s", i == 0 ? "" : ", ", money_format(&money, text), amounts[i].word);
	}
	(void)buffer_append_text(out, deal->overdue ? "; the payment is overdue\n" : "\n");
}

static void append_next(struct buffer *out, const struct deal_view *view) {
	const struct deal *deal = &view->deal;
	char due[TIME_TEXT_SIZE];
	uint32_t barred = 0;
	const char *why = deal_barred(deal, view->offer_state, &barred);
	if (why == NULL) {
		deal_append_next(out, deal, clock_wall_seconds());
		(void)buffer_append_text(out, "\n");
		return;
	}
	(void)buffer_format(out, "%s by %s (", why, time_format(deal->due, due));
	words_append_until(out, deal->due - clock_wall_seconds());
	(void)buffer_append_text(out, ")\n");
}

static void append_head(struct buffer *out, const struct deal_view *view) {
	const struct deal *deal = &view->deal;
	char id[ID_TEXT_SIZE], offer[ID_TEXT_SIZE];
	uint32_t barred = 0;
	append_line(out, "deal", print_id(slice_of(deal->id, HASH_SIZE), id));
	append_line(out, "offer", print_id(slice_of(deal->offer, HASH_SIZE), offer));
	(void)buffer_format(out, "%-9s %s and %s\n", "between", deal->brand, deal->creator);
	(void)buffer_format(out, "%-9s ", "way");
	deal_append_way(out, deal);
	(void)buffer_format(out, "\n%-9s ", "next");
	append_next(out, view);
	if (deal->deadline != DEADLINE_NONE) {
		(void)buffer_format(out, "%-9s ", "otherwise");
		deal_append_silence(out, deal);
		(void)buffer_append_text(out, "\n");
		(void)buffer_format(out, "%-9s ", "possible");
		(void)deal_barred(deal, view->offer_state, &barred);
		deal_allowed_without(deal, barred, out);
		(void)buffer_append_text(out, "\n");
	}
	append_money(out, deal);
	if (checked_note_is_there(&view->draft)) {
		(void)buffer_format(out, "%-9s the %s has signed an amendment, which waits for the other side's signature\n",
		                    "waiting", role_words[deal->amender]);
	}
}

static enum error append_step(void *argument, const struct noted *noted, struct failure *failure) {
	struct buffer *out = argument;
	char received[TIME_TEXT_SIZE];
	(void)failure;
	(void)buffer_format(out, "  %s  ", time_format(noted->received, received));
	noted_append_words(out, noted);
	(void)buffer_append_text(out, "\n");
	return OK;
}

static enum error print_page(struct act *act, const struct deal_view *view, const char *hex,
                             struct failure *failure) {
	struct buffer page, endings;
	buffer_init(&page, PAGE_MAX);
	buffer_init(&endings, PAGE_MAX);
	append_head(&page, view);
	deal_append_endings(&endings, &view->deal);
	if (endings.size > 0) {
		(void)buffer_append_text(&page, "\nwhat each ending moves\n");
		(void)buffer_append_slice(&page, buffer_slice(&endings));
	}
	(void)buffer_append_text(&page, "\nso far\n");
	enum error error = notes_each(&act->session, hex, append_step, &page, failure);
	(void)buffer_append_text(&page, "\n");
	(void)buffer_append_slice(&page, buffer_slice(&view->text.bytes));
	if (error == OK && !buffer_ok(&page)) {
		error = fail(failure, ERROR_TOO_LONG, "more than fits; see troth deal notes");
	}
	if (error == OK) {
		(void)fwrite(page.data, 1, page.size, stdout);
	}
	if (error == OK && checked_note_is_there(&view->draft)) {
		(void)printf("\nThe amendment that waits (+ stands anew, - does not stand any more):\n\n");
		terms_diff_print(stdout, view->text.split.text, view->draft.split.text);
	}
	buffer_release(&endings);
	buffer_release(&page);
	return error;
}

/* ---- for machines ---- */

static enum error add_step(void *argument, const struct noted *noted, struct failure *failure) {
	(void)failure;
	(void)json_array_append_new(argument, noted_json(noted));
	return OK;
}

static json_t *endings_json(const struct deal *deal) {
	static const char *const words[ENDING_COUNT] = { "done", "brand-cancels", "creator-cancels", "lapse" };
	json_t *object = json_object();
	for (unsigned ending = 0; ending < ENDING_COUNT; ending++) {
		struct deal_split split;
		if (currency_exponent(deal->terms.currency) < 0 || !deal_ending(deal, (enum deal_ending)ending, &split)) {
			continue;
		}
		const int64_t amounts[] = { split.creator, split.agency, split.brand };
		char texts[3][MONEY_TEXT_MAX];
		for (size_t i = 0; i < 3; i++) {
			struct money money = { .minor = amounts[i] };
			memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
			(void)money_format(&money, texts[i]);
		}
		(void)json_object_set_new(object, words[ending], json_pack("{s:s, s:s, s:s}", "creator", texts[0], "agency",
		                                                           texts[1], "brand", texts[2]));
	}
	return object;
}

static json_t *allowed_json(const struct deal *deal, uint32_t barred) {
	static const enum role roles[] = { ROLE_BRAND, ROLE_CREATOR, ROLE_OPERATOR };
	json_t *object = json_object();
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		json_t *list = json_array();
		uint32_t events = deal_events(deal, 1U << roles[i]) & ~barred;
		for (unsigned event = 0; event < DEAL_EVENT_COUNT; event++) {
			if ((events & 1U << event) != 0) {
				(void)json_array_append_new(list, json_string(deal_event_words[event]));
			}
		}
		(void)json_object_set_new(object, role_words[roles[i]], list);
	}
	return object;
}

static enum error print_object(struct act *act, const struct deal_view *view, const char *hex,
                               struct failure *failure) {
	json_t *object = deal_view_json(view), *notes = json_array();
	uint32_t barred = 0;
	enum error error = notes_each(&act->session, hex, add_step, notes, failure);
	(void)json_object_set_new(object, "terms", note_json(&view->text.note));
	(void)json_object_set_new(object, "note", json_of(buffer_slice(&view->text.bytes)));
	const char *why = deal_barred(&view->deal, view->offer_state, &barred);
	(void)json_object_set_new(object, "allowed", allowed_json(&view->deal, barred));
	if (why != NULL) {
		(void)json_object_set_new(object, "barred", json_string(why));
	}
	(void)json_object_set_new(object, "endings", endings_json(&view->deal));
	(void)json_object_set_new(object, "notes", notes);
	if (checked_note_is_there(&view->draft)) {
		(void)json_object_set_new(object, "amendment", json_of(buffer_slice(&view->draft.bytes)));
	}
	if (error == OK) {
		print_json(json_incref(object));
	}
	json_decref(object);
	return error;
}

enum error command_deal_show(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct deal_view view = { .sequence = 0 };
	char hex[HASH_HEX_SIZE];
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = deal_view_fetch(&act.session, call->operands[0], &view, failure);
	}
	if (error == OK) {
		error = act_write_out(&call->settings, buffer_slice(&view.text.bytes), failure);
		hex_encode(slice_of(view.deal.id, HASH_SIZE), hex);
	}
	if (error == OK && call->settings.json) {
		error = print_object(&act, &view, hex, failure);
	} else if (error == OK && call->settings.out == NULL) {
		error = print_page(&act, &view, hex, failure);
	}
	deal_view_release(&view);
	act_release(&act);
	return error;
}
