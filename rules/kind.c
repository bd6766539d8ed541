/* The tables of all kinds of notes. To read this file is to know what Troth's notes say. */
#include "rules/kind.h"

#include "rules/terms.h"

const char *const role_words[] = { "brand", "creator", "operator", NULL };
const char *const road_words[] = { "first-come", "selection", "negotiation", "invitation", NULL };
const char *const deadline_words[] = { "none",   "answer", "ship", "receive", "deliver", "resubmit", "review",
	                                   "post",   "verify", "pay",  "rate",    NULL };
const char *const outcome_words[] = { "resume", "settle", NULL };
const char *const standing_words[] = { "suspended", "good", NULL };
const char *const platform_words[] = { "instagram", "tiktok", "youtube", "twitch", "blog", "pinterest", "x", NULL };

static const char *const consent_words[] = { "electronic-signatures", NULL };
static const char *const compensation_words[] = {
	"gifted", "paid", "gifted-and-paid", "commission", "gifted-and-commission", "paid-and-commission",
	"gifted-paid-and-commission", NULL,
};
/* Those that begin with "ugc-" are handed over; all others are posted by the creator. */
static const char *const deliverable_words[] = {
	"instagram-post", "instagram-carousel", "instagram-reel", "instagram-story", "instagram-live", "tiktok-video",
	"tiktok-live", "youtube-integration", "youtube-video", "youtube-short", "twitch-stream", "twitch-panel",
	"blog-post", "ugc-photo", "ugc-video", "pinterest-pin", "review", NULL,
};
static const char *const usage_words[] = { "brand-channels", "website", "email", "paid-social", "print", "out-of-home",
	                                       "tv", "retail", NULL };
static const char *const party_words[] = { "brand", "creator", NULL };
static const char *const yes_words[] = { "yes", "no", NULL };

#define AUTHOR FIELD_FROM_AUTHOR
#define PROGRAM FIELD_FROM_PROGRAM
#define DURATION(key, example, help) { key, FIELD_DURATION, 0, 1, AUTHOR, 0, 0, NULL, example, help }
#define OVERLAP_MAX (30 * 86400) /* seconds */
#define PERCENT(key, least, example, help) { key, FIELD_PERCENT, least, 1, AUTHOR, 0, 10000, NULL, example, help }
#define AMOUNT(key, least, example, help) { key, FIELD_MONEY, least, 1, AUTHOR, 1, 0, NULL, example, help }
#define LINE(key, least, most, bytes, example, help) \
	{ key, FIELD_TEXT, least, most, AUTHOR, 0, bytes, NULL, example, help }
#define CHOICE(key, least, most, words, example, help) \
	{ key, FIELD_WORD, least, most, AUTHOR, 0, 0, words, example, help }
#define TALLY(key, example, help) { key, FIELD_COUNT, 0, 1, AUTHOR, 0, TALLY_MAX, NULL, example, help }
#define TALLY_MAX INT64_C(1000000000000)
#define PARTY(key, help) { key, FIELD_PARTY, 1, 1, PROGRAM, 0, 0, NULL, NULL, help }
#define REFERENCE(key, help) { key, FIELD_REFERENCE, 1, 1, PROGRAM, 0, 0, NULL, NULL, help }
#define MAYBE_REFERENCE(key, help) { key, FIELD_REFERENCE, 0, 1, PROGRAM, 0, 0, NULL, NULL, help }
#define LIST(fields) { fields, sizeof fields / sizeof fields[0] }

