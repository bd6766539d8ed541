/* The attacks; see hostile.h. Each is a swarm of connections with two steps: how one begins, and how it goes on. */
#include "tests/lib/hostile.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/raw_peer.h"
#include "tests/lib/stop.h"
#include "wire/link_options.h"

#define HALF_OPEN 5000
#define SWARM_MAX HALF_OPEN
#define LOOK_MS 20             /* at connections that have nothing to do */
#define ENDLESS_STEP 65536     /* bytes of an endless message that are sent in one turn */
#define LAST_NICE 19
#define FIRST_RAND 1804289383u /* of glibc, without a seed */
#define UNDER_THE_BOUND (15 << 20) /* bytes of it that are sent by those who then only wait */

/* One connection of a swarm. */
struct one {
	struct raw_peer peer;
	size_t number; /* in the swarm */
	uint64_t sent; /* bytes */
};

struct swarm {
	const struct foreign_target *target;
	struct hostile_report *report;
	struct identity identity;
	struct one *ones;
	struct pollfd *items;
	size_t count;
};

/* A step; false: the connection cannot go on. */
typedef bool step(struct swarm *swarm, struct one *one);

static uint8_t noise[LINK_FRAME_MAX];

static bool say(struct swarm *swarm, struct one *one, size_t size, bool more) {
	bool sent = raw_send(&one->peer, slice_of(noise, size), more);
	one->sent += size;
	atomic_fetch_add(&swarm->report->bytes, sent ? size : 0);
	return sent;
}

static bool join_as(struct swarm *swarm, struct one *one, struct slice routing_id) {
	return raw_join(&one->peer, swarm->target, &swarm->identity, routing_id);
}

static bool join(struct swarm *swarm, struct one *one) {
	return join_as(swarm, one, slice_of(NULL, 0));
}

static bool wait_only(struct swarm *swarm, struct one *one) {
	(void)swarm;
	(void)one;
	return true;
}

/* ---- before the handshake is done ---- */

static bool begin_half_open(struct swarm *swarm, struct one *one) {
	return raw_connect(&one->peer, swarm->target) && (one->number % 2 == 0 || raw_greet(&one->peer));
}

static bool begin_tcp(struct swarm *swarm, struct one *one) {
	return raw_connect(&one->peer, swarm->target);
}

static bool send_noise(struct swarm *swarm, struct one *one) {
	uint8_t bytes[1024];
	randombytes_buf(bytes, sizeof bytes);
	atomic_fetch_add(&swarm->report->bytes, sizeof bytes);
	return raw_send_bytes(&one->peer, slice_of(bytes, sizeof bytes));
}

static bool begin_hello(struct swarm *swarm, struct one *one) {
	return raw_connect(&one->peer, swarm->target) && raw_greet(&one->peer) && raw_hello(&one->peer, swarm->target);
}

/* A HELLO that says it has as many bytes as a frame may have, and most of them. */
static bool begin_long_hello(struct swarm *swarm, struct one *one) {
	atomic_fetch_add(&swarm->report->bytes, sizeof noise - 1000);
	return raw_connect(&one->peer, swarm->target) && raw_greet(&one->peer) &&
	       raw_send_head(&one->peer, sizeof noise) && raw_send_bytes(&one->peer, slice_of(noise, sizeof noise - 1000));
}

/* ---- with a key ---- */

static bool send_small_frames(struct swarm *swarm, struct one *one) {
	bool sent = true;
	for (int i = 0; i < ENDLESS_STEP / 64 && sent; i++) {
		sent = say(swarm, one, 1, true);
	}
	return sent;
}

static bool send_large_frame(struct swarm *swarm, struct one *one) {
	return say(swarm, one, LINK_FRAME_MAX, true);
}

static bool send_up_to_the_bound(struct swarm *swarm, struct one *one) {
	return one->sent >= UNDER_THE_BOUND || say(swarm, one, ENDLESS_STEP, true);
}

/* One question that the broker itself answers. */
static bool ask_once(struct swarm *swarm, struct one *one) {
	static const char *const frames[] = { "MDPC02", "\1", "mmi.service", "id", "some service" };
	bool sent = true;
	for (size_t frame = 0; frame < 5 && sent; frame++) {
		sent = raw_send(&one->peer, slice_of_text(frames[frame]), frame < 4);
		atomic_fetch_add(&swarm->report->bytes, strlen(frames[frame]));
	}
	return sent;
}

