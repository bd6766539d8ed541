/* Bundles: one plain-text file of signed notes, each with what the agency says of it: its number, and when it came.
 *
 *     <origin>/bundle/v1 LF                    the origin may name a key, as signer_name_is_valid says
 *     LF
 *     note SP <sequence> SP <received> LF      an entry; there may be none
 *     <text>                                   lines that are not empty, each ended by LF; at least one
 *     LF
 *     <signature lines>                        U+2014 SP …, each ended by LF; 1 to 16
 *     LF                                       behind the last entry too
 *
 * In place of a note that may not be seen yet stands what is known of it:
 *
 *     hidden SP <sequence> SP <received> SP sha256:<64 digits 0-9a-f> LF
 *     LF
 *
 * Sequence: 1 to 2^63 - 1 without leading zeros, larger than in the entry before. Received: RFC 3339 in UTC to the
 * second, as 2026-11-23T10:02:11Z; only the places of the digits are looked at here, since which times there are is the
 * business of rules/. Text, empty line and signature lines are the signed note exactly as stored (see signed_note.h).
 * The first empty line ends the text and the second one the signatures, so no text can pass for an entry.
 *
 * There is one byte form: what is read is written again byte for byte. A bundle says only what it says: its sequence,
 * its times and its end are not signed, and one that was cut behind an entry is a bundle again. */
#ifndef TROTH_CRYPTO_BUNDLE_H
#define TROTH_CRYPTO_BUNDLE_H

#include "crypto/signed_note.h"

#define BUNDLE_FILE_MAX 1073741824 /* bytes */
#define BUNDLE_RECEIVED_SIZE 21    /* with the NUL */

/* A place in a file that is being read. For bundle.c only. */
struct bundle_reader {
	struct slice file; /* borrowed */
	size_t at;         /* where the next line begins */
	unsigned line;     /* its number, from 1 */
	int64_t sequence;  /* of the entry before; 0 if there is none */
};

/* What is said in the file's line n of the text is in line `line` + n of the file. */
struct bundle_entry {
	int64_t sequence;
	struct slice received;    /* borrowed from the file, as are the next two */
	struct slice signed_note; /* the whole, without the empty line behind it */
	struct signed_note split; /* the same taken apart; not verified */
	bool hidden;              /* the note is not here: signed_note and split are empty, and id is what it has */
	uint8_t id[HASH_SIZE];    /* of a hidden note only */
	unsigned line;            /* of the file, where the entry begins */
};

/* Begins to read a file, which is borrowed as long as it is read. Sets *origin, borrowed too: the caller must compare
 * it with the agency's. ERROR_TOO_LONG; ERROR_MALFORMED and ERROR_BAD_TEXT with the line. */
enum error bundle_open(struct slice file, struct bundle_reader *reader, struct slice *origin, struct failure *failure);

/* Reads the next entry, or sets *done at the end of the file and leaves `entry` as it is. ERROR_MALFORMED,
 * ERROR_BAD_TEXT and ERROR_TOO_LONG with the line of the file; the reader then stays where it is. */
enum error bundle_next(struct bundle_reader *reader, struct bundle_entry *entry, bool *done, struct failure *failure);

/* Appends the first line and the empty one: a bundle of no notes. ERROR_BAD_VALUE for an origin that may not name a
 * key, with nothing appended; ERROR_NO_MEMORY if `out` has no room. */
enum error bundle_begin(struct buffer *out, const char *origin, struct failure *failure);

/* Appends one entry. The caller sees to it that sequences rise and that the file stays within BUNDLE_FILE_MAX (as the
 * maximum of `out`, unless it empties that between entries). With nothing appended: ERROR_BAD_VALUE for a sequence
 * below 1 or a time of another form; what signed_note_split says of the note, and ERROR_MALFORMED for an empty line in
 * its text, with the line of the note. ERROR_NO_MEMORY if `out` has no room. */
enum error bundle_append(struct buffer *out, int64_t sequence, const char *received, struct slice signed_note,
                         struct failure *failure);

/* The same for a note that may not be seen yet. */
enum error bundle_append_hidden(struct buffer *out, int64_t sequence, const char *received,
                                const uint8_t id[HASH_SIZE], struct failure *failure);

#endif
