/* Bare LMDB: the puts of agreements as the store does them, with nothing above the library.
 *
 * One row per database says how its keys come: every agreement's key has a group (an offer, a creator, or a random
 * one for hashes) in front and the sequence number behind, or the group alone where a record is written over. Databases
 * and sizes follow store/tables.c and store/codec.h for an agreement on a gift. */
#include <fcntl.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/bench/measure.h"
#include "tests/lib/random.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define KEY_MAX 128
#define VALUE_MAX 65536
#define MAP_SIZE ((size_t)16 << 30)
#define SEED 20261123
#define RANDOM_GROUPS 0
#define SYNC_PAGE 4096

struct database {
	const char *name;
	size_t key_size, value_size;
	unsigned groups; /* or RANDOM_GROUPS */
	bool written_over;
	MDB_dbi handle;
};

struct key {
	size_t size;
	uint8_t bytes[KEY_MAX];
};

struct writer {
	MDB_env *environment;
	MDB_txn *transaction;
	struct database databases[8];
	size_t database_count;
	struct key *keys; /* of one batch in one database */
	uint64_t sequence;
	uint32_t random;
	uint8_t value[VALUE_MAX];
};

static void must(int code, const char *what) {
	if (code != 0) {
		stop("%s: %s", what, mdb_strerror(code));
	}
}

/* Record: 9 bytes, numbers of 8, texts with their length in 2. Key: numbers of 8, texts with their end in 2. */
static void describe(struct writer *writer, const struct batch_shape *shape) {
	size_t name = shape->name_size + 2;
	const struct database all[] = {
		{ "notes", 8, 9 + 34 + 11 + 8 + 1 + shape->note_size, 1, false, 0 },
		{ "notes.by_id", 34 + 8, 0, RANDOM_GROUPS, false, 0 },
		{ "offers", 8, 9 + name + 4 * 8, shape->offers, true, 0 },
		{ "deals", 8, 9 + 8 + name + name + 8, 1, false, 0 },
		{ "deals.by_offer", 8 + name + 8, 0, shape->offers, false, 0 },
		{ "deals.by_creator", name + 8, 0, shape->creators, false, 0 },
		{ "deals.by_brand", name + 8, 0, 1, false, 0 },
		{ "counters", 10, 9 + 8, 1, true, 0 },
	};
	writer->database_count = sizeof all / sizeof all[0];
	memcpy(writer->databases, all, sizeof all);
	if (all[0].value_size > VALUE_MAX) {
		stop("a note of %zu bytes", shape->note_size);
	}
}

static void open_all(struct writer *writer, const char *folder) {
	const char *path = scratch_path(folder, "bare-lmdb");
	if (mkdir(path, 0700) != 0) {
		stop("cannot make %s", path);
	}
	must(mdb_env_create(&writer->environment), "environment");
	must(mdb_env_set_maxdbs(writer->environment, (MDB_dbi)writer->database_count), "databases");
	must(mdb_env_set_mapsize(writer->environment, MAP_SIZE), "map");
	must(mdb_env_open(writer->environment, path, MDB_NOTLS, 0600), path);
	must(mdb_txn_begin(writer->environment, NULL, 0, &writer->transaction), "transaction");
	for (size_t i = 0; i < writer->database_count; i++) {
		struct database *database = &writer->databases[i];
		must(mdb_dbi_open(writer->transaction, database->name, MDB_CREATE, &database->handle), database->name);
	}
	must(mdb_txn_commit(writer->transaction), "commit");
}

static void write_number(uint8_t *out, uint64_t number) {
	for (size_t i = 0; i < 8; i++) {
		out[i] = (uint8_t)(number >> (56 - 8 * i));
	}
}

static void make_key(struct writer *writer, const struct database *database, uint64_t sequence, struct key *key) {
	uint32_t random = random_next(&writer->random);
	uint32_t group = database->groups == RANDOM_GROUPS ? random : random % database->groups;
	uint8_t number[8];
	memset(key->bytes, 0, database->key_size);
	key->size = database->key_size;
	write_number(number, group);
	memcpy(key->bytes, number + 4, 4);
	if (!database->written_over) {
		write_number(key->bytes + key->size - 8, database->key_size > 8 ? sequence : (uint64_t)group << 32 | sequence);
	}
}

static int compare_keys(const void *a, const void *b) {
	const struct key *one = a, *other = b;
	return memcmp(one->bytes, other->bytes, one->size);
}

static void write_database(struct writer *writer, const struct database *database, size_t agreements) {
	MDB_cursor *cursor = NULL;
	for (size_t i = 0; i < agreements; i++) {
		make_key(writer, database, writer->sequence + i, &writer->keys[i]);
	}
	qsort(writer->keys, agreements, sizeof writer->keys[0], compare_keys);
	must(mdb_cursor_open(writer->transaction, database->handle, &cursor), "cursor");
	for (size_t i = 0; i < agreements; i++) {
		struct key *key = &writer->keys[i];
		MDB_val name = { .mv_size = key->size, .mv_data = key->bytes };
		MDB_val value = { .mv_size = database->value_size, .mv_data = writer->value };
		bool again = i > 0 && compare_keys(key, &writer->keys[i - 1]) == 0;
		if (!again) {
			must(mdb_cursor_put(cursor, &name, &value, 0), database->name);
		}
	}
	mdb_cursor_close(cursor);
}

static void write_batch(struct writer *writer, size_t agreements) {
	must(mdb_txn_begin(writer->environment, NULL, 0, &writer->transaction), "transaction");
	for (size_t i = 0; i < writer->database_count; i++) {
		write_database(writer, &writer->databases[i], agreements);
	}
	must(mdb_txn_commit(writer->transaction), "commit");
	writer->sequence += agreements;
}

double lmdb_rate(const char *folder, const struct batch_shape *shape, double seconds) {
	struct writer *writer = calloc(1, sizeof *writer);
	struct key *keys = calloc(shape->agreements, sizeof *keys);
	if (writer == NULL || keys == NULL) {
		stop("out of memory");
	}
	writer->keys = keys;
	writer->random = SEED;
	memset(writer->value, 'a', sizeof writer->value);
	describe(writer, shape);
	open_all(writer, folder);
	int64_t begin = clock_nanoseconds();
	int64_t until = begin + (int64_t)(seconds * 1e9);
	while (clock_nanoseconds() < until) {
		write_batch(writer, shape->agreements);
	}
	double rate = (double)writer->sequence * 1e9 / (double)(clock_nanoseconds() - begin);
	mdb_env_close(writer->environment);
	free(keys);
	free(writer);
	return rate;
}

int64_t fsync_time(const char *folder, double seconds) {
	enum { SAMPLES_MAX = 20000 };
	static int64_t samples[SAMPLES_MAX];
	uint8_t page[SYNC_PAGE] = { 0 };
	const char *path = scratch_path(folder, "bare-fsync");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	size_t count = 0;
	int64_t until = clock_nanoseconds() + (int64_t)(seconds * 1e9);
	if (fd < 0 || pwrite(fd, page, sizeof page, 0) != SYNC_PAGE || fsync(fd) != 0) {
		stop("cannot write %s", path);
	}
	while (count < SAMPLES_MAX && clock_nanoseconds() < until) {
		int64_t begin = clock_nanoseconds();
		page[0]++;
		if (pwrite(fd, page, sizeof page, 0) != SYNC_PAGE || fdatasync(fd) != 0) {
			stop("cannot write %s", path);
		}
		samples[count++] = clock_nanoseconds() - begin;
	}
	(void)close(fd);
	return percentile(samples, count, 0.5);
}
