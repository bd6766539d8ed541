/* The killer; see killer.h. Children of `troth up` are found in /proc. */
#include "tests/crash/killer.h"

#include <dirent.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/crash/log.h"
#include "tests/crash/report.h"
#include "tests/lib/random.h"
#include "tests/lib/stop.h"

#define REST_MAX 61        /* acknowledgements between two kills, from 0 on */
#define LOOK_MS 10         /* between two looks at the processes */
#define END_MS 10000       /* that a killed process may take to end */
#define REPLACED_MS 30000  /* that it may take until another one is there */
#define STAT_MAX 512
#define CHILDREN_MAX 64

const char *const victim_words[VICTIM_COUNT] = { "broker", "worker", "up" };

/* How often each is chosen, of a hundred; the programs as the kernel names them; how many of them there are. */
static const struct {
	uint32_t share;
	const char *program;
	size_t running;
} victims[VICTIM_COUNT] = {
	[VICTIM_BROKER] = { 35, "troth-broker", 1 },
	[VICTIM_WORKER] = { 40, "troth-worker", KILLER_WORKERS },
	[VICTIM_UP] = { 25, "troth", 1 },
};

/* ---- finding processes ---- */

/* True if this is a living child of `parent` that runs the program. Source: proc(5), "pid (comm) state ppid …". */
static bool is_child(pid_t pid, pid_t parent, const char *program) {
	char path[64], line[STAT_MAX];
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	size_t size = fread(line, 1, sizeof line - 1, file);
	(void)fclose(file);
	line[size] = '\0';
	const char *name = strchr(line, '('), *rest = strrchr(line, ')');
	if (name == NULL || rest == NULL || strlen(rest) < 5 || strchr("ZX", rest[2]) != NULL) {
		return false;
	}
	struct slice comm = slice_of(name + 1, (size_t)(rest - name) - 1);
	return slice_is(comm, program) && strtol(rest + 4, NULL, 10) == (long)parent;
}

static size_t find_children(pid_t parent, const char *program, pid_t found[CHILDREN_MAX]) {
	size_t count = 0;
	DIR *folder = opendir("/proc");
	if (folder == NULL) {
		stop("cannot read /proc");
	}
	for (struct dirent *entry = readdir(folder); entry != NULL && count < CHILDREN_MAX; entry = readdir(folder)) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && is_child(pid, parent, program)) {
			found[count++] = pid;
		}
	}
	(void)closedir(folder);
	return count;
}

/* ---- killing ---- */

/* The descriptor stands for this very process: once its parentage is seen through it, the signal cannot hit another
 * one that has got the same number since. False if it ended by itself before. */
static bool kill_child(pid_t pid, pid_t parent, const char *program) {
	int process = pidfd_open(pid, 0);
	bool killed = process >= 0 && is_child(pid, parent, program) && pidfd_send_signal(process, SIGKILL, NULL, 0) == 0;
	struct pollfd end = { .fd = process, .events = POLLIN };
	if (killed && poll(&end, 1, END_MS) != 1) {
		finding("%s %d does not end by SIGKILL", program, (int)pid);
	}
	if (process >= 0) {
		(void)close(process);
	}
	return killed;
}

/* The next `up` starts at once, while the children of the last one are just being killed by the kernel. */
static bool kill_up(struct agency_process *agency) {
	process_kill(agency->up);
	int status = process_wait(agency->up, 0);
	if (status != 128 + SIGKILL) {
		finding("troth up has ended by itself, status %d: %s", status, process_text(agency->up, PROCESS_ERRORS));
		return false;
	}
	char workers[16];
	(void)snprintf(workers, sizeof workers, "%d", KILLER_WORKERS);
	const char *const words[] = { process_program("troth"), "up", "--home", agency->home, "--workers", workers, NULL };
	log_take(agency);
	process_free(agency->up);
	agency->up = process_start(words, NULL);
	return true;
}

static enum victim choose(struct killer *killer) {
	uint32_t choice = random_next(killer->random) % 100;
	enum victim victim = 0;
	while (choice >= victims[victim].share) {
		choice -= victims[victim].share;
		victim++;
	}
	return victim;
}

static void strike(struct killer *killer, int64_t now) {
	pid_t children[CHILDREN_MAX], parent = process_id(killer->agency->up);
	enum victim victim = choose(killer);
	bool killed = false;
	if (victim == VICTIM_UP) {
		killed = kill_up(killer->agency);
	} else {
		size_t count = find_children(parent, victims[victim].program, children);
		killer->killed = count == 0 ? 0 : children[random_next(killer->random) % count];
		killed = count > 0 && kill_child(killer->killed, parent, victims[victim].program);
	}
	if (killed) {
		killer->victim = victim;
		killer->resting = false;
		killer->struck_ms = now;
	}
}

/* ---- coming back ---- */

static bool is_replaced(const struct killer *killer) {
	if (killer->victim == VICTIM_UP) {
		return strstr(process_text(killer->agency->up, PROCESS_OUTPUT), "ready:") != NULL;
	}
	pid_t children[CHILDREN_MAX];
	const char *program = victims[killer->victim].program;
	size_t count = find_children(process_id(killer->agency->up), program, children);
	for (size_t i = 0; i < count; i++) {
		if (children[i] == killer->killed) {
			return false;
		}
	}
	return count == victims[killer->victim].running;
}

static void rest(struct killer *killer, size_t acknowledged) {
	killer->resting = true;
	killer->until = acknowledged + random_next(killer->random) % REST_MAX;
}

static void look_for_replacement(struct killer *killer, size_t acknowledged, int64_t now) {
	int64_t took = now - killer->struck_ms;
	if (is_replaced(killer)) {
		killer->kills[killer->victim]++;
		killer->slowest_ms[killer->victim] =
		    took > killer->slowest_ms[killer->victim] ? took : killer->slowest_ms[killer->victim];
		rest(killer, acknowledged);
	} else if (took > REPLACED_MS) {
		finding("no other %s has come within %d ms after one was killed", victim_words[killer->victim], REPLACED_MS);
	}
}

void killer_init(struct killer *killer, struct agency_process *agency, uint32_t *random) {
	*killer = (struct killer){ .agency = agency, .random = random };
	rest(killer, 0);
}

void killer_turn(struct killer *killer, size_t acknowledged) {
	int64_t now = clock_milliseconds();
	if (killer->resting && acknowledged >= killer->until) {
		strike(killer, now);
	} else if (!killer->resting && now - killer->looked_ms >= LOOK_MS) {
		killer->looked_ms = now;
		look_for_replacement(killer, acknowledged, now);
	}
}

size_t killer_count(const struct killer *killer) {
	size_t count = 0;
	for (enum victim victim = 0; victim < VICTIM_COUNT; victim++) {
		count += killer->kills[victim];
	}
	return count;
}
