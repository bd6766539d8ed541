/* What commands print for machines: with --json each line of standard output is one JSON value, with these keys. */
#include <stdlib.h>

#include "tests/lib/process.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define KEYS_MAX 8

static struct story story;

static struct said enrol(void) {
	return troth("enrol", "--home", story.brand, "--json", NULL);
}

static struct said admit(void) {
	return troth("ops", "admit", "acme-yoga", "studio-flow", "--home", story.ops, "--json", NULL);
}

static struct said admit_newcomer(void) {
	const char *home = home_init(&story.agency, "creator", "newcomer");
	(void)said_id(troth("enrol", "--home", home, NULL));
	return troth("ops", "admit", "newcomer", "--yes", "--home", story.ops, "--json", NULL);
}

static struct said waiting(void) {
	(void)said_id(troth("enrol", "--home", home_init(&story.agency, "creator", "patient"), NULL));
	return troth("ops", "waiting", "--home", story.ops, "--json", NULL);
}

static struct said fund(void) {
	return troth("ops", "fund", "acme-yoga", "1000.00 USD", "--reference", "bank-4711", "--home", story.ops, "--json",
	             "-y", NULL);
}

static struct said submit(void) {
	return troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", "--json", NULL);
}

static struct said list_offers(void) {
	return troth("offer", "list", "--home", story.brand, "--json", NULL);
}

static struct said show_offer(void) {
	return troth("offer", "show", story.offer, "--home", story.creator, "--json", NULL);
}

static struct said accept(void) {
	return troth("deal", "accept", story.offer, "--home", story.creator, "--yes", "--json", NULL);
}

static struct said list_deals(void) {
	return troth("deal", "list", "--home", story.creator, "--json", NULL);
}

static struct said show_deal(void) {
	return troth("deal", "show", story.deal, "--home", story.brand, "--json", NULL);
}

static struct said verify(void) {
	return troth("verify", story.agreement, "--join", story.join, "--json", NULL);
}

static struct said status(void) {
	return troth("status", "--home", story.brand, "--json", NULL);
}

static struct said close_offer(void) {
	return troth("offer", "close", story.offer, "--home", story.brand, "--yes", "--json", NULL);
}

static const struct {
	struct said (*run)(void);
	size_t lines;
	bool list; /* of at least one object with these keys */
	const char *keys[KEYS_MAX];
} commands[] = {
	{ enrol, 1, false, { "id", "sequence", "name", "key" } },
	{ admit, 2, false, { "name", "already" } },
	{ admit_newcomer, 1, false, { "id", "sequence", "name", "already" } },
	{ waiting, 1, true, { "name", "role", "key" } },
	{ fund, 1, false, { "id", "sequence", "brand", "amount", "reference" } },
	{ submit, 1, false, { "id", "sequence" } },
	{ list_offers, 1, true, { "id", "brand", "state", "slots", "taken", "terms" } },
	{ show_offer, 1, false, { "id", "brand", "state", "slots", "taken", "terms" } },
	{ accept, 1, false, { "id", "sequence" } },
	{ list_deals, 1, true, { "id", "offer", "brand", "creator", "state" } },
	{ show_deal, 1, false, { "id", "offer", "brand", "creator", "state", "note" } },
	{ verify, 1, false, { "verified", "id", "kind", "signatures", "values" } },
	{ status, 1, false, { "name", "role", "state", "key", "agency", "endpoint", "microseconds", "available" } },
	{ close_offer, 1, false, { "id", "sequence", "offer" } },
};

static void has_keys(const json_t *object, const char *const keys[KEYS_MAX]) {
	ck_assert(json_is_object(object));
	for (size_t i = 0; i < KEYS_MAX && keys[i] != NULL; i++) {
		const json_t *value = json_object_get(object, keys[i]);
		ck_assert_msg(value != NULL && !json_is_null(value), "there is nothing under \"%s\"", keys[i]);
	}
}

START_TEST(each_line_is_json_with_the_keys_that_a_program_needs) {
	story_begin(&story);
	story_agree(&story);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		struct said said = commands[i].run();
		size_t lines = 0;
		(void)said_done(said);
		ck_assert_str_eq(said.errors, "");
		for (const char *line = said.output, *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
			char *copy = strndup(line, (size_t)(end - line));
			json_t *value = json_line(copy);
			has_keys(commands[i].list ? json_array_get(value, 0) : value, commands[i].keys);
			json_decref(value);
			free(copy);
			line = end + 1;
			lines++;
		}
		ck_assert_uint_eq(lines, commands[i].lines);
	}
}
END_TEST

START_TEST(a_refusal_is_json_on_standard_output_too) {
	story_begin(&story);
	struct said said = troth("deal", "accept", "00000000", "--home", story.creator, "--yes", "--json", NULL);
	ck_assert_int_eq(said.status, 1);
	json_t *answer = json_line(said.output);
	ck_assert_str_eq(json_text(json_object_get(answer, "error"), "code"), "not-found");
	ck_assert_ptr_nonnull(json_text(json_object_get(answer, "error"), "message"));
	json_decref(answer);
	ck_assert_str_eq(said.errors, "");
}
END_TEST

START_TEST(empty_lists_are_lists) {
	story_begin(&story);
	struct said lists[] = { troth("offer", "list", "--home", story.creator, "--json", NULL),
		                    troth("deal", "list", "--home", story.creator, "--json", NULL),
		                    troth("ops", "waiting", "--home", story.ops, "--json", NULL) };
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		json_t *list = said_json(lists[i]);
		ck_assert(json_is_array(list) && json_array_size(list) == 0);
		json_decref(list);
	}
}
END_TEST

/* Everything that prints ends by way of the same main. */
START_TEST(output_that_could_not_be_written_is_no_success) {
	static const char *const lines[][6] = { { "", "fields", "offer", NULL }, { "", "--help", NULL },
		                                    { "", "status", "--home", "", "--json", NULL },
		                                    { "", "statement", "--home", "", "--csv", NULL } };
	struct process_options options = { .output_path = "/dev/full" };
	story_begin(&story);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *words[6];
		memcpy(words, lines[i], sizeof words);
		words[0] = process_program("troth");
		words[3] = words[3] != NULL && words[3][0] == '\0' ? story.brand : words[3];
		struct process_result result;
		ck_assert_int_eq(process_run_with(&result, words, &options, PROCESS_RUN_DEADLINE), 1);
		/* Of what is longer than a buffer the reason may be gone. */
		bool is_whole = strcmp(result.errors, "troth: system: cannot write the output: No space left on device\n") == 0;
		bool is_long = i < 2 && strstr(result.errors, "cannot write the output: a part of it was lost\n") != NULL;
		ck_assert_msg(is_whole || is_long, "%s", result.errors);
		process_result_release(&result);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("output");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, each_line_is_json_with_the_keys_that_a_program_needs);
	tcase_add_test(tests, a_refusal_is_json_on_standard_output_too);
	tcase_add_test(tests, empty_lists_are_lists);
	tcase_add_test(tests, output_that_could_not_be_written_is_no_success);
	Suite *suite = suite_create("talk/output");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