/* Asks without ever reading an answer. */
static bool ask(struct swarm *swarm, struct one *one) {
	bool sent = true;
	for (int i = 0; i < 100 && sent; i++) {
		sent = ask_once(swarm, one);
	}
	return sent;
}

/* In the form of ZMTP, but not a MESSAGE of CURVE. */
static bool send_garbage(struct swarm *swarm, struct one *one) {
	static const uint8_t frame[] = { 0, 4, 'a', 'b', 'c', 'd' };
	atomic_fetch_add(&swarm->report->bytes, sizeof frame);
	return raw_send_bytes(&one->peer, slice_of(frame, sizeof frame));
}

/* More messages than any queue holds, with pings between them, and away. */
static bool flood_and_leave(struct swarm *swarm, struct one *one) {
	bool sent = true;
	for (int i = 0; i < 3000 && sent; i++) {
		sent = ask_once(swarm, one) && (i % 8 > 0 || raw_ping(&one->peer));
	}
	return false;
}

static bool send_oversized(struct swarm *swarm, struct one *one) {
	uint64_t size = one->number % 2 == 0 ? LINK_FRAME_MAX + LINK_CURVE_OVERHEAD + 1 : UINT64_MAX / 2;
	atomic_fetch_add(&swarm->report->bytes, sizeof noise);
	return raw_send_head(&one->peer, size) && raw_send_bytes(&one->peer, slice_of(noise, sizeof noise));
}

static bool begin_chosen(struct swarm *swarm, struct one *one) {
	char name[32];
	(void)snprintf(name, sizeof name, "worker-%zu", one->number);
	return join_as(swarm, one, slice_of_text(name)) && say(swarm, one, 10, false);
}

/* The ids that libzmq would give to the next peers if nobody gave rand(3) a seed; every second one lets it choose. */
static bool begin_foreseen(struct swarm *swarm, struct one *one) {
	uint32_t number = FIRST_RAND + 1 + (uint32_t)one->number;
	uint8_t id[LINK_ROUTING_MAX] = { 0 };
	for (int i = 4; i > 0; i--) {
		id[i] = (uint8_t)number;
		number >>= 8;
	}
	return join_as(swarm, one, slice_of(id, one->number % 2 == 0 ? sizeof id : 0));
}

static bool begin_speaking(struct swarm *swarm, struct one *one) {
	return join(swarm, one) && say(swarm, one, 10, false);
}

/* ---- a swarm ---- */

/* Finds out who was cut off, and waits a moment if nobody was and `can_wait`. */
static void look(struct swarm *swarm, bool can_wait) {
	for (size_t i = 0; i < swarm->count; i++) {
		swarm->items[i] = (struct pollfd){ .fd = swarm->ones[i].peer.fd, .events = POLLRDHUP };
	}
	(void)poll(swarm->items, swarm->count, can_wait ? LOOK_MS : 0);
	for (size_t i = 0; i < swarm->count; i++) {
		if (swarm->items[i].revents != 0) {
			raw_close(&swarm->ones[i].peer);
			atomic_fetch_add(&swarm->report->cut, 1);
		}
	}
}

static void turn(struct swarm *swarm, struct one *one, step *begin, step *go_on) {
	if (one->peer.fd < 0) {
		one->sent = 0;
		bool begun = begin(swarm, one);
		atomic_fetch_add(&swarm->report->opened, 1);
		if (!begun) {
			raw_close(&one->peer);
			atomic_fetch_add(&swarm->report->cut, 1);
		}
	} else if (!go_on(swarm, one)) {
		raw_close(&one->peer);
		atomic_fetch_add(&swarm->report->cut, 1);
	}
}

static _Noreturn void run_swarm(const struct foreign_target *target, struct hostile_report *report, size_t count,
                                step *begin, step *go_on) {
	struct swarm swarm = { .target = target, .report = report, .count = count };
	struct failure failure;
	swarm.ones = calloc(count, sizeof *swarm.ones);
	swarm.items = calloc(count, sizeof *swarm.items);
	if (swarm.ones == NULL || swarm.items == NULL || identity_make(&swarm.identity, &failure) != OK) {
		stop("a swarm of %zu", count);
	}
	for (size_t i = 0; i < count; i++) {
		swarm.ones[i] = (struct one){ .peer = { .fd = -1 }, .number = i };
	}
	for (;;) {
		for (size_t i = 0; i < count; i++) {
			turn(&swarm, &swarm.ones[i], begin, go_on);
		}
		look(&swarm, go_on == wait_only || go_on == send_up_to_the_bound);
	}
}

