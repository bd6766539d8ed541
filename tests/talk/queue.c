/* Notes for which no worker is there: they wait in the broker's queue, and their answers are fetched by ticket. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/lone.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180
#define QUEUED 4 /* exit status */

static struct story story;
static struct process *broker, *worker;

/* An agency with accounts, of which only the broker runs. */
static void set_up(void) {
	story_begin(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	lone_append(&story.agency, "broker.ini", "queue-ms = 300\n"); /* says soon that no worker is there */
	broker = lone_broker(&story.agency);
}

static void tear_down(void) {
	process_free_all();
}

static struct said submit(const char *option) {
	return troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", "--timeout", "2", option,
	             NULL);
}

static struct said show(const char *ticket) {
	return troth("queue", "show", ticket, "--home", story.brand, "--timeout", "2", NULL);
}

static struct said show_waiting(const char *home, const char *ticket) {
	return troth("queue", "show", ticket, "--home", home, "--wait", "--timeout", "60", NULL);
}

/* The ticket that a command names which ended with this status. */
static const char *ticket_of(struct said said, int status) {
	static const char before[] = "queued as ";
	ck_assert_msg(said.status == status, "exit status %d\n%s%s", said.status, said.output, said.errors);
	ck_assert_msg(strncmp(said.last, before, strlen(before)) == 0, "%s", said.last);
	char *ticket = strndup(said.last + strlen(before), 32);
	ck_assert_uint_eq(strspn(ticket, "0123456789abcdef"), 32);
	const char *kept = scratch_path("", ticket) + 1; /* lives as long as the process */
	free(ticket);
	return kept;
}

static size_t waiting_tickets(const char *home) {
	json_t *list = said_json(troth("queue", "list", "--home", home, "--json", NULL));
	size_t count = json_array_size(list);
	json_decref(list);
	return count;
}

/* ---- what waits ---- */

START_TEST(without_a_worker_a_note_waits_and_is_done_when_one_comes) {
	struct store_counts before = store_count(story.agency.home);
	const char *ticket = ticket_of(submit(NULL), QUEUED);
	said_refused(submit("--no-queue"), 3, ERROR_NO_WORKER, 0);
	ck_assert_str_eq(ticket_of(submit("--queue"), 0), ticket);
	ck_assert_uint_eq(waiting_tickets(story.brand), 1);
	struct said said = show(ticket);
	ck_assert_int_eq(said.status, QUEUED);
	ck_assert_ptr_nonnull(strstr(said.output, "not answered yet"));
	ck_assert_int_eq(store_count(story.agency.home).notes, before.notes);
	worker = lone_worker(&story.agency);
	const char *id = said_id(show_waiting(story.brand, ticket));
	store_has_grown(story.agency.home, before, (struct store_counts){ .notes = 1, .offers = 1 });
	/* The home tells it again, by the first digits too, with no broker; the command itself says the same. */
	ck_assert_uint_eq(waiting_tickets(story.brand), 0);
	ck_assert_str_eq(said_id(submit(NULL)), id);
	process_kill(broker);
	ck_assert_str_eq(said_id(show(strndupa(ticket, 8))), id);
	store_has_grown(story.agency.home, before, (struct store_counts){ .notes = 1, .offers = 1 });
}
END_TEST

START_TEST(what_waits_survives_the_end_of_the_broker) {
	const char *ticket = ticket_of(submit(NULL), QUEUED);
	process_kill(broker);
	said_refused(show(ticket), 3, ERROR_UNREACHABLE, 0);
	said_refused(submit("--queue"), 3, ERROR_UNREACHABLE, 0);
	ck_assert_uint_eq(waiting_tickets(story.brand), 1);
	broker = lone_broker(&story.agency);
	worker = lone_worker(&story.agency);
	(void)said_id(show_waiting(story.brand, ticket));
}
END_TEST

