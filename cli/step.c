/* troth deal ship, receive, submit, …: one function for every step; see step.h. */
#include "cli/step.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/act.h"
#include "cli/batch.h"
#include "cli/deal_head.h"
#include "cli/deal_words.h"

#define PURPOSE_MAX (NOTE_TEXT_MAX + 256)

enum error step_check_role(const struct home *home, const struct kind *kind, struct failure *failure) {
	enum role role = kind->signers[0].role;
	bool is_party = home->role == ROLE_BRAND || home->role == ROLE_CREATOR;
	if (role == ROLE_COUNT ? is_party : home->role == role) {
		return OK;
	}
	return fail(failure, ERROR_NOT_ALLOWED, "%s has the role %s; a note that %s is signed by the %s", home->name,
	            role_words[home->role], kind->help, role == ROLE_COUNT ? "brand or the creator" : role_words[role]);
}

uint32_t step_events(const struct kind *kind) {
	if (kind->id == KIND_VERIFY) {
		return 1U << EVENT_VERIFY | 1U << EVENT_FAULT;
	}
	if (kind->id == KIND_RULING) {
		return 1U << EVENT_RESUME | 1U << EVENT_SETTLE;
	}
	uint32_t events = 0;
	for (unsigned event = 0; event < DEAL_EVENT_COUNT; event++) {
		events |= strcmp(deal_event_words[event], kind->name) == 0 ? 1U << event : 0;
	}
	return events;
}

static enum error refuse(const struct deal_view *view, unsigned side, const struct kind *kind,
                         struct failure *failure) {
	const struct deal *deal = &view->deal;
	struct buffer allowed;
	if (side == 0) {
		return fail(failure, ERROR_NOT_ALLOWED, "only %s and %s are parties of this deal", deal->brand, deal->creator);
	}
	bool others = (deal_events(deal, BY_BRAND | BY_CREATOR | BY_OPERATOR) & step_events(kind)) != 0;
	buffer_init(&allowed, FAILURE_TEXT_MAX);
	deal_allowed(deal, &allowed);
	const char *text = buffer_text(&allowed);
	enum error error = fail(failure, others ? ERROR_NOT_ALLOWED : ERROR_WRONG_STATE,
	                        "%s is not %s; the deal is %s, and allowed now: %s", kind->name,
	                        others ? "this side's step" : "the next step", deal_state_words[deal->state],
	                        text == NULL ? "see troth deal show" : text);
	buffer_release(&allowed);
	return error;
}

static enum error write_purpose(const struct kind *kind, const struct deal *deal, const struct note_pairs *given,
                                struct buffer *out, struct failure *failure) {
	char id[ID_TEXT_SIZE];
	(void)buffer_format(out, "step %s %s\n", kind->name, print_id(slice_of(deal->id, HASH_SIZE), id));
	for (size_t i = 0; i < given->count; i++) {
		(void)buffer_append_text(out, given->items[i].key);
		(void)buffer_append_text(out, " ");
		(void)buffer_append_slice(out, given->items[i].raw);
		(void)buffer_append_text(out, "\n");
	}
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "longer than a note may be");
}

/* Whether the note that was signed for the same step before is the one to send. If not, the deal has gone on since, and
 * what is asked for is a new step, such as a second revision for the same reason. */
static bool is_still_right(const struct parcel *parcel, const struct home *home, const struct deal *deal,
                           bool may_step) {
	struct signed_note split;
	struct note note;
	if (!may_step || memcmp(parcel->id, deal->head, HASH_SIZE) == 0) {
		return true;
	}
	return signed_note_split(buffer_slice(&parcel->bytes), &split, NULL) == OK &&
	       note_parse(split.text, home->join.origin, &note, NULL) == OK && note_find(&note, "after") != NULL &&
	       memcmp(note_get(&note, "after")->bytes, deal->head, HASH_SIZE) == 0;
}

static enum error compose(const struct home *home, const struct deal *deal, const struct kind *kind,
                          const struct note_pairs *given, struct buffer *text, struct failure *failure) {
	struct note_pairs pairs = *given;
	char id[ID_TEXT_SIZE], after[ID_TEXT_SIZE], party[PARTY_TEXT_MAX];
	(void)print_id(slice_of(deal->id, HASH_SIZE), id);
	(void)print_id(slice_of(deal->head, HASH_SIZE), after);
	const struct note_pair own[] = { { "deal", slice_of_text(id) },
		                             { "after", slice_of_text(after) },
		                             { kind->signers[0].key, slice_of_text(home_party_text(home, party)) },
		                             { "role", slice_of_text(role_words[home->role]) } };
	size_t count = kind->signers[0].role == ROLE_COUNT ? 4 : 3;
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		error = note_pairs_add(&pairs, own[i].key, own[i].raw, failure);
	}
	if (error == OK) {
		error = outbox_compose(home, kind->id, pairs.items, pairs.count, text, failure);
	}
	if (failure != NULL) {
		failure->line = 0; /* of a text that nobody has seen yet */
	}
	return error;
}

enum error step_prepare(struct parcel *parcel, const struct home *home, const struct deal_view *view,
                        const struct kind *kind, const struct note_pairs *given, struct buffer *text,
                        struct failure *failure) {
	struct buffer purpose;
	unsigned side = deal_view_side(view, home);
	bool may_step = (deal_events(&view->deal, side) & step_events(kind)) != 0;
	buffer_init(&purpose, PURPOSE_MAX);
	enum error error = write_purpose(kind, &view->deal, given, &purpose, failure);
	if (error == OK) {
		error = parcel_open(parcel, home, buffer_slice(&purpose), failure);
	}
	buffer_release(&purpose);
	if (error != OK) {
		return error;
	}
	if (parcel_is_signed(parcel) && !is_still_right(parcel, home, &view->deal, may_step)) {
		buffer_clear(&parcel->bytes);
	}
	if (parcel_is_signed(parcel)) {
		return OK;
	}
	return may_step ? compose(home, &view->deal, kind, given, text, failure) : refuse(view, side, kind, failure);
}

