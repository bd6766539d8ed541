/* The agency's clock on several workers: what is due is said once and in its order, whoever dies and however long
 * nobody was there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "tests/lib/command.h"
#include "tests/lib/convoy.h"
#include "tests/lib/lapses.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

#define TEST_SECONDS 300
#define DEALS 24          /* of each group */
#define HOUR 3600
#define WORKERS 2
#define PATH_MAX_STEPS 6
#define PATIENCE_MS 60000
#define WINDOW 4

#define PAID "compensation paid\nfee 100.00 USD\ndeliverable 1 instagram-reel within 7h\ndisclosure #ad\n" \
	"review-within 2h\nrevisions 2\nresubmit-within 2h\npost-within 3h\nverify-within 4h\npay-within 5h\n" \
	"rate-within 6h\n"
#define LONG_POST "compensation paid\nfee 100.00 USD\ndeliverable 1 instagram-reel within 7h\ndisclosure #ad\n" \
	"review-within 2h\npost-within 9h\npay-within 5h\n"
#define GIFTED "compensation gifted\nproduct Cork yoga mat, 5 mm\nproduct-value 89.00 USD\n" \
	"deliverable 1 instagram-reel within 7h\ndisclosure #ad\nship-within 1h\nreceive-within 2h\n" \
	"review-within 2h\npost-within 3h\nverify-within 4h\nrate-within 6h\n"

static struct cast cast;
static struct lapses lapses;
static const char *clock_path;
static int64_t hours; /* by which the clock is ahead */

/* Never half written: everybody reads it all the time. */
static void move_clock(int64_t by) {
	char text[32], next[FILE_PATH_MAX];
	hours += by;
	(void)snprintf(next, sizeof next, "%s.next", clock_path);
	(void)snprintf(text, sizeof text, "%lld\n", (long long)hours * HOUR);
	scratch_write(next, text);
	ck_assert_int_eq(rename(next, clock_path), 0);
}

static void set_up(void) {
	hours = 0;
	clock_path = scratch_path(scratch_folder(), "clock");
	move_clock(0);
	ck_assert_int_eq(setenv(CLOCK_FILE_VARIABLE, clock_path, 1), 0);
	cast_make(&cast, WORKERS, "warning", DEALS);
}

static void tear_down(void) {
	cast_release(&cast);
}

static struct client *connect_operator(void) {
	return actor_connect(&cast.operator, &cast.agency, 200, PATIENCE_MS);
}

static void await_state(struct client *client, const struct convoy *convoy, enum deal_state state) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	for (size_t i = 0; i < convoy->count;) {
		struct deal deal;
		convoy_deal(convoy, client, i, &deal);
		i += deal.state == state;
		ck_assert_msg(clock_milliseconds() < until, "deal %zu is still %s", i, deal_state_words[deal.state]);
	}
}

/* ---- a step and the clock ---- */

/* Submits approvals, a few on their way at a time; in the midst of it the time to review is over. */
static void approve_while_time_ends(const struct convoy *convoy, const struct buffer *notes,
                                    struct outcome *outcomes) {
	struct buffer request;
	struct failure failure;
	struct client_answer answer;
	buffer_init(&request, BODY_MAX);
	for (size_t sent = 0, heard = 0; heard < convoy->count;) {
		if (sent < convoy->count && sent - heard < WINDOW) {
			if (sent == convoy->count / 2) {
				move_clock(3);
			}
			buffer_clear(&request);
			market_request(buffer_slice(&notes[sent]), &request);
			enum error error = client_send(convoy->client, "notes", buffer_slice(&request), &outcomes[sent], &failure);
			ck_assert_int_eq(error, OK);
			sent++;
		} else if (client_next(convoy->client, 1000, &answer) == OK) {
			struct outcome *outcome = answer.tag;
			market_read(&cast.agency, buffer_slice(&notes[outcome - outcomes]), &answer, outcome);
			heard++;
		}
	}
	buffer_release(&request);
}

