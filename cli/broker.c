/* troth broker status and the lists: what a broker is doing. */
#include <inttypes.h>

#include "cli/admin.h"
#include "cli/listing.h"

#define PAGE_MAX 500 /* items of one reply */
#define AFTER_MAX 256

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- status ---- */

static const struct listing_column status_lines[] = {
	{ "state", "state", SHOW_STATE },
	{ "version", "version", SHOW_TEXT },
	{ "listens at", "endpoint", SHOW_TEXT },
	{ "runs for", "uptime_ms", SHOW_AGE },
	{ "connections", "connections", SHOW_NUMBER },
	{ "clients", "clients", SHOW_NUMBER },
	{ "workers", "workers", SHOW_NUMBER },
	{ "services", "services", SHOW_NUMBER },
	{ "waiting", "waiting", SHOW_NUMBER },
	{ "delayed", "delayed", SHOW_NUMBER },
	{ "held by workers", "held", SHOW_NUMBER },
	{ "oldest", "oldest_ms", SHOW_AGE },
	{ "bytes of requests", "bytes", SHOW_SIZE },
	{ "  at most", "bytes_max", SHOW_SIZE },
	{ "durable queue", "queued", SHOW_NUMBER },
	{ "  at most", "queued_max", SHOW_NUMBER },
	{ "  bytes", "queued_bytes", SHOW_SIZE },
	{ "  at most", "queued_bytes_max", SHOW_SIZE },
	{ "  answered", "answered", SHOW_NUMBER },
	{ "  dead letters", "dead", SHOW_NUMBER },
	{ "memory", "memory", SHOW_SIZE },
	{ "  at most", "memory_max", SHOW_SIZE },
};

/* What has happened since the start: every word with its number. */
static void print_counts(const struct pack_value *counts) {
	struct slice word;
	size_t at = 0;
	for (const struct pack_value *count = pack_pair(counts, 0, &word); count != NULL;
	     count = pack_pair(counts, ++at, &word)) {
		uint64_t number = 0;
		struct buffer shown;
		buffer_init(&shown, 4 * LISTING_CELL_MAX);
		listing_append_visible(&shown, word);
		const char *text = buffer_text(&shown);
		if (pack_as_unsigned(count, &number) && number > 0 && text != NULL) {
			(void)printf("%s%-17s  %" PRIu64 "\n", at == 0 ? "\n" : "", text, number);
		}
		buffer_release(&shown);
	}
}

static enum error show_status(struct admin *admin, size_t broker, bool is_one_of_many, struct failure *failure) {
	struct colours colours = print_colours();
	const struct pack_value *ok = NULL;
	enum error error = admin_connect(admin, broker, failure);
	if (error == OK) {
		(void)admin_request(admin, "status", 0);
		error = admin_ask(admin, &ok, failure);
	}
	if (error != OK) {
		return error;
	}
	if (admin->act.settings->json) {
		json_t *object = listing_json(ok);
		(void)json_object_set_new(object, "broker", json_string(admin_endpoint(admin)));
		print_json(object);
		return OK;
	}
	if (is_one_of_many) {
		(void)printf("%s%s%s%s\n", broker == 0 ? "" : "\n", colours.bold, admin_endpoint(admin), colours.end);
	}
	listing_print_map(ok, status_lines, COUNT(status_lines), stdout, colours);
	print_counts(pack_find(ok, "counts"));
	return OK;
}

enum error command_broker_status(const struct invocation *call, struct failure *failure) {
	struct admin admin;
	enum error error = admin_open_home(&admin, &call->settings, failure);
	bool all = call->settings.broker == NULL;
	size_t first = admin.broker, last = all ? admin.act.home.join.broker_count : first + 1;
	bool is_open = error == OK;
	for (size_t i = first; is_open && i < last; i++) {
		struct failure reason = { .code = OK };
		enum error refused = show_status(&admin, i, last - first > 1, &reason);
		if (refused != OK && error != OK) {
			(void)command_report(call, failure); /* the last one is reported by the caller */
		}
		if (refused != OK) {
			*failure = reason;
			error = refused;
		}
	}
	admin_release(&admin);
	return error;
}

/* ---- lists ---- */

static const struct listing_column services[] = {
	{ "service", "name", SHOW_TEXT },      { "workers", "workers", SHOW_NUMBER }, { "waiting", "waiting", SHOW_NUMBER },
	{ "delayed", "delayed", SHOW_NUMBER }, { "held", "held", SHOW_NUMBER },       { "oldest", "oldest_ms", SHOW_AGE },
	{ "paused", "paused", SHOW_FLAG },
};

