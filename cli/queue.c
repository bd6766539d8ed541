/* troth queue: notes in a broker's durable queue: how they get there, and how their answers are fetched. */
#include "cli/queue.h"

#include <poll.h>

#include "base/clock.h"
#include "cli/act.h"
#include "cli/listing.h"
#include "wire/body.h"

#define POLL_FIRST_MS 100
#define POLL_LAST_MS 1000

/* ---- putting ---- */

static enum error put_at(struct home *home, const struct settings *settings, const struct parcel *parcel,
                         size_t broker, struct ticket *ticket, struct failure *failure) {
	struct session session;
	enum error error = session_open_broker(&session, home, settings, broker, failure);
	if (error == OK) {
		outbox_request(buffer_slice(&parcel->bytes), &session.request);
		error = titanic_put(&session, SERVICE_NOTES, buffer_slice(&session.request), ticket->number, failure);
	}
	session_release(&session);
	return error;
}

enum error queue_put(struct home *home, const struct settings *settings, const struct parcel *parcel,
                     struct ticket *ticket, struct failure *failure) {
	enum error error = ticket_describe(ticket, home, parcel, failure);
	if (error != OK) {
		return error;
	}
	for (size_t i = 0; i < home->join.broker_count; i++) {
		error = put_at(home, settings, parcel, i, ticket, failure);
		if (error == OK) {
			memcpy(ticket->broker, home->join.brokers[i].endpoint, sizeof ticket->broker);
			return ticket_save(home, ticket, true, failure);
		}
		if (error_exit_status(error) != EXIT_UNREACHABLE) {
			break; /* what one refuses for its content the next one refuses too */
		}
	}
	return error != ERROR_NO_WORKER ? error
	       : fail(failure, error, "no broker of the join file has a durable queue, as --queue needs it");
}

void queue_say(const struct settings *settings, const struct ticket *ticket) {
	char id[ID_TEXT_SIZE];
	(void)print_id(slice_of(ticket->id, HASH_SIZE), id);
	if (settings->json) {
		print_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "state", "queued", "ticket", ticket->number, "id", id, "kind",
		                     ticket->kind, "broker", ticket->broker));
		return;
	}
	(void)printf("queued as %s; see it by: troth queue show %s%s%s\n", ticket->number, ticket->number,
	             settings->home == NULL ? "" : " --home ", settings->home == NULL ? "" : settings->home);
}

enum error queue_find_broker(const struct join *join, const struct ticket *ticket, size_t *index,
                             struct failure *failure) {
	for (*index = 0; *index < join->broker_count; (*index)++) {
		if (strcmp(join->brokers[*index].endpoint, ticket->broker) == 0) {
			return OK;
		}
	}
	if (join->broker_count == 1) { /* it has moved, and its queue with it */
		*index = 0;
		return OK;
	}
	return fail(failure, ERROR_CONFIG, "the join file does not name %.100s any more, which holds this ticket; put it "
	            "back, or repeat the command and forget the ticket by troth queue drop", ticket->broker);
}

/* ---- list ---- */

static const struct listing_column columns[] = {
	{ "ticket", "ticket", SHOW_DIGITS }, { "state", "state", SHOW_STATE }, { "age", "age_ms", SHOW_AGE },
	{ "kind", "kind", SHOW_TEXT },       { "about", "subject", SHOW_TEXT },
};

struct visiting {
	struct listing listing;
	struct pack_document *document;
	bool all;
};

static enum error list_ticket(void *argument, const struct ticket *ticket, struct failure *failure) {
	struct visiting *visiting = argument;
	struct buffer item;
	char id[ID_TEXT_SIZE];
	int64_t age = clock_wall_seconds() - ticket->since;
	if (ticket->answered && !visiting->all) {
		return OK;
	}
	buffer_init(&item, 4096);
	pack_map(&item, 7);
	pack_key_word(&item, "ticket", ticket->number);
	pack_key_word(&item, "state", ticket->answered ? "answered" : "queued");
	pack_key_unsigned(&item, "age_ms", age < 0 ? 0 : (uint64_t)age * 1000);
	pack_key_word(&item, "kind", ticket->kind);
	pack_key_word(&item, "subject", ticket->subject);
	pack_key_word(&item, "id", print_id(slice_of(ticket->id, HASH_SIZE), id));
	pack_key_word(&item, "broker", ticket->broker);
	enum error error = pack_read(visiting->document, buffer_slice(&item), 4096, failure);
	if (error == OK) {
		error = listing_add(&visiting->listing, pack_root(visiting->document), failure);
	}
	buffer_release(&item);
	return error;
}