START_TEST(an_approval_and_the_clock_at_the_same_moment_approve_a_deal_once) {
	static const enum deadline by_clock[LAPSES_CHAIN_MAX] = { DEADLINE_REVIEW };
	static const enum deadline by_brand[LAPSES_CHAIN_MAX] = { DEADLINE_NONE };
	static struct convoy convoy;
	static struct buffer notes[CONVOY_MAX];
	static struct outcome outcomes[CONVOY_MAX];
	struct client *client = connect_operator();
	for (int round = 0; round < 5; round++) {
		size_t in_time = 0;
		struct deal before[DEALS], after;
		convoy_notes_init(notes);
		convoy_begin(&convoy, &cast, client, DEALS, LONG_POST);
		convoy_step(&convoy, ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT);
		for (size_t i = 0; i < DEALS; i++) {
			thread_note(&convoy.threads[i], &cast.brand, KIND_APPROVE, "", &notes[i]);
			convoy_deal(&convoy, client, i, &before[i]);
		}
		approve_while_time_ends(&convoy, notes, outcomes);
		await_state(client, &convoy, DEAL_APPROVED);
		lapses_read(&lapses, client, &cast.agency);
		for (size_t i = 0; i < DEALS; i++) {
			enum error error = outcomes[i].error;
			bool late = error == ERROR_SUPERSEDED || error == ERROR_WRONG_STATE;
			ck_assert_msg(error == OK || late, "%s", outcomes[i].said);
			ck_assert(error == OK || strstr(outcomes[i].said, "the deal is ") != NULL);
			lapses_check(&lapses, &convoy.threads[i], late ? by_clock : by_brand, late ? "too late" : "in time");
			in_time += error == OK;
			convoy_deal(&convoy, client, i, &after);
			ck_assert(late ? after.since == before[i].due : after.since <= before[i].due);
		}
		ck_assert_uint_gt(in_time, 0);
		ck_assert_uint_lt(in_time, DEALS);
		move_clock(10); /* whatever still runs ends before the next round */
		await_state(client, &convoy, DEAL_LAPSED);
		convoy_notes_release(notes);
		convoy_end(&convoy);
	}
	client_free(client);
	(void)store_count(cast.agency.home);
}
END_TEST

/* ---- the worker that runs the clock dies ---- */

static bool is_child(pid_t pid, pid_t parent) {
	char path[64], words[64], text[2000];
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	(void)snprintf(words, sizeof words, "\nPPid:\t%d\n", (int)parent);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	size_t size = fread(text, 1, sizeof text - 1, file);
	(void)fclose(file);
	text[size] = '\0';
	return strstr(text, words) != NULL;
}

/* The worker that holds the clock's lock; 0: none. Source: proc_locks(5), "1: FLOCK ADVISORY WRITE pid a:b:inode …". */
static pid_t find_holder(void) {
	static const char words[] = "FLOCK  ADVISORY  WRITE ";
	struct stat lock;
	char *text = scratch_read("/proc/locks"), inode[32];
	pid_t holder = 0;
	ck_assert_int_eq(stat(scratch_path(scratch_path(cast.agency.home, "store"), "clock.lock"), &lock), 0);
	(void)snprintf(inode, sizeof inode, ":%llu 0 EOF", (unsigned long long)lock.st_ino);
	for (const char *at = strstr(text, words); at != NULL && holder == 0; at = strstr(at + 1, words)) {
		const char *end = strchr(at, '\n'), *found = strstr(at, inode);
		pid_t pid = (pid_t)strtol(at + sizeof words - 1, NULL, 10);
		if (found != NULL && end != NULL && found < end && is_child(pid, process_id(cast.agency.up))) {
			holder = pid;
		}
	}
	free(text);
	return holder;
}

static pid_t await_holder(pid_t other) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	pid_t holder = find_holder();
	while (holder == 0 || holder == other) {
		ck_assert_msg(clock_milliseconds() < until, "no worker has taken over the clock");
		holder = find_holder();
	}
	return holder;
}

/* Asks without waiting for the answers: whoever is asked looks at the clock first. */
static void ask_ahead(struct client *client, size_t questions) {
	static const char operation[] = "deals";
	struct buffer body;
	struct failure failure;
	buffer_init(&body, BODY_MAX);
	body_begin_request(&body, operation, 0);
	for (size_t i = 0; i < questions; i++) {
		ck_assert_int_eq(client_send(client, "views", buffer_slice(&body), NULL, &failure), OK);
	}
	buffer_release(&body);
}

static void hear_all(struct client *client) {
	struct client_answer answer;
	while (client_waiting(client) > 0) {
		(void)client_next(client, 1000, &answer);
	}
}

#define CONVOYS 4 /* whose deadlines come one after the other */

