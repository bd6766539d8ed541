/* The settings of a market worker (worker.ini). */
#ifndef TROTH_WORKERS_MARKET_CONFIG_H
#define TROTH_WORKERS_MARKET_CONFIG_H

#include "base/config.h"
#include "base/file.h"
#include "rules/note.h"
#include "rules/report.h"
#include "wire/identity.h"
#include "wire/link.h"
#include "wire/server.h"

struct worker_broker {
	char endpoint[LINK_ENDPOINT_MAX];
	char key_text[TRANSPORT_KEY_TEXT];
	uint8_t key[TRANSPORT_KEY_SIZE];
};

struct worker_config {
	char origin[ORIGIN_MAX];
	struct worker_broker brokers[SERVER_BROKERS_MAX];
	size_t broker_count; /* those that are set come first */
	char identity[FILE_PATH_MAX];
	char agency_key[FILE_PATH_MAX];
	char store[FILE_PATH_MAX];
	int64_t map_maximum;
	int64_t keep_free;
	int64_t window;
	struct tier_bounds tiers;
};

extern const struct config_key worker_config_keys[];
extern const size_t worker_config_count;

/* Reads and checks the file. Paths are relative to its folder, and absolute afterwards. ERROR_CONFIG. */
enum error worker_config_load(const char *path, struct worker_config *config, struct failure *failure);

#endif