/* What both sides of a deal agree on: in the offer, and repeated in full in the agreement. */
static const struct field terms[] = {
	LINE("campaign", 0, 1, 80, "Spring 2027", "the brand's own name for a group of offers"),
	{ "category", FIELD_SLUG, 0, 1, AUTHOR, 0, 0, NULL, "yoga-mats",
	  "what it advertises; without it, nobody who works exclusively for another brand can agree" },
	CHOICE("compensation", 1, 1, compensation_words, "gifted", "what the creator gets"),
	LINE("product", 0, 1, 200, "Cork yoga mat, 5 mm", "what is sent, if anything"),
	AMOUNT("product-value", 0, "89.00 USD", "its market value, for tax and claims"),
	LINE("return", 0, 1, 200, "at the brand's cost, if the deal is cancelled", "when the product goes back"),
	AMOUNT("fee", 0, "250.00 USD", "what the creator is paid"),
	PERCENT("commission", 0, "10 %", "the creator's part of the sales, which the agency tells once, in a verify note"),
	AMOUNT("commission-cap", 0, "100.00 USD",
	       "the commission is at most this; it is held like a fee, and goes back if no sales are told"),
	AMOUNT("agency-fee", 0, "25.00 USD", "what the agency is paid on top"),
	{ "deliverable", FIELD_DELIVERABLE, 1, 20, AUTHOR, 1, 100, deliverable_words, "1 instagram-reel within 14d",
	  "what the creator makes, and until when after agreeing or receiving the product" },
	LINE("brief", 0, 10, 500, "Show the mat in use, in daylight.", "what it should show"),
	LINE("disclosure", 1, 5, 60, "#ad", "the wording that makes the connection clear"),
	CHOICE("usage", 0, 8, usage_words, "brand-channels", "where the brand may use the content too"),
	LINE("usage-territory", 0, 1, 80, "worldwide", "in which countries"),
	DURATION("usage-for", "90d", "how long, from the approval on"),
	DURATION("whitelisting-for", "30d", "how long the brand may advertise through the creator's account"),
	{ "exclusivity", FIELD_EXCLUSIVITY, 0, 5, AUTHOR, 0, 0, NULL, "yoga-mats for 30d",
	  "a category in which the creator works for no other brand, from the agreement until so long after the post" },
	LINE("confidential", 0, 1, 200, "the product's name before 2027-02-01", "what is not told to others"),
	LINE("reporting", 0, 1, 200, "reach and likes after 7 days", "which figures the creator reports"),
	LINE("law", 0, 1, 80, "New York", "whose law governs the agreement"),
	PERCENT("kill-fee-before-submission", 0, "10 %", "of both fees, where the brand cancels; 0 % if not said"),
	PERCENT("kill-fee-after-submission", 0, "90 %", "of both fees, where the brand cancels then; 90 % if not said"),
	PERCENT("kill-fee-after-approval", 0, "100 %", "of both fees, where the brand cancels then; 100 % if not said"),
	DURATION("answer-within", "72h", "a proposal is answered; 72h if not said, an application until the offer closes"),
	DURATION("ship-within", "5d", "the brand ships the product; 5d if not said"),
	DURATION("receive-within", "10d", "after shipping; silence says that it has arrived; 10d if not said"),
	DURATION("review-within", "72h", "the brand approves or asks for a revision; silence approves; 72h if not said"),
	{ "revisions", FIELD_COUNT, 0, 1, AUTHOR, 0, 10, NULL, "2", "how often the brand may ask for one; 0 if not said" },
	DURATION("resubmit-within", "72h", "the creator submits a revision; 72h if not said"),
	DURATION("post-within", "7d", "the creator posts after approval; 7d if not said"),
	DURATION("verify-within", "7d", "the agency looks at the post; silence verifies it; 7d if not said"),
	DURATION("live-for", "30d", "the post stays up at least; 30d if not said"),
	DURATION("pay-within", "30d", "what was earned is paid after the post is verified"),
	DURATION("rate-within", "14d",
	         "both sides rate, unseen by the other till then; 14d if not said, live-for while a commission is held"),
};

/* What makes each note its own, behind everything else. */
static const struct field stamp[] = {
	{ "time", FIELD_TIME, 1, 1, PROGRAM, 0, 0, NULL, NULL, "when it was signed, by the signer's clock" },
	{ "nonce", FIELD_NONCE, 1, 1, PROGRAM, 0, 0, NULL, NULL, "makes two notes of the same words different" },
};

/* Which deal a step belongs to, and what it follows. */
static const struct field step[] = {
	REFERENCE("deal", "the agreement (for the decline of a proposal: the proposal)"),
	REFERENCE("after", "the deal's note before this one"),
};

