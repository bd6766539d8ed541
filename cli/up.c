/* troth up: an agency on one machine, with everything that it consists of. */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "cli/agency.h"
#include "cli/outbox.h"
#include "cli/supervisor.h"
#include "wire/body.h"

#define START_LIMIT_MS 20000
#define STOP_LIMIT_MS 5000
#define TRY_MS 100

struct up {
	const struct settings *settings;
	struct agency agency;
	struct supervisor supervisor;
	int lock;
	char broker[FILE_PATH_MAX], worker[FILE_PATH_MAX];
	char broker_ini[FILE_PATH_MAX], worker_ini[FILE_PATH_MAX];
};

/* One `troth up` per home, from before the first file is made; the lock ends with the process, however that ends. A
 * folder that is not there yet is made only where --origin says that an agency is wanted in it. */
static enum error lock_home(struct up *up, struct failure *failure) {
	struct home place;
	char path[FILE_PATH_MAX];
	enum error error = home_locate(up->settings, &place, failure);
	if (error == OK && !file_exists(place.folder) && up->settings->origin == NULL) {
		return OK;
	}
	if (error == OK) {
		error = file_make_folder(place.folder, 0700, failure);
	}
	if (error == OK) {
		error = home_path(&place, "up.lock", path, failure);
	}
	if (error != OK) {
		return error;
	}
	up->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (up->lock < 0) {
		return fail_system(failure, "cannot open %s", path);
	}
	return flock(up->lock, LOCK_EX | LOCK_NB) == 0 ? OK
	       : fail(failure, ERROR_EXISTS, "an agency runs in %s already", place.folder);
}

static enum error add_processes(struct up *up, struct failure *failure) {
	const char *level = up->settings->log_level == NULL ? "warning" : up->settings->log_level;
	const char *format = up->settings->log_format == NULL ? "logfmt" : up->settings->log_format;
	enum error error = supervisor_find_program("troth-broker", up->broker, sizeof up->broker, failure);
	if (error == OK) {
		error = supervisor_find_program("troth-worker", up->worker, sizeof up->worker, failure);
	}
	if (error == OK) {
		error = file_join(up->broker_ini, up->agency.folder, "broker.ini", failure);
	}
	if (error == OK) {
		error = file_join(up->worker_ini, up->agency.folder, "worker.ini", failure);
	}
	const char *const broker[] = { up->broker, "--config", up->broker_ini, "--log-level", level, "--log-format", format,
		                           NULL };
	const char *const worker[] = { up->worker, "--config", up->worker_ini, "--log-level", level, "--log-format", format,
		                           NULL };
	supervisor_add(&up->supervisor, broker);
	for (int64_t i = 0; i < up->settings->workers; i++) {
		supervisor_add(&up->supervisor, worker);
	}
	return error;
}

/* Submits a bootstrap note once; a known note is answered like a new one, and one that an operator has outgrown (he is
 * admitted already) is refused as existing, which is fine too. */
static enum error submit(struct session *session, const struct agency *agency, const char *name,
                         struct failure *failure) {
	struct buffer note;
	const struct pack_value *ok = NULL;
	buffer_init(&note, SIGNED_NOTE_MAX);
	enum error error = agency_read_bootstrap(agency, name, &note, failure);
	if (error == OK) {
		buffer_clear(&session->request);
		outbox_request(buffer_slice(&note), &session->request);
		error = session_call(session, SERVICE_NOTES, &ok, failure);
	}
	buffer_release(&note);
	return error == ERROR_EXISTS ? OK : error;
}

static enum error try_ready(struct up *up, struct failure *failure) {
	struct session session;
	struct settings settings = *up->settings;
	settings.timeout = 1;
	enum error error = session_open(&session, &up->agency.ops, &settings, failure);
	if (error == OK) {
		error = submit(&session, &up->agency, "enrol.note", failure);
	}
	if (error == OK) {
		error = submit(&session, &up->agency, "admit.note", failure);
	}
	session_release(&session);
	return error;
}

/* Turns the supervisor until the agency accepts notes. */
static enum error wait_ready(struct up *up, struct failure *failure) {
	int64_t limit = clock_milliseconds() + START_LIMIT_MS;
	enum error error = ERROR_UNREACHABLE;
	bool renewed = false;
	while (error_exit_status(error) == EXIT_UNREACHABLE) {
		supervisor_turn(&up->supervisor, TRY_MS);
		if (up->supervisor.stopping) {
			return OK;
		}
		if (up->supervisor.hopeless ||
		    (up->supervisor.failed && up->supervisor.restarts > 3 * up->supervisor.count)) {
			return fail(failure, ERROR_SYSTEM, "broker or worker ends right after its start; its reason stands above");
		}
		error = try_ready(up, failure);
		if (error == ERROR_WRONG_TIME && !renewed) {
			renewed = true;
			error = agency_renew_bootstrap(up->settings, &up->agency, failure);
			error = error == OK ? try_ready(up, failure) : error;
		}
		if (error_exit_status(error) == EXIT_UNREACHABLE && clock_milliseconds() > limit) {
			return fail(failure, error, "no answer from %.100s within %d s: is that where broker.ini says to listen, "
			            "and is the port free?", up->agency.ops.join.brokers[0].endpoint, START_LIMIT_MS / 1000);
		}
	}
	return error;
}

static void say_ready(const struct up *up) {
	(void)printf("ready: %s at %s, %" PRId64 " worker%s; join file %s/agency.join\n", up->agency.join.origin,
	             up->agency.join.brokers[0].endpoint, up->settings->workers, up->settings->workers == 1 ? "" : "s",
	             up->agency.folder);
	(void)fflush(stdout);
}

static enum error run(struct up *up, struct failure *failure) {
	enum error error = signals_open(&up->supervisor.signal_fd, failure);
	if (error == OK) {
		error = wait_ready(up, failure);
	}
	up->supervisor.was_ready = error == OK;
	if (error == OK && !up->supervisor.stopping) {
		say_ready(up);
	}
	while (error == OK && !up->supervisor.stopping) {
		supervisor_turn(&up->supervisor, 60000);
	}
	supervisor_stop(&up->supervisor, STOP_LIMIT_MS);
	(void)close(up->supervisor.signal_fd);
	return error;
}

enum error command_up(const struct invocation *call, struct failure *failure) {
	struct up up = { .settings = &call->settings, .lock = -1 };
	up.supervisor.signal_fd = -1;
	enum log_level level = LOG_WARNING;
	enum log_format format = LOG_LOGFMT;
	if ((call->settings.log_level != NULL && !log_level_from_word(call->settings.log_level, &level)) ||
	    (call->settings.log_format != NULL && !log_format_from_word(call->settings.log_format, &format))) {
		return fail(failure, ERROR_USAGE,
		            "--log-level takes error, warning, info or debug, --log-format logfmt or json");
	}
	log_configure("troth-up", level, format);
	enum error error = lock_home(&up, failure);
	if (error == OK) {
		error = agency_open(&call->settings, &up.agency, failure);
	}
	if (error == OK) {
		error = add_processes(&up, failure);
	}
	if (error == OK) {
		error = run(&up, failure);
	}
	agency_release(&up.agency);
	if (up.lock >= 0) {
		(void)close(up.lock);
	}
	return error;
}
