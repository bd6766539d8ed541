/* The report of a bundle, for people and machines; see bundle_report.h. */
#include "cli/bundle_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/deal_words.h"
#include "cli/print.h"
#include "rules/calendar.h"

#define WORDS_MAX 2048

/* What no replay can show, since nobody signs it. */
static const char *const not_proven[] = {
	"that nothing is missing: notes behind the last one, deals and offers that are not in the file at all",
	"the numbers of notes and when they came, so who was first and in time: unsigned, the word of this file's maker",
	"what depends on notes of others: free slots, money funded, who fits an offer, exclusivity",
	"that a note of which only the id is here is a rating: the word of this file's maker too",
};

/* The last one goes only with files that have such notes. */
static size_t count_not_proven(const struct bundle_report *report) {
	size_t count = sizeof not_proven / sizeof not_proven[0];
	return report->hidden > 0 ? count : count - 1;
}

static size_t findings_kept(const struct bundle_report *report) {
	return report->finding_count < BUNDLE_FINDINGS_MAX ? report->finding_count : BUNDLE_FINDINGS_MAX;
}

static const char *write_amount(const struct deal *deal, int64_t minor, char out[MONEY_TEXT_MAX]) {
	struct money money = { .minor = minor };
	memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
	return money_format(&money, out);
}

/* ---- for people ---- */

static void print_words(struct buffer *words) {
	const char *text = buffer_text(words);
	(void)fputs(text == NULL ? "?" : text, stdout);
	buffer_clear(words);
}

/* The hidden ratings that a note of their deal names. */
static size_t count_followed(const struct bundle_report *report) {
	size_t count = 0;
	for (size_t i = 0; i < replay_deal_count(report->replay); i++) {
		count += replay_deal(report->replay, i)->hidden != 0 ? 1 : 0;
	}
	return count;
}

static void print_checked(const struct bundle_report *report, const struct colours *colours) {
	size_t deals = replay_deal_count(report->replay);
	(void)printf("bundle of %s: %zu notes", report->origin, report->notes);
	if (report->notes > 0) {
		(void)printf(", numbers %" PRId64 " to %" PRId64, report->first, report->last);
	}
	(void)printf("\n  signatures %zu good: %zu by keys in the texts, %zu by the agency's key in the join file\n",
	             report->by_parties + report->by_agency, report->by_parties, report->by_agency);
	(void)printf("  deals      %zu replayed by the rules, each as a chain of notes\n", deals);
	(void)printf("  wrong      %s%zu%s\n", report->finding_count == 0 ? colours->good : colours->bad,
	             report->finding_count, colours->end);
	for (size_t i = 0; i < findings_kept(report); i++) {
		const struct bundle_finding *finding = &report->findings[i];
		(void)printf("             %s", colours->bad);
		if (finding->sequence > 0) {
			(void)printf("line %u, note %" PRId64 ": ", finding->failure.line, finding->sequence);
		}
		(void)printf("%s: %s%s\n", error_word(finding->failure.code), finding->failure.text, colours->end);
	}
	if (report->hidden > 0) {
		(void)printf("  hidden     %zu rating%s not to be seen yet; later notes name %zu of them\n",
		             report->hidden, report->hidden == 1 ? "" : "s", count_followed(report));
	}
	if (report->finding_count > BUNDLE_FINDINGS_MAX) {
		(void)printf("             and %zu more\n", report->finding_count - BUNDLE_FINDINGS_MAX);
	}
	if (report->strangers > 0) {
		(void)printf("  strangers  %zu keys have signed only offers, profiles and proposals that bind nobody, and\n"
		             "             nothing here shows whose they are\n", report->strangers);
	}
	for (size_t i = 0; i < replay_disavowed_count(report->replay); i++) {
		const struct replay_disavowed *note = replay_disavowed(report->replay, i);
		(void)printf("  disavowed  note %" PRId64 " (%s) of %s: its key was revoked back to before it, by note %" PRId64
		             "\n", note->sequence, kind_get(note->kind)->name, note->account, note->revoked);
	}
}