static const struct field enrol_fields[] = {
	PARTY("account", "the name that is asked for, and the key that will sign for it"),
	{ "role", FIELD_WORD, 1, 1, PROGRAM, 0, 0, role_words, NULL, "what the account will be" },
	{ "transport", FIELD_TRANSPORT, 1, 1, PROGRAM, 0, 0, NULL, NULL, "the key of its connections" },
	{ "consent", FIELD_WORD, 1, 1, PROGRAM, 0, 0, consent_words, NULL, "agrees to be bound by signing this way" },
};

static const struct field admit_fields[] = {
	PARTY("account", "the account that is admitted, with its key"),
	{ "role", FIELD_WORD, 1, 1, PROGRAM, 0, 0, role_words, NULL, "as what" },
	REFERENCE("enrolment", "the enrol note that asked for it"),
	{ "admitter", FIELD_ADMITTER, 1, 1, PROGRAM, 0, 0, NULL, NULL,
	  "the operator, or " AGENCY_NAME " for the first operator" },
};

static const struct field suspend_fields[] = {
	{ "account", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "acme-yoga", "whose account" },
	CHOICE("standing", 1, 1, standing_words, "suspended", "suspended: nothing new may be begun, running deals go on"),
	LINE("reason", 1, 1, 200, "does not ship", "why"),
	PARTY("operator", "who decides it"),
};

static const struct field rekey_fields[] = {
	PARTY("account", "the account, with its new key, which signs this too"),
	{ "role", FIELD_WORD, 1, 1, PROGRAM, 0, 0, role_words, NULL, "the account's role" },
	PARTY("predecessor", "the account, with the key that it had"),
	{ "transport", FIELD_TRANSPORT, 1, 1, PROGRAM, 0, 0, NULL, NULL, "the key of its connections from now on" },
	{ "overlap", FIELD_DURATION, 0, 1, AUTHOR, 0, OVERLAP_MAX, NULL, "7d",
	  "how long the old key is still good; not at all if not said" },
};

static const struct field revoke_fields[] = {
	{ "account", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "acme-yoga", "whose key" },
	{ "key", FIELD_KEY, 1, 1, PROGRAM, 0, 0, NULL, NULL, "the key that others have, or may have" },
	{ "valid-until", FIELD_COUNT, 1, 1, AUTHOR, 0, TALLY_MAX, NULL, "4711",
	  "the last note, by its number in the log, for which this key is good" },
	LINE("reason", 1, 1, 200, "laptop stolen", "why"),
	PARTY("operator", "who decides it"),
};

static const struct field profile_fields[] = {
	PARTY("creator", "whose profile; the latest one counts"),
	{ "niche", FIELD_SLUG, 0, 10, AUTHOR, 0, 0, NULL, "yoga", "what the creator is about" },
	{ "channel", FIELD_CHANNEL, 0, 10, AUTHOR, 0, 60, platform_words, "instagram studio.flow", "where the posts are" },
	{ "country", FIELD_COUNTRY, 0, 5, AUTHOR, 0, 0, NULL, "US", "where the creator or most of the audience is" },
	{ "language", FIELD_LANGUAGE, 0, 5, AUTHOR, 0, 0, NULL, "en", "in which the creator posts" },
	LINE("about", 0, 3, 300, "Slow mornings, small studio.", "a few words"),
	{ "block", FIELD_NAME, 0, 20, AUTHOR, 0, 0, NULL, "fast-fashion", "a brand that the creator does not work with" },
};

static const struct field attest_fields[] = {
	{ "creator", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "studio-flow", "whose figures" },
	CHOICE("platform", 1, 1, platform_words, "instagram", "where"),
	{ "followers", FIELD_COUNT, 1, 1, AUTHOR, 0, TALLY_MAX, NULL, "18400", "how many" },
	{ "engagement", FIELD_PERCENT, 1, 1, AUTHOR, 0, 100000, NULL, "2.4 %",
	  "likes and comments of a post by followers" },
	LINE("source", 1, 1, 120, "platform's own statistics, seen 2026-11-20", "where the figures come from"),
	PARTY("operator", "who attests it"),
};

static const struct field offer_head[] = { PARTY("brand", "who offers") };

