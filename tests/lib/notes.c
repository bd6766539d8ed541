/* Notes from lines, and deals; see notes.h. */
#include "tests/lib/notes.h"

#include <stdio.h>

#include "tests/lib/stop.h"

#define LINES_MAX 40

const char *reference_write(const uint8_t id[HASH_SIZE], char out[REFERENCE_TEXT]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(out, REFERENCE_TEXT, "sha256:%s", hex);
	return out;
}

struct line {
	char key[40];
	struct slice raw;
};

static size_t read_lines(const char *lines, struct line out[LINES_MAX]) {
	size_t count = 0;
	while (*lines != '\0') {
		const char *end = strchr(lines, '\n'), *blank = strchr(lines, ' ');
		if (end == NULL || blank == NULL || blank > end || count == LINES_MAX ||
		    !slice_copy_text(slice_of(lines, (size_t)(blank - lines)), out[count].key, sizeof out[count].key)) {
			stop("not lines of a note: %s", lines);
		}
		out[count++].raw = slice_of(blank + 1, (size_t)(end - blank - 1));
		lines = end + 1;
	}
	return count;
}

void notes_make(const struct actor *actor, enum kind_id kind, const char *lines, struct buffer *out) {
	const struct signer *signer = &kind_get(kind)->signers[0];
	struct line read[LINES_MAX];
	struct note_pair pairs[LINES_MAX + 2];
	char hex[HASH_HEX_SIZE], party[ACCOUNT_NAME_MAX + 80];
	size_t count = read_lines(lines, read);
	for (size_t i = 0; i < count; i++) {
		pairs[i] = (struct note_pair){ read[i].key, read[i].raw };
	}
	hex_encode(slice_of(signing_key_public(actor->key), KEY_SIZE), hex);
	(void)snprintf(party, sizeof party, "%s ed25519:%s", actor->name, hex);
	pairs[count++] = (struct note_pair){ signer->key, slice_of_text(party) };
	if (signer->role == ROLE_COUNT) {
		pairs[count++] = (struct note_pair){ "role", slice_of_text(role_words[actor->role]) };
	}
	actor_sign(actor, kind, pairs, count, out);
}

struct failure notes_send(struct client *client, const struct actor *actor, enum kind_id kind, const char *lines) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	notes_make(actor, kind, lines, &note);
	struct failure failure = direct_submit(client, buffer_slice(&note));
	buffer_release(&note);
	return failure;
}

void thread_begin(struct thread *thread, struct slice agreement) {
	note_id_of(agreement, thread->id);
	memcpy(thread->head, thread->id, HASH_SIZE);
}

void thread_agree(struct thread *thread, struct client *client, const struct actor *creator, struct slice offer) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(creator, offer, &note);
	struct failure failure = direct_submit(client, buffer_slice(&note));
	if (failure.code != OK) {
		stop("%s: %s", error_word(failure.code), failure.text);
	}
	thread_begin(thread, buffer_slice(&note));
	buffer_release(&note);
}

void thread_note(const struct thread *thread, const struct actor *actor, enum kind_id kind, const char *lines,
                 struct buffer *out) {
	char deal[REFERENCE_TEXT], head[REFERENCE_TEXT];
	struct buffer all;
	buffer_init(&all, NOTE_TEXT_MAX);
	(void)buffer_format(&all, "deal %s\nafter %s\n", reference_write(thread->id, deal),
	                    reference_write(thread->head, head));
	(void)buffer_append_text(&all, lines);
	notes_make(actor, kind, buffer_text(&all), out);
	buffer_release(&all);
}

struct failure thread_try(struct thread *thread, struct client *client, const struct actor *actor, enum kind_id kind,
                          const char *lines) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	thread_note(thread, actor, kind, lines, &note);
	struct failure failure = direct_submit(client, buffer_slice(&note));
	if (failure.code == OK) {
		note_id_of(buffer_slice(&note), thread->head);
	}
	buffer_release(&note);
	return failure;
}

void thread_step(struct thread *thread, struct client *client, const struct actor *actor, enum kind_id kind,
                 const char *lines) {
	struct failure failure = thread_try(thread, client, actor, kind, lines);
	if (failure.code != OK) {
		stop("%s by %s: %s: %s", kind_get(kind)->name, actor->name, error_word(failure.code), failure.text);
	}
}

/* Appends the agreement with the first line of this key replaced, and with lines of its head in front of its brand. */
static void change_text(const struct actor *actor, struct slice agreement, const char *head, const char *key,
                        const char *lines, struct buffer *out) {
	struct slice text = direct_text(agreement);
	const uint8_t *brand = memmem(text.data, text.size, "\nbrand ", 7);
	struct buffer changed, plain, head_lines;
	if (brand == NULL) {
		stop("this is no agreement");
	}
	const uint8_t *end = memchr(brand + 1, '\n', (size_t)(text.data + text.size - brand - 1));
	buffer_init(&head_lines, NOTE_TEXT_MAX);
	buffer_init(&changed, SIGNED_NOTE_MAX);
	buffer_init(&plain, SIGNED_NOTE_MAX);
	(void)buffer_append_text(&head_lines, head);
	(void)buffer_append(&head_lines, brand + 1, (size_t)(end - brand));
	direct_resign(actor, agreement, key, lines, &changed);
	bool replaces = memmem(text.data, text.size, "\nreplaces ", 10) != NULL; /* it does not any more */
	if (replaces) {
		direct_resign(actor, buffer_slice(&changed), "replaces", "", &plain);
	}
	direct_resign(actor, buffer_slice(replaces ? &plain : &changed), "brand", buffer_text(&head_lines), out);
	buffer_release(&head_lines);
	buffer_release(&changed);
	buffer_release(&plain);
}

void thread_amendment(const struct thread *thread, const struct actor *actor, struct slice agreement, const char *key,
                      const char *lines, struct buffer *out) {
	char amends[REFERENCE_TEXT], after[REFERENCE_TEXT], head[2 * REFERENCE_TEXT + 20];
	(void)snprintf(head, sizeof head, "amends %s\nafter %s\n", reference_write(thread->id, amends),
	               reference_write(thread->head, after));
	change_text(actor, agreement, head, key, lines, out);
}

void notes_counter(const struct actor *actor, struct slice proposal, const char *key, const char *lines,
                   struct buffer *out) {
	uint8_t id[HASH_SIZE];
	char replaces[REFERENCE_TEXT], head[REFERENCE_TEXT + 20];
	note_id_of(proposal, id);
	(void)snprintf(head, sizeof head, "replaces %s\n", reference_write(id, replaces));
	change_text(actor, proposal, head, key, lines, out);
}

void notes_sign_too(const struct actor *actor, struct slice signed_note, struct buffer *out) {
	direct_sign(direct_text(signed_note), actor->signer, actor->key, out);
}
