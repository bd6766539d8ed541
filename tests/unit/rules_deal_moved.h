/* What a step of a played deal moved between the accounts of the ledger. For the tests of deals' money. */
#ifndef TROTH_TESTS_UNIT_RULES_DEAL_MOVED_H
#define TROTH_TESTS_UNIT_RULES_DEAL_MOVED_H

#include "tests/unit/rules_deal_script.h"

/* What a step moved, by the sort of account. */
struct moved {
	int64_t available, reserved, held, earned, fees, paid;
};

static inline struct moved script_sums(const struct script *script) {
	struct moved sums = { 0 };
	const struct {
		const char *ending;
		int64_t *sum;
	} sorts[] = { { "/available", &sums.available }, { "/reserved", &sums.reserved }, { "/held", &sums.held },
		          { "/earned", &sums.earned },       { "/fees", &sums.fees },         { "/paid", &sums.paid } };
	const struct entry *entry = &script->result.entry;
	size_t known = 0;
	for (size_t i = 0; i < entry->count; i++) {
		const char *account = entry->postings[i].account;
		for (size_t sort = 0; sort < sizeof sorts / sizeof sorts[0]; sort++) {
			if (strcmp(strrchr(account, '/'), sorts[sort].ending) == 0) {
				*sorts[sort].sum += entry->postings[i].amount.minor;
				known++;
			}
		}
	}
	ck_assert_uint_eq(known, entry->count);
	ck_assert(ledger_is_balanced(entry));
	return sums;
}

/* The latest step moved this and nothing else. */
static inline void script_moved(const struct script *script, struct moved expected, const char *what) {
	struct moved actual = script_sums(script);
	ck_assert_msg(memcmp(&actual, &expected, sizeof actual) == 0,
	              "%s: available %+lld, reserved %+lld, held %+lld, earned %+lld, fees %+lld, paid %+lld", what,
	              (long long)actual.available, (long long)actual.reserved, (long long)actual.held,
	              (long long)actual.earned, (long long)actual.fees, (long long)actual.paid);
}

#endif
