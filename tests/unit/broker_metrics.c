/* The broker's metrics as Prometheus reads them: the text format 0.0.4, its rules for names, and some numbers.
 *
 * Where promtool is installed, TROTH_METRICS=FILE writes the text there, for `promtool check metrics <FILE`. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

#define LINE_MAX 512
#define FAMILIES_MAX 128

static struct buffer text;

static void ask(void) {
	struct pack_document *document = pack_document_new();
	const struct pack_value *ok = NULL;
	struct slice found = { 0 };
	struct buffer body;
	buffer_init(&body, 256);
	buffer_init(&text, BODY_MAX);
	body_begin_request(&body, "metrics", 0);
	says_body("o", "MDPC02|01|broker", buffer_slice(&body));
	ck_assert_int_eq(body_read_reply(document, last_body(), &ok, NULL), OK);
	ck_assert(pack_as_text(pack_find(ok, "text"), &found) && buffer_append_slice(&text, found));
	ck_assert_ptr_nonnull(buffer_text(&text));
	buffer_release(&body);
	pack_document_free(document);
}

static void begin(void) {
	world_begin(NULL);
	comes("w", "MDPW02|01|echo|2");
	comes("y", "MDPW02|01|a\"b\\c");
	says("c", "MDPC02|01|echo|^i0:|a");
	says("c", "MDPC02|01|echo|^b0:|b");
	says("c", "MDPC02|01|unserved|c");
	says("c", "MDPC02|01|echo|c");
	says("c", "MDPC02|01|titanic.request|echo|work");
	world_passes(300);
	says("w", "MDPW02|04|#1/c||^i0:|done");
	world_commits();
	ask();
}

static void end(void) {
	buffer_release(&text);
	world_end();
}

/* ---- the form ---- */

struct family {
	char name[128];
	char type[16];
	bool has_help;
};

static struct family families[FAMILIES_MAX];
static size_t family_count;

static struct family *find_family(const char *name, size_t size) {
	for (size_t i = 0; i < family_count; i++) {
		if (strlen(families[i].name) == size && memcmp(families[i].name, name, size) == 0) {
			return &families[i];
		}
	}
	return NULL;
}

static bool ends_with(const char *name, size_t size, const char *end_of_it) {
	size_t length = strlen(end_of_it);
	return size > length && memcmp(name + size - length, end_of_it, length) == 0;
}

/* "# HELP name words" makes a family, "# TYPE name type" follows it. */
static void read_comment(const char *line) {
	char name[128];
	const char *from = line + strlen("# HELP ");
	size_t size = strcspn(from, " ");
	ck_assert_msg(size < sizeof name && from[size] == ' ' && from[size + 1] != '\0', "%s", line);
	struct family *family = find_family(from, size);
	if (strncmp(line, "# HELP ", 7) == 0) {
		ck_assert_msg(family == NULL && family_count < FAMILIES_MAX, "a second HELP: %s", line);
		family = &families[family_count++];
		memcpy(family->name, from, size);
		family->has_help = true;
	} else {
		ck_assert_msg(strncmp(line, "# TYPE ", 7) == 0 && family == &families[family_count - 1], "%s", line);
		ck_assert_msg(family->type[0] == '\0', "a second TYPE: %s", line);
		ck_assert(slice_copy_text(slice_of_text(from + size + 1), family->type, sizeof family->type));
	}
}

/* The family of a sample: the last one, with its name, or that of one of a histogram's rows. */
static void check_name(const char *line) {
	size_t size = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");
	const struct family *family = &families[family_count - 1];
	bool histogram = strcmp(family->type, "histogram") == 0;
	size_t rest = strlen(family->name);
	ck_assert_msg(family_count > 0 && strncmp(line, family->name, rest) == 0, "no HELP right before: %s", line);
	if (histogram) {
		ck_assert_msg(ends_with(line, size, "_bucket") || ends_with(line, size, "_sum") ||
		              ends_with(line, size, "_count"), "%s", line);
	} else {
		ck_assert_msg(size == rest, "%s", line);
	}
}

/* Returns where the value stands, behind labels with their quotes. */
static const char *check_labels(const char *at, const char *line) {
	while (*at == '{' || *at == ',') {
		at += 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
		ck_assert_msg(at[0] == '=' && at[1] == '"', "%s", line);
		for (at += 2; *at != '"'; at++) {
			ck_assert_msg(*at != '\0' && *at != '\n', "%s", line);
			at += *at == '\\';
		}
		at++;
	}
	at += *at == '}';
	ck_assert_msg(*at == ' ', "%s", line);
	return at + 1;
}