/* Who may agree and how; these stay in the offer. */
static const struct field offer_fields[] = {
	CHOICE("road", 0, 1, road_words, "selection",
	       "how an agreement comes about: whoever accepts first; creators apply and the brand chooses; either side "
	       "changes terms until both sign; the brand invites; first-come if not said"),
	{ "niche", FIELD_SLUG, 0, 10, AUTHOR, 0, 0, NULL, "yoga", "the creator's profile names one of these" },
	CHOICE("platform", 0, 7, platform_words, "instagram", "the creator's figures are attested for one of these"),
	TALLY("followers-from", "5000", "on that platform, at least"),
	TALLY("followers-to", "50000", "and at most"),
	{ "engagement-least", FIELD_PERCENT, 0, 1, AUTHOR, 0, 10000, NULL, "1.5 %", "and engagement there, at least" },
	{ "country", FIELD_COUNTRY, 0, 20, AUTHOR, 0, 0, NULL, "US", "the creator's profile names one of these" },
	{ "language", FIELD_LANGUAGE, 0, 10, AUTHOR, 0, 0, NULL, "en", "the creator's profile names one of these" },
	{ "block", FIELD_NAME, 0, 20, AUTHOR, 0, 0, NULL, "other-creator", "a creator who cannot agree" },
	{ "slots", FIELD_COUNT, 1, 1, AUTHOR, 1, 100000, NULL, "5", "how many creators can agree" },
	{ "closes", FIELD_TIME, 1, 1, AUTHOR, 0, 0, NULL, "2027-03-31T23:59:59Z", "last moment to agree" },
};

static const struct field close_fields[] = {
	REFERENCE("offer", "the offer that takes no more agreements; what is still reserved for it becomes available"),
	PARTY("brand", "who closes it"),
};

static const struct field agreement_head[] = {
	REFERENCE("offer", "the offer that it follows from"),
	MAYBE_REFERENCE("replaces", "the proposal that this text is an answer to"),
	MAYBE_REFERENCE("amends", "the agreement (or amendment) in force that this text changes"),
	MAYBE_REFERENCE("after", "with amends: the deal's note before this one"),
	PARTY("brand", "the brand, bound by signing this text or, where nothing was changed, the offer"),
	PARTY("creator", "the creator, bound by signing this text"),
};

static const struct field fund_fields[] = {
	{ "brand", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "acme-yoga", "whose money it is" },
	{ "amount", FIELD_MONEY, 1, 1, PROGRAM, 1, 0, NULL, "1000.00 USD", "how much the payment provider has confirmed" },
	{ "reference", FIELD_TEXT, 1, 1, PROGRAM, 0, 80, NULL, "bank-4711", "the provider's reference, used once" },
	PARTY("operator", "who attests it"),
};

static const struct field refund_fields[] = {
	{ "brand", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "acme-yoga", "whose money goes back" },
	{ "amount", FIELD_MONEY, 1, 1, PROGRAM, 1, 0, NULL, "100.00 USD", "how much of what is available" },
	{ "reference", FIELD_TEXT, 1, 1, PROGRAM, 0, 80, NULL, "bank-4712", "the provider's reference, used once" },
	PARTY("operator", "who attests it"),
};

/* Either party, in a role that the text says. */
static const struct field either_party[] = {
	PARTY("by", "who says so"),
	{ "role", FIELD_WORD, 1, 1, PROGRAM, 0, 0, party_words, NULL, "the signer's side of the deal" },
};
static const struct field reason_field[] = { LINE("reason", 0, 5, 300, "The light is too dark.", "why") };
static const struct field reasons_field[] = { LINE("reason", 1, 10, 500, "Please show the logo.", "what, and why") };
static const struct field by_brand[] = { PARTY("brand", "the brand") };
static const struct field by_creator[] = { PARTY("creator", "the creator") };
static const struct field by_operator[] = { PARTY("operator", "the operator") };

static const struct field ship_fields[] = {
	LINE("carrier", 1, 1, 60, "DHL", "who carries it"),
	LINE("tracking", 0, 1, 80, "00340434161094042557", "the carrier's number"),
};

