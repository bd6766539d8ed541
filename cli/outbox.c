/* The outbox; see outbox.h. */
#include "cli/outbox.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "cli/checked_note.h"
#include "cli/print.h"
#include "cli/terms_diff.h"
#include "rules/calendar.h"
#include "wire/body.h"

/* Reads what the outbox keeps under parcel->purpose. */
static enum error load(struct parcel *parcel, const struct home *home, struct failure *failure) {
	char name[96];
	buffer_init(&parcel->bytes, SIGNED_NOTE_MAX);
	(void)snprintf(name, sizeof name, "outbox/%s.note", parcel->purpose);
	enum error error = home_path(home, name, parcel->path, failure);
	if (error != OK || !file_exists(parcel->path)) {
		return error;
	}
	error = file_read(parcel->path, &parcel->bytes, failure);
	struct signed_note note;
	if (error == OK && signed_note_split(buffer_slice(&parcel->bytes), &note, NULL) != OK) {
		buffer_clear(&parcel->bytes); /* a batch was cut off by a power failure before its notes were synced */
		return OK;
	}
	if (error == OK) {
		signed_note_id(note.text, parcel->id);
	}
	return error;
}

enum error parcel_open(struct parcel *parcel, const struct home *home, struct slice purpose, struct failure *failure) {
	uint8_t hash[HASH_SIZE];
	hash_sha256(purpose, hash);
	hex_encode(slice_of(hash, sizeof hash), parcel->purpose);
	return load(parcel, home, failure);
}

enum error parcel_recall(struct parcel *parcel, const struct home *home, const char *purpose,
                         const uint8_t id[HASH_SIZE], struct failure *failure) {
	(void)snprintf(parcel->purpose, sizeof parcel->purpose, "%s", purpose);
	enum error error = load(parcel, home, failure);
	if (!parcel_is_signed(parcel) || memcmp(parcel->id, id, HASH_SIZE) != 0) {
		parcel->path[0] = '\0'; /* another note's, which a refusal of this one must not remove */
		memcpy(parcel->id, id, HASH_SIZE);
	}
	return error;
}

void parcel_release(struct parcel *parcel) {
	buffer_release(&parcel->bytes);
}

bool parcel_is_signed(const struct parcel *parcel) {
	return parcel->bytes.size > 0;
}

void parcel_forget(struct parcel *parcel) {
	(void)unlink(parcel->path);
	buffer_clear(&parcel->bytes);
}

void outbox_stamp(struct stamp *stamp) {
	uint8_t random[FIELD_NONCE_SIZE];
	entropy_fill(random, sizeof random);
	hex_encode(slice_of(random, sizeof random), stamp->nonce);
	(void)time_format(clock_wall_seconds(), stamp->time);
}

enum error outbox_compose(const struct home *home, enum kind_id kind, const struct note_pair *pairs, size_t count,
                          struct buffer *out, struct failure *failure) {
	struct note_pair all[NOTE_VALUES_MAX];
	struct stamp stamp;
	if (count + 2 > NOTE_VALUES_MAX) {
		return fail(failure, ERROR_TOO_LONG, "more than %d lines", NOTE_VALUES_MAX);
	}
	outbox_stamp(&stamp);
	memcpy(all, pairs, count * sizeof pairs[0]);
	all[count] = (struct note_pair){ "time", slice_of_text(stamp.time) };
	all[count + 1] = (struct note_pair){ "nonce", slice_of_text(stamp.nonce) };
	return note_compose(kind_get(kind), home->join.origin, all, count + 2, out, failure);
}

enum error outbox_confirm(const struct settings *settings, struct slice text, const struct slice *before,
                          struct failure *failure) {
	if (settings->yes) {
		return OK;
	}
	if (before == NULL) {
		(void)fprintf(stderr, "You are about to sign this text:\n\n%.*s\n", (int)text.size, (const char *)text.data);
	} else {
		(void)fprintf(stderr, "You are about to sign this text (+ stands anew, - does not stand any more):\n\n");
		terms_diff_print(stderr, *before, text);
		(void)fputc('\n', stderr);
	}
	if (!isatty(STDIN_FILENO)) {
		return fail(failure, ERROR_USAGE, "there is no terminal to ask whether to sign; use --yes if it is right");
	}
	return print_ask("Sign it?") ? OK : fail(failure, ERROR_NOT_ALLOWED, "not signed; nothing was sent");
}

enum error outbox_write(const char *path, struct slice bytes, bool durable, struct failure *failure) {
	if (durable) {
		return file_replace(path, bytes, 0600, failure);
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		return fail_system(failure, "cannot write %s", path);
	}
	ssize_t wrote = write(fd, bytes.data, bytes.size);
	enum error error = wrote == (ssize_t)bytes.size ? OK : fail_system(failure, "cannot write %s", path);
	(void)close(fd);
	return error;
}

