/* Clients by their transport keys: what each has under way, and how often it asks. */
#include <stdlib.h>

#include "broker/state.h"

#define IDLE_MS 60000       /* an account without requests is forgotten after it */
#define SWEEP_MS 10000
#define CROWDED_IDLE_MS 2000  /* the same while there are too many accounts */
#define CROWDED_SWEEP_MS 1000
#define REQUEST_COSTS 1000  /* of the allowance, so that it can grow by milliseconds */

/* Forgets those without requests that were not heard for `idle_ms`, but not more often than every `pause_ms`. */
static void sweep(struct core *core, int64_t idle_ms, int64_t pause_ms) {
	if (core->now - core->peers_swept < pause_ms) {
		return;
	}
	core->peers_swept = core->now;
	struct map_entry *entry = map_first(core->peers);
	while (entry != NULL) {
		struct peer *peer = entry->value;
		entry = map_next(entry);
		if (peer->requests == 0 && core->now - peer->heard >= idle_ms) {
			(void)map_remove(core->peers, slice_of(peer->key, sizeof peer->key));
			free(peer);
		}
	}
}

struct peer *peer_obtain(struct core *core, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	struct slice name = slice_of(key, TRANSPORT_KEY_SIZE);
	struct peer *peer = map_get(core->peers, name);
	if (peer == NULL && map_size(core->peers) >= CORE_PEERS_MAX) {
		sweep(core, CROWDED_IDLE_MS, CROWDED_SWEEP_MS);
	}
	if (peer != NULL || map_size(core->peers) >= CORE_PEERS_MAX) {
		return peer;
	}
	peer = calloc(1, sizeof *peer);
	if (peer == NULL || !map_put(core->peers, name, peer)) {
		free(peer);
		return NULL;
	}
	memcpy(peer->key, key, sizeof peer->key);
	peer->allowance = core->limits.peer_rate_max * REQUEST_COSTS;
	peer->refilled = core->now;
	peer->heard = core->now;
	return peer;
}

/* A token bucket: it grows with time, up to what one second allows. */
bool peer_may_ask(struct core *core, struct peer *peer) {
	int64_t most = core->limits.peer_rate_max * REQUEST_COSTS;
	int64_t passed = core->now - peer->refilled;
	int64_t grown = passed >= REQUEST_COSTS ? most : passed * core->limits.peer_rate_max;
	peer->refilled = core->now;
	peer->heard = core->now;
	peer->allowance = most - peer->allowance < grown ? most : peer->allowance + grown;
	if (peer->allowance < REQUEST_COSTS) {
		return false;
	}
	peer->allowance -= REQUEST_COSTS;
	return true;
}

void peers_sweep(struct core *core) {
	sweep(core, IDLE_MS, SWEEP_MS);
}
