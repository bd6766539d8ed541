/* The log of `troth up`; see log.h. */
#include "tests/crash/log.h"

#include <stdio.h>

#include "tests/crash/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

/* How the supervisor tells that a child has ended (cli/supervisor.c). */
static const char ended[] = "process-ended", killed[] = "signal=9";

static bool holds(struct slice line, const char *words) {
	return memmem(line.data, line.size, words, strlen(words)) != NULL;
}

static void keep(const char *home, const char *text) {
	FILE *file = fopen(scratch_path(home, "up.log"), "ae");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
		stop("cannot keep the log");
	}
}

void log_take(const struct agency_process *agency) {
	const char *text = process_text(agency->up, PROCESS_ERRORS);
	keep(agency->home, text);
	for (size_t size = strcspn(text, "\n"); *text != '\0'; size = strcspn(text, "\n")) {
		struct slice line = slice_of(text, size);
		if (holds(line, ended) && !holds(line, killed)) {
			finding("a process ended by itself: %.*s", (int)size, text);
		}
		text += size + (text[size] == '\n');
	}
}