enum error command_queue_list(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct visiting visiting = { .document = pack_document_new(), .all = call->settings.all };
	listing_init(&visiting.listing, columns, sizeof columns / sizeof columns[0], call->settings.json);
	enum error error = act_open(&act, &call->settings, ACT_READS, failure);
	if (error == OK && visiting.document == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	if (error == OK) {
		error = ticket_each(&act.home, list_ticket, &visiting, failure);
	}
	if (error == OK) {
		listing_print(&visiting.listing, stdout, print_colours(),
		              visiting.all ? "this home has no tickets" : "no note of this home waits in a queue");
	}
	listing_release(&visiting.listing);
	pack_document_free(visiting.document);
	act_release(&act);
	return error;
}

/* ---- show ---- */

/* One look at one ticket. */
struct look {
	struct act act;
	struct ticket ticket;
	struct pack_document *document;
	struct buffer kept; /* the answer that was fetched before */
	struct slice answer;
};

static enum error open_broker(struct look *look, struct failure *failure) {
	size_t broker = 0;
	enum error error = queue_find_broker(&look->act.home.join, &look->ticket, &broker, failure);
	return error == OK ? session_open_broker(&look->act.session, &look->act.home, look->act.settings, broker, failure)
	                   : error;
}

static enum error tell_waiting(const struct look *look, struct failure *failure) {
	const struct ticket *ticket = &look->ticket;
	char id[ID_TEXT_SIZE], age[LISTING_NUMBER_MAX];
	int64_t waited = clock_wall_seconds() - ticket->since;
	uint64_t waited_ms = waited < 0 ? 0 : (uint64_t)waited * 1000;
	(void)print_id(slice_of(ticket->id, HASH_SIZE), id);
	if (look->act.settings->json) {
		print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "state", "queued", "ticket", ticket->number, "id", id,
		                     "kind", ticket->kind, "broker", ticket->broker, "age_ms", (json_int_t)waited_ms));
	} else {
		(void)printf("not answered yet: it has waited for %s at %s\n%s\n", listing_age(waited_ms, age), ticket->broker,
		             id);
	}
	return fail(failure, ERROR_QUEUED, "%s", "");
}

/* A broker that gives a request up keeps it as a dead letter, which its operator can look at. */
static enum error tell_given_up(const struct look *look, struct failure *failure) {
	struct failure reason = *failure;
	return fail(failure, reason.code, "%.150s: troth broker dead retry %.12s. Or repeat the command", reason.text,
	            look->ticket.number);
}

static enum error tell_unknown(const struct look *look, struct failure *failure) {
	return fail(failure, ERROR_NOT_FOUND, "%.100s does not know the ticket any more: closed, or too old. Repeat the "
	            "command, which sends the same note; troth queue drop %.12s forgets the ticket", look->ticket.broker,
	            look->ticket.number);
}

/* Asks until there is an answer; with --wait again and again, as long as --timeout says. */
static enum error fetch(struct look *look, enum titanic_state *state, struct failure *failure) {
	int64_t start = clock_milliseconds(), limit = look->act.settings->timeout * 1000, pause = POLL_FIRST_MS;
	enum error error = OK;
	while (error == OK) {
		error = titanic_ask(&look->act.session, look->ticket.number, state, &look->answer, failure);
		int64_t waited = clock_milliseconds() - start;
		if (error != OK || *state != TITANIC_WAITING || !look->act.settings->wait || waited + pause > limit) {
			break;
		}
		print_progress("seconds", (size_t)(waited / 1000), (size_t)(limit / 1000));
		(void)poll(NULL, 0, (int)pause);
		pause = 2 * pause < POLL_LAST_MS ? 2 * pause : POLL_LAST_MS;
	}
	if (look->act.settings->wait) {
		print_progress_end();
	}
	return error;
}

