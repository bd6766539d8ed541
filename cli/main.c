/* troth: the command for brands, creators and operators. */
#include <errno.h>

#include "cli/command.h"
#include "crypto/keys.h"

int main(int argc, char **argv) {
	struct failure failure = { .code = OK };
	struct invocation call;
	bool done = false;
	enum error error = command_parse(argc, argv, &call, &done, &failure);
	if (error == OK && !done) {
		error = crypto_start(&failure);
		if (error == OK) {
			error = call.command->run(&call, &failure);
		}
	}
	int status = error == OK ? EXIT_DONE : command_report(&call, &failure);
	/* What was printed is part of the work: a full disk must not look like success. */
	errno = 0;
	bool was_written = fflush(stdout) == 0 && ferror(stdout) == 0;
	if (!was_written) {
		if (errno == 0) {
			(void)fail(&failure, ERROR_SYSTEM, "cannot write the output: a part of it was lost");
		} else {
			(void)fail_system(&failure, "cannot write the output");
		}
		(void)fprintf(stderr, "troth: %s: %s\n", error_word(failure.code), failure.text);
	}
	return was_written || status != EXIT_DONE ? status : EXIT_REFUSED;
}
