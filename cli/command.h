/* The command line of `troth`: one table of commands, one table of options, one call per command. */
#ifndef TROTH_CLI_COMMAND_H
#define TROTH_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/options.h"

/* Every option that some command takes; the command's row says which. */
struct settings {
	const char *home;
	bool json, yes, again, no_passphrase, queue, no_queue, wait, all, waiting, csv;
	const char *passphrase_file;
	const char *role, *name, *join, *out, *offer, *batch, *reference;
	const char *broker, *key, *state, *campaign, *with;
	const char *format;
	const char *origin, *endpoint, *log_level, *log_format;
	int64_t workers, limit, timeout;
};

/* One call of a command. */
struct invocation {
	const struct command *command;
	struct settings settings;
	struct option_words words; /* of options that may be repeated, and of fields */
	const char *const *operands;
	size_t count;
};

struct command {
	const char *words;    /* "offer submit" */
	const char *operands; /* as shown behind the words */
	size_t least, most;   /* how many operands it takes */
	/* Names of the options that it takes, with blanks between. "+ship" stands for the fields of the kind ship that a
	 * person writes (cli/field_options.h), but those that are named behind it as "-key". */
	const char *options;
	const char *summary;
	const char *explanation; /* a few lines for --help */
	enum error (*run)(const struct invocation *call, struct failure *failure);
};

/* Finds the command and parses its words. ERROR_USAGE. If help or the version is asked for it is printed and *done is
 * set. */
enum error command_parse(int argc, char **argv, struct invocation *call, bool *done, struct failure *failure);

/* Prints a failure as the command's --json says, and returns the exit status. */
int command_report(const struct invocation *call, const struct failure *failure);

/* The commands, one per row of the table in commands.c. */
enum error command_up(const struct invocation *call, struct failure *failure);
enum error command_init(const struct invocation *call, struct failure *failure);
enum error command_enrol(const struct invocation *call, struct failure *failure);
enum error command_ops_waiting(const struct invocation *call, struct failure *failure);
enum error command_ops_accounts(const struct invocation *call, struct failure *failure);
enum error command_ops_admit(const struct invocation *call, struct failure *failure);
enum error command_ops_note(const struct invocation *call, struct failure *failure);
enum error command_profile_submit(const struct invocation *call, struct failure *failure);
enum error command_profile_show(const struct invocation *call, struct failure *failure);
enum error command_offer_applicants(const struct invocation *call, struct failure *failure);
enum error command_offer_submit(const struct invocation *call, struct failure *failure);
enum error command_offer_list(const struct invocation *call, struct failure *failure);
enum error command_offer_show(const struct invocation *call, struct failure *failure);
enum error command_offer_close(const struct invocation *call, struct failure *failure);
enum error command_deal_accept(const struct invocation *call, struct failure *failure);
enum error command_deal_counter(const struct invocation *call, struct failure *failure);
enum error command_deal_amend(const struct invocation *call, struct failure *failure);
enum error command_deal_invite(const struct invocation *call, struct failure *failure);
enum error command_deal_address(const struct invocation *call, struct failure *failure);
enum error command_statement(const struct invocation *call, struct failure *failure);
enum error command_payout_export(const struct invocation *call, struct failure *failure);
enum error command_payout_import(const struct invocation *call, struct failure *failure);
enum error command_export(const struct invocation *call, struct failure *failure);
enum error command_rekey(const struct invocation *call, struct failure *failure);
enum error command_deal_list(const struct invocation *call, struct failure *failure);
enum error command_deal_notes(const struct invocation *call, struct failure *failure);
enum error command_deal_show(const struct invocation *call, struct failure *failure);
enum error command_step(const struct invocation *call, struct failure *failure);
enum error command_verify(const struct invocation *call, struct failure *failure);
enum error command_queue_list(const struct invocation *call, struct failure *failure);
enum error command_queue_show(const struct invocation *call, struct failure *failure);
enum error command_queue_drop(const struct invocation *call, struct failure *failure);
enum error command_broker_status(const struct invocation *call, struct failure *failure);
enum error command_broker_list(const struct invocation *call, struct failure *failure);
enum error command_broker_dead_show(const struct invocation *call, struct failure *failure);
enum error command_broker_dead_retry(const struct invocation *call, struct failure *failure);
enum error command_broker_dead_drop(const struct invocation *call, struct failure *failure);
enum error command_broker_pause(const struct invocation *call, struct failure *failure);
enum error command_broker_resume(const struct invocation *call, struct failure *failure);
enum error command_broker_drain(const struct invocation *call, struct failure *failure);
enum error command_broker_metrics(const struct invocation *call, struct failure *failure);
enum error command_status(const struct invocation *call, struct failure *failure);
enum error command_store_check(const struct invocation *call, struct failure *failure);
enum error command_campaigns(const struct invocation *call, struct failure *failure);
enum error command_fields(const struct invocation *call, struct failure *failure);

#endif
