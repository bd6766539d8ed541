/* One row per member of a deal; see deal_pack.h. */
#include "rules/deal_pack.h"

#include <stddef.h>
#include <string.h>

enum member_type { MEMBER_NUMBER, MEMBER_ENUM, MEMBER_FLAG, MEMBER_TEXT, MEMBER_ID };

struct member {
	const char *key;
	enum member_type type;
	size_t offset;
	int64_t maximum; /* of a number or enum; bytes of a text with its NUL */
};

#define AT(member) offsetof(struct deal, member)
#define TERM(member) offsetof(struct deal, terms.member)
#define AMOUNT(key, offset) { key, MEMBER_NUMBER, offset, 4 * MONEY_MINOR_MAX }
#define TERM_AMOUNT(key, offset) { key, MEMBER_NUMBER, offset, MONEY_MINOR_MAX }
#define LENGTH(key, offset) { key, MEMBER_NUMBER, offset, LENGTH_MAX }
#define TIME(key, offset) { key, MEMBER_NUMBER, offset, TIME_MAX }
#define TIME_MAX INT64_C(253402300799) /* seconds; the end of the year 9999 */
#define LENGTH_MAX (INT64_C(9999) * 86400) /* seconds; as fields bound lengths of time */
#define TALLY_MAX INT64_C(1000000000000)

static const struct member members[] = {
	{ "state", MEMBER_ENUM, AT(state), DEAL_STATE_COUNT - 1 },
	{ "before", MEMBER_ENUM, AT(before), DEAL_STATE_COUNT - 1 },
	{ "id", MEMBER_ID, AT(id), 0 },
	{ "text", MEMBER_ID, AT(text), 0 },
	{ "head", MEMBER_ID, AT(head), 0 },
	{ "offer", MEMBER_ID, AT(offer), 0 },
	{ "brand", MEMBER_TEXT, AT(brand), ACCOUNT_NAME_MAX },
	{ "creator", MEMBER_TEXT, AT(creator), ACCOUNT_NAME_MAX },
	{ "road", MEMBER_ENUM, AT(road), ROAD_COUNT - 1 },
	TIME("closes", AT(closes)),
	TERM_AMOUNT("offer-share", AT(offer_share)),
	{ "offer-currency", MEMBER_TEXT, AT(offer_currency), CURRENCY_SIZE },
	{ "proposer", MEMBER_ENUM, AT(proposer), ROLE_COUNT },
	{ "amendment", MEMBER_ID, AT(amendment), 0 },
	{ "amender", MEMBER_ENUM, AT(amender), ROLE_COUNT },
	{ "currency", MEMBER_TEXT, TERM(currency), CURRENCY_SIZE },
	TERM_AMOUNT("fee", TERM(fee)),
	TERM_AMOUNT("commission-cap", TERM(commission_cap)),
	TERM_AMOUNT("agency-fee", TERM(agency_fee)),
	{ "commission", MEMBER_NUMBER, TERM(commission), 10000 },
	TERM_AMOUNT("product-value", TERM(product_value)),
	{ "product-currency", MEMBER_TEXT, TERM(product_currency), CURRENCY_SIZE },
	{ "kill-fee-before-submission", MEMBER_NUMBER, TERM(kill_fee[0]), 10000 },
	{ "kill-fee-after-submission", MEMBER_NUMBER, TERM(kill_fee[1]), 10000 },
	{ "kill-fee-after-approval", MEMBER_NUMBER, TERM(kill_fee[2]), 10000 },
	{ "revisions-max", MEMBER_NUMBER, TERM(revisions), 100 },
	LENGTH("answer-within", TERM(within[DEADLINE_ANSWER])),
	LENGTH("ship-within", TERM(within[DEADLINE_SHIP])),
	LENGTH("receive-within", TERM(within[DEADLINE_RECEIVE])),
	LENGTH("deliver-within", TERM(within[DEADLINE_DELIVER])),
	LENGTH("resubmit-within", TERM(within[DEADLINE_RESUBMIT])),
	LENGTH("review-within", TERM(within[DEADLINE_REVIEW])),
	LENGTH("post-within", TERM(within[DEADLINE_POST])),
	LENGTH("verify-within", TERM(within[DEADLINE_VERIFY])),
	LENGTH("pay-within", TERM(within[DEADLINE_PAY])),
	LENGTH("rate-within", TERM(within[DEADLINE_RATE])),
	LENGTH("live-for", TERM(live_for)),
	{ "compensation", MEMBER_NUMBER, TERM(compensation), 64 },
	{ "has-product", MEMBER_FLAG, TERM(has_product), 0 },
	{ "is-posted", MEMBER_FLAG, TERM(is_posted), 0 },
	TIME("since", AT(since)),
	TIME("last", AT(last)),
	{ "deadline", MEMBER_ENUM, AT(deadline), DEADLINE_COUNT - 1 },
	TIME("due", AT(due)),
	TIME("pay-due", AT(pay_due)),
	TIME("posted", AT(posted)),
	{ "revisions", MEMBER_NUMBER, AT(revisions), 100 },
	{ "shipped", MEMBER_FLAG, AT(shipped), 0 },
	{ "submitted", MEMBER_FLAG, AT(submitted), 0 },
	AMOUNT("held", AT(held)),
	AMOUNT("earned", AT(earned)),
	AMOUNT("paid", AT(paid)),
	AMOUNT("agency-earned", AT(agency_earned)),
	TERM_AMOUNT("commission-earned", AT(commission_earned)),
	{ "rated", MEMBER_ENUM, AT(rated), BY_BRAND | BY_CREATOR },
	{ "overdue", MEMBER_FLAG, AT(overdue), 0 },
	{ "disputed", MEMBER_ENUM, AT(disputed), BY_BRAND | BY_CREATOR },
	{ "faulted", MEMBER_FLAG, AT(faulted), 0 },
	{ "reach", MEMBER_NUMBER, AT(reach), TALLY_MAX },
	{ "impressions", MEMBER_NUMBER, AT(impressions), TALLY_MAX },
	{ "engagements", MEMBER_NUMBER, AT(engagements), TALLY_MAX },
	{ "told", MEMBER_ENUM, AT(told), TOLD_REACH | TOLD_IMPRESSIONS | TOLD_ENGAGEMENTS },
};

