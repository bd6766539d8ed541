/* Offers that are wrong in one place: refused with the right code and line by the command, before anything is signed,
 * and again by the worker, to which the same text comes signed by the brand's own key. Nothing is stored. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rules/calendar.h"
#include "tests/lib/command.h"
#include "tests/lib/direct.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 300
#define HEAD_LINES 2 /* of the note, before the lines of the draft: header and brand */

/* A good offer; its lines are numbered from 1. */
static const char *const good[] = {
	"campaign Spring 2027",                /* 1 */
	"compensation gifted-and-paid",        /* 2 */
	"product Cork yoga mat, 5 mm",         /* 3 */
	"product-value 89.00 USD",             /* 4 */
	"fee 250.00 USD",                      /* 5 */
	"deliverable 1 instagram-reel within 14d", /* 6 */
	"brief Show the mat in use.",          /* 7 */
	"disclosure #ad",                      /* 8 */
	"review-within 72h",                   /* 9 */
	"revisions 2",                         /* 10 */
	"pay-within 30d",                      /* 11 */
	"slots 5",                             /* 12 */
	"closes 2099-12-31T23:59:59Z",         /* 13 */
};
#define GOOD_COUNT (sizeof good / sizeof good[0])

struct row {
	const char *name;
	unsigned replaced;   /* the line that is another one; 0: none */
	const char *with;    /* the lines in its place; NULL: none */
	enum error code;
	unsigned line;       /* of the draft, where the fault is; 0: the replaced one */
};

