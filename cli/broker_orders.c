/* troth broker dead, pause, resume, drain, metrics: what an operator has a broker do. */
#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/admin.h"
#include "cli/listing.h"
#include "cli/ticket.h"
#include "wire/body.h"
#include "wire/mdp.h"

#define POLL_MS 1000
#define FRAME_SHOWN_MAX 400 /* bytes of a frame that people are shown */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum error read_number(const struct pack_value *ok, const char *key, uint64_t *number,
                              struct failure *failure) {
	return pack_as_unsigned(pack_find(ok, key), number) ? OK
	       : fail(failure, ERROR_MALFORMED, "the broker's answer is incomplete: there is no number under %s", key);
}

/* ---- dead letters ---- */

static const struct listing_column dead_lines[] = {
	{ "ticket", "ticket", SHOW_TEXT }, { "service", "service", SHOW_TEXT }, { "client", "client", SHOW_TEXT },
	{ "reason", "reason", SHOW_TEXT }, { "age", "age_ms", SHOW_AGE },       { "dead for", "dead_ms", SHOW_AGE },
	{ "bytes", "bytes", SHOW_SIZE },   { "tries", "deliveries", SHOW_NUMBER },
};

static const struct listing_column history_columns[] = {
	{ "ago", "ago_ms", SHOW_AGE },
	{ "worker", "worker", SHOW_TEXT },
	{ "outcome", "outcome", SHOW_TEXT },
};

static enum error print_history(const struct pack_value *history, struct failure *failure) {
	struct listing listing;
	enum error error = OK;
	listing_init(&listing, history_columns, COUNT(history_columns), false);
	for (size_t i = 0; error == OK && i < pack_count(history); i++) {
		error = listing_add(&listing, pack_item(history, i), failure);
	}
	if (error == OK) {
		(void)putchar('\n');
		listing_print(&listing, stdout, print_colours(), "it was never handed to a worker");
	}
	listing_release(&listing);
	return error;
}

/* A frame's bytes as far as they are text; dots stand for what is not. */
static void print_frame(size_t number, struct slice frame) {
	char size[LISTING_NUMBER_MAX];
	(void)printf("\nframe %zu, %s\n    ", number, listing_size(frame.size, size));
	for (size_t i = 0; i < frame.size && i < FRAME_SHOWN_MAX; i++) {
		if (frame.data[i] == '\n') {
			(void)fputs("\n    ", stdout);
		} else {
			(void)putchar(frame.data[i] < 0x80 && isprint(frame.data[i]) ? frame.data[i] : '.');
		}
	}
	(void)printf("%s\n", frame.size > FRAME_SHOWN_MAX ? "..." : "");
}

static enum error print_dead(const struct pack_value *dead, struct failure *failure) {
	const struct pack_value *frames = pack_find(dead, "frames");
	listing_print_map(dead, dead_lines, COUNT(dead_lines), stdout, print_colours());
	enum error error = print_history(pack_find(dead, "history"), failure);
	for (size_t i = 0; error == OK && i < pack_count(frames); i++) {
		struct slice frame;
		if (pack_as_bytes(pack_item(frames, i), &frame)) {
			print_frame(i + 1, frame);
		}
	}
	return error;
}

enum error command_broker_dead_show(const struct invocation *call, struct failure *failure) {
	struct admin admin = { .broker = 0 };
	char digits[TITANIC_TICKET_DIGITS + 1];
	const struct pack_value *ok = NULL;
	enum error error = ticket_digits(call->operands[0], digits, failure);
	if (error == OK) {
		error = admin_open(&admin, &call->settings, failure);
	}
	if (error == OK) {
		pack_key_word(admin_request(&admin, "dead-show", 1), "ticket", digits);
		error = admin_ask(&admin, &ok, failure);
	}
	const struct pack_value *dead = pack_find(ok, "dead");
	if (error == OK && !pack_is_map(dead)) {
		error = fail(failure, ERROR_MALFORMED, "the broker's answer is incomplete: there is no map under dead");
	}
	if (error == OK && call->settings.json) {
		print_json(listing_json(dead));
	} else if (error == OK) {
		error = print_dead(dead, failure);
	}
	admin_release(&admin);
	return error;
}

