/* The files of queue/; see ticket.h. */
#include "cli/ticket.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "rules/calendar.h"

#define FOLDER "queue"
#define ANSWER_SUFFIX ".answer"
#define TICKETS_MAX 100000

struct ticket_text {
	char broker[CLIENT_ENDPOINT_MAX];
	char kind[16];
	char subject[TICKET_SUBJECT_MAX];
	char purpose[HASH_HEX_SIZE];
	char id[HASH_HEX_SIZE];
	char since[TIME_TEXT_SIZE];
};

#define ROW(name, member, fallback, help) \
	{ "ticket", name, CONFIG_TEXT, offsetof(struct ticket_text, member), 0, \
	  sizeof(((struct ticket_text *)0)->member), fallback, help }

static const struct config_key keys[] = {
	ROW("broker", broker, NULL, "endpoint of the broker that holds it"),
	ROW("kind", kind, NULL, "kind of the note"),
	ROW("subject", subject, "", "what the note is about"),
	ROW("purpose", purpose, NULL, "name of the note in outbox/"),
	ROW("id", id, NULL, "id of the note"),
	ROW("since", since, NULL, "when it was queued"),
};

enum error ticket_digits(const char *text, char out[TITANIC_TICKET_DIGITS + 1], struct failure *failure) {
	size_t size = strlen(text);
	if (size < TICKET_DIGITS_LEAST || size > TITANIC_TICKET_DIGITS || strspn(text, "0123456789abcdef") != size) {
		return fail(failure, ERROR_USAGE, "\"%.80s\" is no ticket: give at least its first %d hex digits, or all %d",
		            text, TICKET_DIGITS_LEAST, TITANIC_TICKET_DIGITS);
	}
	memcpy(out, text, size + 1);
	return OK;
}

static enum error ticket_path(const struct home *home, const char *number, const char *suffix,
                              char out[FILE_PATH_MAX], struct failure *failure) {
	char name[sizeof FOLDER + TITANIC_TICKET_DIGITS + sizeof ANSWER_SUFFIX];
	(void)snprintf(name, sizeof name, FOLDER "/%.*s%s", TITANIC_TICKET_DIGITS, number, suffix);
	return home_path(home, name, out, failure);
}

static enum error load(const struct home *home, const char *number, struct ticket *ticket, struct failure *failure) {
	char path[FILE_PATH_MAX], answer[FILE_PATH_MAX];
	struct ticket_text text;
	*ticket = (struct ticket){ .since = 0 };
	enum error error = ticket_path(home, number, "", path, failure);
	if (error == OK) {
		error = ticket_path(home, number, ANSWER_SUFFIX, answer, failure);
	}
	if (error == OK) {
		error = config_load(path, keys, sizeof keys / sizeof keys[0], &text, failure);
	}
	if (error != OK) {
		return error;
	}
	if (!hex_decode(slice_of_text(text.id), ticket->id, HASH_SIZE) ||
	    strspn(text.purpose, "0123456789abcdef") != HASH_HEX_SIZE - 1 ||
	    time_parse(slice_of_text(text.since), &ticket->since, NULL) != OK) {
		return fail(failure, ERROR_CONFIG, "%s: id, purpose or since is not as troth writes it", path);
	}
	memcpy(ticket->number, number, sizeof ticket->number);
	memcpy(ticket->broker, text.broker, sizeof ticket->broker);
	memcpy(ticket->kind, text.kind, sizeof ticket->kind);
	memcpy(ticket->subject, text.subject, sizeof ticket->subject);
	memcpy(ticket->purpose, text.purpose, sizeof ticket->purpose);
	ticket->answered = file_exists(answer);
	return OK;
}

/* ---- writing ---- */

/* The value that tells people best which note of its kind it is. */
static struct slice find_subject(const struct note *note) {
	static const char *const telling[] = { "product", "fee", "account", "reference", "offer" };
	for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
		const struct value *value = note_find(note, telling[i]);
		if (value != NULL) {
			return value->raw;
		}
	}
	return slice_of(NULL, 0);
}

enum error ticket_describe(struct ticket *ticket, const struct home *home, const struct parcel *parcel,
                           struct failure *failure) {
	struct signed_note split;
	struct note note;
	enum error error = signed_note_split(buffer_slice(&parcel->bytes), &split, failure);
	if (error == OK) {
		error = note_parse(split.text, home->join.origin, &note, failure);
	}
	if (error != OK) {
		return error;
	}
	*ticket = (struct ticket){ .since = clock_wall_seconds() };
	(void)slice_copy_text(slice_of_text(note.kind->name), ticket->kind, sizeof ticket->kind);
	(void)slice_copy_text(slice_cut(find_subject(&note), sizeof ticket->subject - 1), ticket->subject,
	                      sizeof ticket->subject);
	memcpy(ticket->purpose, parcel->purpose, sizeof ticket->purpose);
	memcpy(ticket->id, parcel->id, HASH_SIZE);
	return OK;
}

