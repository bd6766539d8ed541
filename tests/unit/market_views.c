/* Views over a large market, straight at the worker's functions: how long a page takes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "crypto/keys.h"
#include "store/tables.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "wire/body.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"
#include "workers/market/views.h"

#define DEALS 100000
#define CREATORS 1000
#define PAGE_MS 100
#define TRIES 5 /* other programs share the machine: the best of them counts */
#define TEST_SECONDS 300

static struct market market;
static struct pack_document *arguments;

static const uint8_t *key_of(int number) {
	static uint8_t keys[8][FIELD_KEY_SIZE];
	memset(keys[number & 7], number + 1, FIELD_KEY_SIZE);
	return keys[number & 7];
}

static const struct {
	const char *name;
	enum role role;
} accounts[] = { { "acme-yoga", ROLE_BRAND }, { "creator-0", ROLE_CREATOR }, { "ops", ROLE_OPERATOR } };

static enum error put_accounts(struct tx *tx, struct failure *failure) {
	enum error error = OK;
	for (int i = 0; i < 3 && error == OK; i++) {
		struct account account = { .name = slice_of_text(accounts[i].name),
			                       .role = accounts[i].role,
			                       .key = slice_of(key_of(i), FIELD_KEY_SIZE),
			                       .transport = slice_of(key_of(i), FIELD_KEY_SIZE),
			                       .sequence = i + 1 };
		error = accounts_insert(tx, &account, failure);
	}
	return error;
}

static enum error put_text(struct tx *tx, int64_t number, const uint8_t id[HASH_SIZE], struct failure *failure) {
	char text[2000];
	int head = snprintf(text, sizeof text, "agency.example/agreement/v1\ncampaign Campaign %" PRId64 "\n", number % 50);
	memset(text + head, 'x', sizeof text - (size_t)head); /* as long as a real one */
	struct note_record note = { .id = slice_of(id, HASH_SIZE),
		                        .kind = slice_of_text("agreement"),
		                        .thread = NOTE_BEGINS_THREAD,
		                        .signers = 3,
		                        .signed_note = slice_of(text, sizeof text) };
	return notes_append(tx, &note, failure);
}

static enum error put_deal(struct tx *tx, int64_t number, struct failure *failure) {
	struct deal_row row = { .offer = 1,
		                    .deal = { .state = (enum deal_state)(1 + number % (DEAL_STATE_COUNT - 1)),
		                              .brand = "acme-yoga",
		                              .amender = ROLE_COUNT,
		                              .earned = number % 7 == 0 ? 100 : 0 } };
	(void)snprintf(row.deal.creator, sizeof row.deal.creator, "creator-%" PRId64, number % CREATORS);
	memcpy(row.deal.id, &number, sizeof number);
	row.deal.id[31] = 1;
	memcpy(row.deal.text, row.deal.id, HASH_SIZE);
	enum error error = put_text(tx, number, row.deal.id, failure);
	if (error == OK) {
		error = notes_last(tx, &row.sequence, failure);
	}
	if (error == OK) {
		error = parties_put(tx, slice_of_text("acme-yoga"), row.sequence, failure);
	}
	return error == OK ? deals_put(tx, &row, failure) : error;
}

struct part {
	int64_t from, to;
};

static enum error put_deals(struct tx *tx, void *argument, struct failure *failure) {
	const struct part *part = argument;
	enum error error = part->from == 0 ? put_accounts(tx, failure) : OK;
	for (int64_t i = part->from; i < part->to && error == OK; i++) {
		error = put_deal(tx, i, failure);
	}
	return error;
}

static void set_up(void) {
	const struct store_options options = { .map_initial = (size_t)1 << 30 };
	struct failure failure;
	char url[300];
	ck_assert_int_eq(crypto_start(&failure), OK);
	(void)snprintf(url, sizeof url, "lmdb:%s", scratch_folder());
	market = (struct market){ .origin = "agency.example", .document = pack_document_new() };
	arguments = pack_document_new();
	enum error error = store_open(url, tables_market, tables_market_count, &options, &market.store, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	for (int64_t from = 0; from < DEALS; from += DEALS / 20) {
		struct part part = { .from = from, .to = from + DEALS / 20 };
		error = store_write(market.store, put_deals, &part, &failure);
		ck_assert_msg(error == OK, "%s", failure.text);
	}
}

static void tear_down(void) {
	store_close(market.store);
	pack_document_free(market.document);
	pack_document_free(arguments);
}

/* Asks, and returns how many items came; *ms is the time that it took. */
static size_t answer(int asker, const char *operation, const struct buffer *request, int64_t *ms) {
	struct failure failure;
	struct slice ignored;
	struct buffer out;
	const struct pack_value *ok = NULL;
	struct asker who = { .transport = key_of(asker), .now = 1000 };
	buffer_init(&out, BODY_MAX);
	ck_assert_int_eq(body_read_request(arguments, buffer_slice(request), &ignored, &failure), OK);
	int64_t start = clock_milliseconds();
	views_answer(&market, &who, slice_of_text(operation), pack_root(arguments), &out);
	*ms = clock_milliseconds() - start;
	enum error error = body_read_reply(arguments, buffer_slice(&out), &ok, &failure);
	ck_assert_msg(error == OK, "%s: %s", operation, failure.text);
	size_t count = pack_count(pack_find(ok, "items"));
	buffer_release(&out);
	return count;
}

static const struct {
	int asker; /* position in `accounts` */
	const char *operation, *key, *text;
	size_t least; /* items of the first page */
} questions[] = {
	{ 0, "deals", NULL, NULL, 80 },
	{ 0, "deals", "state", "ruled", 80 },
	{ 0, "deals", "state", "proposed", 80 },
	{ 0, "deals", "campaign", "Campaign 7", 30 },
	{ 0, "deals", "campaign", "No such campaign", 0 },
	{ 0, "deals", "with", "creator-0", 80 },
	{ 0, "deals", "with", "creator-none", 0 },
	{ 1, "deals", NULL, NULL, 80 },
	{ 1, "deals", "state", "shipped", 0 },
	{ 2, "deals", NULL, NULL, 80 },
	{ 2, "deals", "state", "disputed", 80 },
	{ 2, "deals", "with", "acme-yoga", 80 },
	{ 2, "payable", NULL, NULL, 80 },
	{ 0, "notes", NULL, NULL, 80 },
	{ 2, "notes", NULL, NULL, 80 },
	{ 0, "statement", NULL, NULL, 0 },
};

START_TEST(a_page_of_a_large_market_comes_at_once) {
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		struct buffer request;
		int64_t best = INT64_MAX;
		size_t count = 0;
		buffer_init(&request, BODY_MAX);
		body_begin_request(&request, questions[i].operation, questions[i].key == NULL ? 0 : 1);
		if (questions[i].key != NULL) {
			pack_key_word(&request, questions[i].key, questions[i].text);
		}
		for (int try = 0; try < TRIES; try++) {
			int64_t ms = 0;
			count = answer(questions[i].asker, questions[i].operation, &request, &ms);
			best = ms < best ? ms : best;
		}
		ck_assert_msg(count >= questions[i].least, "question %zu: %zu items", i, count);
		ck_assert_msg(best <= PAGE_MS, "question %zu: %" PRId64 " ms", i, best);
		if (getenv("TROTH_SHOW") != NULL) {
			(void)printf("%s %s: %zu items in %" PRId64 " ms\n", questions[i].operation,
			             questions[i].key == NULL ? "" : questions[i].text, count, best);
		}
		buffer_release(&request);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("market_views");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_page_of_a_large_market_comes_at_once);
	Suite *suite = suite_create("market_views");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
