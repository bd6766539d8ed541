/* Parsing of command lines by the two tables, and the printing of help and failures. */
#include "cli/command.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/field_options.h"
#include "cli/print.h"

#define OPTIONS_MAX 64 /* fields too */
#define GROUP_MAX 96 /* bytes of the words that some commands begin with */

/* The one table of options. */
static size_t all_options(struct settings *settings, struct option_words *words,
                          struct option_row rows[OPTIONS_MAX]) {
	const struct option_row table[] = {
		{ "home", 0, OPTION_TEXT, &settings->home, "FOLDER", "keys, notes (else $TROTH_HOME or ~/.local/share/troth)",
		  0, 0 },
		{ "json", 0, OPTION_FLAG, &settings->json, NULL, "print JSON for machines", 0, 0 },
		{ "yes", 'y', OPTION_FLAG, &settings->yes, NULL, "sign without asking", 0, 0 },
		{ "again", 0, OPTION_FLAG, &settings->again, NULL, "make a new offer of a file submitted before", 0, 0 },
		{ "queue", 0, OPTION_FLAG, &settings->queue, NULL,
		  "put the note into the broker's queue, to be done when a worker is there", 0, 0 },
		{ "no-queue", 0, OPTION_FLAG, &settings->no_queue, NULL, "fail where no worker is there", 0, 0 },
		{ "wait", 0, OPTION_FLAG, &settings->wait, NULL, "wait until it is done", 0, 0 },
		{ "all", 0, OPTION_FLAG, &settings->all, NULL, "all of them", 0, 0 },
		{ "broker", 0, OPTION_TEXT, &settings->broker, "N|ENDPOINT", "which broker of the join file", 0, 0 },
		{ "no-passphrase", 0, OPTION_FLAG, &settings->no_passphrase, NULL, "keep the signing key unsealed", 0, 0 },
		{ "passphrase-file", 0, OPTION_TEXT, &settings->passphrase_file, "FILE",
		  "read the passphrase from its first line", 0, 0 },
		{ "role", 0, OPTION_TEXT, &settings->role, "ROLE", "brand, creator or operator", 0, 0 },
		{ "name", 0, OPTION_TEXT, &settings->name, "NAME", "the account's name: a-z, 0-9 and hyphens", 0, 0 },
		{ "join", 0, OPTION_TEXT, &settings->join, "FILE", "the agency's join file", 0, 0 },
		{ "out", 'o', OPTION_TEXT, &settings->out, "FILE", "write the signed note to it (- is standard output)", 0, 0 },
		{ "offer", 0, OPTION_TEXT, &settings->offer, "OFFER", "an offer", 0, 0 },
		{ "batch", 0, OPTION_TEXT, &settings->batch, "FILE", "a CSV file with one note a row", 0, 0 },
		{ "state", 0, OPTION_TEXT, &settings->state, "WORD", "in this state only", 0, 0 },
		{ "campaign", 0, OPTION_TEXT, &settings->campaign, "TEXT", "of this campaign only", 0, 0 },
		{ "with", 0, OPTION_TEXT, &settings->with, "NAME", "with this account only", 0, 0 },
		{ "waiting", 0, OPTION_FLAG, &settings->waiting, NULL, "only those that wait for you", 0, 0 },
		{ "format", 0, OPTION_TEXT, &settings->format, "WORD", "text, csv, json or html", 0, 0 },
		{ "csv", 0, OPTION_FLAG, &settings->csv, NULL, "print CSV (RFC 4180)", 0, 0 },
		{ "key", 0, OPTION_TEXT, &settings->key, "KEY", "the key: 64 hex digits, with or without ed25519:", 0, 0 },
		{ "set", 0, OPTION_WORDS, words, "\"KEY VALUE\"", "change a term; may be repeated", 0, 0 },
		{ "without", 0, OPTION_WORDS, words, "KEY", "leave a term out; may be repeated", 0, 0 },
		{ "file", 0, OPTION_WORDS, words, "FILE", "a file", 0, 0 },
		{ "link", 0, OPTION_WORDS, words, "URL", "where that file lies; may be repeated", 0, 0 },
		{ "reference", 0, OPTION_TEXT, &settings->reference, "TEXT", "the payment provider's reference", 0, 0 },
		{ "origin", 0, OPTION_TEXT, &settings->origin, "NAME", "the agency's name in every note, like agency.example",
		  0, 0 },
		{ "endpoint", 0, OPTION_TEXT, &settings->endpoint, "ENDPOINT", "where the broker listens: tcp://HOST:PORT", 0,
		  0 },
		{ "workers", 0, OPTION_NUMBER, &settings->workers, "N", "how many worker processes (default 2)", 1, 64 },
		{ "limit", 'n', OPTION_NUMBER, &settings->limit, "N", "at most so many (default 100)", 1, 1000000 },
		{ "timeout", 0, OPTION_NUMBER, &settings->timeout, "SECONDS", "how long to wait for the agency (default 5)", 1,
		  3600 },
		{ "log-level", 0, OPTION_TEXT, &settings->log_level, "WORD", "error, warning, info or debug", 0, 0 },
		{ "log-format", 0, OPTION_TEXT, &settings->log_format, "WORD", "logfmt or json", 0, 0 },
	};
	_Static_assert(sizeof table / sizeof table[0] <= OPTIONS_MAX, "room for every option");
	memcpy(rows, table, sizeof table);
	return sizeof table / sizeof table[0];
}