static const struct row rows[] = {
	{ "an unknown key", 7, "colour red", ERROR_UNKNOWN_KEY, 0 },
	{ "a key in capitals", 3, "Product Cork yoga mat, 5 mm", ERROR_UNKNOWN_KEY, 0 },
	{ "a missing key", 8, NULL, ERROR_MISSING_KEY, 8 },
	{ "the last key missing", 13, NULL, ERROR_MISSING_KEY, 0 },
	{ "what the compensation needs missing", 11, NULL, ERROR_MISSING_KEY, 2 },
	{ "the wrong order", 9, "slots 5\nreview-within 72h", ERROR_MISPLACED_KEY, 10 },
	{ "a key before its place", 1, "slots 5\ncampaign Spring 2027", ERROR_MISPLACED_KEY, 1 },
	{ "a key twice", 5, "fee 250.00 USD\nfee 250.00 USD", ERROR_DUPLICATE_KEY, 6 },
	{ "a key that the command adds", 1, "nonce 00000000000000000000000000000000", ERROR_MISPLACED_KEY, 1 },
	{ "a key without a value", 3, "product", ERROR_MALFORMED, 0 },
	{ "an empty value", 3, "product ", ERROR_BAD_VALUE, 0 },
	{ "a tab", 7, "brief Show the\tmat", ERROR_BAD_TEXT, 0 },
	{ "a control character", 7, "brief Show\x01the mat", ERROR_BAD_TEXT, 0 },
	{ "an escape sequence", 7, "brief \x1b[2Jgone", ERROR_BAD_TEXT, 0 },
	{ "a delete character", 7, "brief Show\x7fthe mat", ERROR_BAD_TEXT, 0 },
	{ "a C1 control character", 7, "brief Show\xc2\x85" "the mat", ERROR_BAD_TEXT, 0 },
	{ "text that runs from right to left by force", 7, "brief pay \u202e000,1\u202c USD", ERROR_BAD_TEXT, 0 },
	{ "an isolate", 7, "brief pay \u2067000,1\u2069 USD", ERROR_BAD_TEXT, 0 },
	{ "a zero-width space", 7, "brief Show\u200bthe mat", ERROR_BAD_TEXT, 0 },
	{ "a byte order mark", 1, "\ufeff" "campaign Spring 2027", ERROR_BAD_TEXT, 0 },
	{ "a no-break space", 7, "brief Show\u00a0the mat", ERROR_BAD_TEXT, 0 },
	{ "a line separator", 7, "brief Show\u2028slots 9", ERROR_BAD_TEXT, 0 },
	{ "CR LF", 4, "product-value 89.00 USD\r", ERROR_BAD_TEXT, 0 },
	{ "text that is not NFC", 7, "brief Cafe\u0301", ERROR_BAD_TEXT, 0 },
	{ "bytes that are not UTF-8", 7, "brief Show\xff the mat", ERROR_BAD_TEXT, 0 },
	{ "overlong UTF-8", 7, "brief Show\xc0\xaf the mat", ERROR_BAD_TEXT, 0 },
	{ "two blanks in a row", 7, "brief Show  the mat", ERROR_BAD_TEXT, 0 },
	{ "a blank at the end", 7, "brief Show the mat ", ERROR_BAD_TEXT, 0 },
	{ "negative money", 5, "fee -250.00 USD", ERROR_BAD_VALUE, 0 },
	{ "no money", 5, "fee 0.00 USD", ERROR_BAD_VALUE, 0 },
	{ "fractions of the smallest unit", 5, "fee 250.001 USD", ERROR_BAD_VALUE, 0 },
	{ "decimals missing", 5, "fee 250 USD", ERROR_BAD_VALUE, 0 },
	{ "decimals of a currency without them", 5, "fee 250.00 JPY", ERROR_BAD_VALUE, 0 },
	{ "grouped digits", 5, "fee 1,250.00 USD", ERROR_BAD_VALUE, 0 },
	{ "leading zeros in money", 5, "fee 0250.00 USD", ERROR_BAD_VALUE, 0 },
	{ "an unknown currency", 5, "fee 250.00 XXQ", ERROR_BAD_VALUE, 0 },
	{ "a currency in small letters", 5, "fee 250.00 usd", ERROR_BAD_VALUE, 0 },
	{ "two currencies", 4, "product-value 89.00 EUR", ERROR_BAD_VALUE, 0 },
	{ "more money than there is", 5, "fee 9999999999999999.00 USD", ERROR_OVERFLOW, 0 },
	{ "slots times fee out of range", 5, "fee 9999999999999.00 USD", ERROR_OVERFLOW, 0 },
	{ "slots 0", 12, "slots 0", ERROR_BAD_VALUE, 0 },
	{ "negative slots", 12, "slots -1", ERROR_BAD_VALUE, 0 },
	{ "slots with a leading zero", 12, "slots 05", ERROR_BAD_VALUE, 0 },
	{ "too many slots", 12, "slots 100001", ERROR_BAD_VALUE, 0 },
	{ "slots past every integer", 12, "slots 99999999999999999999", ERROR_BAD_VALUE, 0 },
	{ "a date in the past", 13, "closes 2020-01-01T00:00:00Z", ERROR_BAD_VALUE, 0 },
	{ "a day that is not", 13, "closes 2099-02-29T00:00:00Z", ERROR_BAD_VALUE, 0 },
	{ "a time zone", 13, "closes 2099-12-31T23:59:59+01:00", ERROR_BAD_VALUE, 0 },
	{ "an unknown deliverable", 6, "deliverable 1 skywriting within 14d", ERROR_BAD_VALUE, 0 },
	{ "no deliverable of a kind", 6, "deliverable 0 instagram-reel within 14d", ERROR_BAD_VALUE, 0 },
	{ "a deliverable without a time", 6, "deliverable 1 instagram-reel", ERROR_BAD_VALUE, 0 },
	{ "a length of time in weeks", 9, "review-within 2w", ERROR_BAD_VALUE, 0 },
	{ "an unknown compensation", 2, "compensation exposure", ERROR_BAD_VALUE, 0 },
	{ "a fee beside a mere gift", 2, "compensation gifted", ERROR_BAD_VALUE, 5 },
	{ "too many revisions", 10, "revisions 11", ERROR_BAD_VALUE, 0 },
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* Appends the lines of a row's draft. */
static void write_draft(const struct row *row, struct buffer *out) {
	for (unsigned i = 0; i < GOOD_COUNT; i++) {
		const char *line = i + 1 == row->replaced ? row->with : good[i];
		if (line != NULL) {
			(void)buffer_append_text(out, line);
			(void)buffer_append_text(out, "\n");
		}
	}
}

/* The line at fault, as the draft counts. */
static unsigned line_of(const struct row *row) {
	return row->line == 0 ? row->replaced : row->line;
}

static struct agency_process agency;

static void set_up(void) {
	agency_start(&agency, 2);
}

/* ---- by the command ---- */

/* How many notes a home has signed. */
static size_t count_signed(const char *home) {
	DIR *folder = opendir(scratch_path(home, "outbox"));
	ck_assert_ptr_nonnull(folder);
	size_t count = 0;
	for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		count += entry->d_name[0] != '.';
	}
	(void)closedir(folder);
	return count;
}

