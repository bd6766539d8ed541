/* What is missing when a note comes: the broker, the workers, or room for it. Each is told, and nothing is lost. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/direct.h"
#include "tests/lib/lone.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180
#define OFFERS 1500 /* more than fit into the smallest store */
#define WINDOW 64
#define ANSWER_MS 30000

/* ---- nobody there ---- */

START_TEST(without_a_broker_the_command_names_the_endpoint_and_what_to_try) {
	struct story story;
	story_begin(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	struct said said = troth("status", "--home", story.brand, "--timeout", "1", NULL);
	said_refused(said, 3, ERROR_UNREACHABLE, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, story.agency.join.brokers[0].endpoint));
	ck_assert_ptr_nonnull(strstr(said.errors, "troth up"));
	said = troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", "--timeout", "1", NULL);
	said_refused(said, 3, ERROR_UNREACHABLE, 0);
	/* What was signed is kept, and is the same note once the agency is there. */
	agency_restart(&story.agency, 1);
	const char *id = said_id(troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", NULL));
	ck_assert_str_eq(said_id(troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", NULL)),
	                 id);
	ck_assert_int_eq(store_count(story.agency.home).offers, 1);
}
END_TEST

START_TEST(an_offer_that_is_made_again_is_made_once_however_often_the_answer_does_not_come) {
	static const char *const again[] = { "offer", "submit", "examples/gifted.offer", "--again", "--yes", NULL };
	struct story story;
	story_begin(&story);
	const char *first = said_id(troth_at(story.brand, again)), *second = said_id(troth_at(story.brand, again));
	ck_assert_str_ne(first, second);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	for (size_t i = 0; i < 2; i++) {
		said_refused(troth("offer", "submit", "examples/gifted.offer", "--again", "--home", story.brand, "--yes",
		                   "--timeout", "1", NULL), 3, ERROR_UNREACHABLE, 0);
	}
	agency_restart(&story.agency, 1);
	(void)said_id(troth_at(story.brand, again));
	ck_assert_int_eq(store_count(story.agency.home).offers, 3);
	char name[100];
	const char *fourth = said_id(troth_at(story.brand, again));
	(void)snprintf(name, sizeof name, "notes/%s.note", fourth + strlen("sha256:"));
	ck_assert_int_eq(unlink(scratch_path(story.brand, name)), 0); /* as if its answer had been lost */
	ck_assert_str_eq(said_id(troth_at(story.brand, again)), fourth);
	ck_assert_int_eq(store_count(story.agency.home).offers, 4);
}
END_TEST

START_TEST(without_workers_the_command_says_so) {
	struct story story;
	story_begin(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	struct process *broker = lone_broker(&story.agency);
	struct said said = troth("status", "--home", story.brand, "--timeout", "2", NULL);
	said_refused(said, 3, ERROR_NO_WORKER, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, story.agency.join.brokers[0].endpoint));
	ck_assert_ptr_nonnull(strstr(said.errors, "troth-worker"));
	/* One worker that comes is enough. */
	struct process *worker = lone_worker(&story.agency);
	(void)said_done(troth("status", "--home", story.brand, "--timeout", "30", NULL));
	process_free(worker);
	process_free(broker);
}
END_TEST

START_TEST(machines_get_the_code_too) {
	struct story story;
	story_begin(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	struct said said = troth("offer", "list", "--home", story.creator, "--json", "--timeout", "1", NULL);
	ck_assert_int_eq(said.status, 3);
	json_t *answer = json_line(said.output);
	ck_assert_str_eq(json_text(json_object_get(answer, "error"), "code"), "unreachable");
	json_decref(answer);
}
END_TEST

/* ---- no room ---- */

/* Puts lines behind the workers' settings, the last section of which is the store's. */
static void change_settings(const struct agency_process *agency, const char *original, const char *lines) {
	struct buffer text;
	buffer_init(&text, 65536);
	(void)buffer_append_text(&text, original);
	(void)buffer_append_text(&text, lines);
	scratch_write(scratch_path(agency->home, "worker.ini"), buffer_text(&text));
	buffer_release(&text);
}

/* A brand's many offers, and what became of them. */
struct flood {
	struct agency_process agency;
	struct actor operator, brand;
	struct buffer notes[OFFERS];
	struct outcome outcomes[OFFERS];
	char *settings; /* worker.ini as the first start wrote it */
};

static void flood_make(struct flood *flood) {
	agency_start(&flood->agency, 2);
	actor_open_operator(&flood->operator, &flood->agency);
	actor_make(&flood->brand, ROLE_BRAND, "acme-yoga", &flood->agency);
	market_admit(&flood->agency, &flood->operator, &flood->brand, 1);
	flood->settings = scratch_read(scratch_path(flood->agency.home, "worker.ini"));
	for (size_t i = 0; i < OFFERS; i++) {
		buffer_init(&flood->notes[i], SIGNED_NOTE_MAX);
		actor_offer(&flood->brand, 5, NULL, &flood->notes[i]);
	}
}

static void flood_release(struct flood *flood) {
	for (size_t i = 0; i < OFFERS; i++) {
		buffer_release(&flood->notes[i]);
	}
	free(flood->settings);
	actor_release(&flood->brand);
	actor_release(&flood->operator);
	process_free_all();
}

/* Submits so many of them; returns how many were accepted. The others must have been refused as store-full. */
static size_t flood_submit(struct flood *flood, size_t count) {
	struct client *client = actor_connect(&flood->brand, &flood->agency, 0, ANSWER_MS);
	size_t accepted = 0;
	market_submit(client, &flood->agency, flood->notes, count, WINDOW, flood->outcomes);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(flood->outcomes[i].error == OK || flood->outcomes[i].error == ERROR_STORE_FULL, "%zu: %s", i,
		              error_word(flood->outcomes[i].error));
		accepted += flood->outcomes[i].error == OK;
	}
	client_free(client);
	return accepted;
}

static void restart_with(struct flood *flood, const char *lines) {
	ck_assert_int_eq(agency_stop(&flood->agency), 0);
	change_settings(&flood->agency, flood->settings, lines);
	agency_restart(&flood->agency, 2);
}

static struct flood flood;

START_TEST(a_full_store_refuses_and_keeps_what_it_has) {
	flood_make(&flood);
	restart_with(&flood, "size-max-mib = 1\n");
	struct store_counts before = store_count(flood.agency.home);
	size_t accepted = flood_submit(&flood, OFFERS);
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_lt(accepted, OFFERS);
	store_has_grown(flood.agency.home, before,
	                (struct store_counts){ .notes = (int64_t)accepted, .offers = (int64_t)accepted });
	/* What was accepted is still answered, also while there is no room. */
	size_t first = 0;
	while (flood.outcomes[first].error != OK) {
		first++;
	}
	struct client *client = actor_connect(&flood.brand, &flood.agency, 0, ANSWER_MS);
	struct outcome again;
	market_submit(client, &flood.agency, &flood.notes[first], 1, 1, &again);
	client_free(client);
	ck_assert_int_eq(again.error, OK);
	ck_assert_int_eq(again.sequence, flood.outcomes[first].sequence);
	/* With room the very same notes are welcome, and those that were accepted are no others. */
	restart_with(&flood, "");
	ck_assert_uint_eq(flood_submit(&flood, OFFERS), OFFERS);
	store_has_grown(flood.agency.home, before, (struct store_counts){ .notes = OFFERS, .offers = OFFERS });
	flood_release(&flood);
}
END_TEST

START_TEST(a_disk_that_is_almost_full_refuses_and_keeps_what_it_has) {
	flood_make(&flood);
	struct store_counts before = store_count(flood.agency.home);
	ck_assert_uint_eq(flood_submit(&flood, 20), 20);
	restart_with(&flood, "keep-free-mib = 16777216\n"); /* 16 TiB */
	ck_assert_uint_eq(flood_submit(&flood, 20), 20);    /* known already: the same answers */
	ck_assert_uint_eq(flood_submit(&flood, 40), 20);
	store_has_grown(flood.agency.home, before, (struct store_counts){ .notes = 20, .offers = 20 });
	restart_with(&flood, "");
	ck_assert_uint_eq(flood_submit(&flood, 40), 40);
	store_has_grown(flood.agency.home, before, (struct store_counts){ .notes = 40, .offers = 40 });
	flood_release(&flood);
}
END_TEST

START_TEST(a_full_store_is_told_by_the_command) {
	struct story story;
	story_begin(&story);
	char *settings = scratch_read(scratch_path(story.agency.home, "worker.ini"));
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	change_settings(&story.agency, settings, "keep-free-mib = 16777216\n");
	agency_restart(&story.agency, 1);
	struct store_counts before = store_count(story.agency.home);
	said_refused(troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", NULL), 1,
	             ERROR_STORE_FULL, 0);
	(void)said_done(troth("status", "--home", story.brand, NULL)); /* questions need no room */
	store_has_grown(story.agency.home, before, (struct store_counts){ 0, 0, 0 });
	free(settings);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("absent");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, without_a_broker_the_command_names_the_endpoint_and_what_to_try);
	tcase_add_test(tests, an_offer_that_is_made_again_is_made_once_however_often_the_answer_does_not_come);
	tcase_add_test(tests, without_workers_the_command_says_so);
	tcase_add_test(tests, machines_get_the_code_too);
	tcase_add_test(tests, a_full_store_refuses_and_keeps_what_it_has);
	tcase_add_test(tests, a_disk_that_is_almost_full_refuses_and_keeps_what_it_has);
	tcase_add_test(tests, a_full_store_is_told_by_the_command);
	Suite *suite = suite_create("talk/absent");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
