/* Running `troth` in tests; see command.h. */
#include "tests/lib/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "tests/lib/unit.h"

/* Results stay, so that tests need not keep track of them; the list makes that visible to the leak checker. */
struct kept {
	struct kept *next;
	struct process_result result;
	char *last;
};

static struct kept *all;

static char *copy_last_line(const char *text) {
	size_t end = strlen(text);
	end -= end > 0 && text[end - 1] == '\n' ? 1 : 0;
	const char *before = end == 0 ? NULL : memrchr(text, '\n', end);
	const char *line = before == NULL ? text : before + 1;
	return strndup(line, end - (size_t)(line - text));
}

static struct said run(const char *const words[]) {
	struct kept *kept = calloc(1, sizeof *kept);
	if (kept == NULL) {
		stop("no memory for a command");
	}
	(void)process_run(&kept->result, words);
	kept->last = copy_last_line(kept->result.output);
	kept->next = all;
	all = kept;
	return (struct said){ .status = kept->result.status,
		                  .output = kept->result.output,
		                  .errors = kept->result.errors,
		                  .last = kept->last == NULL ? "" : kept->last };
}

struct said troth(const char *word, ...) {
	const char *words[COMMAND_WORDS_MAX] = { process_program("troth") };
	size_t count = 1;
	va_list more;
	va_start(more, word);
	while (word != NULL && count + 1 < COMMAND_WORDS_MAX) {
		words[count++] = word;
		word = va_arg(more, const char *);
	}
	va_end(more);
	return run(words);
}

struct said troth_at(const char *home, const char *const *words) {
	const char *all_words[COMMAND_WORDS_MAX] = { process_program("troth") };
	size_t count = 1;
	for (; *words != NULL && count + 3 < COMMAND_WORDS_MAX; words++) {
		all_words[count++] = *words;
	}
	all_words[count++] = "--home";
	all_words[count] = home;
	return run(all_words);
}

const char *said_done(struct said said) {
	ck_assert_msg(said.status == 0, "exit status %d\n%s%s", said.status, said.output, said.errors);
	return said.last;
}

const char *said_id(struct said said) {
	const char *id = said_done(said);
	ck_assert_msg(strlen(id) == 71 && strncmp(id, "sha256:", 7) == 0 && strspn(id + 7, "0123456789abcdef") == 64,
	              "not an id: %s", id);
	return id;
}

void said_refused(struct said said, int status, enum error code, unsigned line) {
	char expected[96];
	if (line > 0) {
		(void)snprintf(expected, sizeof expected, "troth: %s: line %u: ", error_word(code), line);
	} else {
		(void)snprintf(expected, sizeof expected, "troth: %s: ", error_word(code));
	}
	char *last = copy_last_line(said.errors);
	bool told = last != NULL && strncmp(last, expected, strlen(expected)) == 0;
	told = told && (line > 0 || strncmp(last + strlen(expected), "line ", 5) != 0);
	ck_assert_msg(said.status == status && told, "expected status %d and \"%s\", got status %d\n%s%s", status, expected,
	              said.status, said.output, said.errors);
	free(last);
}

json_t *json_line(const char *line) {
	json_error_t error;
	json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(value != NULL, "not JSON: %s\n%s", error.text, line);
	return value;
}

json_t *said_json(struct said said) {
	(void)said_done(said);
	return json_line(said.output);
}

const char *json_text(const json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));
	ck_assert_msg(text != NULL, "there is no text under \"%s\"", key);
	return text;
}

/* The number behind a word of the result. */
static int64_t read_count(const char *result, const char *word) {
	const char *at = strstr(result, word);
	ck_assert_msg(at != NULL, "no count of %s: %s", word, result);
	char *end = NULL;
	int64_t number = strtoll(at + strlen(word), &end, 10);
	ck_assert_msg(end > at + strlen(word), "no count of %s: %s", word, result);
	return number;
}

struct store_counts store_count(const char *agency_home) {
	struct store_counts counts;
	struct said said = troth("store", "check", "--home", agency_home, NULL);
	const char *at = said_done(said);
	ck_assert_msg(strstr(at, ": clean") != NULL, "the store is not clean: %s", at);
	counts.notes = read_count(at, "notes ");
	counts.offers = read_count(at, "offers ");
	counts.deals = read_count(at, "deals ");
	return counts;
}

void store_has_grown(const char *agency_home, struct store_counts since, struct store_counts by) {
	struct store_counts now = store_count(agency_home);
	ck_assert_int_eq(now.notes - since.notes, by.notes);
	ck_assert_int_eq(now.offers - since.offers, by.offers);
	ck_assert_int_eq(now.deals - since.deals, by.deals);
}

const char *home_init(const struct agency_process *agency, const char *role, const char *name) {
	const char *home = scratch_path(scratch_folder(), name);
	(void)said_done(troth("init", "--home", home, "--role", role, "--name", name, "--join",
	                      scratch_path(agency->home, "agency.join"), "--no-passphrase", NULL));
	return home;
}

const char *home_admitted(const struct agency_process *agency, const char *role, const char *name) {
	const char *home = home_init(agency, role, name);
	(void)said_id(troth("enrol", "--home", home, NULL));
	(void)said_id(troth("ops", "admit", name, "--yes", "--home", scratch_path(agency->home, "ops"), NULL));
	return home;
}