static struct said submit_file(const char *home, const char *text) {
	const char *path = scratch_path(scratch_folder(), "bad.offer");
	scratch_write(path, text);
	return troth("offer", "submit", path, "--home", home, "--yes", NULL);
}

START_TEST(the_command_refuses_it_before_it_signs) {
	const char *home = home_admitted(&agency, "brand", "file-brand");
	struct store_counts before = store_count(agency.home);
	size_t notes = count_signed(home);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct buffer text;
		buffer_init(&text, NOTE_TEXT_MAX);
		write_draft(&rows[i], &text);
		struct said said = submit_file(home, buffer_text(&text));
		ck_assert_msg(said.status == 1, "%s: status %d", rows[i].name, said.status);
		said_refused(said, 1, rows[i].code, line_of(&rows[i]));
		ck_assert_msg(count_signed(home) == notes, "%s: was signed", rows[i].name);
		buffer_release(&text);
	}
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
}
END_TEST

START_TEST(the_line_is_that_of_the_file_with_its_comments) {
	const char *home = home_admitted(&agency, "brand", "comment-brand");
	struct said said = submit_file(home, "# a comment\n\ncompensation gifted\n\n# more\nproduct  Mat\n");
	said_refused(said, 1, ERROR_BAD_TEXT, 6);
}
END_TEST

START_TEST(a_file_that_is_too_long_is_refused) {
	const char *home = home_admitted(&agency, "brand", "long-brand");
	struct buffer text;
	buffer_init(&text, 4 * NOTE_TEXT_MAX);
	while (text.size <= NOTE_TEXT_MAX) {
		(void)buffer_append_text(&text, "brief Show the mat in use, in daylight.\n");
	}
	said_refused(submit_file(home, buffer_text(&text)), 1, ERROR_TOO_LONG, 0);
	buffer_release(&text);
	said_refused(troth("offer", "submit", "/dev/zero", "--home", home, "--yes", NULL), 1, ERROR_TOO_LONG, 0);
	said_refused(troth("offer", "submit", "/nowhere", "--home", home, "--yes", NULL), 1, ERROR_NOT_FOUND, 0);
	said_refused(submit_file(home, ""), 1, ERROR_MISSING_KEY, 1);
}
END_TEST

START_TEST(machines_get_code_and_line_too) {
	const char *home = home_admitted(&agency, "brand", "json-brand");
	const char *path = scratch_path(scratch_folder(), "bad.offer");
	scratch_write(path, "compensation gifted\nproduct Mat\nproduct-value 89 USD\n");
	struct said said = troth("offer", "submit", path, "--home", home, "--yes", "--json", NULL);
	ck_assert_int_eq(said.status, 1);
	json_t *answer = json_line(said.output);
	const json_t *error = json_object_get(answer, "error");
	ck_assert_str_eq(json_text(error, "code"), "bad-value");
	ck_assert_int_eq(json_integer_value(json_object_get(error, "line")), 3);
	ck_assert_ptr_nonnull(strstr(json_text(error, "message"), "product-value: "));
	json_decref(answer);
}
END_TEST

/* ---- at the worker ---- */

