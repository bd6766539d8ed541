/* The checks of a creator against an offer; see eligibility.h. */
#include "rules/eligibility.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define LIST_SHOWN 120 /* bytes of a list of values within a reason */

/* What the profile must name one of, where the offer lists any. */
static const char *const profile_keys[] = { "niche", "country", "language" };

static bool is_key(const struct value *value, const char *key) {
	return strcmp(value->field->key, key) == 0;
}

static bool names(const struct note *note, const char *key, struct slice raw) {
	for (size_t i = 0; i < note->count; i++) {
		if (is_key(&note->values[i], key) && slice_equal(note->values[i].raw, raw)) {
			return true;
		}
	}
	return false;
}

/* Writes the values under a key with commas between, cut to what a reason has room for. Behind each value there is room
 * to say that more come. Returns `out`. */
static const char *list_values(const struct note *note, const char *key, char out[LIST_SHOWN]) {
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < note->count; i++) {
		struct slice raw = note->values[i].raw;
		if (!is_key(&note->values[i], key)) {
			continue;
		}
		size_t joint = used > 0 ? 2 : 0;
		if (used + joint + raw.size + sizeof ", ..." > LIST_SHOWN) {
			memcpy(out + used, ", ...", sizeof ", ...");
			break;
		}
		memcpy(out + used, ", ", joint);
		used += joint;
		memcpy(out + used, raw.data, raw.size);
		used += raw.size;
		assert(used + sizeof ", ..." <= LIST_SHOWN);
		out[used] = '\0';
	}
	return out;
}

static enum error check_blocks(const struct note *offer, const struct candidate *candidate, struct failure *failure) {
	struct slice brand = note_get(offer, "brand")->party.name, name = candidate->name;
	if (names(offer, "block", name)) {
		return fail(failure, ERROR_NOT_ELIGIBLE, "this offer is not open to %.*s; see troth offer list for others",
		            (int)name.size, (const char *)name.data);
	}
	if (candidate->profile != NULL && names(candidate->profile, "block", brand)) {
		return fail(failure, ERROR_NOT_ELIGIBLE,
		            "%.*s takes no offers of %.*s at present; a new profile without that block line changes it",
		            (int)name.size, (const char *)name.data, (int)brand.size, (const char *)brand.data);
	}
	return OK;
}

/* One of the values that the offer lists under this key stands in the profile. */
static bool shares_value(const struct note *offer, const struct note *profile, const char *key) {
	for (size_t i = 0; i < offer->count; i++) {
		if (is_key(&offer->values[i], key) && names(profile, key, offer->values[i].raw)) {
			return true;
		}
	}
	return false;
}

static enum error check_profile(const struct note *offer, const struct note *profile, struct failure *failure) {
	char asked[LIST_SHOWN], named[LIST_SHOWN];
	for (size_t i = 0; i < sizeof profile_keys / sizeof profile_keys[0]; i++) {
		const char *key = profile_keys[i];
		if (note_find(offer, key) == NULL || (profile != NULL && shares_value(offer, profile, key))) {
			continue;
		}
		if (profile == NULL) {
			return fail(failure, ERROR_NOT_ELIGIBLE,
			            "%s: the offer asks for one of %s, and there is no profile; sign one that names yours", key,
			            list_values(offer, key, asked));
		}
		bool none = note_find(profile, key) == NULL;
		return fail(failure, ERROR_NOT_ELIGIBLE,
		            "%s: the profile names %s, the offer asks for one of %s; sign a new profile if one of these is "
		            "true",
		            key, none ? "none" : list_values(profile, key, named), list_values(offer, key, asked));
	}
	return OK;
}

/* ---- figures ---- */

/* What the offer asks of one platform's figures. */
struct range {
	const struct value *from, *to, *engagement; /* NULL: not asked */
};

static bool asks_figures(const struct note *offer, struct range *range) {
	*range = (struct range){ note_find(offer, "followers-from"), note_find(offer, "followers-to"),
		                     note_find(offer, "engagement-least") };
	return range->from != NULL || range->to != NULL || range->engagement != NULL ||
	       note_find(offer, "platform") != NULL;
}

static bool is_on_platform(const struct note *offer, const struct note *attest) {
	return note_find(offer, "platform") == NULL || names(offer, "platform", note_get(attest, "platform")->raw);
}

