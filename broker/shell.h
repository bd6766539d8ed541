/* The broker's shell: moves messages between the link and the pure core, tickets between the core and the disk, keeps
 * the core's clock, and does what signals say. */
#ifndef TROTH_BROKER_SHELL_H
#define TROTH_BROKER_SHELL_H

#include "broker/access.h"
#include "broker/config.h"

struct shell;

/* Opens the durable queue and binds. While the port is taken, e.g. by a predecessor that is still leaving, it tries
 * again for some seconds, or until `signals` has one. `config` and `access` must outlive the shell; `failure` must not
 * be NULL. */
enum error shell_new(const struct broker_config *config, const struct identity *identity, struct access *access,
                     int signals, struct shell **shell, struct failure *failure);

/* The endpoint that it got, with its port. */
const char *shell_endpoint(const struct shell *shell);

/* Works until SIGTERM or SIGINT. Then it takes no new work, waits up to drain-ms for what workers hold (a second
 * signal ends that), dismisses them and refuses what still waits; tickets stay on disk. SIGHUP reads the lists of keys
 * again. */
void shell_run(struct shell *shell);

void shell_free(struct shell *shell); /* NULL is fine */

#endif