START_TEST(a_dropped_note_is_not_done) {
	struct store_counts before = store_count(story.agency.home);
	const char *ticket = ticket_of(submit(NULL), QUEUED);
	(void)said_done(troth("queue", "drop", ticket, "--home", story.brand, NULL));
	said_refused(show(ticket), 1, ERROR_NOT_FOUND, 0);
	said_refused(troth("queue", "drop", ticket, "--home", story.brand, NULL), 1, ERROR_NOT_FOUND, 0);
	worker = lone_worker(&story.agency);
	/* One that is queued later is done, so the dropped one would have been. */
	const char *later = ticket_of(troth("offer", "submit", "examples/paid.offer", "--home", story.brand, "--yes",
	                                    "--queue", NULL), 0);
	said_refused(show_waiting(story.brand, later), 1, ERROR_UNFUNDED, 0);
	store_has_grown(story.agency.home, before, (struct store_counts){ 0, 0, 0 });
}
END_TEST

START_TEST(a_refusal_is_told_as_one_again_and_again) {
	worker = lone_worker(&story.agency);
	const char *unknown = "sha256:00000000000000000000000000000000000000000000000000000000000000ff";
	const char *ticket =
	    ticket_of(troth("offer", "close", unknown, "--home", story.brand, "--yes", "--queue", NULL), 0);
	said_refused(show_waiting(story.brand, ticket), 1, ERROR_NOT_FOUND, 0);
	ck_assert_uint_eq(waiting_tickets(story.brand), 0);
	said_refused(show(ticket), 1, ERROR_NOT_FOUND, 0);
	said_refused(troth("offer", "close", unknown, "--home", story.brand, "--yes", NULL), 1, ERROR_NOT_FOUND, 0);
}
END_TEST

/* ---- whatever is signed ---- */

START_TEST(an_agreement_that_was_queued_is_written_and_can_be_verified) {
	worker = lone_worker(&story.agency);
	(void)said_done(troth("status", "--home", story.brand, "--timeout", "60", NULL));
	const char *path = scratch_path(scratch_folder(), "agreement.note");
	const char *offer = said_id(submit(NULL));
	const char *ticket =
	    ticket_of(troth("deal", "accept", offer, "--home", story.creator, "--yes", "--queue", NULL), 0);
	struct said said = troth("queue", "show", ticket, "--home", story.creator, "--wait", "--timeout", "60", "--out",
	                         path, NULL);
	const char *deal = said_id(said);
	ck_assert_ptr_nonnull(strstr(said.output, "agreed: signed by you, countersigned by the agency"));
	(void)said_done(troth("verify", path, "--join", story.join, NULL));
	/* Repeated by the whole id, the command finds its note by itself. */
	ck_assert_str_eq(said_id(troth("deal", "accept", offer, "--home", story.creator, NULL)), deal);
}
END_TEST

START_TEST(accounts_and_money_can_wait_too) {
	const char *home = home_init(&story.agency, "creator", "newcomer");
	const char *enrolment = ticket_of(troth("enrol", "--home", home, "--timeout", "1", NULL), QUEUED);
	const char *money = ticket_of(troth("ops", "fund", "acme-yoga", "10.00 USD", "--reference", "bank-1", "--home",
	                                    story.ops, "--timeout", "1", "-y", NULL), QUEUED);
	worker = lone_worker(&story.agency);
	struct said said = show_waiting(home, enrolment);
	(void)said_id(said);
	ck_assert_ptr_nonnull(strstr(said.output, "newcomer has asked for an account as creator"));
	said = show_waiting(story.ops, money);
	(void)said_id(said);
	ck_assert_ptr_nonnull(strstr(said.output, "10.00 USD is available to acme-yoga (bank-1)"));
	const char *admission =
	    ticket_of(troth("ops", "admit", "newcomer", "--yes", "--home", story.ops, "--queue", NULL), 0);
	said = show_waiting(story.ops, admission);
	(void)said_id(said);
	ck_assert_ptr_nonnull(strstr(said.output, "newcomer is admitted as creator"));
}
END_TEST

