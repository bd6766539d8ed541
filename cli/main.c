/* troth: the command for brands, creators and operators. */
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
	if (error != OK) {
		return command_report(&call, &failure);
	}
	/* What was printed is part of the work: a full disk behind a pipe must not look like success. */
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_REFUSED;
}
