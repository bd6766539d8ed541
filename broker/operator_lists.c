/* What operators list: services, workers, clients, tickets and dead letters, page by page. */
#include "broker/operator.h"

#include <stdio.h>

#include "wire/body.h"

#define ITEMS_DEFAULT 100
#define ITEMS_MAX 500

/* One page of a map's entries, in the order of their keys. `wanted` (may be NULL) says which count, `write` appends
 * one item. The cursor `after` is the hex form of the last key. */
struct listing {
	const struct map *map;
	bool (*wanted)(const void *value);
	void (*write)(const struct core *core, struct buffer *out, const void *value);
};

#define CURSOR_MAX (2 * 256)

static void write_cursor(struct slice key, char out[CURSOR_MAX + 1]) {
	size_t size = key.size < CURSOR_MAX / 2 ? key.size : CURSOR_MAX / 2;
	for (size_t i = 0; i < size; i++) {
		(void)snprintf(out + 2 * i, 3, "%02x", key.data[i]);
	}
	out[2 * size] = '\0';
}

static int digit(uint8_t byte) {
	return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool read_cursor(struct slice text, struct buffer *key) {
	bool good = text.size % 2 == 0 && text.size <= CURSOR_MAX;
	for (size_t i = 0; good && i < text.size; i += 2) {
		int high = digit(text.data[i]), low = digit(text.data[i + 1]);
		uint8_t byte = (uint8_t)(high * 16 + low);
		good = high >= 0 && low >= 0 && buffer_append(key, &byte, 1);
	}
	return good;
}

static enum error first_of_page(const struct question *question, const struct listing *listing,
                                struct map_entry **first, uint64_t *limit) {
	struct slice after = { 0 };
	*limit = ITEMS_DEFAULT;
	const struct pack_value *wanted = pack_find(question->arguments, "limit");
	bool is_number = wanted == NULL || pack_as_unsigned(wanted, limit);
	if (!is_number || *limit < 1 || *limit > ITEMS_MAX) {
		return fail(question->failure, ERROR_BAD_VALUE, "limit is 1 to %d", ITEMS_MAX);
	}
	if (pack_find(question->arguments, "after") == NULL) {
		*first = map_first(listing->map);
		return OK;
	}
	struct buffer key;
	buffer_init(&key, CURSOR_MAX);
	bool good = operator_text(question, "after", &after) && read_cursor(after, &key);
	*first = good ? map_after(listing->map, buffer_slice(&key)) : NULL;
	buffer_release(&key);
	return good ? OK : fail(question->failure, ERROR_BAD_VALUE, "after is what the last page ended with");
}

static bool counts(const struct listing *listing, const struct map_entry *entry) {
	return listing->wanted == NULL || listing->wanted(entry->value);
}

static enum error list(struct question *question, const struct listing *listing) {
	struct map_entry *first = NULL;
	uint64_t limit = 0, items = 0;
	enum error error = first_of_page(question, listing, &first, &limit);
	if (error != OK) {
		return error;
	}
	const struct map_entry *last = NULL;
	struct map_entry *entry = first;
	for (; entry != NULL && items < limit; entry = map_next(entry)) {
		if (counts(listing, entry)) {
			items++;
			last = entry;
		}
	}
	bool more = entry != NULL && last != NULL;
	struct buffer *out = &question->core->answer;
	body_begin_ok(out, more ? 2 : 1);
	pack_word(out, "items");
	pack_array(out, items);
	for (entry = first; entry != NULL && items > 0; entry = map_next(entry)) {
		if (counts(listing, entry)) {
			listing->write(question->core, out, entry->value);
			items--;
		}
	}
	if (more) {
		char cursor[CURSOR_MAX + 1];
		write_cursor(last->key, cursor);
		pack_key_word(out, "after", cursor);
	}
	return OK;
}

static void pack_peer_key(struct buffer *out, const char *name, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	char text[TRANSPORT_KEY_TEXT];
	transport_key_format(key, text);
	pack_key_word(out, name, text);
}

static void pack_name(const struct core *core, struct buffer *out, const char *key_name,
                      const uint8_t key[TRANSPORT_KEY_SIZE]) {
	const char *name = core->edge.name(core->edge.argument, key);
	pack_key_word(out, key_name, name == NULL ? "" : name);
}

static void write_service(const struct core *core, struct buffer *out, const void *value) {
	const struct service *service = value;
	int64_t oldest = service_oldest(service);
	pack_map(out, 7);
	pack_key_word(out, "name", service->name);
	pack_key_unsigned(out, "workers", service->worker_count);
	pack_key_boolean(out, "paused", service->is_paused);
	pack_key_unsigned(out, "waiting", service->waiting);
	pack_key_unsigned(out, "delayed", service->delayed);
	pack_key_unsigned(out, "held", service->held);
	pack_key_signed(out, "oldest_ms", oldest == NEVER ? 0 : core->now - oldest);
}

static void write_worker(const struct core *core, struct buffer *out, const void *value) {
	const struct worker *worker = value;
	const char *state = worker->is_silent ? "silent" : worker->is_ready ? "ready" : "busy";
	pack_map(out, 9);
	pack_name(core, out, "name", worker->key);
	pack_peer_key(out, "key", worker->key);
	pack_key_word(out, "service", worker->service->name);
	pack_key_word(out, "protocol", worker->route.version == MDP_0_1 ? "0.1" : "0.2");
	pack_key_unsigned(out, "window", worker->window);
	pack_key_unsigned(out, "held", worker->held_count);
	pack_key_signed(out, "silent_ms", core->now - worker->heard);
	pack_key_word(out, "state", state);
	pack_key_unsigned(out, "done", worker->done);
}

static void write_client(const struct core *core, struct buffer *out, const void *value) {
	const struct peer *peer = value;
	pack_map(out, 8);
	pack_name(core, out, "name", peer->key);
	pack_peer_key(out, "key", peer->key);
	pack_key_unsigned(out, "waiting", peer->waiting);
	pack_key_unsigned(out, "held", peer->requests - peer->waiting);
	pack_key_unsigned(out, "bytes", peer->bytes);
	pack_key_unsigned(out, "requests", peer->asked);
	pack_key_unsigned(out, "refused", peer->refused);
	pack_key_signed(out, "idle_ms", core->now - peer->heard);
}

static const char *ticket_state_word(const struct ticket *ticket) {
	static const char *const words[] = { [REQUEST_WAITING] = "waiting", [REQUEST_DELAYED] = "delayed",
		                                 [REQUEST_HELD] = "held" };
	if (ticket->request != NULL) {
		return words[ticket->request->state];
	}
	return ticket->record.state == TICKET_ANSWERED ? "answered" : "waiting";
}

static void pack_ticket(struct buffer *out, const struct ticket_record *record) {
	char text[TICKET_TEXT];
	ticket_format(record->id, text);
	pack_key_word(out, "ticket", text);
	pack_key_word(out, "service", record->service);
	pack_peer_key(out, "client", record->client);
}

static void write_queued(const struct core *core, struct buffer *out, const void *value) {
	const struct ticket *ticket = value;
	pack_map(out, 7);
	pack_ticket(out, &ticket->record);
	pack_key_word(out, "state", ticket_state_word(ticket));
	pack_key_signed(out, "age_ms", core->now - ticket->record.arrived);
	pack_key_signed(out, "bytes", ticket->record.bytes);
	pack_key_signed(out, "deliveries",
	                ticket->request == NULL ? ticket->record.deliveries : ticket->request->deliveries);
}

void operator_pack_dead(const struct core *core, struct buffer *out, const struct ticket_record *record) {
	pack_ticket(out, record);
	pack_key_word(out, "reason", record->reason);
	pack_key_signed(out, "deliveries", record->deliveries);
	pack_key_signed(out, "age_ms", core->now - record->arrived);
	pack_key_signed(out, "dead_ms", core->now - record->ended);
	pack_key_signed(out, "bytes", record->bytes);
}

static void write_dead(const struct core *core, struct buffer *out, const void *value) {
	pack_map(out, OPERATOR_DEAD_PAIRS);
	operator_pack_dead(core, out, &((const struct ticket *)value)->record);
}

static bool is_dead(const void *ticket) {
	return ((const struct ticket *)ticket)->record.state == TICKET_DEAD;
}

static bool is_not_dead(const void *ticket) {
	return !is_dead(ticket);
}

enum error operator_services(struct question *question) {
	return list(question, &(struct listing){ .map = question->core->services, .write = write_service });
}

enum error operator_workers(struct question *question) {
	return list(question, &(struct listing){ .map = question->core->workers, .write = write_worker });
}

enum error operator_clients(struct question *question) {
	return list(question, &(struct listing){ .map = question->core->peers, .write = write_client });
}

enum error operator_queue(struct question *question) {
	return list(question, &(struct listing){ question->core->tickets, is_not_dead, write_queued });
}

enum error operator_dead_list(struct question *question) {
	return list(question, &(struct listing){ question->core->tickets, is_dead, write_dead });
}