enum error parcel_sign(struct parcel *parcel, const struct home *home, struct slice text, bool durable,
                       struct failure *failure) {
	buffer_clear(&parcel->bytes);
	enum error error = signed_note_write(&parcel->bytes, text, home->signer, home->key, failure);
	signed_note_id(text, parcel->id);
	if (error != OK) {
		return error;
	}
	return outbox_write(parcel->path, buffer_slice(&parcel->bytes), durable, failure);
}

void outbox_request(struct slice note, struct buffer *out) {
	body_begin_request(out, "submit", 1);
	pack_key_bytes(out, "note", note);
}

static enum error accepted_path(const uint8_t id[HASH_SIZE], const struct home *home, char out[FILE_PATH_MAX],
                                struct failure *failure) {
	char hex[HASH_HEX_SIZE], name[96];
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(name, sizeof name, "notes/%s.note", hex);
	return home_path(home, name, out, failure);
}

bool parcel_is_accepted(const struct parcel *parcel, const struct home *home) {
	char path[FILE_PATH_MAX];
	return parcel_is_signed(parcel) && accepted_path(parcel->id, home, path, NULL) == OK && file_exists(path);
}

/* The agency's answer must carry the text that was sent, with good signatures. */
static enum error check_answer(const struct parcel *parcel, const struct home *home, struct slice answered,
                               struct failure *failure) {
	struct signed_note note;
	struct note parsed;
	uint8_t id[HASH_SIZE];
	unsigned signed_by = 0;
	bool by_agency = false;
	enum error error = signed_note_split(answered, &note, failure);
	if (error == OK) {
		signed_note_id(note.text, id);
		if (memcmp(id, parcel->id, HASH_SIZE) != 0) {
			return fail(failure, ERROR_TERMS_DIFFER, "the agency answered with another text than was sent");
		}
		error = note_parse(note.text, home->join.origin, &parsed, failure);
	}
	if (error == OK) {
		error = check_signatures(&note, &parsed, &home->join, &signed_by, &by_agency, failure);
	}
	/* What both sides have signed binds them; what one has signed may be a proposal, or bound by the offer. */
	if (error == OK && parsed.kind->countersigned && signed_by == 3 && !by_agency) {
		error = fail(failure, ERROR_BAD_SIGNATURE, "the agency's signature is missing from its answer");
	}
	return error;
}

/* True if this answer says that the note itself is refused. Trouble of the agency, or an answer that this program
 * cannot read, says nothing of the note, which may even have been accepted: it must be sent again as it is. */
static bool judges_note(enum error error) {
	static const enum error others[] = { ERROR_MALFORMED,     ERROR_SYSTEM,   ERROR_STORE_DAMAGED,
		                                 ERROR_STORE_VERSION, ERROR_TOO_LONG, ERROR_UNKNOWN_OPERATION };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (error == others[i]) {
			return false;
		}
	}
	return !error_is_passing(error);
}

enum error parcel_take_answer(struct parcel *parcel, const struct home *home, struct pack_document *document,
                              struct slice reply, struct receipt *receipt, struct failure *failure) {
	const struct pack_value *ok = NULL;
	enum error error = body_read_reply(document, reply, &ok, failure);
	if (error != OK) {
		if (judges_note(error) && parcel->path[0] != '\0') {
			(void)unlink(parcel->path);
		}
		failure->line = 0; /* of the note's text; people know the lines of what they wrote */
		return error;
	}
	if (!pack_as_bytes(pack_find(ok, "note"), &receipt->note) ||
	    !pack_as_signed(pack_find(ok, "sequence"), &receipt->sequence) ||
	    !pack_as_signed(pack_find(ok, "received"), &receipt->received)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	error = check_answer(parcel, home, receipt->note, failure);
	char path[FILE_PATH_MAX];
	if (error == OK) {
		error = accepted_path(parcel->id, home, path, failure);
	}
	return error == OK ? file_replace(path, receipt->note, 0600, failure) : error;
}

enum error parcel_send(struct parcel *parcel, struct session *session, struct receipt *receipt,
                       struct failure *failure) {
	buffer_clear(&session->request);
	buffer_clear(&session->reply);
	outbox_request(buffer_slice(&parcel->bytes), &session->request);
	enum error error =
	    client_call(session->client, SERVICE_NOTES, buffer_slice(&session->request), &session->reply, failure);
	if (error != OK) {
		return error;
	}
	return parcel_take_answer(parcel, session->home, session->document, buffer_slice(&session->reply), receipt,
	                          failure);
}