static const struct field submit_fields[] = {
	{ "content", FIELD_CONTENT, 1, 20, AUTHOR, 0, 400, NULL,
	  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/reel.mp4",
	  "hash and link of what was made" },
	LINE("remark", 0, 3, 300, "Filmed at sunrise.", "for the brand"),
};

static const struct field post_fields[] = {
	{ "link", FIELD_LINK, 1, 20, AUTHOR, 0, 400, NULL, "https://instagram.com/p/abc123", "where the post is" },
};

static const struct field verify_fields[] = {
	CHOICE("live", 1, 1, yes_words, "yes", "the post is up"),
	CHOICE("tagged", 1, 1, yes_words, "yes", "it names the brand as agreed"),
	CHOICE("disclosed", 1, 1, yes_words, "yes", "it carries the agreed disclosure, clear and hard to miss"),
	AMOUNT("sales", 0, "420.00 USD", "sales that the commission is of, all at once: it is settled by them"),
	TALLY("reach", "9200", "people who have seen it"),
	TALLY("impressions", "15000", "how often it was seen"),
	TALLY("engagements", "640", "likes and comments"),
	LINE("remark", 0, 3, 300, "Tag added on request.", "what was seen"),
};

static const struct field pay_fields[] = {
	AMOUNT("amount", 1, "250.00 USD", "what the payment provider has paid out"),
	LINE("reference", 1, 1, 80, "payout-0815", "the provider's reference, used once"),
};

static const struct field rate_fields[] = {
	{ "stars", FIELD_COUNT, 1, 1, AUTHOR, 1, 5, NULL, "5", "from 1 to 5" },
	LINE("remark", 0, 3, 300, "Fast and friendly.", "a few words"),
};

static const struct field ruling_fields[] = {
	CHOICE("outcome", 1, 1, outcome_words, "settle", "resume: the deal goes on; settle: it ends with this split"),
	PERCENT("creator-share", 0, "60 %", "of fee, agency fee, commission if sales were told; the rest is the brand's"),
	LINE("reason", 1, 10, 500, "Two of three deliverables were made.", "why"),
};

static const struct field lapse_fields[] = {
	MAYBE_REFERENCE("offer", "the offer whose time is over"),
	MAYBE_REFERENCE("deal", "or the deal"),
	MAYBE_REFERENCE("after", "and the deal's note before this one"),
	{ "deadline", FIELD_WORD, 1, 1, PROGRAM, 0, 0, deadline_words, NULL, "which deadline" },
	{ "due", FIELD_TIME, 1, 1, PROGRAM, 0, 0, NULL, NULL, "when it was" },
	{ "by", FIELD_ADMITTER, 1, 1, PROGRAM, 0, 0, NULL, NULL, "the agency's own key" },
};

#define KIND(id, name, signer, role, check, help, ...) \
	[id] = { id, name, 1, { __VA_ARGS__, LIST(stamp) }, { { signer, role } }, SIGNED_BY_ONE, false, check, help }

