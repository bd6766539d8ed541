/* Bare LMDB: the puts of a store's records as the store does them, with nothing above the library.
 *
 * Every key has a group (an offer, a creator, or a random one for hashes) in front and the sequence number behind, or
 * the group alone where a record is written over. */
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
#define SYNC_PAGE 4096

struct database {
	struct database_shape shape;
	MDB_dbi handle;
};

struct key {
	size_t size;
	uint8_t bytes[KEY_MAX];
};

struct writer {
	MDB_env *environment;
	MDB_txn *transaction;
	struct database databases[LMDB_DATABASES_MAX];
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

static void describe(struct writer *writer, const struct lmdb_load *load) {
	if (load->count > LMDB_DATABASES_MAX) {
		stop("%zu databases", load->count);
	}
	for (size_t i = 0; i < load->count; i++) {
		const struct database_shape *shape = &load->databases[i];
		if (shape->value_size > VALUE_MAX || shape->key_size > KEY_MAX) {
			stop("a record of %zu bytes under a key of %zu", shape->value_size, shape->key_size);
		}
		writer->databases[i].shape = *shape;
	}
	writer->database_count = load->count;
}

static void open_all(struct writer *writer, const char *folder) {
	static unsigned last;
	char name[32];
	(void)snprintf(name, sizeof name, "bare-lmdb-%u", last++);
	const char *path = scratch_path(folder, name);
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
		const char *database_name = database->shape.name;
		must(mdb_dbi_open(writer->transaction, database_name, MDB_CREATE, &database->handle), database_name);
	}
	must(mdb_txn_commit(writer->transaction), "commit");
}

static void write_number(uint8_t *out, uint64_t number) {
	for (size_t i = 0; i < 8; i++) {
		out[i] = (uint8_t)(number >> (56 - 8 * i));
	}
}

static void make_key(struct writer *writer, const struct database_shape *database, uint64_t sequence, struct key *key) {
	uint32_t random = random_next(&writer->random);
	uint32_t group = database->groups == LMDB_RANDOM_GROUPS ? random : random % database->groups;
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

static void write_database(struct writer *writer, const struct database *database, size_t records) {
	MDB_cursor *cursor = NULL;
	for (size_t i = 0; i < records; i++) {
		make_key(writer, &database->shape, writer->sequence + i, &writer->keys[i]);
	}
	qsort(writer->keys, records, sizeof writer->keys[0], compare_keys);
	must(mdb_cursor_open(writer->transaction, database->handle, &cursor), "cursor");
	for (size_t i = 0; i < records; i++) {
		struct key *key = &writer->keys[i];
		MDB_val name = { .mv_size = key->size, .mv_data = key->bytes };
		MDB_val value = { .mv_size = database->shape.value_size, .mv_data = writer->value };
		bool again = i > 0 && compare_keys(key, &writer->keys[i - 1]) == 0;
		if (!again) {
			must(mdb_cursor_put(cursor, &name, &value, 0), database->shape.name);
		}
	}
	mdb_cursor_close(cursor);
}

static void write_batch(struct writer *writer, size_t records) {
	must(mdb_txn_begin(writer->environment, NULL, 0, &writer->transaction), "transaction");
	for (size_t i = 0; i < writer->database_count; i++) {
		write_database(writer, &writer->databases[i], records);
	}
	must(mdb_txn_commit(writer->transaction), "commit");
	writer->sequence += records;
}

double lmdb_rate(const char *folder, const struct lmdb_load *load, double seconds) {
	struct writer *writer = calloc(1, sizeof *writer);
	struct key *keys = calloc(load->batch, sizeof *keys);
	if (writer == NULL || keys == NULL) {
		stop("out of memory");
	}
	writer->keys = keys;
	writer->random = SEED;
	memset(writer->value, 'a', sizeof writer->value);
	describe(writer, load);
	open_all(writer, folder);
	int64_t begin = clock_nanoseconds();
	int64_t until = begin + (int64_t)(seconds * 1e9);
	while (clock_nanoseconds() < until) {
		write_batch(writer, load->batch);
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
