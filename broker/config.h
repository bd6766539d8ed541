/* The settings of troth-broker: one table, from which the file is read and --describe-config is printed. */
#ifndef TROTH_BROKER_CONFIG_H
#define TROTH_BROKER_CONFIG_H

#include <stdio.h>

#include "base/file.h"
#include "broker/core.h"
#include "wire/link.h"

struct broker_config {
	char endpoint[LINK_ENDPOINT_MAX];
	char identity[FILE_PATH_MAX]; /* the transport key file */
	char workers[FILE_PATH_MAX];  /* the allow-list file */
	char clients[FILE_PATH_MAX];  /* the list of keys that may connect; empty: all */
	char queue[FILE_PATH_MAX];    /* the folder of the durable queue */
	char metrics[FILE_PATH_MAX];  /* where metrics are written; empty: nowhere */
	struct core_limits limits;
	struct link_bounds bounds;
	int64_t keep_free;  /* bytes */
	int64_t metrics_ms; /* between two writings */
	int64_t drain_ms;   /* how long a stop waits for what workers hold */
	int64_t io_threads;
};

/* Reads the file. Paths in it that do not begin with a slash are taken from the file's own folder. ERROR_CONFIG with
 * file, line and what is allowed; ERROR_NOT_FOUND. */
enum error broker_config_load(const char *path, struct broker_config *config, struct failure *failure);

/* Writes a commented file with every setting and its default. */
void broker_config_describe(FILE *out);

#endif
