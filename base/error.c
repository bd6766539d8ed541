/* The table of error words, and the filling of `struct failure`. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_row {
	enum error code;
	const char *word;
	enum exit_status exit_status;
	int passing;
	const char *sentence;
};

static const struct error_row rows[] = {
	{ OK, "ok", EXIT_DONE, 0, "done" },
	{ ERROR_USAGE, "usage", EXIT_USAGE, 0, "the command line is not right" },
	{ ERROR_NO_MEMORY, "no-memory", EXIT_REFUSED, 1, "out of memory" },
	{ ERROR_SYSTEM, "system", EXIT_REFUSED, 0, "the operating system refused" },
	{ ERROR_CONFIG, "config", EXIT_USAGE, 0, "the configuration is not right" },
	{ ERROR_TOO_LONG, "too-long", EXIT_REFUSED, 0, "longer than the limit" },
	{ ERROR_MALFORMED, "malformed", EXIT_REFUSED, 0, "not in the expected form" },
	{ ERROR_UNKNOWN_KIND, "unknown-kind", EXIT_REFUSED, 0, "no such kind of note" },
	{ ERROR_WRONG_ORIGIN, "wrong-origin", EXIT_REFUSED, 0, "meant for another agency" },
	{ ERROR_UNKNOWN_KEY, "unknown-key", EXIT_REFUSED, 0, "no such key in this kind of note" },
	{ ERROR_MISSING_KEY, "missing-key", EXIT_REFUSED, 0, "a required key is missing" },
	{ ERROR_MISPLACED_KEY, "misplaced-key", EXIT_REFUSED, 0, "a key stands in the wrong place" },
	{ ERROR_DUPLICATE_KEY, "duplicate-key", EXIT_REFUSED, 0, "a key stands more often than it may" },
	{ ERROR_BAD_TEXT, "bad-text", EXIT_REFUSED, 0, "characters that a note may not hold" },
	{ ERROR_BAD_VALUE, "bad-value", EXIT_REFUSED, 0, "a value is not allowed" },
	{ ERROR_BAD_SIGNATURE, "bad-signature", EXIT_REFUSED, 0, "a signature does not verify" },
	{ ERROR_WRONG_SIGNER, "wrong-signer", EXIT_REFUSED, 0, "signed by another than the text says" },
	{ ERROR_BAD_KEY, "bad-key", EXIT_REFUSED, 0, "not a usable key" },
	{ ERROR_WRONG_PASSPHRASE, "wrong-passphrase", EXIT_REFUSED, 0, "the passphrase does not open the key" },
	{ ERROR_NOT_ADMITTED, "not-admitted", EXIT_REFUSED, 0, "the account is not admitted" },
	{ ERROR_NOT_ALLOWED, "not-allowed", EXIT_REFUSED, 0, "this account may not do that" },
	{ ERROR_NOT_FOUND, "not-found", EXIT_REFUSED, 0, "no such thing" },
	{ ERROR_AMBIGUOUS, "ambiguous", EXIT_REFUSED, 0, "more than one fits" },
	{ ERROR_EXISTS, "exists", EXIT_REFUSED, 0, "there is one already" },
	{ ERROR_TERMS_DIFFER, "terms-differ", EXIT_REFUSED, 0, "not the agreement that follows from the offer" },
	{ ERROR_OFFER_FULL, "offer-full", EXIT_REFUSED, 0, "all slots of the offer are taken" },
	{ ERROR_OFFER_CLOSED, "offer-closed", EXIT_REFUSED, 0, "the brand has closed the offer" },
	{ ERROR_OFFER_EXPIRED, "offer-expired", EXIT_REFUSED, 0, "the offer's closing time has passed" },
	{ ERROR_UNFUNDED, "unfunded", EXIT_REFUSED, 0, "not enough available money" },
	{ ERROR_WRONG_STATE, "wrong-state", EXIT_REFUSED, 0, "the deal is not where this step goes from" },
	{ ERROR_SUPERSEDED, "superseded", EXIT_REFUSED, 0, "another step was faster: look at the deal, and sign anew" },
	{ ERROR_NOT_ELIGIBLE, "not-eligible", EXIT_REFUSED, 0, "the creator does not fit what the offer asks for" },
	{ ERROR_EXCLUSIVITY, "exclusivity", EXIT_REFUSED, 0, "another agreement binds the creator to one brand" },
	{ ERROR_SUSPENDED, "suspended", EXIT_REFUSED, 0, "the account is suspended: nothing new can be begun" },
	{ ERROR_KEY_REVOKED, "key-revoked", EXIT_REFUSED, 0, "this key is not good any more" },
	{ ERROR_OVERFLOW, "overflow", EXIT_REFUSED, 0, "an amount is too large" },
	{ ERROR_WRONG_TIME, "wrong-time", EXIT_REFUSED, 0, "the note's time is too far from the agency's clock" },
	{ ERROR_UNKNOWN_OPERATION, "unknown-operation", EXIT_REFUSED, 0, "no such operation" },
	{ ERROR_BUSY, "busy", EXIT_UNREACHABLE, 1, "too much to do; try again shortly" },
	{ ERROR_NO_WORKER, "no-worker", EXIT_UNREACHABLE, 1, "the broker is up, but no worker serves this" },
	{ ERROR_GIVEN_UP, "given-up", EXIT_REFUSED, 1, "every worker that tried this has failed" },
	{ ERROR_UNREACHABLE, "unreachable", EXIT_UNREACHABLE, 1, "no answer from the broker" },
	{ ERROR_STORE_FULL, "store-full", EXIT_REFUSED, 1, "the agency's store has no room" },
	{ ERROR_STORE_DAMAGED, "store-damaged", EXIT_REFUSED, 0, "a stored record is damaged" },
	{ ERROR_STORE_VERSION, "store-version", EXIT_REFUSED, 0, "the store was written by another version" },
	{ ERROR_QUEUED, "queued", EXIT_QUEUED, 0, "accepted for later, not done yet" },
};

_Static_assert(sizeof rows / sizeof rows[0] == (size_t)(ERROR_END - ERROR_USAGE) + 1, "every code has its row");

static const struct error_row *find(int code) {
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].code == (enum error)code) {
			return &rows[i];
		}
	}
	return NULL;
}

const char *error_word(int code) {
	const struct error_row *row = find(code);
	return row == NULL ? "unknown" : row->word;
}

const char *error_sentence(int code) {
	const struct error_row *row = find(code);
	return row == NULL ? "an error without a name" : row->sentence;
}

enum error error_from_word(const char *word, size_t size) {
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strlen(rows[i].word) == size && memcmp(rows[i].word, word, size) == 0) {
			return rows[i].code;
		}
	}
	return ERROR_MALFORMED;
}

enum exit_status error_exit_status(int code) {
	const struct error_row *row = find(code);
	return row == NULL ? EXIT_REFUSED : row->exit_status;
}

int error_is_passing(int code) {
	const struct error_row *row = find(code);
	return row != NULL && row->passing;
}

/* A text that was cut short may end within a UTF-8 character; what is left of that is taken off. */
static void drop_cut_character(char *text, size_t size) {
	size_t lead = size;
	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80) {
		lead--;
	}
	unsigned char byte = lead == 0 ? 0 : (unsigned char)text[lead - 1];
	size_t whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
	if (lead > 0 && size - (lead - 1) < whole) {
		text[lead - 1] = '\0';
	}
}

static void fill(struct failure *failure, enum error code, unsigned line, const char *format, va_list arguments) {
	if (failure == NULL) {
		return;
	}
	failure->code = code;
	failure->line = line;
	failure->retry_ms = 0;
	int size = vsnprintf(failure->text, sizeof failure->text, format, arguments);
	if (size >= (int)sizeof failure->text) {
		drop_cut_character(failure->text, sizeof failure->text - 1);
	}
}

enum error fail(struct failure *failure, enum error code, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	fill(failure, code, 0, format, arguments);
	va_end(arguments);
	return code;
}

enum error fail_at(struct failure *failure, enum error code, unsigned line, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	fill(failure, code, line, format, arguments);
	va_end(arguments);
	return code;
}

enum error fail_system(struct failure *failure, const char *format, ...) {
	int saved = errno;
	va_list arguments;
	va_start(arguments, format);
	fill(failure, ERROR_SYSTEM, 0, format, arguments);
	va_end(arguments);
	if (failure != NULL) {
		size_t used = strlen(failure->text);
		(void)snprintf(failure->text + used, sizeof failure->text - used, ": %s", strerror(saved));
	}
	return ERROR_SYSTEM;
}