/* Takes the answer like one that came directly. It is kept in the home as soon as it can be read, be it a refusal; one
 * that does not bear checking stays at the broker. */
static enum error take(struct look *look, bool *is_final, struct failure *failure) {
	struct act *act = &look->act;
	enum error error = parcel_recall(&act->parcel, &act->home, look->ticket.purpose, look->ticket.id, failure);
	if (error != OK) {
		return error;
	}
	enum error outcome =
	    parcel_take_answer(&act->parcel, &act->home, look->document, look->answer, &act->receipt, failure);
	*is_final = outcome == OK || pack_find(pack_root(look->document), "error") != NULL;
	if (*is_final && !look->ticket.answered) {
		struct failure trouble;
		error = ticket_keep_answer(&act->home, &look->ticket, look->answer, &trouble);
		*is_final = error == OK;
		if (error != OK && outcome == OK) {
			*failure = trouble;
			return error;
		}
	}
	return outcome;
}

static enum error show(struct look *look, struct failure *failure) {
	enum titanic_state state = TITANIC_ANSWERED;
	bool is_final = false;
	enum error error = OK;
	if (look->ticket.answered) {
		error = ticket_read_answer(&look->act.home, &look->ticket, &look->kept, failure);
		look->answer = buffer_slice(&look->kept);
	} else {
		error = open_broker(look, failure);
		error = error == OK ? fetch(look, &state, failure) : error;
	}
	if (error != OK || state != TITANIC_ANSWERED) {
		return error != OK                   ? error
		       : state == TITANIC_WAITING    ? tell_waiting(look, failure)
		       : state == TITANIC_UNKNOWN    ? tell_unknown(look, failure)
		                                     : tell_given_up(look, failure);
	}
	error = take(look, &is_final, failure);
	if (error == OK) {
		error = act_tell(&look->act, failure);
	}
	if (is_final && !look->ticket.answered) {
		/* The home has the answer: if this fails it only takes room at the broker until it expires. */
		(void)titanic_close(&look->act.session, look->ticket.number, NULL);
	}
	return error;
}

static enum error open_look(struct look *look, const struct invocation *call, struct failure *failure) {
	*look = (struct look){ .document = pack_document_new() };
	buffer_init(&look->kept, BODY_MAX);
	enum error error = act_open(&look->act, &call->settings, ACT_READS, failure);
	if (error == OK && look->document == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	return error == OK ? ticket_find(&look->act.home, call->operands[0], &look->ticket, failure) : error;
}

static void close_look(struct look *look) {
	act_release(&look->act);
	pack_document_free(look->document);
	buffer_release(&look->kept);
}

enum error command_queue_show(const struct invocation *call, struct failure *failure) {
	struct look look;
	enum error error = open_look(&look, call, failure);
	if (error == OK) {
		error = show(&look, failure);
	}
	close_look(&look);
	return error;
}

/* ---- drop ---- */

/* A broker that the join file does not name any more cannot be asked: the home forgets the ticket all the same. */
static enum error close_at_broker(struct look *look, struct failure *failure) {
	size_t broker = 0;
	if (look->ticket.answered || queue_find_broker(&look->act.home.join, &look->ticket, &broker, NULL) != OK) {
		return OK;
	}
	enum error error = open_broker(look, failure);
	return error == OK ? titanic_close(&look->act.session, look->ticket.number, failure) : error;
}

enum error command_queue_drop(const struct invocation *call, struct failure *failure) {
	struct look look;
	enum error error = open_look(&look, call, failure);
	if (error == OK) {
		error = close_at_broker(&look, failure);
	}
	if (error == OK) {
		error = ticket_remove(&look.act.home, &look.ticket, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_pack("{s:s, s:s}", "state", "dropped", "ticket", look.ticket.number));
	} else if (error == OK) {
		(void)printf("%s is forgotten%s\n", look.ticket.number,
		             look.ticket.answered ? "" : "; it is not done, unless a worker had it in hand already");
	}
	close_look(&look);
	return error;
}