/* In every round some deadlines pass, and whoever is about to say so is killed, sooner or later. */
START_TEST(when_the_worker_that_runs_the_clock_is_killed_another_says_once_what_is_due) {
	static const char *const reviews[CONVOYS] = { "1h", "7h", "13h", "19h" };
	static const enum deadline chain[LAPSES_CHAIN_MAX] = { DEADLINE_REVIEW, DEADLINE_POST };
	static struct convoy convoys[CONVOYS];
	struct client *client = connect_operator(), *hasty = connect_operator();
	for (size_t i = 0; i < CONVOYS; i++) {
		char lines[600];
		(void)snprintf(lines, sizeof lines,
		               "compensation paid\nfee 100.00 USD\ndeliverable 1 instagram-reel within 7h\ndisclosure #ad\n"
		               "review-within %s\npost-within 3h\npay-within 5h\n", reviews[i]);
		convoy_begin(&convoys[i], &cast, client, DEALS, lines);
		convoy_step(&convoys[i], ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT);
	}
	pid_t holder = await_holder(0);
	for (size_t round = 0; round < 2 * CONVOYS; round++) {
		move_clock(round == 0 ? 2 : 3);
		ask_ahead(hasty, round);
		ck_assert_int_eq(kill(holder, SIGKILL), 0);
		holder = await_holder(holder);
		await_state(client, &convoys[round / 2], round % 2 == 0 ? DEAL_APPROVED : DEAL_LAPSED);
		hear_all(hasty);
	}
	lapses_read(&lapses, client, &cast.agency);
	for (size_t i = 0; i < CONVOYS * DEALS; i++) {
		lapses_check(&lapses, &convoys[i / DEALS].threads[i % DEALS], chain, reviews[i / DEALS]);
	}
	ck_assert_uint_eq(lapses.count, 2 * CONVOYS * DEALS);
	for (size_t i = 0; i < CONVOYS; i++) {
		convoy_end(&convoys[i]);
	}
	client_free(client);
	client_free(hasty);
	(void)store_count(cast.agency.home);
	ck_assert_int_eq(agency_stop(&cast.agency), 0);
	ck_assert_ptr_null(strstr(process_text(cast.agency.up, PROCESS_ERRORS), "lapses-refused"));
}
END_TEST

/* ---- a day without any worker ---- */

struct step {
	enum role role;
	enum kind_id kind;
	const char *lines; /* NULL: the path has ended */
};

#define SHIPS { ROLE_BRAND, KIND_SHIP, "carrier DHL\n" }
#define RECEIVES { ROLE_CREATOR, KIND_RECEIVE, "" }
#define SUBMITS { ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT }
#define APPROVES { ROLE_BRAND, KIND_APPROVE, "" }
#define POSTS { ROLE_CREATOR, KIND_POST, "link https://example.com/p\n" }
#define VERIFIES { ROLE_OPERATOR, KIND_VERIFY, "live yes\ntagged yes\ndisclosed yes\n" }

/* Groups of deals, what they have done when everybody leaves, and what follows from silence. */
static const struct group {
	const char *name, *offer;
	struct step path[PATH_MAX_STEPS];
	enum deadline chain[LAPSES_CHAIN_MAX];
	enum deal_state end;
} groups[] = {
	{ "a proposal", PAID "answer-within 8h\nroad negotiation\n", { { 0 } }, { DEADLINE_ANSWER }, DEAL_ENDED },
	{ "agreed with a product", GIFTED, { { 0 } }, { DEADLINE_SHIP }, DEAL_LAPSED },
	{ "shipped", GIFTED, { SHIPS }, { DEADLINE_RECEIVE, DEADLINE_DELIVER }, DEAL_LAPSED },
	{ "agreed", PAID, { { 0 } }, { DEADLINE_DELIVER }, DEAL_LAPSED },
	{ "submitted", PAID, { SUBMITS }, { DEADLINE_REVIEW, DEADLINE_POST }, DEAL_LAPSED },
	{ "sent back", PAID, { SUBMITS, { ROLE_BRAND, KIND_REVISE, "reason Too dark.\n" } }, { DEADLINE_RESUBMIT },
	  DEAL_LAPSED },
	{ "approved", GIFTED, { SHIPS, RECEIVES, SUBMITS, APPROVES }, { DEADLINE_POST }, DEAL_LAPSED },
	{ "posted", PAID, { SUBMITS, APPROVES, POSTS }, { DEADLINE_VERIFY, DEADLINE_PAY, DEADLINE_RATE },
	  DEAL_VERIFIED },
	{ "posted for a product", GIFTED, { SHIPS, RECEIVES, SUBMITS, APPROVES, POSTS }, { DEADLINE_VERIFY, DEADLINE_RATE },
	  DEAL_CLOSED },
	{ "verified", PAID, { SUBMITS, APPROVES, POSTS, VERIFIES }, { DEADLINE_PAY, DEADLINE_RATE }, DEAL_VERIFIED },
	{ "paid", PAID,
	  { SUBMITS, APPROVES, POSTS, VERIFIES, { ROLE_OPERATOR, KIND_PAY, "amount 100.00 USD\nreference payout-1\n" } },
	  { DEADLINE_RATE }, DEAL_CLOSED },
	{ "cancelled by the brand", PAID, { SUBMITS, { ROLE_BRAND, KIND_CANCEL, "" } }, { DEADLINE_PAY }, DEAL_CANCELLED },
	{ "disputed", PAID, { SUBMITS, { ROLE_BRAND, KIND_DISPUTE, "reason Too dark.\n" } }, { DEADLINE_NONE },
	  DEAL_DISPUTED },
};
#define GROUPS (sizeof groups / sizeof groups[0])