START_TEST(the_rows_of_a_batch_wait_side_by_side) {
	struct store_counts before = store_count(story.agency.home);
	const char *path = scratch_path(scratch_folder(), "offers.csv");
	scratch_write(path, "campaign,compensation,product,product-value,deliverable,brief,disclosure,ship-within,"
	                    "post-within,live-for,slots,closes\n"
	                    "Spring,gifted,Mat,20.00 USD,1 instagram-reel within 14d,Show it,#ad,5d,14d,30d,3,+30d\n"
	                    "Spring,gifted,Block,9.00 USD,1 instagram-reel within 14d,Show it,#ad,5d,14d,30d,3,+30d\n"
	                    "Spring,gifted,Strap,5.00 USD,1 instagram-reel within 14d,Show it,#ad,5d,14d,30d,0,+30d\n");
	struct said said =
	    troth("offer", "submit", "--batch", path, "--home", story.brand, "--yes", "--timeout", "1", NULL);
	ck_assert_msg(said.status == 1, "exit status %d\n%s%s", said.status, said.output, said.errors);
	ck_assert_str_eq(said.last, "0 accepted, 0 accepted before, 2 queued (see troth queue list), 1 refused");
	ck_assert_uint_eq(waiting_tickets(story.brand), 2);
	worker = lone_worker(&story.agency);
	said = troth("offer", "submit", "--batch", path, "--home", story.brand, "--yes", "--timeout", "30", NULL);
	ck_assert_str_eq(said.last, "2 accepted, 0 accepted before, 1 refused");
	store_has_grown(story.agency.home, before, (struct store_counts){ .notes = 2, .offers = 2 });
}
END_TEST

/* ---- several brokers ---- */

START_TEST(the_broker_that_answers_takes_the_note_and_is_asked_again) {
	char text[2048], key[TRANSPORT_KEY_TEXT], agency[VERIFIER_KEY_MAX];
	const struct join *join = &story.agency.join;
	transport_key_format(join->brokers[0].public_key, key);
	verifier_key_format(&join->agency, agency);
	(void)snprintf(text, sizeof text, "[agency]\norigin = %s\nendpoint = tcp://127.0.0.1:1\ntransport-key = %s\n"
	               "endpoint-2 = %s\nagency-key = %s\n", join->origin, key, join->brokers[0].endpoint, agency);
	scratch_write(scratch_path(story.brand, "agency.join"), text);
	const char *ticket = ticket_of(submit("--queue"), 0);
	struct said said = show(ticket);
	ck_assert_int_eq(said.status, QUEUED);
	ck_assert_ptr_nonnull(strstr(said.output, join->brokers[0].endpoint));
	worker = lone_worker(&story.agency);
	(void)said_id(show_waiting(story.brand, ticket));
}
END_TEST

/* ---- what is wrong ---- */

