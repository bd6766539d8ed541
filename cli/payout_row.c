/* Payments as CSV; see payout_row.h. */
#include "cli/payout_row.h"

#include <inttypes.h>

#include "cli/csv_cells.h"

const char *payout_key(const struct deal *deal, char out[PAYOUT_KEY_SIZE]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(deal->id, HASH_SIZE), hex);
	(void)snprintf(out, PAYOUT_KEY_SIZE, "%s-%" PRId64, hex, deal->paid);
	return out;
}

/* Adds what a term of the signed text promises the creator. False if that is in another currency than the deal. */
static bool add_term(const struct deal_view *view, const char *key, int64_t *sum) {
	const struct value *value = note_find(&view->text.note, key);
	if (value == NULL) {
		return true;
	}
	*sum += value->money.minor; /* of two terms, each at most MONEY_MINOR_MAX */
	return strcmp(value->money.currency, view->deal.terms.currency) == 0;
}

/* What the agency's record says is earned is believed as far as the signed text can have promised it. */
static enum error check_amount(const struct deal_view *view, struct failure *failure) {
	const struct deal *deal = &view->deal;
	char id[ID_TEXT_SIZE];
	int64_t promised = 0;
	bool same = add_term(view, "fee", &promised) && add_term(view, "commission-cap", &promised);
	if (!same || deal->earned > promised || deal_outstanding(deal) <= 0) {
		return fail(failure, ERROR_MALFORMED, "the agency wants to pay what the agreement of %s does not promise; "
		            "nothing was written: see troth deal show", print_id(slice_of(deal->id, HASH_SIZE), id));
	}
	return OK;
}

void payout_csv_head(struct buffer *out) {
	(void)buffer_append_text(out, "deal,creator,amount,currency,due,overdue,payment\r\n");
}

enum error payout_csv_row(struct buffer *out, const struct deal_view *view, struct failure *failure) {
	const struct deal *deal = &view->deal;
	char id[ID_TEXT_SIZE], key[PAYOUT_KEY_SIZE];
	enum error error = check_amount(view, failure);
	if (error != OK) {
		return error;
	}
	(void)buffer_format(out, "%s,", print_id(slice_of(deal->id, HASH_SIZE), id));
	csv_append_text(out, deal->creator);
	(void)buffer_append_text(out, ",");
	csv_append_amount(out, deal_outstanding(deal), deal->terms.currency);
	(void)buffer_format(out, ",%s,", deal->terms.currency);
	csv_append_time(out, deal->pay_due);
	bool late = deal->overdue && deal->deadline != DEADLINE_PAY; /* a commission may be earned after a late fee */
	(void)buffer_format(out, ",%s,%s\r\n", late ? "yes" : "no", payout_key(deal, key));
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "more than fits");
}