/* ---- content ---- */

/* Content may be long films, so it is mapped and not read. */
static enum error hash_file(const char *path, uint8_t hash[HASH_SIZE], struct failure *failure) {
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
		enum error error = fd < 0 ? fail_system(failure, "cannot read %s", path)
		                          : fail(failure, ERROR_USAGE, "%s is no file with content", path);
		if (fd >= 0) {
			(void)close(fd);
		}
		return error;
	}
	size_t size = (size_t)status.st_size;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (bytes == MAP_FAILED) {
		return fail_system(failure, "cannot read %s", path);
	}
	hash_sha256(slice_of(bytes, size), hash);
	(void)munmap(bytes, size);
	return OK;
}

/* The n-th value of an option; NULL if there is none. */
static const char *nth_word(const struct option_words *words, const char *name, size_t n) {
	for (size_t i = 0; i < words->count; i++) {
		bool is_it = strcmp(words->items[i].name, name) == 0;
		if (is_it && n == 0) {
			return words->items[i].value;
		}
		n -= is_it ? 1 : 0;
	}
	return NULL;
}

enum error step_add_contents(const struct option_words *words, struct step_contents *contents,
                             struct note_pairs *pairs, struct failure *failure) {
	const struct field *field = kind_find_field(kind_get(KIND_SUBMIT), slice_of_text("content"), NULL);
	for (contents->count = 0; contents->count < STEP_CONTENTS_MAX; contents->count++) {
		const char *file = nth_word(words, "file", contents->count), *link = nth_word(words, "link", contents->count);
		uint8_t hash[HASH_SIZE];
		char id[ID_TEXT_SIZE], *text = contents->texts[contents->count];
		if (file == NULL && link == NULL) {
			return OK;
		}
		if (file == NULL || link == NULL) {
			return fail(failure, ERROR_USAGE, "every --file needs its --link, where the other side finds it");
		}
		enum error error = hash_file(file, hash, failure);
		if (error != OK) {
			return error;
		}
		int size = snprintf(text, STEP_CONTENT_SIZE, "%s %s", print_id(slice_of(hash, HASH_SIZE), id), link);
		if (size >= STEP_CONTENT_SIZE) {
			return fail(failure, ERROR_TOO_LONG, "--link: longer than a link may be");
		}
		error = field_check_value(field, slice_of_text(text), "--link", failure);
		if (error == OK) {
			error = note_pairs_add(pairs, field->key, slice_of_text(text), failure);
		}
		if (error != OK) {
			return error;
		}
	}
	return fail(failure, ERROR_USAGE, "--file may stand at most %d times", STEP_CONTENTS_MAX);
}

/* ---- the command ---- */

/* What is signed says nothing of what it costs: that follows from the terms. */
static void show_cost(const struct act *act, const struct kind *kind, const struct deal_view *view) {
	struct buffer words;
	if (kind->id != KIND_CANCEL || act->settings->yes) {
		return;
	}
	buffer_init(&words, FAILURE_TEXT_MAX);
	deal_append_cancellation(&words, &view->deal, deal_view_side(view, &act->home));
	const char *text = buffer_text(&words);
	(void)fputs(text == NULL ? "" : text, stderr);
	buffer_release(&words);
}

static enum error take_step(struct act *act, const struct kind *kind, const char *id, const struct note_pairs *given,
                            struct failure *failure) {
	struct deal_view view = { .sequence = 0 };
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = deal_view_fetch(&act->session, id, &view, failure);
	if (error == OK) {
		error = step_prepare(&act->parcel, &act->home, &view, kind, given, &text, failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = deal_head_show(&act->session, act->settings, &view, failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		show_cost(act, kind, &view);
		error = act_sign_text(act, buffer_slice(&text), failure);
	}
	if (error == OK) {
		error = act_finish(act, failure);
	}
	buffer_release(&text);
	deal_view_release(&view);
	return error;
}

enum error command_step(const struct invocation *call, struct failure *failure) {
	const struct kind *kind = field_options_kind(call->command);
	struct act act = { .settings = NULL };
	struct note_pairs given = { .count = 0 };
	struct step_contents contents;
	if ((call->settings.batch == NULL) == (call->count == 0)) {
		return fail(failure, ERROR_USAGE, "give either a deal or --batch FILE.csv; see troth %s --help",
		            call->command->words);
	}
	if (call->settings.batch != NULL && call->words.count > 0) {
		return fail(failure, ERROR_USAGE, "--%s does not go with --batch, whose columns say it",
		            call->words.items[0].name);
	}
	if (call->settings.batch != NULL) {
		return batch_steps(call, kind, failure);
	}
	enum error error = field_options_read(call, &given, failure);
	if (error == OK && kind->id == KIND_SUBMIT) {
		error = step_add_contents(&call->words, &contents, &given, failure);
	}
	if (error == OK) {
		error = field_options_require(call->command, &given, failure);
	}
	if (error == OK) {
		error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	}
	if (error == OK) {
		error = step_check_role(&act.home, kind, failure);
	}
	if (error == OK) {
		error = take_step(&act, kind, call->operands[0], &given, failure);
	}
	act_release(&act);
	return error;
}
