/* Bytes of tickets and frames; see durable_record.h. */
#include "broker/durable_record.h"

#include "store/tables.h"

#define BODY_VERSION 1

void ticket_write_body(struct buffer *out, const struct ticket_record *record) {
	pack_map(out, 7);
	pack_key_unsigned(out, "v", BODY_VERSION);
	pack_key_signed(out, "ended", record->ended);
	pack_key_signed(out, "priority", record->priority);
	pack_key_signed(out, "deliveries", record->deliveries);
	pack_key_signed(out, "bytes", record->bytes);
	pack_key_word(out, "reason", record->reason);
	pack_word(out, "attempts");
	pack_array(out, record->attempt_count);
	for (size_t i = 0; i < record->attempt_count; i++) {
		const struct attempt *attempt = &record->attempts[i];
		pack_map(out, 3);
		pack_key_signed(out, "at", attempt->at);
		pack_key_bytes(out, "worker", slice_of(attempt->worker, sizeof attempt->worker));
		pack_key_word(out, "outcome", attempt->outcome);
	}
}

static bool read_attempt(const struct pack_value *value, struct attempt *attempt) {
	struct slice worker = { 0 }, outcome = { 0 };
	bool good = pack_as_signed(pack_find(value, "at"), &attempt->at) &&
	            pack_as_bytes(pack_find(value, "worker"), &worker) && worker.size == sizeof attempt->worker &&
	            pack_as_text(pack_find(value, "outcome"), &outcome) &&
	            slice_copy_text(outcome, attempt->outcome, sizeof attempt->outcome);
	if (good) {
		memcpy(attempt->worker, worker.data, worker.size);
	}
	return good;
}

static bool read_body(struct pack_document *document, struct slice body, struct ticket_record *record) {
	if (pack_read(document, body, TICKET_BODY_MAX, NULL) != OK) {
		return false;
	}
	const struct pack_value *root = pack_root(document);
	const struct pack_value *attempts = pack_find(root, "attempts");
	struct slice reason = { 0 };
	uint64_t version = 0;
	bool good = pack_as_unsigned(pack_find(root, "v"), &version) && version == BODY_VERSION &&
	            pack_as_signed(pack_find(root, "ended"), &record->ended) &&
	            pack_as_signed(pack_find(root, "priority"), &record->priority) &&
	            pack_as_signed(pack_find(root, "deliveries"), &record->deliveries) &&
	            pack_as_signed(pack_find(root, "bytes"), &record->bytes) && record->bytes >= 0 &&
	            pack_as_text(pack_find(root, "reason"), &reason) &&
	            slice_copy_text(reason, record->reason, sizeof record->reason) &&
	            pack_count(attempts) <= TICKET_ATTEMPTS;
	record->attempt_count = good ? pack_count(attempts) : 0;
	for (size_t i = 0; good && i < record->attempt_count; i++) {
		good = read_attempt(pack_item(attempts, i), &record->attempts[i]);
	}
	return good;
}

bool ticket_read(struct pack_document *document, const struct record *from, struct ticket_record *record) {
	const struct cell *cells = from->cells;
	*record = (struct ticket_record){ .arrived = cells[TICKETS_ARRIVED].number,
		                              .expires = cells[TICKETS_EXPIRES].number };
	int64_t state = cells[TICKETS_STATE].number;
	bool good = cells[TICKETS_TICKET].bytes.size == TICKET_SIZE && state >= TICKET_PENDING && state <= TICKET_DEAD &&
	            cells[TICKETS_CLIENT].bytes.size == TRANSPORT_KEY_SIZE &&
	            slice_copy_text(cells[TICKETS_SERVICE].bytes, record->service, sizeof record->service);
	if (!good) {
		return false;
	}
	memcpy(record->id, cells[TICKETS_TICKET].bytes.data, TICKET_SIZE);
	memcpy(record->client, cells[TICKETS_CLIENT].bytes.data, TRANSPORT_KEY_SIZE);
	record->state = (enum ticket_state)state;
	return read_body(document, from->body, record);
}

void ticket_write_frames(struct buffer *out, const struct message *frames, size_t first) {
	pack_array(out, frames->count - first);
	for (size_t i = first; i < frames->count; i++) {
		pack_bytes(out, message_frame(frames, i));
	}
}

enum error ticket_read_frames(struct pack_document *document, struct slice bytes, struct message *out) {
	if (pack_read(document, bytes, TICKET_FRAMES_MAX, NULL) != OK) {
		return ERROR_STORE_DAMAGED;
	}
	const struct pack_value *root = pack_root(document);
	struct slice frame = { 0 };
	for (size_t i = 0; i < pack_count(root); i++) {
		if (!pack_as_bytes(pack_item(root, i), &frame)) {
			return ERROR_STORE_DAMAGED;
		}
		if (!message_append(out, frame)) {
			return ERROR_NO_MEMORY;
		}
	}
	return OK;
}
