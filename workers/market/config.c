/* The table of a worker's settings. */
#include "workers/market/config.h"

#include <libgen.h>
#include <stddef.h>
#include <stdio.h>

#define AT(member) offsetof(struct worker_config, member)
#define SIZE(member) (int64_t)sizeof(((struct worker_config *)0)->member)
#define BROKER(index, endpoint_name, key_name, help)                                                           \
	{ "broker", endpoint_name, CONFIG_TEXT, AT(brokers[index].endpoint), 0, SIZE(brokers[index].endpoint), "", \
	  help },                                                                                                  \
	{ "broker", key_name, CONFIG_TEXT, AT(brokers[index].key_text), 0, SIZE(brokers[index].key_text), "",      \
	  "its transport key, if it is another one" }

const struct config_key worker_config_keys[] = {
	{ "agency", "origin", CONFIG_TEXT, AT(origin), 0, SIZE(origin), NULL, "the agency's name in every note" },
	{ "agency", "key", CONFIG_TEXT, AT(agency_key), 0, SIZE(agency_key), "agency.key",
	  "file of the key that countersigns, without a passphrase" },
	{ "broker", "endpoint", CONFIG_TEXT, AT(brokers[0].endpoint), 0, SIZE(brokers[0].endpoint), NULL,
	  "where the broker listens" },
	{ "broker", "key", CONFIG_TEXT, AT(brokers[0].key_text), 0, SIZE(brokers[0].key_text), NULL,
	  "the broker's transport key, curve25519:<hex>" },
	BROKER(1, "endpoint-2", "key-2", "a second broker; the worker serves at all of them"),
	BROKER(2, "endpoint-3", "key-3", "a third broker"),
	BROKER(3, "endpoint-4", "key-4", "a fourth broker"),
	{ "worker", "identity", CONFIG_TEXT, AT(identity), 0, SIZE(identity), "transport.key",
	  "file of this worker's transport key, which must stand in the broker's list" },
	{ "worker", "window", CONFIG_NUMBER, AT(window), 1, 4096, "512", "notes that the broker may hand over at once" },
	{ "store", "folder", CONFIG_TEXT, AT(store), 0, SIZE(store), "store", "where the LMDB files are" },
	{ "store", "size-max-mib", CONFIG_NUMBER, AT(map_maximum), 1, INT64_C(16777216), "262144",
	  "how large the data file may grow" },
	{ "store", "keep-free-mib", CONFIG_NUMBER, AT(keep_free), 1, INT64_C(16777216), "64",
	  "how much of the disk must stay free; below it notes are refused" },
	{ "tiers", "micro", CONFIG_NUMBER, AT(tiers.micro), 1, MEASURE_MAX, "10000", "followers with which micro begins" },
	{ "tiers", "mid", CONFIG_NUMBER, AT(tiers.mid), 1, MEASURE_MAX, "100000", "and mid" },
	{ "tiers", "macro", CONFIG_NUMBER, AT(tiers.macro), 1, MEASURE_MAX, "500000", "and macro" },
	{ "tiers", "mega", CONFIG_NUMBER, AT(tiers.mega), 1, MEASURE_MAX, "1000000", "and mega" },
};
const size_t worker_config_count = sizeof worker_config_keys / sizeof worker_config_keys[0];

/* Puts the config file's folder in front of a relative path. */
static enum error resolve(const char *folder, char *path, struct failure *failure) {
	char joined[FILE_PATH_MAX];
	if (path[0] == '/') {
		return OK;
	}
	enum error error = file_join(joined, folder, path, failure);
	if (error == OK) {
		memcpy(path, joined, sizeof joined);
	}
	return error;
}

/* Reads the keys, moves the brokers that are set to the front, and counts them. */
static enum error read_brokers(const char *path, struct worker_config *config, struct failure *failure) {
	config->broker_count = 0;
	for (size_t i = 0; i < SERVER_BROKERS_MAX; i++) {
		struct worker_broker *broker = &config->brokers[i];
		if (broker->key_text[0] == '\0') {
			memcpy(broker->key_text, config->brokers[0].key_text, sizeof broker->key_text);
		} else if (i > 0 && broker->endpoint[0] == '\0') {
			return fail(failure, ERROR_CONFIG, "%s: key-%zu stands without endpoint-%zu", path, i + 1, i + 1);
		}
		if (!transport_key_parse(slice_of_text(broker->key_text), broker->key)) {
			return fail(failure, ERROR_CONFIG, "%s: a broker's key must be curve25519: and 64 hex digits", path);
		}
		for (size_t j = 0; j < config->broker_count; j++) {
			if (strcmp(config->brokers[j].endpoint, broker->endpoint) == 0) {
				return fail(failure, ERROR_CONFIG, "%s: the broker %s stands twice", path, broker->endpoint);
			}
		}
		if (i == 0 || broker->endpoint[0] != '\0') {
			config->brokers[config->broker_count++] = *broker;
		}
	}
	return OK;
}

enum error worker_config_load(const char *path, struct worker_config *config, struct failure *failure) {
	enum error error = config_load(path, worker_config_keys, worker_config_count, config, failure);
	if (error != OK) {
		return error;
	}
	if (!origin_is_valid(slice_of_text(config->origin))) {
		return fail(failure, ERROR_CONFIG, "%s: origin must be like agency.example", path);
	}
	error = tier_bounds_check(&config->tiers, failure);
	if (error == OK) {
		error = read_brokers(path, config, failure);
	}
	if (error != OK) {
		return error;
	}
	char copy[FILE_PATH_MAX];
	if (!slice_copy_text(slice_of_text(path), copy, sizeof copy)) {
		return fail(failure, ERROR_CONFIG, "the path %s is too long", path);
	}
	const char *folder = dirname(copy);
	char *const paths[] = { config->identity, config->agency_key, config->store };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0] && error == OK; i++) {
		error = resolve(folder, paths[i], failure);
	}
	return error;
}
