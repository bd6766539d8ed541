/* doc/deals.md: the drawing and the table of a deal's life, printed from the rows of rules/deal.c. */
#include <string.h>

#include "rules/deal_parts.h"

static const char heading[] =
    "# Deals\n"
    "\n"
    "This page is printed from the table in `rules/deal.c` by `make doc`; a test fails when the two differ.\n"
    "\n"
    "A deal is a chain of notes: each names the deal and the note before it, so of two steps that race one is\n"
    "refused as superseded. A step that the table does not have is refused with the deal's state, what is allowed\n"
    "now, and by whom. Time is when the agency received a note. When a deadline passes, the agency signs a `lapse`\n"
    "note, whose effect counts from the moment that was due.\n"
    "\n"
    "What is *held* for a deal are the fee, the highest commission and the agency's fee. Splits go by whole minor\n"
    "units, what is left over going to the largest remainder: where remainders are equal the creator's, of the\n"
    "agency's fee the agency's. A kill fee is a part of both fees.\n"
    "\n"
    "A commission is earned by the first `verify` note that tells sales. Until then it stays held, and the time to\n"
    "rate, at whose end it goes back, is at least as long as `live-for`.\n"
    "\n"
    "A dispute stops the clock until an operator rules. `resume` leads back to the state before, with its whole time\n"
    "anew; so each side can dispute once in each state. There is no more to dispute once something was paid.\n"
    "\n"
    "A revision has a time of its own (`resubmit-within`), however much of the time to deliver was left.\n"
    "\n"
    "A proposal that has ended cannot begin a deal again, whoever signs its text.\n"
    "\n"
    "## Drawing\n"
    "\n"
    "```mermaid\n"
    "stateDiagram-v2\n";

static const char *state_name(const struct transition *row, enum deal_state state, bool is_from) {
	if (state != DEAL_NONE) {
		return deal_state_words[state];
	}
	return is_from || row == NULL ? "[*]" : "the state before";
}

/* Steps that stay where they are would only hide the others. */
static void draw(struct buffer *out) {
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	for (size_t i = 0; i < count; i++) {
		const struct transition *row = &rows[i];
		bool again = i > 0 && rows[i - 1].from == row->from && rows[i - 1].to == row->to &&
		             rows[i - 1].event == row->event;
		if (row->from == row->to || row->to == DEAL_NONE || again) {
			continue;
		}
		(void)buffer_format(out, "    %s --> %s: %s\n", state_name(NULL, row->from, true), deal_state_words[row->to],
		                    deal_event_words[row->event]);
	}
	(void)buffer_append_text(out, "    disputed --> agreed: resume (to the state before)\n");
	(void)buffer_append_text(out, "    ended --> [*]\n    closed --> [*]\n");
	(void)buffer_append_text(out, "    cancelled --> [*]\n    lapsed --> [*]\n    ruled --> [*]\n```\n");
}

static void describe_parties(unsigned by, struct buffer *out) {
	static const char *const words[] = { "brand", "creator", "operator", "the agency's clock" };
	const char *joint = "";
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if ((by & 1U << i) != 0) {
			(void)buffer_format(out, "%s%s", joint, words[i]);
			joint = ", ";
		}
	}
}

static const char *describe_start(int starts) {
	static const char *const others[] = { [STARTS_KEEP - STARTS_KEEP] = "stays",
		                                  [STARTS_AGAIN - STARTS_KEEP] = "by the new terms, anew if over by them",
		                                  [STARTS_ANEW - STARTS_KEEP] = "that state's, anew",
		                                  [STARTS_PAY_OR_RATE - STARTS_KEEP] = "pay; rate where nothing was earned",
		                                  [STARTS_PAY_OR_NONE - STARTS_KEEP] = "pay, if something was earned",
		                                  [STARTS_PAY_OR_KEEP - STARTS_KEEP] = "pay instead of rate, if it is earned" };
	return starts >= STARTS_KEEP ? others[starts - STARTS_KEEP] : starts == DEADLINE_NONE ? "" : deadline_words[starts];
}

void deals_describe(struct buffer *out) {
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	(void)buffer_append_text(out, heading);
	draw(out);
	(void)buffer_append_text(out, "\n## Table\n\nThe first row whose condition holds is taken.\n\n"
	                              "| state | step | by | if | then | money and slots | deadline that starts |\n"
	                              "|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		const struct transition *row = &rows[i];
		(void)buffer_format(out, "| %s | %s | ", deal_state_words[row->from], deal_event_words[row->event]);
		describe_parties(row->by, out);
		(void)buffer_format(out, " | %s | %s | %s | %s |\n", row->guard == NULL ? "" : row->guard->words,
		                    state_name(row, row->to, false), row->effect == NULL ? "" : row->effect->words,
		                    describe_start(row->starts));
	}
}