static void print_money(const struct deal *deal, struct buffer *words) {
	char held[MONEY_TEXT_MAX], earned[MONEY_TEXT_MAX], paid[MONEY_TEXT_MAX], agency[MONEY_TEXT_MAX];
	char outstanding[MONEY_TEXT_MAX];
	(void)printf("  money      held %s, earned by the creator %s, paid out %s, the agency's fee %s\n",
	             write_amount(deal, deal->held, held), write_amount(deal, deal->earned, earned),
	             write_amount(deal, deal->paid, paid), write_amount(deal, deal->agency_earned, agency));
	if (deal_outstanding(deal) > 0) {
		(void)printf("  to pay     %s to %s%s\n", write_amount(deal, deal_outstanding(deal), outstanding),
		             deal->creator, deal->overdue ? ", overdue" : "");
	}
	if (deal->held > 0) {
		(void)printf("  to move    what each ending gives:\n");
		deal_append_endings(words, deal);
		print_words(words);
	}
}

static void print_deal(const struct replay_deal *replayed, const struct colours *colours, struct buffer *words,
                       int64_t now) {
	const struct deal *deal = &replayed->deal;
	char id[ID_TEXT_SIZE];
	(void)printf("%s%s%s %s\n", colours->bold,
	             deal->state == DEAL_PROPOSED || deal->state == DEAL_ENDED ? "proposal" : "deal", colours->end,
	             print_id(slice_of(deal->id, sizeof deal->id), id));
	(void)printf("  parties    brand %s, creator %s\n", deal->brand, deal->creator);
	(void)printf("  state      %s, by %zu notes from %" PRId64 " to %" PRId64 "\n", deal_state_words[deal->state],
	             replayed->notes, replayed->first, replayed->last);
	if (replayed->broken != 0) {
		(void)printf("  %sbroken     note %" PRId64 " does not fit: what this deal came to is not known%s\n",
		             colours->bad, replayed->broken, colours->end);
		return;
	}
	if (deal->state != DEAL_PROPOSED && deal->state != DEAL_ENDED && deal->terms.currency[0] != '\0') {
		print_money(deal, words);
	}
	if (deal->deadline != DEADLINE_NONE) {
		deal_append_next(words, deal, now);
		(void)printf("  next       ");
		(void)buffer_append_text(words, "; ");
		deal_append_silence(words, deal);
		(void)buffer_append_text(words, "\n");
		print_words(words);
	}
}

static void print_balance(void *argument, const char *account, const struct money *balance) {
	char text[MONEY_TEXT_MAX];
	(void)argument;
	if (balance->minor != 0) {
		(void)printf("  %18s  %s\n", money_format(balance, text), account);
	}
}

void bundle_report_print(const struct bundle_report *report, int64_t now) {
	struct colours colours = print_colours();
	struct buffer words;
	buffer_init(&words, WORDS_MAX);
	print_checked(report, &colours);
	for (size_t i = 0; i < replay_deal_count(report->replay); i++) {
		print_deal(replay_deal(report->replay, i), &colours, &words, now);
	}
	(void)printf("%sledger%s (what these notes book, and no others)\n", colours.bold, colours.end);
	replay_balances(report->replay, print_balance, NULL);
	(void)printf("%snot proven%s by any bundle:\n", colours.bold, colours.end);
	for (size_t i = 0; i < count_not_proven(report); i++) {
		(void)printf("  - %s\n", not_proven[i]);
	}
	size_t disavowed = replay_disavowed_count(report->replay);
	if (report->finding_count == 0 && disavowed > 0) {
		(void)printf("%sverified%s, with %zu disavowed\n", colours.bold, colours.end, disavowed);
	} else if (report->finding_count == 0) {
		(void)printf("%sverified%s\n", colours.bold, colours.end);
	}
	buffer_release(&words);
}

/* ---- for machines ---- */