/* Appends a note of these lines, with head and stamp, signed as an offer of the brand. */
static void sign_lines(const struct actor *brand, const char *header, struct slice lines, int64_t time,
                       struct buffer *out) {
	char key[HASH_HEX_SIZE], text[TIME_TEXT_SIZE];
	struct buffer note;
	buffer_init(&note, 4 * NOTE_TEXT_MAX);
	hex_encode(slice_of(signing_key_public(brand->key), KEY_SIZE), key);
	(void)buffer_format(&note, "%s\nbrand %s ed25519:%s\n", header, brand->name, key);
	(void)buffer_append_slice(&note, lines);
	(void)buffer_format(&note, "time %s\nnonce 00112233445566778899aabbccddeeff\n", time_format(time, text));
	direct_sign(buffer_slice(&note), brand->signer, brand->key, out);
	buffer_release(&note);
}

/* A brand with money for every offer of the table, and its connection. */
static struct client *open_brand(struct actor *brand, const char *name) {
	struct actor operator;
	struct buffer fund;
	buffer_init(&fund, SIGNED_NOTE_MAX);
	actor_make(brand, ROLE_BRAND, name, &agency);
	actor_open_operator(&operator, &agency);
	market_admit(&agency, &operator, brand, 1);
	struct client *client = actor_connect(brand, &agency, 0, 30000);
	actor_fund(&operator, name, "5000.00 USD", name, &fund);
	ck_assert_int_eq(direct_submit(client, buffer_slice(&fund)).code, OK);
	buffer_release(&fund);
	actor_release(&operator);
	return client;
}

/* Checks what the worker says to a note. */
static void worker_refuses(struct client *client, const char *name, struct slice note, enum error code,
                           unsigned line) {
	struct failure failure = direct_submit(client, note);
	ck_assert_msg(failure.code == code && failure.line == line, "%s: %s in line %u, not %s in line %u: %s", name,
	              error_word(failure.code), failure.line, error_word(code), line, failure.text);
}

START_TEST(the_worker_refuses_it_again) {
	struct actor brand;
	struct client *client = open_brand(&brand, "wire-brand");
	struct store_counts before = store_count(agency.home);
	int64_t now = clock_wall_seconds();
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &rows[i];
		struct buffer lines, note;
		buffer_init(&lines, NOTE_TEXT_MAX);
		buffer_init(&note, SIGNED_NOTE_MAX);
		write_draft(row, &lines);
		sign_lines(&brand, "agency.example/offer/v1", buffer_slice(&lines), now, &note);
		worker_refuses(client, row->name, buffer_slice(&note), row->code, line_of(row) + HEAD_LINES);
		store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
		buffer_release(&note);
		buffer_release(&lines);
	}
	client_free(client);
	actor_release(&brand);
}
END_TEST

/* What only a note as a whole can have wrong. */
static const struct {
	const char *name, *header;
	int64_t age; /* seconds since it was signed */
	const char *closes;
	enum error code;
	unsigned line;
} wholes[] = {
	{ "an unknown kind", "agency.example/bribe/v1", 0, NULL, ERROR_UNKNOWN_KIND, 1 },
	{ "an unknown version", "agency.example/offer/v2", 0, NULL, ERROR_UNKNOWN_KIND, 1 },
	{ "another kind", "agency.example/agreement/v1", 0, NULL, ERROR_MISSING_KEY, 2 },
	{ "another agency", "other.example/offer/v1", 0, NULL, ERROR_WRONG_ORIGIN, 1 },
	{ "no header", "offer", 0, NULL, ERROR_MALFORMED, 1 },
	{ "a checkpoint's header", "agency.example/log", 0, NULL, ERROR_MALFORMED, 1 },
	{ "an empty line", "agency.example/offer/v1\n", 0, NULL, ERROR_MALFORMED, 2 },
	{ "a close that has passed since it was signed", "agency.example/offer/v1", 100, "", ERROR_BAD_VALUE, 15 },
};