#define MEMBERS (sizeof members / sizeof members[0])

_Static_assert(sizeof(enum deal_state) == sizeof(unsigned), "enums are read and written as unsigned");
_Static_assert(sizeof(size_t) == sizeof(int64_t), "compensation is read and written as a number");

static int64_t number_of(const struct deal *deal, const struct member *member) {
	const uint8_t *at = (const uint8_t *)deal + member->offset;
	int64_t number = 0;
	unsigned word = 0;
	if (member->type == MEMBER_NUMBER) {
		memcpy(&number, at, sizeof number);
	} else if (member->type == MEMBER_ENUM) {
		memcpy(&word, at, sizeof word);
		number = word;
	} else {
		number = *(const bool *)at ? 1 : 0;
	}
	return number;
}

static bool is_empty(const struct deal *deal, const struct member *member) {
	static const uint8_t nothing[FIELD_HASH_SIZE];
	const uint8_t *at = (const uint8_t *)deal + member->offset;
	switch (member->type) {
	case MEMBER_TEXT:
		return *at == '\0';
	case MEMBER_ID:
		return memcmp(at, nothing, sizeof nothing) == 0;
	default:
		return number_of(deal, member) == 0;
	}
}

void deal_pack(struct buffer *out, const struct deal *deal) {
	size_t count = 0;
	for (size_t i = 0; i < MEMBERS; i++) {
		count += is_empty(deal, &members[i]) ? 0 : 1;
	}
	pack_map(out, count);
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct member *member = &members[i];
		const uint8_t *at = (const uint8_t *)deal + member->offset;
		if (is_empty(deal, member)) {
			continue;
		}
		if (member->type == MEMBER_TEXT) {
			pack_key_word(out, member->key, (const char *)at);
		} else if (member->type == MEMBER_ID) {
			pack_key_bytes(out, member->key, slice_of(at, FIELD_HASH_SIZE));
		} else if (member->type == MEMBER_FLAG) {
			pack_key_boolean(out, member->key, true);
		} else {
			pack_key_signed(out, member->key, number_of(deal, member));
		}
	}
}

static bool read_member(const struct pack_value *value, const struct member *member, struct deal *out) {
	uint8_t *at = (uint8_t *)out + member->offset;
	struct slice bytes;
	int64_t number = 0;
	bool flag = false;
	switch (member->type) {
	case MEMBER_TEXT:
		return pack_as_text(value, &bytes) && slice_copy_text(bytes, (char *)at, (size_t)member->maximum);
	case MEMBER_ID:
		if (!pack_as_bytes(value, &bytes) || bytes.size != FIELD_HASH_SIZE) {
			return false;
		}
		memcpy(at, bytes.data, FIELD_HASH_SIZE);
		return true;
	case MEMBER_FLAG:
		if (!pack_as_boolean(value, &flag)) {
			return false;
		}
		*(bool *)at = flag;
		return true;
	default:
		break;
	}
	if (!pack_as_signed(value, &number) || number < 0 || number > member->maximum) {
		return false;
	}
	if (member->type == MEMBER_NUMBER) {
		memcpy(at, &number, sizeof number);
	} else {
		unsigned word = (unsigned)number;
		memcpy(at, &word, sizeof word);
	}
	return true;
}

/* What is printed and reckoned with must be what a note can have said. */
static enum error check_words(const struct deal *deal, struct failure *failure) {
	const char *const currencies[] = { deal->offer_currency, deal->terms.currency, deal->terms.product_currency };
	if (deal->state == DEAL_NONE) {
		return fail(failure, ERROR_MALFORMED, "a deal's state is missing");
	}
	for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
		if (currencies[i][0] != '\0' && currency_exponent(currencies[i]) < 0) {
			return fail(failure, ERROR_MALFORMED, "a deal's currency is none");
		}
	}
	bool has_money = deal->terms.fee > 0 || deal->terms.commission_cap > 0 || deal->terms.agency_fee > 0 ||
	                 deal->held > 0 || deal->earned > 0 || deal->paid > 0 || deal->agency_earned > 0;
	bool good = account_name_is_valid(slice_of_text(deal->brand)) &&
	            account_name_is_valid(slice_of_text(deal->creator)) &&
	            (!has_money || deal->terms.currency[0] != '\0') &&
	            deal->commission_earned <= deal->terms.commission_cap &&
	            deal->terms.fee + deal->commission_earned <= MONEY_MINOR_MAX &&
	            (deal->terms.product_value == 0 || deal->terms.product_currency[0] != '\0');
	return good ? OK : fail(failure, ERROR_MALFORMED, "a deal's parties or money are not what they can be");
}

enum error deal_unpack(const struct pack_value *map, struct deal *out, struct failure *failure) {
	*out = (struct deal){ .state = DEAL_NONE };
	if (!pack_is_map(map)) {
		return fail(failure, ERROR_MALFORMED, "a deal is missing");
	}
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct pack_value *value = pack_find(map, members[i].key);
		if (value != NULL && !read_member(value, &members[i], out)) {
			return fail(failure, ERROR_MALFORMED, "a deal's %s is not what it can be", members[i].key);
		}
	}
	return check_words(out, failure);
}