/* True if `word` is one of the blank-separated words of `list`. */
static bool has_word(const char *list, const char *word) {
	size_t size = strlen(word);
	for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word)) {
		if ((at == list || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0')) {
			return true;
		}
	}
	return false;
}

/* Where an option means something of its own to a command. */
static const struct {
	const char *words, *option, *value, *help;
} particular[] = {
	{ "export", "out", "FOLDER", "the folder to write to (default troth-export)" },
	{ "ops payout export", "out", "FILE", "the CSV file to write (- is standard output)" },
	{ "report", "out", "FILE", "write the report to it (- is standard output)" },
	{ "verify", "offer", "FILE", "the file of the signed offer that the agreement follows from" },
	{ "deal list", "offer", "ID", "by this offer only: its id or the first digits" },
};

static void describe_option(const struct command *command, struct option_row *row) {
	for (size_t i = 0; i < sizeof particular / sizeof particular[0]; i++) {
		if (strcmp(particular[i].words, command->words) == 0 && strcmp(particular[i].option, row->name) == 0) {
			row->value = particular[i].value;
			row->help = particular[i].help;
		}
	}
}

/* The options of a command without its fields. */
static size_t options_of(const struct command *command, struct settings *settings, struct option_words *words,
                         struct option_row rows[OPTIONS_MAX]) {
	size_t total = all_options(settings, words, rows), kept = 0;
	for (size_t i = 0; i < total; i++) {
		if (has_word(command->options, rows[i].name)) {
			rows[kept] = rows[i];
			describe_option(command, &rows[kept++]);
		}
	}
	return kept;
}

/* Prints a line per command whose first words are `group`, or per command if that is NULL. Returns how many. */
static size_t print_commands(FILE *out, const char *group) {
	size_t printed = 0, size = group == NULL ? 0 : strlen(group);
	for (size_t i = 0; i < commands_count; i++) {
		char head[64];
		if (group != NULL && (strncmp(commands[i].words, group, size) != 0 || commands[i].words[size] != ' ')) {
			continue;
		}
		(void)snprintf(head, sizeof head, "%s %s", commands[i].words, commands[i].operands);
		(void)fprintf(out, "  %-26s %s\n", head, commands[i].summary);
		printed++;
	}
	return printed;
}

static void print_overview(FILE *out) {
	(void)fputs("troth - offers, agreements and deals that anyone can check\n\n"
	            "Usage: troth COMMAND [OPTIONS]\n\nCommands:\n", out);
	(void)print_commands(out, NULL);
	(void)fputs("\ntroth COMMAND --help explains a command. First steps for a brand or creator, with the agency's\n"
	            "join file: troth init, troth enrol; a brand goes on with troth offer submit, a creator with troth\n"
	            "offer list and troth deal accept. Exit status: 0 done, 1 refused, 2 usage, 3 unreachable, 4 queued.\n",
	            out);
}

static void print_help(const struct command *command) {
	struct settings settings;
	struct option_words words;
	struct option_row rows[OPTIONS_MAX];
	size_t count = options_of(command, &settings, &words, rows);
	(void)printf("troth %s - %s\n\nUsage: troth %s %s%s[OPTIONS]\n\n", command->words, command->summary,
	             command->words, command->operands, command->operands[0] == '\0' ? "" : " ");
	if (command->explanation[0] != '\0') {
		(void)printf("%s\n\n", command->explanation);
	}
	field_options_describe(command, stdout);
	options_describe(stdout, rows, count);
}

/* Matches the words of a command with the first operands; returns how many words it has, 0 if it is another one. */
static size_t match_words(const struct command *command, char *const *words, size_t count) {
	const char *at = command->words;
	for (size_t used = 0; used < count; used++) {
		size_t size = strcspn(at, " ");
		if (strlen(words[used]) != size || memcmp(words[used], at, size) != 0) {
			return 0;
		}
		if (at[size] == '\0') {
			return used + 1;
		}
		at += size + 1;
	}
	return 0;
}

/* Joins so many words by blanks; cut where they do not fit, which is then the name of nothing. */
static const char *join_words(char *const *words, size_t count, char out[GROUP_MAX]) {
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < count && used < GROUP_MAX; i++) {
		used += (size_t)snprintf(out + used, GROUP_MAX - used, "%s%s", i == 0 ? "" : " ", words[i]);
	}
	return out;
}