static const struct listing_column workers[] = {
	{ "worker", "name", SHOW_TEXT },     { "key", "key", SHOW_DIGITS },       { "service", "service", SHOW_TEXT },
	{ "mdp", "protocol", SHOW_TEXT },    { "window", "window", SHOW_NUMBER }, { "held", "held", SHOW_NUMBER },
	{ "silent", "silent_ms", SHOW_AGE }, { "done", "done", SHOW_NUMBER },     { "state", "state", SHOW_STATE },
};

static const struct listing_column clients[] = {
	{ "client", "name", SHOW_TEXT },         { "key", "key", SHOW_DIGITS },
	{ "waiting", "waiting", SHOW_NUMBER },   { "held", "held", SHOW_NUMBER },
	{ "bytes", "bytes", SHOW_SIZE },         { "idle", "idle_ms", SHOW_AGE },
	{ "requests", "requests", SHOW_NUMBER }, { "refused", "refused", SHOW_NUMBER },
};

static const struct listing_column queue[] = {
	{ "ticket", "ticket", SHOW_DIGITS }, { "service", "service", SHOW_TEXT },  { "client", "client", SHOW_DIGITS },
	{ "age", "age_ms", SHOW_AGE },       { "bytes", "bytes", SHOW_SIZE },      { "tries", "deliveries", SHOW_NUMBER },
	{ "state", "state", SHOW_STATE },
};

static const struct listing_column dead[] = {
	{ "ticket", "ticket", SHOW_DIGITS },    { "service", "service", SHOW_TEXT },
	{ "client", "client", SHOW_DIGITS },    { "age", "age_ms", SHOW_AGE },
	{ "dead for", "dead_ms", SHOW_AGE },    { "bytes", "bytes", SHOW_SIZE },
	{ "tries", "deliveries", SHOW_NUMBER }, { "reason", "reason", SHOW_TEXT },
};

static const struct {
	const char *words; /* of the command */
	const char *operation;
	const struct listing_column *columns;
	size_t count;
	const char *empty;
} lists[] = {
	{ "broker services", "services", services, COUNT(services),
	  "the broker knows no service: no worker has come yet, and nobody has asked for anything" },
	{ "broker workers", "workers", workers, COUNT(workers), "no worker is connected; start a troth-worker" },
	{ "broker clients", "clients", clients, COUNT(clients), "no client is connected" },
	{ "broker queue", "queue", queue, COUNT(queue), "the durable queue is empty" },
	{ "broker dead list", "dead-list", dead, COUNT(dead), "nothing was given up" },
};

/* Page after page, as long as there are more and --limit allows. */
static enum error read_pages(struct admin *admin, const char *operation, struct listing *listing,
                             struct failure *failure) {
	int64_t left = admin->act.settings->limit;
	char after[AFTER_MAX] = "";
	do {
		const struct pack_value *ok = NULL;
		struct slice next;
		struct buffer *request = admin_request(admin, operation, after[0] == '\0' ? 1 : 2);
		pack_key_signed(request, "limit", left < PAGE_MAX ? left : PAGE_MAX);
		if (after[0] != '\0') {
			pack_key_word(request, "after", after);
		}
		enum error error = admin_ask(admin, &ok, failure);
		const struct pack_value *items = pack_find(ok, "items");
		if (error == OK && !pack_is_array(items)) {
			error = fail(failure, ERROR_MALFORMED, "the broker's answer has no list of items");
		}
		for (size_t i = 0; error == OK && i < pack_count(items) && left > 0; i++, left--) {
			error = listing_add(listing, pack_item(items, i), failure);
		}
		if (error != OK) {
			return error;
		}
		if (pack_count(items) == 0 || !pack_as_text(pack_find(ok, "after"), &next) ||
		    !slice_copy_text(next, after, sizeof after)) {
			after[0] = '\0';
			break;
		}
	} while (left > 0 && after[0] != '\0');
	if (left == 0 && after[0] != '\0' && listing->json == NULL) {
		(void)fputs("there are more: --limit shows them\n", stderr);
	}
	return OK;
}

enum error command_broker_list(const struct invocation *call, struct failure *failure) {
	struct admin admin;
	struct listing listing;
	size_t row = 0;
	while (strcmp(lists[row].words, call->command->words) != 0) {
		row++;
	}
	listing_init(&listing, lists[row].columns, lists[row].count, call->settings.json);
	enum error error = admin_open(&admin, &call->settings, failure);
	if (error == OK) {
		error = read_pages(&admin, lists[row].operation, &listing, failure);
	}
	if (error == OK) {
		listing_print(&listing, stdout, print_colours(), lists[row].empty);
	}
	listing_release(&listing);
	admin_release(&admin);
	return error;
}
