/* Keeping the folder of a failed run; see evidence.h. */
#include "tests/crash/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/process.h"
#include "tests/lib/stop.h"

static const char *kept_options, *kept_home;

/* Registered last and so called first, before the folder would be removed. */
static void tell(void) {
	if (kept_home == NULL) {
		return;
	}
	process_free_all();
	(void)fflush(stdout);
	(void)fprintf(stderr, "crash: FAILED with %s; the agency is left in %s\n", kept_options, kept_home);
	_exit(EXIT_FAILURE);
}

void evidence_keep(const char *options, const char *home) {
	kept_options = options;
	kept_home = home;
	if (atexit(tell) != 0) {
		stop("atexit");
	}
}

void evidence_drop(void) {
	kept_home = NULL;
}
