/* The broker's shell: moves messages between the link and the pure core, keeps its clock, and stops it on a signal. */
#ifndef TROTH_BROKER_SHELL_H
#define TROTH_BROKER_SHELL_H

#include "broker/allow_list.h"
#include "broker/config.h"

struct shell;

/* Binds. While the port is taken, e.g. by a predecessor that is still leaving, it tries again for some seconds, or
 * until `signals` has one. The list stays the caller's and must outlive the shell; `failure` must not be NULL. */
enum error shell_new(const struct broker_config *config, const struct identity *identity,
                     const struct allow_list *workers, int signals, struct shell **shell, struct failure *failure);

/* The endpoint that it got, with its port. */
const char *shell_endpoint(const struct shell *shell);

/* Works until SIGTERM or SIGINT, then dismisses the workers and refuses what still waits. */
void shell_run(struct shell *shell);

void shell_free(struct shell *shell); /* NULL is fine */

#endif
