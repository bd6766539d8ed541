/* Whether two deals are the same, field by field: the bytes between fields say nothing. For tests of replays. */
#ifndef TROTH_TESTS_UNIT_RULES_LIFE_SAME_H
#define TROTH_TESTS_UNIT_RULES_LIFE_SAME_H

#include <stddef.h>
#include <string.h>

#include "rules/deal.h"

#define SAME(field) { #field, offsetof(struct deal, field), sizeof ((struct deal *)0)->field, false }
#define SAME_TEXT(field) { #field, offsetof(struct deal, field), sizeof ((struct deal *)0)->field, true }

/* The first field that differs, or NULL. */
static inline const char *deal_difference(const struct deal *a, const struct deal *b) {
	static const struct {
		const char *name;
		size_t offset, size;
		bool is_text; /* up to its NUL */
	} fields[] = {
		SAME(state), SAME(before), SAME(id), SAME(text), SAME(head), SAME(offer), SAME_TEXT(brand),
		SAME_TEXT(creator), SAME(road), SAME(closes), SAME(offer_share), SAME_TEXT(offer_currency), SAME(proposer),
		SAME(amendment), SAME(amender), SAME_TEXT(terms.currency), SAME(terms.fee), SAME(terms.commission_cap),
		SAME(terms.agency_fee), SAME(terms.commission), SAME(terms.product_value), SAME_TEXT(terms.product_currency),
		SAME(terms.kill_fee), SAME(terms.revisions), SAME(terms.within), SAME(terms.live_for),
		SAME(terms.compensation), SAME(terms.has_product), SAME(terms.is_posted), SAME(since), SAME(last),
		SAME(deadline), SAME(due), SAME(posted), SAME(revisions), SAME(shipped), SAME(submitted), SAME(held),
		SAME(earned), SAME(paid), SAME(agency_earned), SAME(commission_earned), SAME(rated), SAME(overdue),
		SAME(disputed), SAME(faulted), SAME(reach), SAME(impressions), SAME(engagements),
	};
	const char *differs = NULL;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0] && differs == NULL; i++) {
		const char *in_a = (const char *)a + fields[i].offset, *in_b = (const char *)b + fields[i].offset;
		bool same = fields[i].is_text ? strcmp(in_a, in_b) == 0 : memcmp(in_a, in_b, fields[i].size) == 0;
		differs = same ? NULL : fields[i].name;
	}
	return differs;
}

#undef SAME
#undef SAME_TEXT
#endif
