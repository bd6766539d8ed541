/* troth store: the agency's store, by way of the worker program, which alone knows how to read it. */
#include <unistd.h>

#include "cli/home.h"
#include "cli/supervisor.h"

enum error command_store_check(const struct invocation *call, struct failure *failure) {
	struct home home;
	char program[FILE_PATH_MAX], settings[FILE_PATH_MAX];
	enum error error = home_locate(&call->settings, &home, failure);
	if (error == OK) {
		error = home_path(&home, "worker.ini", settings, failure);
	}
	if (error == OK && !file_exists(settings)) {
		error = fail(failure, ERROR_NOT_FOUND, "%s is not the home of an agency: there is no worker.ini", home.folder);
	}
	if (error == OK) {
		error = supervisor_find_program("troth-worker", program, sizeof program, failure);
	}
	if (error != OK) {
		return error;
	}
	(void)execl(program, program, "--config", settings, "--check-store", "--log-level", "error", (char *)NULL);
	return fail_system(failure, "cannot start %s", program);
}