static const struct kind kinds[KIND_COUNT] = {
	KIND(KIND_ENROL, "enrol", "account", ROLE_COUNT, NULL, "asks for an account", LIST(enrol_fields)),
	KIND(KIND_ADMIT, "admit", "admitter", ROLE_OPERATOR, terms_check_admit, "admits an account", LIST(admit_fields)),
	KIND(KIND_SUSPEND, "suspend", "operator", ROLE_OPERATOR, NULL, "suspends an account, or restores it",
	     LIST(suspend_fields)),
	[KIND_REKEY] = { KIND_REKEY, "rekey", 1, { LIST(rekey_fields), LIST(stamp) },
	                 { { "account", ROLE_COUNT }, { "predecessor", ROLE_COUNT } }, SIGNED_BY_BOTH, false,
	                 terms_check_rekey, "gives an account a new key" },
	KIND(KIND_REVOKE, "revoke", "operator", ROLE_OPERATOR, NULL, "ends a key that is not its owner's alone any more",
	     LIST(revoke_fields)),
	KIND(KIND_PROFILE, "profile", "creator", ROLE_CREATOR, NULL, "says what a creator is about", LIST(profile_fields)),
	KIND(KIND_ATTEST, "attest", "operator", ROLE_OPERATOR, NULL, "attests a creator's figures", LIST(attest_fields)),
	KIND(KIND_OFFER, "offer", "brand", ROLE_BRAND, terms_check_offer, "offers a product, a fee or both for content",
	     LIST(offer_head), LIST(terms), LIST(offer_fields)),
	KIND(KIND_CLOSE, "close", "brand", ROLE_BRAND, NULL, "closes an offer", LIST(close_fields)),
	KIND(KIND_FUND, "fund", "operator", ROLE_OPERATOR, NULL, "attests money of a brand", LIST(fund_fields)),
	KIND(KIND_REFUND, "refund", "operator", ROLE_OPERATOR, NULL, "gives available money back", LIST(refund_fields)),
	[KIND_AGREEMENT] = { KIND_AGREEMENT, "agreement", 1, { LIST(agreement_head), LIST(terms), LIST(stamp) },
	                     { { "creator", ROLE_CREATOR }, { "brand", ROLE_BRAND } }, SIGNED_BY_EITHER, true,
	                     terms_check_agreement,
	                     "proposes an agreement or, signed by both, binds brand and creator; its id is the deal's id" },
	KIND(KIND_DECLINE, "decline", "by", ROLE_COUNT, NULL,
	     "turns a proposal down, or takes one back; turns an amendment down", LIST(step),
	     LIST(either_party), LIST(reason_field)),
	KIND(KIND_SHIP, "ship", "brand", ROLE_BRAND, NULL, "says that the product is on its way", LIST(step),
	     LIST(by_brand), LIST(ship_fields)),
	KIND(KIND_RECEIVE, "receive", "creator", ROLE_CREATOR, NULL, "says that the product has arrived", LIST(step),
	     LIST(by_creator)),
	KIND(KIND_SUBMIT, "submit", "creator", ROLE_CREATOR, NULL, "hands content in for review", LIST(step),
	     LIST(by_creator), LIST(submit_fields)),
	KIND(KIND_REVISE, "revise", "brand", ROLE_BRAND, NULL, "asks for a revision", LIST(step), LIST(by_brand),
	     LIST(reasons_field)),
	KIND(KIND_APPROVE, "approve", "brand", ROLE_BRAND, NULL, "approves the content", LIST(step), LIST(by_brand)),
	KIND(KIND_POST, "post", "creator", ROLE_CREATOR, NULL, "says where the post is", LIST(step), LIST(by_creator),
	     LIST(post_fields)),
	KIND(KIND_VERIFY, "verify", "operator", ROLE_OPERATOR, NULL, "says what the agency has seen of the post",
	     LIST(step), LIST(by_operator), LIST(verify_fields)),
	KIND(KIND_PAY, "pay", "operator", ROLE_OPERATOR, NULL, "says that the creator was paid", LIST(step),
	     LIST(by_operator), LIST(pay_fields)),
	KIND(KIND_RATE, "rate", "by", ROLE_COUNT, NULL, "rates the other side", LIST(step), LIST(either_party),
	     LIST(rate_fields)),
	KIND(KIND_CANCEL, "cancel", "by", ROLE_COUNT, NULL, "ends the deal, with what the agreement says for that",
	     LIST(step), LIST(either_party), LIST(reason_field)),
	KIND(KIND_DISPUTE, "dispute", "by", ROLE_COUNT, NULL, "asks the agency for a ruling; the clock stops", LIST(step),
	     LIST(either_party), LIST(reasons_field)),
	KIND(KIND_RULING, "ruling", "operator", ROLE_OPERATOR, terms_check_ruling, "decides a dispute", LIST(step),
	     LIST(by_operator), LIST(ruling_fields)),
	KIND(KIND_LAPSE, "lapse", "by", ROLE_OPERATOR, terms_check_lapse,
	     "says that a deadline has passed, with the effect that the agreement states", LIST(lapse_fields)),
};

const struct kind *kind_get(enum kind_id id) {
	return &kinds[id];
}

const struct field_list *kind_terms(void) {
	static const struct field_list list = LIST(terms);
	return &list;
}