static json_t *json_amount(const struct deal *deal, int64_t minor) {
	char text[MONEY_TEXT_MAX];
	return deal->terms.currency[0] == '\0' ? json_null() : json_string(write_amount(deal, minor, text));
}

static json_t *deal_json(const struct replay_deal *replayed) {
	const struct deal *deal = &replayed->deal;
	char id[ID_TEXT_SIZE], due[TIME_TEXT_SIZE];
	bool runs = deal->deadline != DEADLINE_NONE;
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
	                 print_id(slice_of(deal->id, sizeof deal->id), id), "state", deal_state_words[deal->state], "brand",
	                 deal->brand, "creator", deal->creator, "notes", (json_int_t)replayed->notes, "first",
	                 (json_int_t)replayed->first, "last", (json_int_t)replayed->last, "broken",
	                 replayed->broken == 0 ? json_null() : json_integer(replayed->broken), "deadline",
	                 runs ? json_string(deadline_words[deal->deadline]) : json_null(), "due",
	                 runs ? json_string(time_format(deal->due, due)) : json_null(), "held",
	                 json_amount(deal, deal->held), "earned", json_amount(deal, deal->earned), "paid",
	                 json_amount(deal, deal->paid), "outstanding", json_amount(deal, deal_outstanding(deal)),
	                 "agency-fee", json_amount(deal, deal->agency_earned));
}

static void add_balance(void *argument, const char *account, const struct money *balance) {
	char text[MONEY_TEXT_MAX];
	(void)json_array_append_new(argument, json_pack("{s:s, s:s}", "account", account, "amount",
	                                                money_format(balance, text)));
}

static json_t *findings_json(const struct bundle_report *report) {
	json_t *list = json_array();
	for (size_t i = 0; i < findings_kept(report); i++) {
		const struct bundle_finding *finding = &report->findings[i];
		json_t *item = json_pack("{s:s, s:s}", "code", error_word(finding->failure.code), "message",
		                         finding->failure.text);
		if (finding->sequence > 0) {
			(void)json_object_set_new(item, "sequence", json_integer(finding->sequence));
			(void)json_object_set_new(item, "line", json_integer(finding->failure.line));
		}
		(void)json_array_append_new(list, item);
	}
	return list;
}

void bundle_report_json(const struct bundle_report *report) {
	json_t *deals = json_array(), *balances = json_array(), *disavowed = json_array(), *open = json_array();
	for (size_t i = 0; i < replay_deal_count(report->replay); i++) {
		(void)json_array_append_new(deals, deal_json(replay_deal(report->replay, i)));
	}
	for (size_t i = 0; i < replay_disavowed_count(report->replay); i++) {
		const struct replay_disavowed *note = replay_disavowed(report->replay, i);
		(void)json_array_append_new(disavowed, json_pack("{s:I, s:s, s:s, s:I}", "sequence", (json_int_t)note->sequence,
		                                                 "kind", kind_get(note->kind)->name, "account", note->account,
		                                                 "revoked-by", (json_int_t)note->revoked));
	}
	for (size_t i = 0; i < count_not_proven(report); i++) {
		(void)json_array_append_new(open, json_string(not_proven[i]));
	}
	replay_balances(report->replay, add_balance, balances);
	print_json(json_pack("{s:b, s:s, s:s, s:I, s:I, s:I, s:I, s:{s:I, s:I}, s:o, s:I, s:I, s:o, s:o, s:o, s:o}",
	                     "verified", report->finding_count == 0, "kind", "bundle", "origin", report->origin, "notes",
	                     (json_int_t)report->notes, "hidden", (json_int_t)report->hidden, "first",
	                     (json_int_t)report->first, "last", (json_int_t)report->last, "signatures", "parties",
	                     (json_int_t)report->by_parties, "agency", (json_int_t)report->by_agency, "findings",
	                     findings_json(report), "wrong", (json_int_t)report->finding_count, "strangers",
	                     (json_int_t)report->strangers, "deals", deals, "balances", balances, "disavowed", disavowed,
	                     "not-proven", open));
}
