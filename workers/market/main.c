/* troth-worker: one of the agency's equal market workers. The order below is its start-up order. */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/signals.h"
#include "crypto/keys.h"
#include "workers/market/program.h"

static int report(const struct failure *failure) {
	log_failure(failure);
	return error_exit_status(failure->code);
}

int main(int argc, char **argv) {
	struct failure failure = { .code = OK };
	struct program program;
	int signals = -1;
	bool clean = true;
	enum error error = program_parse(&program, argc, argv, &failure);
	if (error != OK) {
		return report(&failure);
	}
	if (program_tell(&program)) {
		return EXIT_DONE;
	}
	error = signals_open(&signals, &failure);
	if (error == OK) {
		error = crypto_start(&failure);
	}
	if (error == OK) {
		error = program_open(&program, &failure);
	}
	if (error == OK && program.check_store) {
		error = program_check_store(&program, &clean, &failure);
	} else if (error == OK && !program.check_config) {
		error = program_serve(&program, signals, &failure);
	}
	program_close(&program);
	(void)close(signals);
	return error != OK ? report(&failure) : clean ? EXIT_DONE : EXIT_REFUSED;
}
