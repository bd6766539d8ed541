/* make bench: what the programs do, beside what this machine does for bare libraries. */
#include "base/options.h"
#include "base/slice.h"
#include "tests/bench/parts.h"

struct settings {
	struct extent extent;
	const char *only;
	bool json, help;
};

static const struct {
	const char *name;
	part *run;
} parts[] = {
	{ "agency", part_agency },
	{ "broker", part_broker },
	{ "queue", part_queue },
	{ "clients", part_clients },
	{ "deals", part_deals },
};

#define PARTS (sizeof parts / sizeof parts[0])

static bool is_wanted(const struct settings *settings, size_t index) {
	return settings->only == NULL || slice_is(slice_of_text(settings->only), parts[index].name);
}

static enum error check(const struct settings *settings, struct failure *failure) {
	bool any = false;
	for (size_t i = 0; i < PARTS; i++) {
		any = any || is_wanted(settings, i);
	}
	return any ? OK : fail(failure, ERROR_USAGE, "--only takes agency, broker, queue, clients or deals, not \"%s\"",
	                       settings->only);
}

static enum error parse(int argc, char **argv, struct settings *settings, struct failure *failure) {
	struct extent *extent = &settings->extent;
	const struct option_row rows[] = {
		{ "only", 0, OPTION_TEXT, &settings->only, "PART", "agency, broker, queue, clients or deals", 0, 0 },
		{ "agreements", 'n', OPTION_NUMBER, &extent->agreements, "N", "on gifts, pipelined, 3 rounds", 300, 1000000 },
		{ "paid", 0, OPTION_NUMBER, &extent->paid, "N", "with a fee, pipelined", 0, 1000000 },
		{ "idle", 0, OPTION_NUMBER, &extent->idle, "N", "on gifts, one at a time", 1, 100000 },
		{ "seconds", 's', OPTION_NUMBER, &extent->seconds, "N", "for each figure beside agreements", 1, 60 },
		{ "window", 'w', OPTION_NUMBER, &extent->window, "N", "requests under way", 1, 4096 },
		{ "workers", 0, OPTION_NUMBER, &extent->workers, "N", "processes", 1, 16 },
		{ "clients", 0, OPTION_NUMBER, &extent->clients, "N", "connected ones that do nothing", 1, 60000 },
		{ "deals", 0, OPTION_NUMBER, &extent->deals, "N", "in one store, in all states", 2000, 10000000 },
		{ "json", 0, OPTION_FLAG, &settings->json, NULL, "print one object instead of a table", 0, 0 },
	};
	size_t count = sizeof rows / sizeof rows[0];
	int first = 0;
	enum error error = options_parse(argc, argv, rows, count, &first, &settings->help, failure);
	if (error == OK && settings->help) {
		(void)puts("Usage: bench [OPTIONS]\n");
		options_describe(stdout, rows, count);
	}
	if (error == OK && first < argc) {
		error = fail(failure, ERROR_USAGE, "\"%s\" is one word too many", argv[first]);
	}
	return error == OK ? check(settings, failure) : error;
}

int main(int argc, char **argv) {
	struct settings settings = { .extent = { .agreements = 60000, .paid = 12000, .idle = 400, .seconds = 2,
		                                     .window = 1024, .workers = 2, .clients = 10000, .deals = 100000 } };
	struct failure failure = { .code = OK };
	struct report report = { .count = 0 };
	if (parse(argc, argv, &settings, &failure) != OK) {
		(void)fprintf(stderr, "bench: %s\n", failure.text);
		return error_exit_status(failure.code);
	}
	for (size_t i = 0; i < PARTS && !settings.help; i++) {
		if (is_wanted(&settings, i)) {
			parts[i].run(&settings.extent, &report);
		}
	}
	if (settings.json) {
		report_json(stdout, &report);
	} else {
		report_table(stdout, &report);
	}
	return EXIT_DONE;
}
