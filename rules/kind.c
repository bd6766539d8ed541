/* The tables of all kinds of notes. To read this file is to know what Troth's notes say. */
#include "rules/kind.h"

#include "rules/terms.h"

const char *const role_words[] = { "brand", "creator", "operator", NULL };

static const char *const consent_words[] = { "electronic-signatures", NULL };
static const char *const compensation_words[] = { "gifted", "paid", "gifted-and-paid", NULL };
static const char *const deliverable_words[] = {
	"instagram-post", "instagram-carousel", "instagram-reel", "instagram-story", "instagram-live", "tiktok-video",
	"tiktok-live", "youtube-integration", "youtube-video", "youtube-short", "twitch-stream", "twitch-panel",
	"blog-post", "ugc-photo", "ugc-video", "pinterest-pin", "review", NULL,
};

#define AUTHOR FIELD_FROM_AUTHOR
#define PROGRAM FIELD_FROM_PROGRAM
#define DURATION(key, example, help) { key, FIELD_DURATION, 0, 1, AUTHOR, 0, 0, NULL, example, help }
#define PARTY(key, help) { key, FIELD_PARTY, 1, 1, PROGRAM, 0, 0, NULL, NULL, help }
#define REFERENCE(key, help) { key, FIELD_REFERENCE, 1, 1, PROGRAM, 0, 0, NULL, NULL, help }
#define LIST(fields) { fields, sizeof fields / sizeof fields[0] }

/* What both sides of a deal agree on: in the offer, and repeated in full in the agreement. */
static const struct field terms[] = {
	{ "campaign", FIELD_TEXT, 0, 1, AUTHOR, 0, 80, NULL, "Spring 2027", "the brand's own name for a group of offers" },
	{ "compensation", FIELD_WORD, 1, 1, AUTHOR, 0, 0, compensation_words, "gifted", "what the creator gets" },
	{ "product", FIELD_TEXT, 0, 1, AUTHOR, 0, 200, NULL, "Cork yoga mat, 5 mm", "what is sent, if anything" },
	{ "product-value", FIELD_MONEY, 0, 1, AUTHOR, 1, 0, NULL, "89.00 USD", "its market value, for tax and claims" },
	{ "fee", FIELD_MONEY, 0, 1, AUTHOR, 1, 0, NULL, "250.00 USD", "what the creator is paid" },
	{ "agency-fee", FIELD_MONEY, 0, 1, AUTHOR, 1, 0, NULL, "25.00 USD", "what the agency is paid on top" },
	{ "deliverable", FIELD_DELIVERABLE, 1, 20, AUTHOR, 1, 100, deliverable_words, "1 instagram-reel within 14d",
	  "what the creator makes, and until when after agreeing or receiving the product" },
	{ "brief", FIELD_TEXT, 0, 10, AUTHOR, 0, 500, NULL, "Show the mat in use, in daylight.", "what it should show" },
	{ "disclosure", FIELD_TEXT, 1, 5, AUTHOR, 0, 60, NULL, "#ad", "the wording that makes the connection clear" },
	DURATION("ship-within", "5d", "the brand ships the product"),
	DURATION("review-within", "72h", "the brand approves or asks for a revision; silence approves"),
	{ "revisions", FIELD_COUNT, 0, 1, AUTHOR, 0, 10, NULL, "2", "how often the brand may ask for a revision" },
	DURATION("post-within", "7d", "the creator posts after approval"),
	DURATION("live-for", "30d", "the post stays up at least"),
	DURATION("pay-within", "30d", "the fee is paid after the post is verified"),
};

/* What makes each note its own, behind everything else. */
static const struct field stamp[] = {
	{ "time", FIELD_TIME, 1, 1, PROGRAM, 0, 0, NULL, NULL, "when it was signed, by the signer's clock" },
	{ "nonce", FIELD_NONCE, 1, 1, PROGRAM, 0, 0, NULL, NULL, "makes two notes of the same words different" },
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

static const struct field offer_head[] = { PARTY("brand", "who offers") };

static const struct field offer_fields[] = {
	{ "slots", FIELD_COUNT, 1, 1, AUTHOR, 1, 100000, NULL, "5", "how many creators can agree" },
	{ "closes", FIELD_TIME, 1, 1, AUTHOR, 0, 0, NULL, "2027-03-31T23:59:59Z", "last moment to agree" },
};

static const struct field close_fields[] = {
	REFERENCE("offer", "the offer that takes no more agreements; what is still reserved for it becomes available"),
	PARTY("brand", "who closes it"),
};

static const struct field agreement_head[] = {
	REFERENCE("offer", "the offer that it follows from"),
	PARTY("brand", "the brand, bound by its signature on the offer"),
	PARTY("creator", "the creator, bound by signing this text"),
};

static const struct field fund_fields[] = {
	{ "brand", FIELD_NAME, 1, 1, PROGRAM, 0, 0, NULL, "acme-yoga", "whose money it is" },
	{ "amount", FIELD_MONEY, 1, 1, PROGRAM, 1, 0, NULL, "1000.00 USD", "how much the payment provider has confirmed" },
	{ "reference", FIELD_TEXT, 1, 1, PROGRAM, 0, 80, NULL, "bank-4711", "the provider's reference, used once" },
	PARTY("operator", "who attests it"),
};

static const struct kind kinds[KIND_COUNT] = {
	[KIND_ENROL] = { KIND_ENROL, "enrol", 1, { LIST(enrol_fields), LIST(stamp) }, "account", ROLE_COUNT, false,
	                 NULL, "asks for an account" },
	[KIND_ADMIT] = { KIND_ADMIT, "admit", 1, { LIST(admit_fields), LIST(stamp) }, "admitter", ROLE_OPERATOR, false,
	                 terms_check_admit, "admits an account" },
	[KIND_OFFER] = { KIND_OFFER, "offer", 1, { LIST(offer_head), LIST(terms), LIST(offer_fields), LIST(stamp) },
	                 "brand", ROLE_BRAND, false, terms_check_offer, "offers a product, a fee or both for content" },
	[KIND_CLOSE] = { KIND_CLOSE, "close", 1, { LIST(close_fields), LIST(stamp) }, "brand", ROLE_BRAND, false, NULL,
	                 "closes an offer" },
	[KIND_AGREEMENT] = { KIND_AGREEMENT, "agreement", 1, { LIST(agreement_head), LIST(terms), LIST(stamp) }, "creator",
	                     ROLE_CREATOR, true, terms_check_deal, "binds brand and creator; its id is the deal's id" },
	[KIND_FUND] = { KIND_FUND, "fund", 1, { LIST(fund_fields), LIST(stamp) }, "operator", ROLE_OPERATOR, false, NULL,
	                "attests money of a brand" },
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
    "This page is printed from the tables in `rules/kind.c`; a test fails when the two differ.\n"
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
		(void)buffer_format(out, "\n## %s/v%u\n\nA note that %s. Signed by the party of `%s`%s.\n\n", kind->name,
		                    kind->version, kind->help, kind->signer,
		                    kind->countersigned ? ", countersigned by the agency" : "");
		(void)buffer_append_text(out, "| key | value | | meaning |\n|---|---|---|---|\n");
		size_t at = 0;
		for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
			describe_field(field, out);
		}
	}
}