const struct kind *kind_find(struct slice name) {
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (slice_is(name, kinds[i].name)) {
			return &kinds[i];
		}
	}
	return NULL;
}

size_t kind_field_count(const struct kind *kind) {
	size_t count = 0;
	for (size_t i = 0; i < KIND_LISTS_MAX; i++) {
		count += kind->lists[i].count;
	}
	return count;
}

const struct field *kind_field(const struct kind *kind, size_t index) {
	for (size_t i = 0; i < KIND_LISTS_MAX; i++) {
		if (index < kind->lists[i].count) {
			return &kind->lists[i].fields[index];
		}
		index -= kind->lists[i].count;
	}
	return NULL;
}

const struct field *kind_find_field(const struct kind *kind, struct slice key, size_t *index) {
	size_t at = 0;
	for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
		if (slice_is(key, field->key)) {
			if (index != NULL) {
				*index = at;
			}
			return field;
		}
	}
	return NULL;
}

static void describe_field(const struct field *field, struct buffer *out) {
	const char *often = field->least == 0 ? "optional" : "required";
	(void)buffer_format(out, "| `%s` | ", field->key);
	field_describe(field, out);
	if (field->most > 1) {
		(void)buffer_format(out, " | %s, up to %u times", often, field->most);
	} else {
		(void)buffer_format(out, " | %s", often);
	}
	(void)buffer_format(out, " | %s |\n", field->help);
}

static const char heading[] =
    "# Notes\n"
    "\n"
    "This page is printed from the tables in `rules/kind.c` by `make doc`; a test fails when the two differ.\n"
    "\n"
    "A **note** is the one thing that changes the market: a short text that a person can read, signed by whoever\n"
    "takes the step. It is a C2SP signed note: the text, an empty line, and one or more signature lines.\n"
    "\n"
    "```\n"
    "agency.example/close/v1\n"
    "offer sha256:9c1f…\n"
    "brand acme-yoga ed25519:5f0c…\n"
    "time 2026-11-23T10:02:11Z\n"
    "nonce 4be0c3…\n"
    "\n"
    "— agency.example/brand/acme-yoga kqb1…\n"
    "```\n"
    "\n"
    "The first line is `<origin>/<kind>/v<version>`: which agency the note is for, and which of the kinds below it\n"
    "is. Each line after it is a key, one blank and a value. The keys stand in the order of the kind's table, and a\n"
    "key that may stand several times is a list.\n"
    "\n"
    "There is one byte form: the same content is always the same bytes. Refused are keys that are unknown, missing,\n"
    "misplaced or doubled, empty lines, outer and doubled blanks, numbers with leading zeros, line ends other than\n"
    "LF, characters that a reader cannot see, text that is not in Unicode's composed form (NFC), and more than 16\n"
    "KiB.\n"
    "\n"
    "A signature line is a dash, the signer's name, and in base64 four bytes that hint at the key and the Ed25519\n"
    "signature of the text. The signer's key stands in the text itself, so no other key can claim the signature.\n"
    "\n"
    "The **id** of a note is the SHA-256 of its text, without the signatures. Other notes refer to it as `sha256:`\n"
    "and 64 hex digits.\n";

void kinds_describe(struct buffer *out) {
	(void)buffer_append_text(out, heading);
	for (size_t i = 0; i < KIND_COUNT; i++) {
		const struct kind *kind = &kinds[i];
		static const char *const joints[] = { [SIGNED_BY_ONE] = "", [SIGNED_BY_EITHER] = "`, `",
			                                  [SIGNED_BY_BOTH] = "` and `" };
		const char *second = kind->how == SIGNED_BY_ONE ? "" : kind->signers[1].key;
		(void)buffer_format(out, "\n## %s/v%u\n\nA note that %s. Signed by the party of `%s%s%s`%s.\n\n", kind->name,
		                    kind->version, kind->help, kind->signers[0].key, joints[kind->how], second,
		                    kind->how == SIGNED_BY_EITHER ? " or both; then countersigned by the agency" : "");
		(void)buffer_append_text(out, "| key | value | | meaning |\n|---|---|---|---|\n");
		size_t at = 0;
		for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
			describe_field(field, out);
		}
	}
}
