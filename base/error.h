/* Every way in which Troth can refuse or fail, and the words for it.
 *
 * One enum, one table. A function that can fail returns OK (0) or a negative value of this enum; where a caller
 * needs to know what exactly is wrong it passes a `struct failure`, which the callee fills with code, place and text.
 * The words are part of the wire protocol (doc/protocol.md): they never change meaning. */
#ifndef TROTH_BASE_ERROR_H
#define TROTH_BASE_ERROR_H

#include <stddef.h>

enum error {
	OK = 0,
	ERROR_USAGE = -100,
	ERROR_NO_MEMORY,
	ERROR_SYSTEM,
	ERROR_CONFIG,
	ERROR_TOO_LONG,
	ERROR_MALFORMED,
	ERROR_UNKNOWN_KIND,
	ERROR_WRONG_ORIGIN,
	ERROR_UNKNOWN_KEY,
	ERROR_MISSING_KEY,
	ERROR_MISPLACED_KEY,
	ERROR_DUPLICATE_KEY,
	ERROR_BAD_TEXT,
	ERROR_BAD_VALUE,
	ERROR_BAD_SIGNATURE,
	ERROR_WRONG_SIGNER,
	ERROR_BAD_KEY,
	ERROR_WRONG_PASSPHRASE,
	ERROR_NOT_ADMITTED,
	ERROR_NOT_ALLOWED,
	ERROR_NOT_FOUND,
	ERROR_AMBIGUOUS,
	ERROR_EXISTS,
	ERROR_TERMS_DIFFER,
	ERROR_OFFER_FULL,
	ERROR_OFFER_CLOSED,
	ERROR_OFFER_EXPIRED,
	ERROR_UNFUNDED,
	ERROR_WRONG_STATE,
	ERROR_SUPERSEDED,
	ERROR_NOT_ELIGIBLE,
	ERROR_EXCLUSIVITY,
	ERROR_SUSPENDED,
	ERROR_KEY_REVOKED,
	ERROR_OVERFLOW,
	ERROR_WRONG_TIME,
	ERROR_UNKNOWN_OPERATION,
	ERROR_BUSY,
	ERROR_NO_WORKER,
	ERROR_GIVEN_UP,
	ERROR_UNREACHABLE,
	ERROR_STORE_FULL,
	ERROR_STORE_DAMAGED,
	ERROR_STORE_VERSION,
	ERROR_QUEUED,
	ERROR_END, /* one past the last */
};

/* What a program's exit status says (0 is done). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,
	EXIT_QUEUED = 4,
};

#define FAILURE_TEXT_MAX 320

/* What went wrong and where. `line` counts from 1 and is 0 where no line is meant. `retry_ms` is the time after which
 * whoever refused wants to be asked again; 0: not said. The functions below set it to 0. */
struct failure {
	enum error code;
	unsigned line;
	unsigned retry_ms;
	char text[FAILURE_TEXT_MAX];
};

/* The word for a code, such as "offer-full"; "unknown" for a number that is no code. Never NULL. */
const char *error_word(int code);

/* One sentence for people that says what the code means. Never NULL. */
const char *error_sentence(int code);

/* The code for a word of a peer's reply, or ERROR_MALFORMED for a word that is not in the table. */
enum error error_from_word(const char *word, size_t size);

/* The exit status by which a command reports this code. */
enum exit_status error_exit_status(int code);

/* True if the same request may succeed when it is simply sent again later. */
int error_is_passing(int code);

/* Fills `failure` (which may be NULL) and returns `code`, so that a caller writes `return fail(...)`. The text is
 * cut at FAILURE_TEXT_MAX - 1 bytes. */
enum error fail(struct failure *failure, enum error code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with the line of the input that is at fault. */
enum error fail_at(struct failure *failure, enum error code, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a failed system call: appends the words for errno. */
enum error fail_system(struct failure *failure, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
