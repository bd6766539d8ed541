/* Passphrases from the terminal or a file; see passphrase.h. */
#include "cli/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"

static void cut_line(struct buffer *text) {
	const uint8_t *end = text->size == 0 ? NULL : memchr(text->data, '\n', text->size);
	if (end != NULL) {
		text->size = (size_t)(end - text->data);
	}
}

/* True if there is something to read; false if a signal came first. */
static bool wait_for_key(int terminal, int signals) {
	struct pollfd waiting[] = { { .fd = terminal, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	(void)poll(waiting, 2, -1);
	return waiting[1].revents == 0;
}

/* Reads one line from the terminal with its echo off. */
static enum error read_hidden(int terminal, int signals, const char *prompt, struct buffer *out,
                              struct failure *failure) {
	struct termios before, hidden;
	if (tcgetattr(terminal, &before) != 0) {
		return fail_system(failure, "cannot read the terminal's settings");
	}
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)dprintf(terminal, "%s: ", prompt);
	(void)tcsetattr(terminal, TCSAFLUSH, &hidden);
	uint8_t byte = 0;
	bool fits = true;
	while (wait_for_key(terminal, signals) && read(terminal, &byte, 1) == 1 && byte != '\n') {
		fits = buffer_append(out, &byte, 1) && fits;
	}
	explicit_bzero(&byte, 1);
	(void)tcsetattr(terminal, TCSAFLUSH, &before);
	(void)dprintf(terminal, "\n");
	return fits ? OK : fail(failure, ERROR_TOO_LONG, "the passphrase is too long");
}

/* Signals wait while the echo is off: one that came ends the program as usual once it is on again. */
static enum error ask_once(int terminal, const char *prompt, struct buffer *out, struct failure *failure) {
	int signals = -1;
	enum error error = signals_open(&signals, failure);
	if (error == OK) {
		error = read_hidden(terminal, signals, prompt, out, failure);
		(void)close(signals);
		signals_restore();
	}
	return error;
}

static enum error ask(const char *prompt, bool twice, struct buffer *out, struct failure *failure) {
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0) {
		return fail(failure, ERROR_USAGE,
		            "no terminal to ask for the passphrase; use --passphrase-file, or --no-passphrase at init");
	}
	struct buffer again;
	buffer_init(&again, out->maximum);
	enum error error = ask_once(terminal, prompt, out, failure);
	if (error == OK && twice) {
		error = ask_once(terminal, "Again", &again, failure);
	}
	if (error == OK && twice && !slice_equal(buffer_slice(out), buffer_slice(&again))) {
		error = fail(failure, ERROR_USAGE, "the two passphrases differ");
	}
	buffer_release(&again);
	(void)close(terminal);
	return error;
}

enum error passphrase_get(const char *path, const char *prompt, bool twice, struct buffer *out,
                          struct failure *failure) {
	enum error error = path == NULL ? ask(prompt, twice, out, failure) : file_read(path, out, failure);
	cut_line(out);
	if (error == OK && out->size == 0) {
		error = fail(failure, ERROR_USAGE, "the passphrase is empty");
	}
	return error;
}
