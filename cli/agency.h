/* An agency's home: what `troth up` makes at its first start and reads at every other.
 *
 *     agency.key       countersigns; plain, since workers start without a person (mode 0600)
 *     agency.join      for brands and creators (cli/join.h)
 *     broker.ini       broker.key  workers.allow      the broker's
 *     worker.ini       worker.key                     the workers'
 *     store/           the LMDB files
 *     ops/             the first operator's home (cli/home.h), with the notes that admit it in ops/bootstrap/ */
#ifndef TROTH_CLI_AGENCY_H
#define TROTH_CLI_AGENCY_H

#include "cli/home.h"

struct agency {
	char folder[FILE_PATH_MAX - 128];
	struct join join;
	struct home ops; /* the first operator's home */
};

/* Opens the agency in --home, making what is missing. Making is repeatable: agency.join comes last, and a start that
 * was cut off before it is begun again. ERROR_USAGE if it is new and --origin is missing, or is another one. */
enum error agency_open(const struct settings *settings, struct agency *agency, struct failure *failure);
void agency_release(struct agency *agency);

/* Signs the two notes that make the first operator again, with the present time. For an agency whose first start was
 * cut off before they were accepted, and that was started again only after their time was over. */
enum error agency_renew_bootstrap(const struct settings *settings, struct agency *agency, struct failure *failure);

/* Reads one of the two notes that make the first operator: enrol.note, admit.note. */
enum error agency_read_bootstrap(const struct agency *agency, const char *name, struct buffer *out,
                                 struct failure *failure);

#endif