START_TEST(the_worker_refuses_a_wrong_whole) {
	struct actor brand;
	struct client *client = open_brand(&brand, "whole-brand");
	struct store_counts before = store_count(agency.home);
	for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
		struct buffer lines, note;
		char closes[64], text[TIME_TEXT_SIZE];
		int64_t now = clock_wall_seconds();
		struct row row = { .replaced = 13, .with = good[12] };
		(void)snprintf(closes, sizeof closes, "closes %s", time_format(now - 50, text));
		row.with = wholes[i].closes == NULL ? row.with : closes;
		buffer_init(&lines, NOTE_TEXT_MAX);
		buffer_init(&note, SIGNED_NOTE_MAX);
		write_draft(&row, &lines);
		sign_lines(&brand, wholes[i].header, buffer_slice(&lines), now - wholes[i].age, &note);
		worker_refuses(client, wholes[i].name, buffer_slice(&note), wholes[i].code, wholes[i].line);
		buffer_release(&note);
		buffer_release(&lines);
	}
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
	client_free(client);
	actor_release(&brand);
}
END_TEST

START_TEST(the_worker_refuses_what_is_too_long) {
	struct actor brand;
	struct client *client = open_brand(&brand, "huge-brand");
	struct store_counts before = store_count(agency.home);
	struct buffer lines, note;
	buffer_init(&lines, 2 * NOTE_TEXT_MAX);
	buffer_init(&note, 4 * NOTE_TEXT_MAX);
	while (lines.size <= NOTE_TEXT_MAX) {
		(void)buffer_append_text(&lines, "brief Show the mat in use, in daylight.\n");
	}
	sign_lines(&brand, "agency.example/offer/v1", buffer_slice(&lines), clock_wall_seconds(), &note);
	worker_refuses(client, "a long note", buffer_slice(&note), ERROR_TOO_LONG, 0);
	worker_refuses(client, "no bytes", slice_of("", 0), ERROR_MALFORMED, 1);
	worker_refuses(client, "no note", slice_of_text("hello\n"), ERROR_MALFORMED, 0);
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
	buffer_release(&note);
	buffer_release(&lines);
	client_free(client);
	actor_release(&brand);
}
END_TEST

/* Without this the tests above would also pass where every offer is refused. */
START_TEST(the_offer_without_the_fault_is_accepted) {
	struct actor brand;
	struct client *client = open_brand(&brand, "good-brand");
	const char *home = home_admitted(&agency, "brand", "good-file-brand");
	struct row row = { .replaced = 0 };
	struct buffer lines, note;
	buffer_init(&lines, NOTE_TEXT_MAX);
	buffer_init(&note, SIGNED_NOTE_MAX);
	write_draft(&row, &lines);
	sign_lines(&brand, "agency.example/offer/v1", buffer_slice(&lines), clock_wall_seconds(), &note);
	ck_assert_int_eq(direct_submit(client, buffer_slice(&note)).code, OK);
	(void)said_id(troth("ops", "fund", "good-file-brand", "5000.00 USD", "--reference", "1", "--home",
	                    scratch_path(agency.home, "ops"), "-y", NULL));
	(void)said_id(submit_file(home, buffer_text(&lines)));
	buffer_release(&note);
	buffer_release(&lines);
	client_free(client);
	actor_release(&brand);
}
END_TEST

int main(void) {
	TCase *command = tcase_create("by the command");
	tcase_set_timeout(command, TEST_SECONDS);
	tcase_add_unchecked_fixture(command, set_up, process_free_all);
	tcase_add_test(command, the_command_refuses_it_before_it_signs);
	tcase_add_test(command, the_line_is_that_of_the_file_with_its_comments);
	tcase_add_test(command, a_file_that_is_too_long_is_refused);
	tcase_add_test(command, machines_get_code_and_line_too);
	tcase_add_test(command, the_offer_without_the_fault_is_accepted);
	TCase *worker = tcase_create("at the worker");
	tcase_set_timeout(worker, TEST_SECONDS);
	tcase_add_unchecked_fixture(worker, set_up, process_free_all);
	tcase_add_test(worker, the_worker_refuses_it_again);
	tcase_add_test(worker, the_worker_refuses_a_wrong_whole);
	tcase_add_test(worker, the_worker_refuses_what_is_too_long);
	Suite *suite = suite_create("talk/bad input");
	suite_add_tcase(suite, command);
	suite_add_tcase(suite, worker);
	return unit_run(suite);
}