enum error ticket_save(const struct home *home, const struct ticket *ticket, bool durable, struct failure *failure) {
	char path[FILE_PATH_MAX], answer[FILE_PATH_MAX], id[HASH_HEX_SIZE], since[TIME_TEXT_SIZE];
	struct buffer text;
	struct ticket former;
	bool is_known = load(home, ticket->number, &former, NULL) == OK && !former.answered;
	enum error error = home_path(home, FOLDER, path, failure);
	if (error == OK) {
		error = file_make_folder(path, 0700, failure); /* homes of before the queue have none */
	}
	if (error == OK) {
		error = ticket_path(home, ticket->number, "", path, failure);
	}
	if (error == OK) {
		error = ticket_path(home, ticket->number, ANSWER_SUFFIX, answer, failure);
	}
	if (error != OK) {
		return error;
	}
	hex_encode(slice_of(ticket->id, HASH_SIZE), id);
	buffer_init(&text, CONFIG_FILE_MAX);
	(void)buffer_format(&text, "# A note in a broker's queue: troth queue show %s\n[ticket]\nbroker = %s\nkind = %s\n",
	                    ticket->number, ticket->broker, ticket->kind);
	(void)buffer_format(&text, "subject = %s\npurpose = %s\nid = %s\nsince = %s\n", ticket->subject, ticket->purpose,
	                    id, time_format(is_known ? former.since : ticket->since, since));
	(void)unlink(answer);
	error = outbox_write(path, buffer_slice(&text), durable, failure);
	buffer_release(&text);
	return error;
}

enum error ticket_keep_answer(const struct home *home, const struct ticket *ticket, struct slice answer,
                              struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = ticket_path(home, ticket->number, ANSWER_SUFFIX, path, failure);
	return error == OK ? file_replace(path, answer, 0600, failure) : error;
}

enum error ticket_remove(const struct home *home, const struct ticket *ticket, struct failure *failure) {
	static const char *const suffixes[] = { ANSWER_SUFFIX, "" };
	enum error error = OK;
	for (size_t i = 0; i < 2 && error == OK; i++) {
		char path[FILE_PATH_MAX];
		error = ticket_path(home, ticket->number, suffixes[i], path, failure);
		if (error == OK && unlink(path) != 0 && errno != ENOENT) {
			error = fail_system(failure, "cannot remove %s", path);
		}
	}
	return error;
}

/* ---- reading ---- */

enum error ticket_read_answer(const struct home *home, const struct ticket *ticket, struct buffer *out,
                              struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = ticket_path(home, ticket->number, ANSWER_SUFFIX, path, failure);
	return error == OK ? file_read(path, out, failure) : error;
}

struct number {
	char digits[TITANIC_TICKET_DIGITS + 1];
};

/* The numbers of all tickets, in no order. The folder need not be there. Caller frees the result. */
static enum error read_folder(const struct home *home, struct number **out, size_t *count, struct failure *failure) {
	char path[FILE_PATH_MAX];
	*out = NULL;
	*count = 0;
	enum error error = home_path(home, FOLDER, path, failure);
	DIR *folder = error == OK ? opendir(path) : NULL;
	if (folder == NULL) {
		return error != OK || errno == ENOENT ? error : fail_system(failure, "cannot read %s", path);
	}
	size_t room = 0;
	for (struct dirent *entry = readdir(folder); entry != NULL && error == OK; entry = readdir(folder)) {
		if (!titanic_ticket_is_valid(slice_of_text(entry->d_name)) || *count == TICKETS_MAX) {
			continue;
		}
		if (*count == room) {
			room = room == 0 ? 16 : 2 * room;
			struct number *grown = realloc(*out, room * sizeof *grown);
			if (grown == NULL) {
				error = fail(failure, ERROR_NO_MEMORY, "out of memory");
				break;
			}
			*out = grown;
		}
		memcpy((*out)[(*count)++].digits, entry->d_name, TITANIC_TICKET_DIGITS + 1);
	}
	(void)closedir(folder);
	return error;
}

enum error ticket_find(const struct home *home, const char *digits, struct ticket *ticket, struct failure *failure) {
	char wanted[TITANIC_TICKET_DIGITS + 1];
	struct number *all = NULL;
	size_t count = 0, found = 0, at = 0;
	enum error error = ticket_digits(digits, wanted, failure);
	if (error == OK) {
		error = read_folder(home, &all, &count, failure);
	}
	for (size_t i = 0; error == OK && i < count; i++) {
		if (strncmp(all[i].digits, wanted, strlen(wanted)) == 0) {
			at = i;
			found++;
		}
	}
	if (error == OK && found == 0) {
		error = fail(failure, ERROR_NOT_FOUND, "this home has no ticket %s; troth queue list --all shows those it has",
		             wanted);
	} else if (error == OK && found > 1) {
		error = fail(failure, ERROR_AMBIGUOUS, "%zu tickets begin with %s; give more digits", found, wanted);
	} else if (error == OK) {
		error = load(home, all[at].digits, ticket, failure);
	}
	free(all);
	return error;
}

static int compare_age(const void *a, const void *b) {
	const struct ticket *left = a, *right = b;
	int order = (left->since > right->since) - (left->since < right->since);
	return order != 0 ? order : strcmp(left->number, right->number);
}

enum error ticket_each(const struct home *home, ticket_visit visit, void *argument, struct failure *failure) {
	struct number *all = NULL;
	size_t count = 0;
	enum error error = read_folder(home, &all, &count, failure);
	struct ticket *tickets = error == OK ? calloc(count + 1, sizeof *tickets) : NULL;
	if (error == OK && tickets == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; error == OK && i < count; i++) {
		error = load(home, all[i].digits, &tickets[i], failure);
	}
	if (error == OK) {
		qsort(tickets, count, sizeof *tickets, compare_age);
	}
	for (size_t i = 0; error == OK && i < count; i++) {
		error = visit(argument, &tickets[i], failure);
	}
	free(tickets);
	free(all);
	return error;
}
