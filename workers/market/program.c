/* The program troth-worker; see program.h. */
#include "workers/market/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/options.h"
#include "base/version.h"
#include "crypto/key_file.h"
#include "crypto/signed_note.h"
#include "store/tables.h"
#include "wire/server.h"
#include "workers/market/check.h"
#include "workers/market/serve.h"

#define MIB (INT64_C(1) << 20)
#define VIEWS_WINDOW 64

enum error program_parse(struct program *program, int argc, char **argv, struct failure *failure) {
	*program = (struct program){ .log_level = "info", .log_format = "logfmt" };
	const struct option_row rows[] = {
		{ "config", 'c', OPTION_TEXT, &program->config_path, "FILE", "the worker's settings (worker.ini)", 0, 0 },
		{ "check-config", 0, OPTION_FLAG, &program->check_config, NULL, "read the settings, say what is wrong, end",
		  0, 0 },
		{ "describe-config", 0, OPTION_FLAG, &program->describe_config, NULL, "print all settings", 0, 0 },
		{ "check-store", 0, OPTION_FLAG, &program->check_store, NULL, "read the whole store, say what is wrong, end",
		  0, 0 },
		{ "log-level", 0, OPTION_TEXT, &program->log_level, "WORD", "error, warning, info or debug", 0, 0 },
		{ "log-format", 0, OPTION_TEXT, &program->log_format, "WORD", "logfmt or json", 0, 0 },
		{ "version", 0, OPTION_FLAG, &program->version, NULL, "print the version", 0, 0 },
	};
	size_t count = sizeof rows / sizeof rows[0];
	int first = 0;
	enum error error = options_parse(argc, argv, rows, count, &first, &program->help, failure);
	if (error != OK) {
		return error;
	}
	if (program->help) {
		(void)puts("troth-worker - checks notes, stores and countersigns them, answers questions\n\n"
		           "Usage: troth-worker --config FILE\n\n"
		           "Any number of workers may run on one machine on one store. `troth up` starts them with\n"
		           "settings that it writes itself; run one by hand to spread the work or to try settings.\n");
		options_describe(stdout, rows, count);
		return OK;
	}
	if (first < argc) {
		return fail(failure, ERROR_USAGE, "\"%s\" is one word too many", argv[first]);
	}
	enum log_level level = LOG_INFO;
	enum log_format format = LOG_LOGFMT;
	if (!log_level_from_word(program->log_level, &level) || !log_format_from_word(program->log_format, &format)) {
		return fail(failure, ERROR_USAGE,
		            "--log-level takes error, warning, info or debug; --log-format logfmt or json");
	}
	log_configure("troth-worker", level, format);
	if (program->config_path == NULL && !program->version && !program->describe_config) {
		return fail(failure, ERROR_USAGE, "--config FILE is missing; see --help");
	}
	return OK;
}

bool program_tell(const struct program *program) {
	if (program->version) {
		(void)puts("troth-worker " TROTH_VERSION);
	}
	if (program->describe_config) {
		config_describe(stdout, worker_config_keys, worker_config_count);
	}
	return program->help || program->version || program->describe_config;
}

static enum error load_key(struct program *program, struct failure *failure) {
	struct buffer file;
	char name[SIGNER_NAME_MAX];
	buffer_init(&file, KEY_FILE_MAX);
	enum error error = file_read_private(program->config.agency_key, &file, failure);
	if (error == OK) {
		error = key_file_read(buffer_slice(&file), NULL, name, &program->key, failure);
	}
	buffer_release(&file);
	struct slice origin = slice_of_text(program->config.origin);
	char *signer = program->market.agency_signer;
	(void)signer_name_write(signer, origin, ROLE_OPERATOR, slice_of_text(AGENCY_NAME));
	if (error == OK && strcmp(name, signer) != 0) {
		error = fail(failure, ERROR_CONFIG, "%s holds the key of %s, not of %s", program->config.agency_key, name,
		             signer);
	}
	return error;
}

enum error program_open(struct program *program, struct failure *failure) {
	enum error error = worker_config_load(program->config_path, &program->config, failure);
	if (error == OK) {
		error = load_key(program, failure);
	}
	if (error != OK || program->check_config) {
		return error;
	}
	char url[FILE_PATH_MAX + 8];
	(void)snprintf(url, sizeof url, "lmdb:%s", program->config.store);
	struct store_options options = { .map_maximum = (size_t)(program->config.map_maximum * MIB),
		                             .keep_free = (size_t)(program->config.keep_free * MIB) };
	char data[FILE_PATH_MAX];
	error = file_join(data, program->config.store, "data.mdb", failure);
	if (error == OK && program->check_store && !file_exists(data)) {
		error = fail(failure, ERROR_NOT_FOUND, "there is no store in %s", program->config.store);
	}
	if (error != OK) {
		return error;
	}
	program->market.origin = program->config.origin;
	program->market.tiers = program->config.tiers;
	program->market.document = pack_document_new();
	program->market.offer = calloc(1, sizeof *program->market.offer);
	program->market.kept = kept_offer_new();
	if (program->market.document == NULL || program->market.offer == NULL || program->market.kept == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	program->market.agency_key = program->key;
	return store_open(url, tables_market, tables_market_count, &options, &program->market.store, failure);
}

enum error program_serve(struct program *program, int signal_fd, struct failure *failure) {
	struct identity identity;
	enum error error = identity_load(program->config.identity, &identity, failure);
	if (error != OK) {
		return error;
	}
	const struct server_service services[] = {
		[SERVE_NOTES] = { serve_services[SERVE_NOTES], (unsigned)program->config.window },
		[SERVE_VIEWS] = { serve_services[SERVE_VIEWS], VIEWS_WINDOW },
	};
	struct server_broker brokers[SERVER_BROKERS_MAX];
	for (size_t i = 0; i < program->config.broker_count; i++) {
		brokers[i] = (struct server_broker){ program->config.brokers[i].endpoint, program->config.brokers[i].key };
	}
	struct server_options options = { .brokers = brokers,
		                              .broker_count = program->config.broker_count,
		                              .identity = &identity,
		                              .services = services,
		                              .service_count = SERVE_COUNT };
	struct server *server = NULL;
	error = server_new(&options, &server, failure);
	identity_wipe(&identity);
	if (error == OK) {
		log_event(LOG_INFO, "serving", "origin", program->config.origin, "broker", program->config.brokers[0].endpoint,
		          "brokers", LOG_NUMBER(program->config.broker_count), NULL);
		error = serve(&program->market, program->config.store, server, signal_fd, failure);
		server_free(server);
	}
	return error;
}

static void print_finding(void *argument, const char *sentence) {
	(void)argument;
	(void)fprintf(stderr, "finding: %s\n", sentence);
}

enum error program_check_store(struct program *program, bool *clean, struct failure *failure) {
	struct check_result result;
	enum error error = check_store(&program->market, print_finding, NULL, &result, failure);
	if (error != OK) {
		return error;
	}
	*clean = result.findings == 0;
	(void)printf("notes %" PRId64 ", offers %" PRId64 ", deals %" PRId64 ", records %" PRIu64 ", bytes %" PRIu64 ": ",
	             result.notes, result.offers, result.deals, result.records, result.bytes);
	if (*clean) {
		(void)puts("clean");
	} else {
		(void)printf("findings: %" PRIu64 "\n", result.findings);
	}
	return OK;
}

void program_close(struct program *program) {
	store_close(program->market.store);
	pack_document_free(program->market.document);
	free(program->market.offer);
	kept_offer_free(program->market.kept);
	signing_key_free(program->key);
}
