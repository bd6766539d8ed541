/* A set of what was said and a bucket of lines; see peer_log.h. */
#include "wire/peer_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"

#define SAID_MAX 4096       /* peers and events that are remembered */
#define SAID_MS 3600000     /* then everything may be said again */
#define LINES_AT_ONCE 20    /* what the bucket holds */
#define LINE_EVERY_MS 1000  /* one more line in it */
#define HELD_BACK_MS 10000  /* between two lines about lines that were not written */
#define NAME_MAX_SIZE 256
#define PEER_MAX 100

struct peer_log {
	struct map *said; /* event, reason and peer; no values */
	int64_t said_since;
	int64_t lines;
	int64_t filled_ms;
	int64_t told_ms;
	uint64_t held_back;
};

struct peer_log *peer_log_new(void) {
	struct peer_log *log = calloc(1, sizeof *log);
	if (log == NULL) {
		return NULL;
	}
	log->lines = LINES_AT_ONCE;
	log->said = map_new();
	if (log->said == NULL) {
		peer_log_free(log);
		return NULL;
	}
	return log;
}

void peer_log_free(struct peer_log *log) {
	if (log != NULL) {
		map_free(log->said, NULL);
		free(log);
	}
}

static void fill(struct peer_log *log, int64_t now) {
	int64_t more = (now - log->filled_ms) / LINE_EVERY_MS;
	if (more > 0) {
		log->lines = more >= LINES_AT_ONCE - log->lines ? LINES_AT_ONCE : log->lines + more;
		log->filled_ms += more * LINE_EVERY_MS;
	}
	if (now - log->said_since >= SAID_MS || map_size(log->said) >= SAID_MAX) {
		map_clear(log->said, NULL);
		log->said_since = now;
	}
}

bool peer_log_warn(struct peer_log *log, const char *event, const char *reason, const char *peer, int64_t now) {
	char name[NAME_MAX_SIZE], short_peer[PEER_MAX + 1];
	(void)snprintf(short_peer, sizeof short_peer, "%s", peer);
	(void)snprintf(name, sizeof name, "%s|%s|%s", event, reason, short_peer);
	fill(log, now);
	if (map_find(log->said, slice_of_text(name)) != NULL) {
		return false;
	}
	if (log->lines == 0 || !map_put(log->said, slice_of_text(name), NULL)) {
		log->held_back++;
		return false;
	}
	log->lines--;
	log_event(LOG_WARNING, event, "reason", reason, "peer", short_peer, NULL);
	return true;
}

void peer_log_tend(struct peer_log *log, int64_t now) {
	if (log->held_back > 0 && now - log->told_ms >= HELD_BACK_MS) {
		log_event(LOG_WARNING, "peers-not-logged", "lines", LOG_NUMBER(log->held_back), NULL);
		log->held_back = 0;
		log->told_ms = now;
	}
}
