/* What may stand behind a key: every type of field, names, origins, and a note's own time. */
#include <stdio.h>

#include "tests/unit/rules_samples.h"

static struct note note;
static struct failure failure;
static char changed[SAMPLE_MAX];

/* The first line that begins with the word `key`. */
static unsigned line_of(const char *text, const char *key, size_t size) {
	unsigned line = 1;
	while (strncmp(sample_line(text, line), key, size) != 0 || sample_line(text, line)[size] != ' ') {
		ck_assert_msg(*sample_line(text, line) != '\0', "no line begins with %.*s", (int)size, key);
		line++;
	}
	return line;
}

#define TEXT_60 "123456789 123456789 123456789 123456789 123456789 1234567890"
#define HEX_UPPER "5F0C5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"

/* One line of a sample is replaced by another of the same key. */
static const struct {
	const char *text, *line;
	enum error error;
	const char *says;
} values[] = {
	/* text */
	{ OFFER, "disclosure " TEXT_60, OK, "" },
	{ OFFER, "disclosure " TEXT_60 "1", ERROR_TOO_LONG, "disclosure: has 61 bytes; at most 60" },
	{ OFFER, "campaign " TEXT_60 "123456789 123456789", OK, "" },
	{ OFFER, "campaign " TEXT_60 "123456789 123456789 1", ERROR_TOO_LONG, "at most 80" },
	{ OFFER, "disclosure # = [x] \"quoted\"", OK, "" },
	/* party and name */
	{ OFFER, "brand a1 ed25519:" HEX_A, OK, "" },
	{ OFFER, "brand a ed25519:" HEX_A, ERROR_BAD_VALUE, "brand: a party is written as" },
	{ OFFER, "brand Acme ed25519:" HEX_A, ERROR_BAD_VALUE, "a party is written as" },
	{ OFFER, "brand ed25519:" HEX_A, ERROR_BAD_VALUE, "a party is written as" },
	{ OFFER, "brand acme-yoga  ed25519:" HEX_A, ERROR_BAD_VALUE, "a party is written as" },
	{ OFFER, "brand acme-yoga ed25519:" HEX_A "0", ERROR_BAD_VALUE, "64 hex digits" },
	{ OFFER, "brand acme-yoga ed25519:" HEX_A " ", ERROR_BAD_VALUE, "64 hex digits" },
	{ OFFER, "brand acme-yoga ed25519:5f0c", ERROR_BAD_VALUE, "64 hex digits" },
	{ OFFER, "brand acme-yoga ed25519:", ERROR_BAD_VALUE, "64 hex digits" },
	{ OFFER, "brand acme-yoga ed25519:" HEX_UPPER, ERROR_BAD_VALUE, "64 hex digits" },
	{ OFFER, "brand acme-yoga ED25519:" HEX_A, ERROR_BAD_VALUE, "ed25519:" },
	{ OFFER, "brand acme-yoga curve25519:" HEX_A, ERROR_BAD_VALUE, "ed25519:" },
	{ OFFER, "brand acme-yoga", ERROR_BAD_VALUE, "a party is written as" },
	{ FUND, "brand acme_yoga", ERROR_BAD_VALUE, "brand: a name has 2 to 40 of a-z" },
	{ FUND, "brand acme-yoga ed25519:" HEX_A, ERROR_BAD_VALUE, "a name has" },
	/* keys, references, nonce */
	{ ENROL, "transport curve25519:" HEX_A, OK, "" },
	{ ENROL, "transport ed25519:" HEX_A, ERROR_BAD_VALUE, "transport: a transport key is written as" },
	{ ENROL, "transport curve25519:" HEX_UPPER, ERROR_BAD_VALUE, "64 hex digits" },
	{ CLOSE, "offer sha256:" HEX_A, OK, "" },
	{ CLOSE, "offer sha512:" HEX_A, ERROR_BAD_VALUE, "offer: a reference is written as" },
	{ CLOSE, "offer " HEX_A, ERROR_BAD_VALUE, "a reference is written as" },
	{ CLOSE, "offer sha256:" HEX_UPPER, ERROR_BAD_VALUE, "64 hex digits" },
	{ CLOSE, "nonce " HEX_A, ERROR_BAD_VALUE, "nonce: a nonce has 32 hex digits" },
	{ CLOSE, "nonce 4BE0C34be0c34be0c34be0c34be0c3ff", ERROR_BAD_VALUE, "32 hex digits" },
	{ CLOSE, "nonce 0", ERROR_BAD_VALUE, "32 hex digits" },
	/* lengths of time */
	{ NEW_KEY, "overlap 30d", OK, "" },
	{ NEW_KEY, "overlap 720h", OK, "" },
	{ NEW_KEY, "overlap 721h", ERROR_BAD_VALUE, "overlap: at most 30d may be" },
	{ NEW_KEY, "overlap 9999d", ERROR_BAD_VALUE, "overlap: at most 30d may be" },
	/* words */
	{ ENROL, "role brand", OK, "" },
	{ ENROL, "role Brand", ERROR_BAD_VALUE, "role: must be one of: brand, creator, operator" },
	{ ENROL, "role bran", ERROR_BAD_VALUE, "must be one of" },
	{ ENROL, "role brand creator", ERROR_BAD_VALUE, "must be one of" },
	{ ENROL, "consent yes", ERROR_BAD_VALUE, "consent: must be one of: electronic-signatures" },
	/* counts */
	{ OFFER, "slots 1", OK, "" },
	{ OFFER, "slots 100000", OK, "" },
	{ OFFER, "slots 0", ERROR_BAD_VALUE, "slots: must be from 1 to 100000" },
	{ OFFER, "slots 100001", ERROR_BAD_VALUE, "slots: must be from 1 to 100000" },
	{ OFFER, "slots 05", ERROR_BAD_VALUE, "slots: a number has no leading zeros" },
	{ OFFER, "slots -5", ERROR_BAD_VALUE, "without sign" },
	{ OFFER, "slots five", ERROR_BAD_VALUE, "needs a whole number" },
	{ OFFER, "slots 18446744073709551617", ERROR_BAD_VALUE, "at most 18 digits" },
	{ OFFER, "revisions 0", OK, "" },
	{ OFFER, "revisions 11", ERROR_BAD_VALUE, "revisions: must be from 0 to 10" },
	/* money */
	{ OFFER, "product-value 0.01 USD", OK, "" },
	{ OFFER, "product-value 0.00 USD", ERROR_BAD_VALUE, "product-value: the amount must be more than nothing" },
	{ OFFER, "fee 0.00 USD", ERROR_BAD_VALUE, "fee: the amount must be more than nothing" },
	{ OFFER, "fee 250 USD", ERROR_BAD_VALUE, "fee: USD has 2 decimals" },
	{ OFFER, "fee 0250.00 USD", ERROR_BAD_VALUE, "leading zeros" },
	{ OFFER, "fee 10000000000000.01 USD", ERROR_OVERFLOW, "fee: the amount is too large" },
	{ FUND, "amount 0 JPY", ERROR_BAD_VALUE, "amount: the amount must be more than nothing" },
	/* times and lengths of time */
	{ OFFER, "closes 2027-03-31", ERROR_BAD_VALUE, "closes: a time is written like" },
	{ OFFER, "closes 2027-02-29T00:00:00Z", ERROR_BAD_VALUE, "closes: there is no such time" },
	{ OFFER, "closes 2027-03-31T23:59:60Z", ERROR_BAD_VALUE, "closes: there is no such time" },
	{ OFFER, "review-within 3d", OK, "" },
	{ OFFER, "review-within 072h", ERROR_BAD_VALUE, "review-within: a length of time is written like" },
	{ OFFER, "review-within 0h", ERROR_BAD_VALUE, "a length of time" },
	/* deliverables */
	{ OFFER, "deliverable 100 review within 9999h", OK, "" },
	{ OFFER, "deliverable 0 review within 1d", ERROR_BAD_VALUE, "deliverable: a deliverable is written like" },
	{ OFFER, "deliverable 101 review within 1d", ERROR_BAD_VALUE, "at most 100 of a kind" },
	{ OFFER, "deliverable 01 review within 1d", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable review within 1d", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 review in 1d", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 review within", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 review within ", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 review within 1d ", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 review within 1d or so", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1  review within 1d", ERROR_BAD_VALUE, "is written like" },
	{ OFFER, "deliverable 1 tattoo within 1d", ERROR_BAD_VALUE, "a deliverable is one of: instagram-post, " },
	/* percentages */
	{ WHOLE_OFFER, "commission 0 %", OK, "" },
	{ WHOLE_OFFER, "commission 0.01 %", OK, "" },
	{ WHOLE_OFFER, "commission 99.99 %", OK, "" },
	{ WHOLE_OFFER, "commission 100 %", OK, "" },
	{ WHOLE_OFFER, "commission 100.01 %", ERROR_BAD_VALUE, "commission: must be from 0 to 100 %" },
	{ WHOLE_OFFER, "commission 999999999 %", ERROR_BAD_VALUE, "must be from 0 to 100 %" },
	{ WHOLE_OFFER, "commission 9999999999 %", ERROR_BAD_VALUE, "commission: a percentage is written like 10 %" },
	{ WHOLE_OFFER, "commission 10.50 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 10.0 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 10.123 %", ERROR_BAD_VALUE, "at most two decimals" },
	{ WHOLE_OFFER, "commission 10. %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission .5 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 010 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission -1 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 10,5 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 1.-5 %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 10%", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission 10", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission %", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "commission ten %", ERROR_BAD_VALUE, "is written like" },
	{ ATTEST, "engagement 250 %", OK, "" },
	{ ATTEST, "engagement 1000.01 %", ERROR_BAD_VALUE, "engagement: must be from 0 to 1000 %" },
	{ RULING, "creator-share 100.01 %", ERROR_BAD_VALUE, "creator-share: must be from 0 to 100 %" },
	/* links */
	{ POST, "link https://a", OK, "" },
	{ POST, "link https://example.com/a?b=c&d=%20#e", OK, "" },
	{ POST, "link http://example.com/", ERROR_BAD_VALUE, "link: a link begins with https://" },
	{ POST, "link HTTPS://example.com/", ERROR_BAD_VALUE, "a link begins with" },
	{ POST, "link https://", ERROR_BAD_VALUE, "a link begins with" },
	{ POST, "link https:///path", ERROR_BAD_VALUE, "a link begins with" },
	{ POST, "link javascript:alert(1)", ERROR_BAD_VALUE, "a link begins with" },
	{ POST, "link https://example.com/a b", ERROR_BAD_VALUE, "has no blanks" },
	{ POST, "link https://example.com/<script>", ERROR_BAD_VALUE, "RFC 3986" },
	{ POST, "link https://example.com/\"", ERROR_BAD_VALUE, "RFC 3986" },
	{ POST, "link https://example.com/café", ERROR_BAD_VALUE, "RFC 3986" },
	{ POST, "link https://example.com/ ", ERROR_BAD_VALUE, "has no blanks" },
	/* content */
	{ SUBMIT, "content sha256:" HEX_B " https://example.com/b", OK, "" },
	{ SUBMIT, "content sha256:" HEX_A, ERROR_BAD_VALUE, "content: a link begins with https://" },
	{ SUBMIT, "content https://example.com/b", ERROR_BAD_VALUE, "content is written as sha256:" },
	{ SUBMIT, "content sha256:" HEX_UPPER " https://example.com/b", ERROR_BAD_VALUE, "content is written as" },
	{ SUBMIT, "content md5:" HEX_A " https://example.com/b", ERROR_BAD_VALUE, "content is written as" },
	{ SUBMIT, "content sha256:" HEX_A "  https://example.com/b", ERROR_BAD_VALUE, "a link begins with" },
	{ SUBMIT, "content sha256:" HEX_A " ftp://example.com/b", ERROR_BAD_VALUE, "a link begins with" },
	/* plain words, countries, languages, names */
	{ WHOLE_OFFER, "category a1", OK, "" },
	{ WHOLE_OFFER, "category agency", OK, "" }, /* is no account */
	{ WHOLE_OFFER, "category Yoga", ERROR_BAD_VALUE, "category: needs a word of 2 to 40" },
	{ WHOLE_OFFER, "category yoga mats", ERROR_BAD_VALUE, "needs a word" },
	{ WHOLE_OFFER, "category y", ERROR_BAD_VALUE, "needs a word" },
	{ WHOLE_OFFER, "category yoga--mats", ERROR_BAD_VALUE, "single hyphens inside" },
	{ PROFILE, "country GB", OK, "" },
	{ PROFILE, "country us", ERROR_BAD_VALUE, "country: a country is two capital letters" },
	{ PROFILE, "country USA", ERROR_BAD_VALUE, "two capital letters" },
	{ PROFILE, "country U1", ERROR_BAD_VALUE, "two capital letters" },
	{ PROFILE, "language fr", OK, "" },
	{ PROFILE, "language FR", ERROR_BAD_VALUE, "language: a language is two small letters" },
	{ PROFILE, "language eng", ERROR_BAD_VALUE, "two small letters" },
	{ PROFILE, "language e", ERROR_BAD_VALUE, "two small letters" },
	{ PROFILE, "block agency", ERROR_BAD_VALUE, "block: a name has 2 to 40" },
	{ ATTEST, "creator studio-flow ed25519:" HEX_B, ERROR_BAD_VALUE, "creator: a name has 2 to 40" },
	/* keys */
	{ REVOKE, "key ed25519:" HEX_C, OK, "" },
	{ REVOKE, "key curve25519:" HEX_C, ERROR_BAD_VALUE, "key: a signing key is written as ed25519:" },
	{ REVOKE, "key " HEX_C, ERROR_BAD_VALUE, "a signing key is written as" },
	{ REVOKE, "key ed25519:" HEX_UPPER, ERROR_BAD_VALUE, "64 hex digits" },
	{ REVOKE, "key ed25519:" HEX_C "0", ERROR_BAD_VALUE, "64 hex digits" },
	/* exclusivity */
	{ WHOLE_OFFER, "exclusivity yoga-mats for 9999d", OK, "" },
	{ WHOLE_OFFER, "exclusivity Yoga for 30d", ERROR_BAD_VALUE, "exclusivity: exclusivity is written like" },
	{ WHOLE_OFFER, "exclusivity yoga-mats 30d", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "exclusivity yoga-mats for", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "exclusivity yoga-mats for 0d", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "exclusivity yoga-mats  for 30d", ERROR_BAD_VALUE, "is written like" },
	{ WHOLE_OFFER, "exclusivity yoga-mats for 30d or so", ERROR_BAD_VALUE, "is written like" },
	/* channels */
	{ PROFILE, "channel x a", OK, "" },
	{ PROFILE, "channel blog https://a.example/", OK, "" },
	{ PROFILE, "channel myspace studio.flow", ERROR_BAD_VALUE, "channel: the platform is one of: instagram, tiktok" },
	{ PROFILE, "channel instagram", ERROR_BAD_VALUE, "channel: a channel is written like \"instagram studio.flow\"" },
	{ PROFILE, "channel instagram studio flow", ERROR_BAD_VALUE, "a channel is written like" },
	{ PROFILE, "channel instagram  studio.flow", ERROR_BAD_VALUE, "a channel is written like" },
	{ PROFILE, "channel instagram " TEXT_60, ERROR_BAD_VALUE, "a channel is written like" },
	/* figures and stars */
	{ RATE, "stars 1", OK, "" },
	{ RATE, "stars 0", ERROR_BAD_VALUE, "stars: must be from 1 to 5" },
	{ RATE, "stars 6", ERROR_BAD_VALUE, "must be from 1 to 5" },
	{ VERIFY, "reach 1000000000000", OK, "" },
	{ VERIFY, "reach 1000000000001", ERROR_BAD_VALUE, "reach: must be from 0 to 1000000000000" },
	{ VERIFY, "live perhaps", ERROR_BAD_VALUE, "live: must be one of: yes, no" },
	{ RATE, "role operator", ERROR_BAD_VALUE, "role: must be one of: brand, creator" },
	/* across fields */
	{ LAPSE, "deadline none", ERROR_BAD_VALUE, "deadline: none can have passed" },
	{ LAPSE, "by olga ed25519:" HEX_A, ERROR_BAD_VALUE, "by: only the agency itself says that time is over" },
	{ NEW_KEY, "predecessor other-creator ed25519:" HEX_B, ERROR_BAD_VALUE, "predecessor: is another account" },
	{ NEW_KEY, "predecessor studio-flow ed25519:" HEX_C, ERROR_BAD_VALUE, "predecessor: has the same key" },
	{ WHOLE_OFFER, "followers-to 5000", OK, "" },
	{ WHOLE_OFFER, "followers-to 4999", ERROR_BAD_VALUE, "followers-to is less than followers-from" },
	{ WHOLE_OFFER, "commission-cap 100.00 EUR", ERROR_BAD_VALUE, "commission-cap must be in USD, as the fee is" },
	{ WHOLE_OFFER, "agency-fee 25 JPY", ERROR_BAD_VALUE, "agency-fee must be in USD, as the fee is" },
	{ ENROL, "account agency ed25519:" HEX_B, ERROR_BAD_VALUE, "the name agency is the agency's own" },
	{ ENROL, "account agency-1 ed25519:" HEX_B, OK, "" },
	{ FUND, "reference " TEXT_60 "123456789 123456789 1", ERROR_TOO_LONG, "reference: has 81 bytes" },
	{ OFFER, "closes " TIME, ERROR_BAD_VALUE, "closes: is in the past" },
	{ OFFER, "closes 2026-11-23T10:02:12Z", OK, "" },
	{ OFFER, "agency-fee 25.00 EUR", ERROR_BAD_VALUE, "agency-fee must be in USD, as the fee is" },
	{ OFFER, "product-value 89.00 EUR", ERROR_BAD_VALUE, "product-value must be in USD, as the fee is" },
	{ AGREEMENT, "product-value 89.00 EUR", ERROR_BAD_VALUE, "product-value must be in USD, as the fee is" },
	{ GIFT, "product-value 89 JPY", OK, "" },
	{ OFFER, "fee 1999999999975.00 USD", OK, "" },
	{ OFFER, "fee 1999999999975.01 USD", ERROR_OVERFLOW, "the amount in USD becomes too large" },
	{ OFFER, "fee 10000000000000.00 USD", ERROR_OVERFLOW, "the amount in USD becomes too large" },
};

START_TEST(a_value_is_read_or_refused_with_key_line_and_reason) {
	const char *line = values[_i].line;
	char with_end[256];
	snprintf(with_end, sizeof with_end, "%s\n", line);
	unsigned number = line_of(values[_i].text, line, strcspn(line, " "));
	sample_splice(changed, values[_i].text, number, 1, with_end);
	enum error error = note_parse(slice_of_text(changed), ORIGIN, &note, &failure);
	ck_assert_msg(error == values[_i].error, "%s: %s, %s", line, error_word(error), failure.text);
	if (error != OK) {
		ck_assert_msg(failure.line == number, "%s: line %u", line, failure.line);
		ck_assert_msg(strstr(failure.text, values[_i].says) != NULL, "%s: says \"%s\"", line, failure.text);
	}
}
END_TEST

START_TEST(a_refused_word_shows_all_the_words_there_are) {
	sample_splice(changed, OFFER, 9, 1, "deliverable 1 tattoo within 1d\n");
	ck_assert_int_eq(note_parse(slice_of_text(changed), ORIGIN, &note, &failure), ERROR_BAD_VALUE);
	const struct field *field = kind_find_field(kind_get(KIND_OFFER), slice_of_text("deliverable"), NULL);
	for (size_t i = 0; field->words[i] != NULL; i++) {
		ck_assert_msg(strstr(failure.text, field->words[i]) != NULL, "\"%s\" lacks %s", failure.text, field->words[i]);
	}
}
END_TEST

START_TEST(the_agency_admits_the_first_operator_and_signs_as_itself) {
	char operator_note[SAMPLE_MAX], signer[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	sample_splice(operator_note, ADMIT, 3, 1, "role operator\n");
	sample_splice(changed, operator_note, 5, 1, "admitter agency ed25519:" HEX_C "\n");
	sample_parse(changed, &note);
	note_signer(&note, 0, signer, &key);
	ck_assert_str_eq(signer, ORIGIN "/agency");
	ck_assert_uint_eq(key[31], 0xff);
}
END_TEST

START_TEST(an_enrolment_is_signed_in_the_role_that_it_asks_for) {
	static const char *const roles[] = { "brand", "creator", "operator" };
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		char line[64], expected[NOTE_SIGNER_MAX], signer[NOTE_SIGNER_MAX];
		const uint8_t *key = NULL;
		snprintf(line, sizeof line, "role %s\n", roles[i]);
		snprintf(expected, sizeof expected, ORIGIN "/%s/studio-flow", roles[i]);
		sample_splice(changed, ENROL, 3, 1, line);
		sample_parse(changed, &note);
		note_signer(&note, 0, signer, &key);
		ck_assert_str_eq(signer, expected);
	}
}
END_TEST

START_TEST(the_longest_signer_fits_and_a_longer_one_is_told) {
	char origin[NOTE_SIGNER_MAX], name[ACCOUNT_NAME_MAX], signer[NOTE_SIGNER_MAX];
	memset(origin, 'o', sizeof origin);
	memset(name, 'n', sizeof name);
	ck_assert(signer_name_write(signer, slice_of(origin, ORIGIN_MAX - 1), ROLE_OPERATOR,
	                            slice_of(name, ACCOUNT_NAME_MAX - 1)));
	ck_assert_uint_eq(strlen(signer), ORIGIN_MAX - 1 + strlen("/operator/") + ACCOUNT_NAME_MAX - 1);
	ck_assert(!signer_name_write(signer, slice_of(origin, sizeof origin), ROLE_BRAND, slice_of(name, 2)));
	ck_assert(!signer_name_write(signer, slice_of(origin, sizeof origin), ROLE_BRAND, slice_of_text(AGENCY_NAME)));
}
END_TEST

START_TEST(an_account_name_is_short_lower_case_and_plain) {
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{ "ab", true },        { "a1", true },       { "42", true },       { "acme-yoga", true },
		{ "a-b-c", true },     { "agency", false },   { "", false },        { "a", false },
		{ "-ab", false },      { "ab-", false },     { "a--b", false },    { "--", false },
		{ "Acme", false },     { "acme yoga", false }, { "acme_yoga", false }, { "acme.yoga", false },
		{ "acme/yoga", false }, { "acme+yoga", false }, { "café", false },  { "acme\n", false },
		{ "0123456789012345678901234567890123456789", true },
		{ "01234567890123456789012345678901234567890", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(account_name_is_valid(slice_of_text(cases[i].name)) == cases[i].valid, "%s", cases[i].name);
	}
	ck_assert(!account_name_is_valid(slice_of(NULL, 0)));
	ck_assert(!account_name_is_valid(slice_of("a\0b", 3)));
}
END_TEST

START_TEST(an_origin_is_a_host_name_with_or_without_a_path) {
	static const struct {
		const char *origin;
		bool valid;
	} cases[] = {
		{ "agency.example", true },    { "localhost", true },       { "localhost:8080", true },
		{ "a", true },                 { "10.0.0.1", true },        { "agency.example/log", true },
		{ "agency.example/a/b", true }, { "xn--caf-dma.example", true }, { "a-b.example", true },
		{ "", false },                 { ".", false },              { ".example", false },
		{ "example.", false },         { "/log", false },           { "agency.example/", false },
		{ "-a.example", false },       { "a.example-", false },     { "a..example", false },
		{ "a.example//log", false },   { "a.example/../log", false }, { "a.-b", false },
		{ "a-.b", false },             { "a.example:/log", false }, { "Agency.example", false },
		{ "agency example", false },   { "agency.example\n", false }, { "agency+example", false },
		{ "agency_example", false },   { "http://a.example", false }, { "café.example", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(origin_is_valid(slice_of_text(cases[i].origin)) == cases[i].valid, "%s", cases[i].origin);
	}
	char longest[ORIGIN_MAX];
	memset(longest, 'o', sizeof longest);
	ck_assert(origin_is_valid(slice_of(longest, ORIGIN_MAX - 1)));
	ck_assert(!origin_is_valid(slice_of(longest, ORIGIN_MAX)));
}
END_TEST

static const struct {
	int64_t now;
	enum error error;
	const char *says;
} clocks[] = {
	{ TIME_SECONDS, OK, "" },
	{ TIME_SECONDS - NOTE_AHEAD_MAX, OK, "" },
	{ TIME_SECONDS - NOTE_AHEAD_MAX - 1, ERROR_WRONG_TIME, "clock, which says 2026-11-23T09:52:10Z" },
	{ TIME_SECONDS + NOTE_AGE_MAX, OK, "" },
	{ TIME_SECONDS + NOTE_AGE_MAX + 1, ERROR_WRONG_TIME, "more than 7 days before the agency's clock" },
	{ 0, ERROR_WRONG_TIME, "which says 1970-01-01T00:00:00Z" }, /* a machine whose clock was never set */
};

START_TEST(a_note_is_judged_by_the_agencys_clock) {
	sample_parse(CLOSE, &note);
	ck_assert_int_eq(note_check_time(&note, clocks[_i].now, &failure), clocks[_i].error);
	if (clocks[_i].error != OK) {
		ck_assert_uint_eq(failure.line, 4);
		ck_assert_msg(strstr(failure.text, clocks[_i].says) != NULL, "%s", failure.text);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("values");
	tcase_add_loop_test(tests, a_value_is_read_or_refused_with_key_line_and_reason, 0, ROWS(values));
	tcase_add_test(tests, a_refused_word_shows_all_the_words_there_are);
	tcase_add_test(tests, the_agency_admits_the_first_operator_and_signs_as_itself);
	tcase_add_test(tests, an_enrolment_is_signed_in_the_role_that_it_asks_for);
	tcase_add_test(tests, the_longest_signer_fits_and_a_longer_one_is_told);
	tcase_add_test(tests, an_account_name_is_short_lower_case_and_plain);
	tcase_add_test(tests, an_origin_is_a_host_name_with_or_without_a_path);
	tcase_add_loop_test(tests, a_note_is_judged_by_the_agencys_clock, 0, ROWS(clocks));
	Suite *suite = suite_create("rules/values");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