/* The first command of a group such as "broker dead"; NULL if there is no such group. */
static const struct command *find_group(const char *group) {
	size_t size = strlen(group);
	for (size_t i = 0; i < commands_count; i++) {
		if (strncmp(commands[i].words, group, size) == 0 && commands[i].words[size] == ' ') {
			return &commands[i];
		}
	}
	return NULL;
}

/* Says what is wrong with the longest beginning that is still the name of a group. */
static enum error refuse_command(int argc, char **argv, struct failure *failure) {
	char group[GROUP_MAX];
	size_t known = 0, words = (size_t)argc - 1;
	while (known < words && find_group(join_words(argv + 1, known + 1, group)) != NULL) {
		known++;
	}
	if (known == 0 && argv[1][0] == '-') {
		return fail(failure, ERROR_USAGE, "the command comes first: troth COMMAND %s; see troth --help", argv[1]);
	}
	if (known < words && argv[known + 1][0] != '-') {
		return fail(failure, ERROR_USAGE, "there is no command \"%.80s\"; see troth --help",
		            join_words(argv + 1, known + 1, group));
	}
	const struct command *first = find_group(join_words(argv + 1, known, group));
	return fail(failure, ERROR_USAGE, "troth %s needs one more word, such as \"troth %s\"; see troth %s --help", group,
	            first->words, group);
}

static enum error check_operands(const struct invocation *call, struct failure *failure) {
	const struct command *command = call->command;
	if (call->count < command->least) {
		return fail(failure, ERROR_USAGE, "troth %s needs %s; see troth %s --help", command->words, command->operands,
		            command->words);
	}
	if (call->count > command->most) {
		return fail(failure, ERROR_USAGE, "\"%s\" is one word too many; see troth %s --help",
		            call->operands[command->most], command->words);
	}
	return OK;
}

static bool is_help(const char *word) {
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Prints what is asked for without a command: the overview, a group of commands, the version. False if it is nothing
 * of that. */
static bool tell(int argc, char **argv) {
	if (argc == 2 && (is_help(argv[1]) || strcmp(argv[1], "help") == 0)) {
		print_overview(stdout);
		return true;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		(void)puts("troth " TROTH_VERSION);
		return true;
	}
	char group[GROUP_MAX];
	return argc > 2 && is_help(argv[argc - 1]) &&
	       print_commands(stdout, join_words(argv + 1, (size_t)argc - 2, group)) > 0;
}

enum error command_parse(int argc, char **argv, struct invocation *call, bool *done, struct failure *failure) {
	*call = (struct invocation){ .settings = { .workers = 2, .limit = 100, .timeout = 5 } };
	*done = tell(argc, argv);
	if (*done) {
		return OK;
	}
	if (argc < 2) {
		print_overview(stderr);
		return fail(failure, ERROR_USAGE, "no command was given");
	}
	size_t words = 0;
	for (size_t i = 0; i < commands_count && words == 0; i++) {
		words = match_words(&commands[i], argv + 1, (size_t)argc - 1);
		call->command = &commands[i];
	}
	if (words == 0) {
		call->command = NULL;
		return refuse_command(argc, argv, failure);
	}
	struct option_row rows[OPTIONS_MAX];
	size_t count = options_of(call->command, &call->settings, &call->words, rows);
	count += field_options_rows(call->command, &call->words, rows + count, OPTIONS_MAX - count);
	int first = 0;
	int rest = argc - (int)words;
	char **rest_argv = argv + words;
	enum error error = options_parse(rest, rest_argv, rows, count, &first, done, failure);
	if (error != OK) {
		return error;
	}
	if (*done) {
		print_help(call->command);
		return OK;
	}
	call->operands = (const char *const *)(rest_argv + first);
	call->count = (size_t)(rest - first);
	if (call->settings.queue && call->settings.no_queue) {
		return fail(failure, ERROR_USAGE, "--queue and --no-queue exclude each other");
	}
	return check_operands(call, failure);
}

int command_report(const struct invocation *call, const struct failure *failure) {
	const char *word = error_word(failure->code);
	if (failure->code == ERROR_QUEUED && failure->text[0] == '\0') {
		/* It was told already, and is what --queue asks for. */
		return call->settings.queue ? EXIT_DONE : EXIT_QUEUED;
	}
	if (call->settings.json) {
		json_t *reason = json_pack("{s:s, s:s}", "code", word, "message", failure->text);
		if (failure->line > 0) {
			(void)json_object_set_new(reason, "line", json_integer(failure->line));
		}
		if (failure->retry_ms > 0) {
			(void)json_object_set_new(reason, "retry", json_integer(failure->retry_ms));
		}
		print_json(json_pack("{s:o}", "error", reason));
	} else if (failure->line > 0) {
		(void)fprintf(stderr, "troth: %s: line %u: %s\n", word, failure->line, failure->text);
	} else {
		(void)fprintf(stderr, "troth: %s: %s\n", word, failure->text);
	}
	return error_exit_status(failure->code);
}