/* Asks before everything is thrown away. */
static enum error confirm_drop(struct admin *admin, struct failure *failure) {
	const struct pack_value *ok = NULL;
	uint64_t count = 0;
	char question[CLIENT_ENDPOINT_MAX + 96];
	if (admin->act.settings->yes || !admin->act.settings->all) {
		return OK;
	}
	(void)admin_request(admin, "status", 0);
	enum error error = admin_ask(admin, &ok, failure);
	if (error == OK) {
		error = read_number(ok, "dead", &count, failure);
	}
	if (error != OK || count == 0) {
		return error;
	}
	(void)snprintf(question, sizeof question, "Throw away all %" PRIu64 " dead letters of %s? They are lost then.",
	               count, admin_endpoint(admin));
	if (!isatty(STDIN_FILENO)) {
		return fail(failure, ERROR_USAGE, "there is no terminal to ask whether to throw all %" PRIu64 " away; use "
		            "--yes if it is right", count);
	}
	return print_ask(question) ? OK : fail(failure, ERROR_NOT_ALLOWED, "nothing was thrown away");
}

/* One dead letter or all of them: {ticket} or {all}; says how many it were. */
static enum error order_dead(const struct invocation *call, const char *operation, const char *done,
                             struct failure *failure) {
	struct admin admin = { .broker = 0 };
	char digits[TITANIC_TICKET_DIGITS + 1] = "";
	const struct pack_value *ok = NULL;
	bool all = call->settings.all;
	uint64_t count = 0;
	enum error error = all == (call->count == 1)
	    ? fail(failure, ERROR_USAGE, "give either a ticket or --all; see troth broker dead list") : OK;
	if (error == OK && !all) {
		error = ticket_digits(call->operands[0], digits, failure);
	}
	if (error == OK) {
		error = admin_open(&admin, &call->settings, failure);
	}
	if (error == OK && strcmp(operation, "dead-drop") == 0) {
		error = confirm_drop(&admin, failure);
	}
	if (error == OK) {
		struct buffer *request = admin_request(&admin, operation, 1);
		if (all) {
			pack_key_boolean(request, "all", true);
		} else {
			pack_key_word(request, "ticket", digits);
		}
		error = admin_ask(&admin, &ok, failure);
	}
	if (error == OK) {
		error = read_number(ok, "count", &count, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(listing_json(ok));
	} else if (error == OK) {
		(void)printf("%" PRIu64 " %s\n", count, done);
	}
	admin_release(&admin);
	return error;
}

enum error command_broker_dead_retry(const struct invocation *call, struct failure *failure) {
	return order_dead(call, "dead-retry", "to be tried again", failure);
}

enum error command_broker_dead_drop(const struct invocation *call, struct failure *failure) {
	return order_dead(call, "dead-drop", "thrown away", failure);
}

/* ---- pause, resume, drain ---- */

/* {service}, or nothing where there is none. Prints the sentence with the service's name in it. */
static enum error order_service(const struct invocation *call, const char *operation, const char *sentence,
                                struct failure *failure) {
	struct admin admin = { .broker = 0 };
	const struct pack_value *ok = NULL;
	const char *service = call->count == 0 ? NULL : call->operands[0];
	enum error error = OK;
	if (service != NULL && !mdp_service_name_is_valid(slice_of_text(service))) {
		error = fail(failure, ERROR_USAGE, "not the name of a service: 1 to %d printable characters; see troth broker "
		             "services", MDP_SERVICE_MAX);
	}
	if (error == OK) {
		error = admin_open(&admin, &call->settings, failure);
	}
	if (error == OK) {
		struct buffer *request = admin_request(&admin, operation, service == NULL ? 0 : 1);
		if (service != NULL) {
			pack_key_word(request, "service", service);
		}
		error = admin_ask(&admin, &ok, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(listing_json(ok));
	} else if (error == OK) {
		(void)printf("%s%s\n", service == NULL ? "the broker" : service, sentence);
		if (strcmp(operation, "pause") == 0) {
			(void)printf("go on by: troth broker resume %s\n", service);
		}
	}
	admin_release(&admin);
	return error;
}

enum error command_broker_pause(const struct invocation *call, struct failure *failure) {
	return order_service(call, "pause", " is paused: its requests wait until it is resumed, or the broker starts again",
	                     failure);
}

enum error command_broker_resume(const struct invocation *call, struct failure *failure) {
	return order_service(call, "resume", call->count > 0
	    ? " is handed out again" : " takes and hands out work again; what is paused stays so (troth broker services)",
	    failure);
}

/* What is left to do at a broker that drains. */
struct rest {
	uint64_t held, waiting, queued;
};

static enum error read_rest(const struct pack_value *ok, struct rest *out, struct failure *failure) {
	enum error error = read_number(ok, "held", &out->held, failure);
	error = error == OK ? read_number(ok, "waiting", &out->waiting, failure) : error;
	return error == OK ? read_number(ok, "queued", &out->queued, failure) : error;
}

/* Asks once a second until workers hold nothing any more. */
static enum error await_drained(struct admin *admin, struct rest *rest, struct failure *failure) {
	uint64_t most = rest->held;
	enum error error = OK;
	while (error == OK && rest->held > 0) {
		const struct pack_value *ok = NULL;
		print_progress("finished", (size_t)(most - rest->held), (size_t)most);
		(void)poll(NULL, 0, POLL_MS);
		(void)admin_request(admin, "status", 0);
		error = admin_ask(admin, &ok, failure);
		error = error == OK ? read_rest(ok, rest, failure) : error;
		most = rest->held > most ? rest->held : most;
	}
	print_progress_end();
	return error;
}

enum error command_broker_drain(const struct invocation *call, struct failure *failure) {
	struct admin admin;
	struct rest rest = { .held = 0 };
	const struct pack_value *ok = NULL;
	enum error error = admin_open(&admin, &call->settings, failure);
	if (error == OK) {
		(void)admin_request(&admin, "drain", 0);
		error = admin_ask(&admin, &ok, failure);
	}
	if (error == OK) {
		error = read_rest(ok, &rest, failure);
	}
	if (error == OK && call->settings.wait) {
		error = await_drained(&admin, &rest, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_pack("{s:I, s:I, s:I}", "held", (json_int_t)rest.held, "waiting", (json_int_t)rest.waiting,
		                     "queued", (json_int_t)rest.queued));
	} else if (error == OK) {
		(void)printf("%s takes and hands out no new work (troth broker resume ends that)\n%" PRIu64
		             " held by workers, %" PRIu64 " waiting, %" PRIu64 " in the durable queue\n",
		             admin_endpoint(&admin), rest.held, rest.waiting, rest.queued);
	}
	admin_release(&admin);
	return error;
}

/* ---- metrics ---- */

enum error command_broker_metrics(const struct invocation *call, struct failure *failure) {
	struct admin admin;
	const struct pack_value *ok = NULL;
	struct slice text;
	enum error error = admin_open(&admin, &call->settings, failure);
	if (error == OK) {
		(void)admin_request(&admin, "metrics", 0);
		error = admin_ask(&admin, &ok, failure);
	}
	if (error == OK && !pack_as_text(pack_find(ok, "text"), &text)) {
		error = fail(failure, ERROR_MALFORMED, "the broker's answer is incomplete: there is no text");
	}
	if (error == OK && call->settings.json) {
		print_json(json_pack("{s:o}", "text", json_of(text)));
	} else if (error == OK) {
		listing_print_visible(stdout, text);
	}
	admin_release(&admin);
	return error;
}