START_TEST(tickets_that_are_none_are_refused) {
	const char *ticket = ticket_of(submit(NULL), QUEUED);
	const struct {
		const char *word;
		int status;
		enum error code;
	} rows[] = {
		{ "", 2, ERROR_USAGE },
		{ "1234567", 2, ERROR_USAGE },
		{ "0123456G", 2, ERROR_USAGE },
		{ "ABCDEF0123", 2, ERROR_USAGE },
		{ "../../../../etc/passwd", 2, ERROR_USAGE },
		{ "00000000000000000000000000000000", 1, ERROR_NOT_FOUND },
		{ "000000000000000000000000000000000", 2, ERROR_USAGE },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		said_refused(show(rows[i].word), rows[i].status, rows[i].code, 0);
		said_refused(troth("queue", "drop", rows[i].word, "--home", story.brand, NULL), rows[i].status, rows[i].code,
		             0);
	}
	said_refused(troth("queue", "show", "--home", story.brand, NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("enrol", "--home", story.brand, "--queue", "--no-queue", NULL), 2, ERROR_USAGE, 0);
	/* A file that somebody has changed. */
	char name[64];
	(void)snprintf(name, sizeof name, "queue/%s", ticket);
	scratch_write(scratch_path(story.brand, name), "[ticket]\nbroker = x\n");
	ck_assert_int_eq(show(ticket).status, 2);
	ck_assert_int_eq(troth("queue", "list", "--home", story.brand, NULL).status, 2);
}
END_TEST

START_TEST(a_ticket_of_another_home_is_not_known) {
	const char *ticket = ticket_of(submit(NULL), QUEUED);
	char name[64];
	said_refused(troth("queue", "show", ticket, "--home", story.creator, NULL), 1, ERROR_NOT_FOUND, 0);
	/* Not even with the file that says what was queued: the broker knows whose it is. */
	(void)snprintf(name, sizeof name, "queue/%s", ticket);
	char *file = scratch_read(scratch_path(story.brand, name));
	ck_assert_int_eq(mkdir(scratch_path(story.creator, "queue"), 0700), 0);
	scratch_write(scratch_path(story.creator, name), file);
	free(file);
	struct said said = troth("queue", "show", ticket, "--home", story.creator, NULL);
	said_refused(said, 1, ERROR_NOT_FOUND, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "does not know the ticket"));
	(void)said_done(troth("queue", "drop", ticket, "--home", story.creator, NULL));
	ck_assert_int_eq(show(ticket).status, QUEUED); /* that of the brand is none the worse */
}
END_TEST

START_TEST(machines_read_state_ticket_and_trace) {
	json_t *queued = json_line(submit("--json").output);
	const char *ticket = json_text(queued, "ticket");
	ck_assert_str_eq(json_text(queued, "state"), "queued");
	ck_assert_str_eq(json_text(queued, "kind"), "offer");
	ck_assert_uint_eq(strlen(json_text(queued, "trace")), 32);
	struct said said = troth("queue", "show", ticket, "--home", story.brand, "--json", NULL);
	ck_assert_int_eq(said.status, QUEUED);
	json_t *waiting = json_line(said.output);
	ck_assert_str_eq(json_text(waiting, "state"), "queued");
	ck_assert_str_eq(json_text(waiting, "id"), json_text(queued, "id"));
	worker = lone_worker(&story.agency);
	json_t *done =
	    said_json(troth("queue", "show", ticket, "--home", story.brand, "--json", "--wait", "--timeout", "60", NULL));
	ck_assert_str_eq(json_text(done, "id"), json_text(queued, "id"));
	json_t *list = said_json(troth("queue", "list", "--home", story.brand, "--json", "--all", NULL));
	ck_assert_str_eq(json_text(json_array_get(list, 0), "state"), "answered");
	json_decref(list);
	json_decref(done);
	json_decref(waiting);
	json_decref(queued);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("queue");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, without_a_worker_a_note_waits_and_is_done_when_one_comes);
	tcase_add_test(tests, what_waits_survives_the_end_of_the_broker);
	tcase_add_test(tests, a_dropped_note_is_not_done);
	tcase_add_test(tests, a_refusal_is_told_as_one_again_and_again);
	tcase_add_test(tests, an_agreement_that_was_queued_is_written_and_can_be_verified);
	tcase_add_test(tests, accounts_and_money_can_wait_too);
	tcase_add_test(tests, the_rows_of_a_batch_wait_side_by_side);
	tcase_add_test(tests, the_broker_that_answers_takes_the_note_and_is_asked_again);
	tcase_add_test(tests, tickets_that_are_none_are_refused);
	tcase_add_test(tests, a_ticket_of_another_home_is_not_known);
	tcase_add_test(tests, machines_read_state_ticket_and_trace);
	Suite *suite = suite_create("talk/queue");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