static void check_sample(const char *line) {
	check_name(line);
	const char *value = check_labels(line + strcspn(line, "{ "), line);
	char *rest = NULL;
	(void)strtod(value, &rest);
	ck_assert_msg(rest != value && *rest == '\0', "no number: %s", line);
}

/* Calls for each line, with its NUL. */
static void for_each_line(void (*check)(const char *line)) {
	const char *at = (const char *)text.data;
	while (*at != '\0') {
		char line[LINE_MAX];
		size_t size = strcspn(at, "\n");
		ck_assert_msg(at[size] == '\n', "the last line has no end");
		ck_assert(slice_copy_text(slice_of(at, size), line, sizeof line));
		check(line);
		at += size + 1;
	}
}

static void check_line(const char *line) {
	if (line[0] == '#') {
		read_comment(line);
	} else {
		check_sample(line);
	}
}

START_TEST(text_has_the_form_and_names_that_prometheus_wants) {
	static const char *const types[] = { "counter", "gauge", "histogram" };
	for_each_line(check_line);
	ck_assert_uint_gt(family_count, 50);
	for (size_t i = 0; i < family_count; i++) {
		const struct family *family = &families[i];
		size_t size = strlen(family->name);
		bool is_counter = strcmp(family->type, "counter") == 0, known = false;
		for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
			known = known || strcmp(family->type, types[t]) == 0;
		}
		ck_assert_msg(known && strncmp(family->name, "troth_broker_", 13) == 0, "%s", family->name);
		ck_assert_msg(is_counter == ends_with(family->name, size, "_total"), "%s", family->name);
		ck_assert_msg(!ends_with(family->name, size, "_ms") && !ends_with(family->name, size, "_us"), "%s",
		              family->name);
	}
}
END_TEST

/* ---- the numbers ---- */

static void holds(const char *line) {
	char whole[LINE_MAX];
	(void)snprintf(whole, sizeof whole, "\n%s\n", line);
	ck_assert_msg(strstr((const char *)text.data, whole) != NULL, "missing: %s", line);
}

START_TEST(numbers_are_those_of_the_core) {
	static const char *const lines[] = {
		"troth_broker_workers 2",
		"troth_broker_connections 3",
		"troth_broker_requests_unacked 2",
		"troth_broker_requests_ready 2",
		"troth_broker_queue_pending 1",
		"troth_broker_requests_total 4",
		"troth_broker_start_time_seconds 1000",
		"troth_broker_service_workers{service=\"a\\\"b\\\\c\"} 1",
		"troth_broker_service_requests_ready{service=\"echo\"} 1",
		"troth_broker_service_oldest_seconds{service=\"echo\"} 0.300000",
		"troth_broker_latency_seconds_bucket{priority=\"interactive\",le=\"0.262144\"} 0",
		"troth_broker_latency_seconds_bucket{priority=\"interactive\",le=\"0.524288\"} 1",
		"troth_broker_latency_seconds_bucket{priority=\"interactive\",le=\"+Inf\"} 1",
		"troth_broker_latency_seconds_sum{priority=\"interactive\"} 0.300000",
		"troth_broker_latency_seconds_count{priority=\"batch\"} 0",
		"troth_broker_commit_seconds_sum 1.500000",
		"troth_broker_commit_seconds_count 1",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		holds(lines[i]);
	}
}
END_TEST

START_TEST(services_that_nobody_serves_make_no_time_series) {
	ck_assert_ptr_null(strstr((const char *)text.data, "unserved"));
}
END_TEST

static uint64_t below;

/* Buckets never fall, and begin anew with each label. */
static void check_bucket(const char *line) {
	if (strstr(line, "_bucket{") == NULL) {
		below = 0;
		return;
	}
	uint64_t count = strtoull(strrchr(line, ' ') + 1, NULL, 10);
	ck_assert_msg(count >= below, "%s", line);
	below = strstr(line, "\"+Inf\"") == NULL ? count : 0;
}

START_TEST(buckets_count_everything_below) {
	for_each_line(check_bucket);
}
END_TEST

START_TEST(text_is_written_where_it_is_asked_for) {
	const char *path = getenv("TROTH_METRICS");
	if (path != NULL) {
		ck_assert_int_eq(file_replace(path, buffer_slice(&text), 0644, NULL), OK);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_metrics");
	TCase *tests = tcase_create("metrics");
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, text_has_the_form_and_names_that_prometheus_wants);
	tcase_add_test(tests, numbers_are_those_of_the_core);
	tcase_add_test(tests, services_that_nobody_serves_make_no_time_series);
	tcase_add_test(tests, buckets_count_everything_below);
	tcase_add_test(tests, text_is_written_where_it_is_asked_for);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
