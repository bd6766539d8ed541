/* The ledger's events as a table; see ledger.h. */
#include "rules/ledger.h"

#include <assert.h>
#include <stdio.h>

enum account {
	ACCOUNT_FUNDED,
	ACCOUNT_AVAILABLE,
	ACCOUNT_RESERVED,
	ACCOUNT_HELD,
	ACCOUNT_EARNED,
	ACCOUNT_PAID,
	ACCOUNT_FEES,
};

static const struct {
	enum account from, to;
} events[LEDGER_EVENT_COUNT] = {
	[LEDGER_FUND] = { ACCOUNT_FUNDED, ACCOUNT_AVAILABLE },    [LEDGER_REFUND] = { ACCOUNT_AVAILABLE, ACCOUNT_FUNDED },
	[LEDGER_OPEN] = { ACCOUNT_AVAILABLE, ACCOUNT_RESERVED },  [LEDGER_END] = { ACCOUNT_RESERVED, ACCOUNT_AVAILABLE },
	[LEDGER_AGREE] = { ACCOUNT_RESERVED, ACCOUNT_HELD },      [LEDGER_REOPEN] = { ACCOUNT_HELD, ACCOUNT_RESERVED },
	[LEDGER_MORE] = { ACCOUNT_AVAILABLE, ACCOUNT_HELD },      [LEDGER_LESS] = { ACCOUNT_HELD, ACCOUNT_AVAILABLE },
	[LEDGER_EARN] = { ACCOUNT_HELD, ACCOUNT_EARNED },         [LEDGER_UNEARN] = { ACCOUNT_EARNED, ACCOUNT_HELD },
	[LEDGER_FEE] = { ACCOUNT_HELD, ACCOUNT_FEES },            [LEDGER_UNFEE] = { ACCOUNT_FEES, ACCOUNT_HELD },
	[LEDGER_PAY] = { ACCOUNT_EARNED, ACCOUNT_PAID },
};

static void write_name_account(char *out, const char *what, struct slice name, const char *purpose) {
	int size =
	    snprintf(out, LEDGER_ACCOUNT_MAX, "%s/%.*s/%s", what, (int)name.size, (const char *)name.data, purpose);
	assert(size > 0 && size < LEDGER_ACCOUNT_MAX); /* names are bounded by ACCOUNT_NAME_MAX */
}

static void write_note_account(char *out, const char *what, const uint8_t *id, const char *purpose) {
	assert(id != NULL);
	static const char digits[] = "0123456789abcdef";
	char hex[65] = "";
	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digits[id[i] >> 4];
		hex[2 * i + 1] = digits[id[i] & 15];
	}
	(void)snprintf(out, LEDGER_ACCOUNT_MAX, "%s/%s/%s", what, hex, purpose);
}

static void write_account(char *out, enum account account, const struct ledger_parties *parties) {
	switch (account) {
	case ACCOUNT_FUNDED:
		write_name_account(out, "brand", parties->brand, "funded");
		break;
	case ACCOUNT_AVAILABLE:
		write_name_account(out, "brand", parties->brand, "available");
		break;
	case ACCOUNT_RESERVED:
		write_note_account(out, "offer", parties->offer_id, "reserved");
		break;
	case ACCOUNT_HELD:
		write_note_account(out, "deal", parties->deal_id, "held");
		break;
	case ACCOUNT_EARNED:
		write_name_account(out, "creator", parties->creator, "earned");
		break;
	case ACCOUNT_PAID:
		write_name_account(out, "creator", parties->creator, "paid");
		break;
	case ACCOUNT_FEES:
		(void)snprintf(out, LEDGER_ACCOUNT_MAX, "agency/fees");
		break;
	}
}

void ledger_add(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                struct entry *out) {
	assert(amount->minor >= 0);
	if (amount->minor == 0) {
		return;
	}
	assert(out->count + 2 <= LEDGER_POSTINGS_MAX);
	struct posting *from = &out->postings[out->count], *to = from + 1;
	write_account(from->account, events[event].from, parties);
	write_account(to->account, events[event].to, parties);
	from->amount = *amount;
	from->amount.minor = -amount->minor;
	to->amount = *amount;
	out->count += 2;
}

void ledger_entry(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                  struct entry *out) {
	assert(amount->minor > 0);
	out->count = 0;
	ledger_add(event, parties, amount, out);
	assert(ledger_is_balanced(out));
}

void ledger_available_account(struct slice brand, char out[LEDGER_ACCOUNT_MAX]) {
	write_name_account(out, "brand", brand, "available");
}

void ledger_reserved_account(const uint8_t offer_id[32], char out[LEDGER_ACCOUNT_MAX]) {
	write_note_account(out, "offer", offer_id, "reserved");
}

void ledger_held_account(const uint8_t deal_id[32], char out[LEDGER_ACCOUNT_MAX]) {
	write_note_account(out, "deal", deal_id, "held");
}

void ledger_earned_account(struct slice creator, char out[LEDGER_ACCOUNT_MAX]) {
	write_name_account(out, "creator", creator, "earned");
}

void ledger_paid_account(struct slice creator, char out[LEDGER_ACCOUNT_MAX]) {
	write_name_account(out, "creator", creator, "paid");
}

bool ledger_may_be_negative(const char *account) {
	size_t size = strlen(account);
	return size > 7 && strcmp(account + size - 7, "/funded") == 0;
}

bool ledger_is_balanced(const struct entry *entry) {
	for (size_t i = 0; i < entry->count; i++) {
		int64_t sum = 0;
		for (size_t j = 0; j < entry->count; j++) {
			if (money_same_currency(&entry->postings[i].amount, &entry->postings[j].amount)) {
				sum += entry->postings[j].amount.minor; /* a few amounts below MONEY_MINOR_MAX each */
			}
		}
		if (sum != 0) {
			return false;
		}
	}
	return true;
}
