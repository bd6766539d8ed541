/* troth-broker: routes requests to workers by service name (doc/troth-broker.1.scd). Links base, wire and broker. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/options.h"
#include "base/signals.h"
#include "base/version.h"
#include "broker/shell.h"

#define PROGRAM "troth-broker"

#define DESCRIPTOR_MAX 1023

struct settings {
	const char *config;
	const char *log_format;
	const char *log_level;
	int64_t ready_fd;
	bool check_config;
	bool describe_config;
	bool version;
	bool help;
};

static const char introduction[] =
	"Usage: troth-broker --config FILE\n"
	"\n"
	"Routes requests to workers by service name. Clients and workers connect over CURVE;\n"
	"any client may ask, but only keys in the file of workers may serve.\n"
	"\n"
	"Options:\n";

static const char examples[] =
	"\n"
	"A first start:\n"
	"  troth-broker --describe-config > broker.ini     # every setting, with its default\n"
	"  touch workers.allow                             # lines: curve25519:<hex> <name> <service>[,<service>...]\n"
	"  troth-broker --config broker.ini                # makes its transport key, if there is none, and logs it\n"
	"\n"
	"SIGHUP reads the files of keys again. SIGTERM or SIGINT stops it, after the answers that are still\n"
	"being worked on. It logs to standard error and exits with 0 when it was stopped,\n"
	"1 when the system refuses, 2 when options or settings are not right.\n";

/* Parses the words of the command line; *done if what was asked for has been printed. */
static enum error read_settings(int argc, char **argv, struct settings *settings, bool *done,
                                struct failure *failure) {
	const struct option_row rows[] = {
		{ "config", 'c', OPTION_TEXT, &settings->config, "FILE", "settings to work with", 0, 0 },
		{ "check-config", 0, OPTION_FLAG, &settings->check_config, NULL, "read settings and workers, and stop", 0, 0 },
		{ "describe-config", 0, OPTION_FLAG, &settings->describe_config, NULL, "print every setting", 0, 0 },
		{ "ready-fd", 0, OPTION_NUMBER, &settings->ready_fd, "N", "write READY=1 to this descriptor once it listens", 3,
		  DESCRIPTOR_MAX },
		{ "log-format", 0, OPTION_TEXT, &settings->log_format, "FORM", "logfmt (default) or json", 0, 0 },
		{ "log-level", 0, OPTION_TEXT, &settings->log_level, "LEVEL", "error, warning, info (default) or debug", 0, 0 },
		{ "version", 0, OPTION_FLAG, &settings->version, NULL, "print the version", 0, 0 },
	};
	size_t count = sizeof rows / sizeof rows[0];
	int first = 0;
	enum error error = options_parse(argc, argv, rows, count, &first, &settings->help, failure);
	if (error == OK && first < argc) {
		error = fail(failure, ERROR_USAGE, "nothing may follow the options, but there is \"%s\"", argv[first]);
	}
	if (error != OK) {
		return error;
	}
	*done = settings->help || settings->version || settings->describe_config;
	if (settings->help) {
		(void)fputs(introduction, stdout);
		options_describe(stdout, rows, count);
		(void)fputs(examples, stdout);
	} else if (settings->version) {
		(void)printf(PROGRAM " " TROTH_VERSION "\n");
	} else if (settings->describe_config) {
		broker_config_describe(stdout);
	} else if (settings->config == NULL) {
		return fail(failure, ERROR_USAGE, "--config FILE is needed");
	}
	return OK;
}

static enum error set_up_log(const struct settings *settings, struct failure *failure) {
	enum log_format format = LOG_LOGFMT;
	enum log_level level = LOG_INFO;
	if (settings->log_format != NULL && !log_format_from_word(settings->log_format, &format)) {
		return fail(failure, ERROR_USAGE, "--log-format takes logfmt or json, not \"%s\"", settings->log_format);
	}
	if (settings->log_level != NULL && !log_level_from_word(settings->log_level, &level)) {
		return fail(failure, ERROR_USAGE, "--log-level takes error, warning, info or debug, not \"%s\"",
		            settings->log_level);
	}
	log_configure(PROGRAM, level, format);
	return OK;
}

/* Loads the transport key; at a first start it is made, unless `only_check`. */
static enum error load_identity(const char *path, bool only_check, struct identity *identity,
                                struct failure *failure) {
	enum error error = identity_load(path, identity, failure);
	if (error != ERROR_NOT_FOUND) {
		return error;
	}
	if (only_check) {
		return OK;
	}
	error = identity_make(identity, failure);
	if (error == OK) {
		error = identity_save(path, identity, failure);
	}
	if (error == OK) {
		char key[TRANSPORT_KEY_TEXT];
		transport_key_format(identity->public_key, key);
		log_event(LOG_INFO, "identity-made", "file", path, "key", key, NULL);
	}
	return error;
}

/* Every connection is a descriptor. A limit that cannot be raised is no reason not to start. */
static void raise_descriptor_limit(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void say_ready(const struct shell *shell, const struct access *access, int64_t ready_fd) {
	log_event(LOG_INFO, "ready", "endpoint", shell_endpoint(shell), "listed_workers",
	          LOG_NUMBER(access_workers(access)), NULL);
	if (ready_fd >= 0) {
		static const char ready[] = "READY=1\n";
		ssize_t ignored = write((int)ready_fd, ready, sizeof ready - 1);
		(void)ignored; /* whoever wanted to know is gone */
		(void)close((int)ready_fd);
	}
}

/* From settings to the end of the work. */
static enum error serve(const struct settings *settings, struct failure *failure) {
	struct broker_config config;
	struct identity identity = { { 0 }, { 0 } };
	struct access *access = NULL;
	struct shell *shell = NULL;
	int signals = -1;
	raise_descriptor_limit();
	enum error error = signals_open(&signals, failure);
	if (error == OK) {
		error = broker_config_load(settings->config, &config, failure);
	}
	if (error == OK) {
		error = access_load(&config, &access, failure);
	}
	if (error == OK) {
		error = load_identity(config.identity, settings->check_config, &identity, failure);
	}
	if (error == OK && !settings->check_config) {
		error = shell_new(&config, &identity, access, signals, &shell, failure);
	}
	if (shell != NULL) {
		say_ready(shell, access, settings->ready_fd);
		shell_run(shell);
	}
	shell_free(shell);
	access_free(access);
	identity_wipe(&identity);
	if (signals >= 0) {
		(void)close(signals);
	}
	return error;
}

int main(int argc, char **argv) {
	struct settings settings = { .ready_fd = -1 };
	struct failure failure = { .code = OK };
	bool done = false;
	enum error error = read_settings(argc, argv, &settings, &done, &failure);
	if (error == OK && !done) {
		error = set_up_log(&settings, &failure);
	}
	if (error == OK && !done) {
		error = serve(&settings, &failure);
	}
	if (error == ERROR_USAGE) {
		(void)fprintf(stderr, PROGRAM ": %s\nTry \"" PROGRAM " --help\".\n", failure.text);
	} else if (error != OK) {
		log_failure(&failure);
	}
	return (int)error_exit_status(error);
}
