/* A whole agency with real processes, and brands, creators and an operator who act on it from within a test.
 *
 * For tests that need more accounts or more speed than the command line gives: notes are made by rules/ and crypto/ and
 * sent by wire/, exactly as the command does it. What cannot go wrong in a sound machine ends the test
 * (tests/lib/stop.h). For one thread only. */
#ifndef TROTH_TESTS_LIB_MARKET_H
#define TROTH_TESTS_LIB_MARKET_H

#include "cli/home.h"
#include "tests/lib/process.h"
#include "wire/client.h"

struct agency_process {
	struct process *up;
	const char *home; /* the agency's folder */
	const char *log_level; /* from the next agency_restart on; NULL takes warning */
	struct join join;
};

/* Starts `troth up` in a new scratch folder on a free port, with so many workers, and waits until it is ready. */
void agency_start(struct agency_process *agency, int workers);

/* Starts it again in its folder, after agency_stop or after it was killed. */
void agency_restart(struct agency_process *agency, int workers);

/* SIGTERM; returns the exit status. Its output stays readable until the next start. */
int agency_stop(struct agency_process *agency);

/* Whoever signs notes. */
struct actor {
	enum role role;
	char name[ACCOUNT_NAME_MAX];
	char origin[ORIGIN_MAX];
	char signer[NOTE_SIGNER_MAX];
	struct signing_key *key;
	struct identity identity;
};

/* A new actor with new keys, known to nobody yet. */
void actor_make(struct actor *actor, enum role role, const char *name, const struct agency_process *agency);

/* The agency's first operator, from its home folder. */
void actor_open_operator(struct actor *actor, const struct agency_process *agency);

void actor_release(struct actor *actor);

/* A connection with the actor's transport key. Caller frees with client_free. Times as in struct client_options. */
struct client *actor_connect(const struct actor *actor, const struct agency_process *agency, int64_t retry_ms,
                             int64_t timeout_ms);

/* Appends a signed note made of these pairs; time and nonce are added. */
void actor_sign(const struct actor *actor, enum kind_id kind, const struct note_pair *pairs, size_t count,
                struct buffer *out);

/* Appends signed notes. `fee` NULL makes a gifted offer, else a paid one with this fee and agency fee nothing. */
void actor_enrol(const struct actor *actor, struct buffer *out);
void actor_admit(const struct actor *operator, const struct actor *account, const uint8_t enrolment[HASH_SIZE],
                 struct buffer *out);
void actor_fund(const struct actor *operator, const char *brand, const char *amount, const char *reference,
                struct buffer *out);
void actor_offer(const struct actor *brand, int slots, const char *fee, struct buffer *out);
void actor_accept(const struct actor *creator, struct slice signed_offer, struct buffer *out);

/* The id of a signed note. */
void note_id_of(struct slice signed_note, uint8_t id[HASH_SIZE]);

/* What came of a submitted note. */
struct outcome {
	enum error error; /* OK: accepted; a refusal's code; or what client_next says when nobody answered */
	int64_t sequence;
	uint8_t id[HASH_SIZE];     /* as answered */
	bool answered_same_note;   /* the answer is about the note that was sent: same id, same text */
	bool countersigned;        /* its text carries a good signature of the agency */
	int64_t waited_ns;
	unsigned tries;
	char said[FAILURE_TEXT_MAX]; /* the words of a refusal */
};

/* Appends the body of the request that submits a note. */
void market_request(struct slice signed_note, struct buffer *out);

/* Reads an answer to the note that was sent. */
void market_read(const struct agency_process *agency, struct slice sent, const struct client_answer *answer,
                 struct outcome *out);

/* Submits notes, up to `window` of them waiting at a time, and returns when each has its outcome. */
void market_submit(struct client *client, const struct agency_process *agency, const struct buffer *notes,
                   size_t count, size_t window, struct outcome *outcomes);

/* Enrols and admits actors; ends the test if one is refused. */
void market_admit(const struct agency_process *agency, const struct actor *operator, const struct actor *actors,
                  size_t count);

#endif
