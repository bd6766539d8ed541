/* Whether a creator is whom an offer asks for: block lists, niches, countries, languages, and attested figures. Pure.
 *
 * What the offer does not ask is not looked at: one that asks nothing needs neither profile nor figures. Figures are
 * judged platform by platform: it takes one platform on which everything that is asked holds. */
#ifndef TROTH_RULES_ELIGIBILITY_H
#define TROTH_RULES_ELIGIBILITY_H

#include "rules/note.h"

/* What is known of a creator. All notes are borrowed. */
struct candidate {
	struct slice name;
	const struct note *profile;        /* the latest one; NULL if there is none */
	const struct note *const *attests; /* for each platform the latest one, in any order */
	size_t attest_count;
};

/* Whether the candidate fits. ERROR_NOT_ELIGIBLE with what the offer asks, what there is instead, and what to do. The
 * words are fit to be shown to either side. */
enum error eligibility_check(const struct note *offer, const struct candidate *candidate, struct failure *failure);

/* The most followers attested on one of the offer's platforms (on any, if it lists none): by this a deal belongs to a
 * tier. 0 if none are attested there. */
int64_t eligibility_followers(const struct note *offer, const struct candidate *candidate);

#endif