static bool followers_fit(const struct range *range, const struct note *attest) {
	int64_t followers = note_get(attest, "followers")->number;
	return (range->from == NULL || followers >= range->from->number) &&
	       (range->to == NULL || followers <= range->to->number);
}

static bool engagement_fits(const struct range *range, const struct note *attest) {
	return range->engagement == NULL || note_get(attest, "engagement")->number >= range->engagement->number;
}

/* "5000 to 50000", "at least 5000" or "at most 50000". */
static const char *write_range(const struct range *range, char out[64]) {
	if (range->from != NULL && range->to != NULL) {
		(void)snprintf(out, 64, "%" PRId64 " to %" PRId64, range->from->number, range->to->number);
	} else if (range->from != NULL) {
		(void)snprintf(out, 64, "at least %" PRId64, range->from->number);
	} else {
		(void)snprintf(out, 64, "at most %" PRId64, range->to->number);
	}
	return out;
}

/* `nearest` is the attestation on a listed platform that lacks the least; NULL if there is none. */
static enum error refuse_figures(const struct note *offer, const struct range *range, const struct note *nearest,
                                 struct failure *failure) {
	char text[64], platforms[LIST_SHOWN];
	if (nearest == NULL) {
		bool listed = note_find(offer, "platform") != NULL;
		return fail(failure, ERROR_NOT_ELIGIBLE,
		            "platform: the offer asks for figures on %s, and none are attested; ask the agency to attest them",
		            listed ? list_values(offer, "platform", platforms) : "any platform");
	}
	struct slice platform = note_get(nearest, "platform")->raw;
	if (!followers_fit(range, nearest)) {
		return fail(failure, ERROR_NOT_ELIGIBLE,
		            "followers on %.*s: %" PRId64 " attested, the offer asks for %s; ask the agency to attest newer "
		            "figures",
		            (int)platform.size, (const char *)platform.data, note_get(nearest, "followers")->number,
		            write_range(range, text));
	}
	struct slice engagement = note_get(nearest, "engagement")->raw, least = range->engagement->raw;
	return fail(failure, ERROR_NOT_ELIGIBLE,
	            "engagement on %.*s: %.*s attested, the offer asks for at least %.*s; ask the agency to attest newer "
	            "figures",
	            (int)platform.size, (const char *)platform.data, (int)engagement.size, (const char *)engagement.data,
	            (int)least.size, (const char *)least.data);
}

/* Fitting followers come before many of them. */
static bool is_nearer(const struct range *range, const struct note *attest, const struct note *than) {
	bool fits = followers_fit(range, attest);
	if (than == NULL || fits != followers_fit(range, than)) {
		return than == NULL || fits;
	}
	return note_get(attest, "followers")->number > note_get(than, "followers")->number;
}

static enum error check_figures(const struct note *offer, const struct candidate *candidate,
                                struct failure *failure) {
	struct range range;
	const struct note *nearest = NULL;
	if (!asks_figures(offer, &range)) {
		return OK;
	}
	for (size_t i = 0; i < candidate->attest_count; i++) {
		const struct note *attest = candidate->attests[i];
		if (!is_on_platform(offer, attest)) {
			continue;
		}
		if (followers_fit(&range, attest) && engagement_fits(&range, attest)) {
			return OK;
		}
		nearest = is_nearer(&range, attest, nearest) ? attest : nearest;
	}
	return refuse_figures(offer, &range, nearest, failure);
}

enum error eligibility_check(const struct note *offer, const struct candidate *candidate, struct failure *failure) {
	assert(offer->kind->id == KIND_OFFER);
	enum error error = check_blocks(offer, candidate, failure);
	if (error == OK) {
		error = check_profile(offer, candidate->profile, failure);
	}
	return error == OK ? check_figures(offer, candidate, failure) : error;
}

int64_t eligibility_followers(const struct note *offer, const struct candidate *candidate) {
	int64_t most = 0;
	for (size_t i = 0; i < candidate->attest_count; i++) {
		const struct note *attest = candidate->attests[i];
		int64_t followers = note_get(attest, "followers")->number;
		most = is_on_platform(offer, attest) && followers > most ? followers : most;
	}
	return most;
}