#define SWARM(name, count, begin, go_on)                                                                              \
	static void name(const struct foreign_target *target, struct hostile_report *report) {                            \
		run_swarm(target, report, count, begin, go_on);                                                               \
	}

SWARM(half_open, HALF_OPEN, begin_half_open, wait_only)
SWARM(random_bytes, 64, begin_tcp, send_noise)
SWARM(hello_flood, 64, begin_hello, wait_only)
SWARM(long_hello, 2000, begin_long_hello, wait_only)
SWARM(endless_small, 4, join, send_small_frames)
SWARM(endless_large, 4, join, send_large_frame)
SWARM(under_the_bound, 60, join, send_up_to_the_bound)
SWARM(garbage, 16, join, send_garbage)
SWARM(leaving, 16, join, flood_and_leave)
SWARM(oversized, 4, join, send_oversized)
SWARM(chosen_ids, 16, begin_chosen, wait_only)
SWARM(foreseen_ids, 200, begin_foreseen, wait_only)
SWARM(one_key, 200, begin_speaking, wait_only)
SWARM(deaf, 8, join, ask)

const struct hostile hostile_attacks[] = {
	{ "half-open", half_open, NULL, HALF_OPEN, true },
	{ "random-bytes", random_bytes, NULL, 100, false },
	{ "hello-flood", hello_flood, NULL, 100, false },
	{ "long-hello", long_hello, NULL, 2000, true },
	{ "endless-small-frames", endless_small, "unread-bytes", 5, false },
	{ "endless-large-frames", endless_large, "unread-bytes", 8, false },
	{ "just-under-the-bound", under_the_bound, "memory", 20, false },
	{ "garbage-frames", garbage, NULL, 100, false },
	{ "flood-and-leave", leaving, NULL, 100, false },
	{ "oversized-frames", oversized, NULL, 20, false },
	{ "chosen-routing-ids", chosen_ids, "routing-id", 50, false },
	{ "foreseen-routing-ids", foreseen_ids, NULL, 200, true },
	{ "many-of-one-key", one_key, "key-connections", 300, false },
	{ "deaf", deaf, NULL, 8, true },
};

const size_t hostile_attack_count = sizeof hostile_attacks / sizeof hostile_attacks[0];

/* ---- its process ---- */

static void raise_descriptors(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void yield_to_all(void) {
	const struct sched_param any = { .sched_priority = 0 };
	if (sched_setscheduler(0, SCHED_IDLE, &any) != 0) {
		(void)setpriority(PRIO_PROCESS, 0, LAST_NICE);
	}
}

void hostile_start(struct hostile_run *run, const struct hostile *hostile, const struct foreign_target *target,
                   enum hostile_pace pace) {
	void *shared = mmap(NULL, sizeof *run->report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		stop("memory for a report");
	}
	run->report = shared;
	run->id = fork();
	if (run->id < 0) {
		stop("a process for %s", hostile->name);
	}
	if (run->id == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise_descriptors();
		if (pace == HOSTILE_YIELDS) {
			yield_to_all();
		}
		randombytes_buf(noise, sizeof noise);
		hostile->attack(target, run->report);
		_exit(EXIT_FAILURE);
	}
}

void hostile_hurry(const struct hostile_run *run) {
	const struct sched_param any = { .sched_priority = 0 };
	(void)sched_setscheduler(run->id, SCHED_OTHER, &any);
}

void hostile_stop(struct hostile_run *run) {
	(void)kill(run->id, SIGKILL);
	while (waitpid(run->id, NULL, 0) < 0 && errno == EINTR) {
		continue;
	}
	(void)munmap(run->report, sizeof *run->report);
	run->report = NULL;
}

bool hostile_has_shown(const struct hostile_run *run, const struct hostile *hostile) {
	return atomic_load(hostile->is_patient ? &run->report->opened : &run->report->cut) >= hostile->wanted;
}
