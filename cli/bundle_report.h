/* What `troth verify` says of a bundle. */
#ifndef TROTH_CLI_BUNDLE_REPORT_H
#define TROTH_CLI_BUNDLE_REPORT_H

#include "rules/replay.h"

#define BUNDLE_FINDINGS_MAX 100 /* that are told; the others are counted */

struct bundle_finding {
	int64_t sequence; /* 0: of no note */
	struct failure failure; /* its line is that of the file */
};

struct bundle_report {
	const char *origin;
	const struct replay *replay;
	int64_t first, last;              /* numbers of notes; 0 where there are none */
	size_t notes, by_parties, by_agency; /* notes, and good signatures by keys in the texts and by the agency's key */
	struct bundle_finding findings[BUNDLE_FINDINGS_MAX];
	size_t hidden;        /* ratings that are not to be seen yet; not among `notes` */
	size_t finding_count; /* may be more than are kept */
	size_t strangers;     /* keys that nothing vouches for, and on which nothing rests */
};

/* Prints it for people; `now` is for how long a deadline still runs. */
void bundle_report_print(const struct bundle_report *report, int64_t now);

/* Prints it as one JSON object. */
void bundle_report_json(const struct bundle_report *report);

#endif
