/* The ledger's events as a table; see ledger.h. */
#include "rules/ledger.h"

#include <assert.h>
#include <stdio.h>

enum account { ACCOUNT_FUNDED, ACCOUNT_AVAILABLE, ACCOUNT_RESERVED, ACCOUNT_HELD };

static const struct {
	enum account from, to;
} events[LEDGER_EVENT_COUNT] = {
	[LEDGER_FUND] = { ACCOUNT_FUNDED, ACCOUNT_AVAILABLE },
	[LEDGER_OPEN] = { ACCOUNT_AVAILABLE, ACCOUNT_RESERVED },
	[LEDGER_AGREE] = { ACCOUNT_RESERVED, ACCOUNT_HELD },
	[LEDGER_END] = { ACCOUNT_RESERVED, ACCOUNT_AVAILABLE },
};

static void write_brand_account(char *out, struct slice brand, const char *purpose) {
	int size = snprintf(out, LEDGER_ACCOUNT_MAX, "brand/%.*s/%s", (int)brand.size, (const char *)brand.data, purpose);
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
		write_brand_account(out, parties->brand, "funded");
		break;
	case ACCOUNT_AVAILABLE:
		write_brand_account(out, parties->brand, "available");
		break;
	case ACCOUNT_RESERVED:
		write_note_account(out, "offer", parties->offer_id, "reserved");
		break;
	case ACCOUNT_HELD:
		write_note_account(out, "deal", parties->deal_id, "held");
		break;
	}
}

void ledger_entry(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                  struct entry *out) {
	assert(amount->minor > 0);
	out->count = 2;
	write_account(out->postings[0].account, events[event].from, parties);
	write_account(out->postings[1].account, events[event].to, parties);
	out->postings[0].amount = *amount;
	out->postings[0].amount.minor = -amount->minor;
	out->postings[1].amount = *amount;
	assert(ledger_is_balanced(out));
}

void ledger_available_account(struct slice brand, char out[LEDGER_ACCOUNT_MAX]) {
	write_brand_account(out, brand, "available");
}

void ledger_reserved_account(const uint8_t offer_id[32], char out[LEDGER_ACCOUNT_MAX]) {
	write_note_account(out, "offer", offer_id, "reserved");
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
