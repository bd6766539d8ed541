/* One line per event on standard error, as logfmt or JSON.
 *
 * An event is a short constant word; what varies goes into fields, each cut at 512 bytes. Never log a key, a passphrase
 * or a note's terms. */
#ifndef TROTH_BASE_LOG_H
#define TROTH_BASE_LOG_H

#include <stdint.h>

#include "base/error.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

enum log_format { LOG_LOGFMT, LOG_JSON };

/* Sets the program's name, the least important level that is written, and the form. Before it: LOG_INFO, logfmt. */
void log_configure(const char *program, enum log_level level, enum log_format format);

/* Reads "logfmt" or "json" / "error", "warning", "info" or "debug". False for another word. */
int log_format_from_word(const char *word, enum log_format *format);
int log_level_from_word(const char *word, enum log_level *level);

/* Writes one event. The fields are pairs of C strings (key, value), ended by NULL. A line is written by one write(2),
 * so that lines of several processes do not mix. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* Writes the event "failed" with code, line (where one is at fault) and words of a failure. */
void log_failure(const struct failure *failure);

/* Writes a number in decimal to `out` and returns it. */
const char *log_decimal(char out[24], int64_t number);

/* A number as a value for log_event, living until the end of the enclosing block. */
#define LOG_NUMBER(number) log_decimal((char[24]){ 0 }, (int64_t)(number))

#endif