static struct convoy convoys[GROUPS];

/* One worker, so that whoever answers has looked at the clock before. */
static struct client *wake_up(void) {
	agency_restart(&cast.agency, 1);
	return connect_operator();
}

static void sleep_well(struct client *client) {
	client_free(client);
	ck_assert_int_eq(agency_stop(&cast.agency), 0);
	ck_assert_ptr_null(strstr(process_text(cast.agency.up, PROCESS_ERRORS), "lapses-refused"));
}

static void check_groups(struct client *client) {
	int64_t firsts = 0;
	size_t expected = 0;
	for (size_t i = 0; i < GROUPS * DEALS; i++) {
		const struct group *group = &groups[i / DEALS];
		struct deal deal;
		convoy_deal(&convoys[i / DEALS], client, i % DEALS, &deal);
		ck_assert_msg(deal.state == group->end, "%s: is %s", group->name, deal_state_words[deal.state]);
		ck_assert_msg(deal.due == 0, "%s: %s is still due", group->name, deadline_words[deal.deadline]);
		lapses_check(&lapses, &convoys[i / DEALS].threads[i % DEALS], group->chain, group->name);
		for (size_t j = 0; j < LAPSES_CHAIN_MAX && group->chain[j] != DEADLINE_NONE; j++) {
			expected++;
		}
	}
	ck_assert_uint_eq(lapses.count, expected);
	/* What ran when everybody left is said in the order of time over all deals: a deal's first lapse. */
	for (size_t i = 0; i < lapses.count; i++) {
		bool is_first = true;
		for (size_t j = 0; j < i && is_first; j++) {
			is_first = memcmp(lapses.items[i].deal, lapses.items[j].deal, HASH_SIZE) != 0;
		}
		ck_assert(!is_first || lapses.items[i].due >= firsts);
		firsts = is_first ? lapses.items[i].due : firsts;
	}
}

START_TEST(after_a_day_without_workers_all_is_caught_up_in_order_and_only_once) {
	struct client *client = connect_operator();
	for (size_t i = 0; i < GROUPS; i++) {
		convoy_begin(&convoys[i], &cast, client, DEALS, groups[i].offer);
		for (size_t j = 0; j < PATH_MAX_STEPS && groups[i].path[j].lines != NULL; j++) {
			convoy_step(&convoys[i], groups[i].path[j].role, groups[i].path[j].kind, groups[i].path[j].lines);
		}
	}
	lapses_read(&lapses, client, &cast.agency);
	ck_assert_uint_eq(lapses.count, 0);
	sleep_well(client);
	struct store_counts before = store_count(cast.agency.home);
	move_clock(24);
	client = wake_up();
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	for (size_t seen = SIZE_MAX; seen != lapses.count || seen == 0;) { /* a great many take several rounds */
		ck_assert_int_lt(clock_milliseconds(), until);
		seen = lapses.count;
		lapses_read(&lapses, client, &cast.agency);
	}
	check_groups(client);
	sleep_well(client);
	store_has_grown(cast.agency.home, before, (struct store_counts){ .notes = (int64_t)lapses.count });
	client = wake_up();
	check_groups(client);
	sleep_well(client);
	store_has_grown(cast.agency.home, before, (struct store_counts){ .notes = (int64_t)lapses.count });
	for (size_t i = 0; i < GROUPS; i++) {
		convoy_end(&convoys[i]);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("clock");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, an_approval_and_the_clock_at_the_same_moment_approve_a_deal_once);
	tcase_add_test(tests, when_the_worker_that_runs_the_clock_is_killed_another_says_once_what_is_due);
	tcase_add_test(tests, after_a_day_without_workers_all_is_caught_up_in_order_and_only_once);
	Suite *suite = suite_create("talk/clock");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
