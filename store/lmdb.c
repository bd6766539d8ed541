/* The engine of one machine: LMDB 0.9, one environment per process, one named database per space, and one more,
 * "store", that holds the format's version. The only user of lmdb.h. Durable and safe beside other processes: no
 * MDB_NOSYNC, MDB_NOMETASYNC or MDB_WRITEMAP, no MDB_DUPSORT, no growing of the map inside a transaction. */
#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/engine.h"

#define READERS_MAX 1024 /* places for reading transactions, of all processes together */
#define MAP_SMALLEST ((size_t)256 << 10)
#define MAP_STEP ((size_t)64 << 10) /* a multiple of every page size in use */
#define BEGIN_ATTEMPTS 8
#define META_NAME "store"
#define FORMAT_KEY "format"
#define FORMAT "1"

struct engine_state {
	MDB_env *environment;
	const struct space *spaces;
	size_t space_count;
	size_t map_maximum, keep_free;
	MDB_txn *transaction; /* the running one */
	MDB_txn *reader;      /* kept, and reset, between reading transactions */
	bool map_full;        /* the last batch found no room in the map */
	bool map_lost;        /* the map could not be made again: nothing works any more */
	MDB_dbi databases[SPACES_MAX];
};

static enum error error_of_code(int code) {
	static const struct {
		int code;
		enum error error;
	} meanings[] = {
		{ MDB_MAP_FULL, ERROR_STORE_FULL },
		{ ENOSPC, ERROR_STORE_FULL },
		{ EDQUOT, ERROR_STORE_FULL },
		{ ENOMEM, ERROR_NO_MEMORY },
		{ MDB_READERS_FULL, ERROR_BUSY },
		{ MDB_VERSION_MISMATCH, ERROR_STORE_VERSION },
		{ MDB_INVALID, ERROR_STORE_DAMAGED },
		{ MDB_CORRUPTED, ERROR_STORE_DAMAGED },
		{ MDB_PAGE_NOTFOUND, ERROR_STORE_DAMAGED },
	};
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		if (meanings[i].code == code) {
			return meanings[i].error;
		}
	}
	return ERROR_SYSTEM;
}

static enum error refused(int code, const char *what, struct failure *failure) {
	return code == 0 ? OK : fail(failure, error_of_code(code), "%s: %s", what, mdb_strerror(code));
}

/* LMDB takes its arguments without const, but does not write to them. */
static MDB_val value_of(struct slice bytes) {
	return (MDB_val){ .mv_size = bytes.size, .mv_data = (void *)(uintptr_t)bytes.data };
}

static struct slice slice_of_value(MDB_val value) {
	return slice_of(value.mv_data, value.mv_size);
}

/* ---- the map ---- */

/* Makes the map anew; 0 takes the size that another process has given to the file. Outside any transaction. If this
 * fails LMDB has let go of the old map already. */
static enum error set_map(struct engine_state *state, size_t size, struct failure *failure) {
	int code = mdb_env_set_mapsize(state->environment, size);
	state->map_lost = code != 0;
	return refused(code, "cannot change the size of the store's map", failure);
}

static enum error lmdb_retry(struct engine_state *state, enum error reason, struct failure *failure) {
	if (!state->map_full) {
		return reason;
	}
	state->map_full = false;
	MDB_envinfo info;
	(void)mdb_env_info(state->environment, &info);
	if (info.me_mapsize >= state->map_maximum) {
		return fail(failure, ERROR_STORE_FULL, "the store has reached its maximum of %zu bytes", state->map_maximum);
	}
	bool doubled = info.me_mapsize <= state->map_maximum / 2;
	size_t size = doubled ? info.me_mapsize * 2 : state->map_maximum;
	log_event(LOG_INFO, "store-grows", "bytes", LOG_NUMBER(size), NULL);
	return set_map(state, size, failure);
}

/* Free space is checked before a batch, since a full disk inside a commit would have to end the process. */
static enum error check_room(const struct engine_state *state, struct failure *failure) {
	int fd = -1;
	int code = mdb_env_get_fd(state->environment, &fd);
	return code == 0 ? disk_check_room(fd, state->keep_free, failure) : refused(code, "no data file", failure);
}

/* ---- transactions ---- */

static int begin_once(struct engine_state *state, bool write) {
	if (write) {
		return mdb_txn_begin(state->environment, NULL, 0, &state->transaction);
	}
	int code = state->reader == NULL ? mdb_txn_begin(state->environment, NULL, MDB_RDONLY, &state->reader)
	                                 : mdb_txn_renew(state->reader);
	if (code != 0 && state->reader != NULL) {
		mdb_txn_abort(state->reader);
		state->reader = NULL;
	}
	state->transaction = state->reader;
	return code;
}

static enum error lmdb_begin(struct engine_state *state, bool write, struct failure *failure) {
	enum error error = write ? check_room(state, failure) : OK;
	int code = 0;
	for (int attempt = 0; attempt < BEGIN_ATTEMPTS && error == OK; attempt++) {
		if (state->map_lost) {
			return fail(failure, ERROR_SYSTEM, "the store's map is lost; the process must start again");
		}
		code = begin_once(state, write);
		if (code == MDB_MAP_RESIZED) {
			error = set_map(state, 0, failure);
		} else if (code == MDB_READERS_FULL) {
			(void)mdb_reader_check(state->environment, NULL);
		} else {
			break;
		}
	}
	return error == OK ? refused(code, "cannot begin a transaction of the store", failure) : error;
}

static void lmdb_abort(struct engine_state *state) {
	if (state->transaction == state->reader) {
		mdb_txn_reset(state->reader);
	} else {
		mdb_txn_abort(state->transaction);
	}
	state->transaction = NULL;
}

/* A system error while pages are written and synced leaves them clean in memory and unknown on disk, so nothing that
 * this process could do afterwards would be certain (facts/store.md). Only LMDB's own refusals come before that. */
static enum error lmdb_commit(struct engine_state *state, struct failure *failure) {
	int code = mdb_txn_commit(state->transaction);
	state->transaction = NULL;
	if (code > 0) {
		log_event(LOG_ERROR, "store-commit-failed", "reason", mdb_strerror(code), NULL);
		abort();
	}
	state->map_full = code == MDB_MAP_FULL;
	return refused(code, "cannot commit", failure);
}

static enum error lmdb_get(struct engine_state *state, size_t space, struct slice key, struct slice *value,
                           struct failure *failure) {
	MDB_val wanted = value_of(key), found;
	int code = mdb_get(state->transaction, state->databases[space], &wanted, &found);
	if (code == MDB_NOTFOUND) {
		return ERROR_NOT_FOUND;
	}
	if (code == 0) {
		*value = slice_of_value(found);
	}
	return refused(code, "cannot read a record", failure);
}

static int apply_change(MDB_cursor *cursor, const struct change *change) {
	MDB_val key = value_of(change->entry.key), value = value_of(change->entry.value);
	if (change->put) {
		return mdb_cursor_put(cursor, &key, &value, 0);
	}
	int code = mdb_cursor_get(cursor, &key, &value, MDB_SET);
	if (code == 0) {
		code = mdb_cursor_del(cursor, 0);
	}
	return code == MDB_NOTFOUND ? 0 : code;
}

/* One cursor: for the next key in order it stands on the right page most of the time. */
static enum error lmdb_apply(struct engine_state *state, size_t space, const struct change *changes, size_t count,
                             struct failure *failure) {
	MDB_cursor *cursor = NULL;
	int code = mdb_cursor_open(state->transaction, state->databases[space], &cursor);
	for (size_t i = 0; i < count && code == 0; i++) {
		code = apply_change(cursor, &changes[i]);
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	state->map_full = code == MDB_MAP_FULL;
	return refused(code, "cannot write a record", failure);
}

/* ---- cursors: a struct engine_cursor is an MDB_cursor under a name of ours ---- */

static MDB_cursor *lmdb_cursor(struct engine_cursor *cursor) {
	return (MDB_cursor *)(void *)cursor;
}

static enum error lmdb_cursor_open(struct engine_state *state, size_t space, struct engine_cursor **cursor,
                                   struct failure *failure) {
	MDB_cursor *opened = NULL;
	int code = mdb_cursor_open(state->transaction, state->databases[space], &opened);
	*cursor = (struct engine_cursor *)(void *)opened;
	return refused(code, "cannot open a cursor", failure);
}

static enum error entry_of_code(int code, MDB_val key, MDB_val value, struct entry *entry, struct failure *failure) {
	if (code == MDB_NOTFOUND) {
		return ERROR_NOT_FOUND;
	}
	if (code == 0) {
		*entry = (struct entry){ .key = slice_of_value(key), .value = slice_of_value(value) };
	}
	return refused(code, "cannot read on", failure);
}

static enum error lmdb_cursor_step(struct engine_cursor *cursor, bool backward, struct entry *entry,
                                   struct failure *failure) {
	MDB_val key, value;
	int code = mdb_cursor_get(lmdb_cursor(cursor), &key, &value, backward ? MDB_PREV : MDB_NEXT);
	return entry_of_code(code, key, value, entry, failure);
}

static enum error lmdb_cursor_seek(struct engine_cursor *cursor, struct slice bound, bool backward,
                                   struct entry *entry, struct failure *failure) {
	MDB_val key = value_of(bound), value;
	int code = MDB_NOTFOUND;
	if (bound.size > 0) {
		code = mdb_cursor_get(lmdb_cursor(cursor), &key, &value, MDB_SET_RANGE);
		if (code == 0 && backward) {
			return lmdb_cursor_step(cursor, true, entry, failure); /* from the first that is out */
		}
	}
	if (code == MDB_NOTFOUND && (backward || bound.size == 0)) {
		code = mdb_cursor_get(lmdb_cursor(cursor), &key, &value, backward ? MDB_LAST : MDB_FIRST);
	}
	return entry_of_code(code, key, value, entry, failure);
}

static void lmdb_cursor_close(struct engine_cursor *cursor) {
	mdb_cursor_close(lmdb_cursor(cursor));
}

/* ---- opening ---- */

/* Reads the format's version, or in a new file writes it. ERROR_NOT_FOUND if the file is new and `make` is false. */
static enum error check_format(struct engine_state *state, bool make, struct failure *failure) {
	MDB_dbi all, meta;
	MDB_stat status;
	MDB_val key = value_of(slice_of_text(FORMAT_KEY)), value = value_of(slice_of_text(FORMAT));
	int code = mdb_dbi_open(state->transaction, NULL, 0, &all);
	if (code == 0) {
		code = mdb_stat(state->transaction, all, &status);
	}
	if (code == 0 && status.ms_entries == 0) {
		if (!make) {
			return ERROR_NOT_FOUND;
		}
		code = mdb_dbi_open(state->transaction, META_NAME, MDB_CREATE, &meta);
		return refused(code == 0 ? mdb_put(state->transaction, meta, &key, &value, 0) : code, "cannot make the store",
		               failure);
	}
	if (code == 0) {
		code = mdb_dbi_open(state->transaction, META_NAME, 0, &meta);
	}
	if (code == 0) {
		code = mdb_get(state->transaction, meta, &key, &value);
	}
	if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE) {
		return fail(failure, ERROR_STORE_VERSION, "the file is an LMDB database, but no store of Troth");
	}
	if (code == 0 && !slice_is(slice_of_value(value), FORMAT)) {
		return fail(failure, ERROR_STORE_VERSION, "the store has another format than %s", FORMAT);
	}
	return refused(code, "cannot read the store's format", failure);
}

/* ERROR_NOT_FOUND if something is missing that may be made. */
static enum error open_databases(struct engine_state *state, bool make, struct failure *failure) {
	enum error error = check_format(state, make, failure);
	for (size_t i = 0; i < state->space_count && error == OK; i++) {
		unsigned flags = make ? MDB_CREATE : 0;
		int code = mdb_dbi_open(state->transaction, state->spaces[i].name, flags, &state->databases[i]);
		error = code == MDB_NOTFOUND ? ERROR_NOT_FOUND : refused(code, state->spaces[i].name, failure);
	}
	return error;
}

/* A store that is complete is opened without writing, so that it can be read when the disk is full. */
static enum error open_or_make_databases(struct engine_state *state, struct failure *failure) {
	enum error error = ERROR_NOT_FOUND;
	for (int make = 0; make < 2 && error == ERROR_NOT_FOUND; make++) {
		error = lmdb_begin(state, make, failure);
		if (error != OK) {
			return error;
		}
		error = open_databases(state, make, failure);
		if (error != OK) {
			lmdb_abort(state);
			continue;
		}
		error = lmdb_commit(state, failure); /* keeps the handles, of a reading transaction too */
		state->reader = make ? state->reader : NULL;
	}
	return error;
}

static enum error open_environment(struct engine_state *state, const char *folder, size_t map_size,
                                   struct failure *failure) {
	int code = mdb_env_create(&state->environment);
	if (code == 0) {
		code = mdb_env_set_maxdbs(state->environment, (MDB_dbi)state->space_count + 1);
	}
	if (code == 0) {
		code = mdb_env_set_maxreaders(state->environment, READERS_MAX);
	}
	if (code == 0) {
		code = mdb_env_set_mapsize(state->environment, map_size);
	}
	if (code == 0) {
		code = mdb_env_open(state->environment, folder, MDB_NOTLS, 0600);
	}
	if (code == 0) {
		code = mdb_reader_check(state->environment, NULL);
	}
	return refused(code, folder, failure);
}

static void lmdb_close(struct engine_state *state) {
	if (state->reader != NULL) {
		mdb_txn_abort(state->reader);
	}
	if (state->environment != NULL) {
		mdb_env_close(state->environment);
	}
	free(state);
}

static size_t whole_steps(size_t size) {
	return size < MAP_SMALLEST ? MAP_SMALLEST : size / MAP_STEP * MAP_STEP;
}

static enum error lmdb_open(const char *folder, const struct space *spaces, size_t space_count,
                            const struct store_options *options, struct engine_state **out, struct failure *failure) {
	char file[FILE_PATH_MAX];
	struct engine_state *state = calloc(1, sizeof *state);
	if (state == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no memory for the store");
	}
	state->spaces = spaces;
	state->space_count = space_count;
	state->map_maximum = whole_steps(options->map_maximum);
	state->keep_free = options->keep_free;
	size_t initial = whole_steps(options->map_initial);
	initial = initial < state->map_maximum ? initial : state->map_maximum;

	enum error error = file_join(file, folder, "data.mdb", failure);
	bool is_new = error == OK && !file_exists(file);
	if (error == OK) {
		error = file_make_folder(folder, 0700, failure);
	}
	if (error == OK) {
		error = open_environment(state, folder, initial, failure);
	}
	if (error == OK && is_new) { /* LMDB syncs its file, but not the folder in which the file is new */
		error = disk_sync_folder(folder, failure);
	}
	if (error == OK) {
		error = open_or_make_databases(state, failure);
	}
	if (error == OK) {
		*out = state;
		state = NULL; /* transferred */
	}
	if (state != NULL) {
		lmdb_close(state);
	}
	return error;
}

/* ---- the whole store ---- */

static bool is_known(const struct engine_state *state, struct slice name) {
	bool known = slice_is(name, META_NAME);
	for (size_t i = 0; i < state->space_count && !known; i++) {
		known = slice_is(name, state->spaces[i].name);
	}
	return known;
}

static enum error lmdb_strays(struct engine_state *state, void (*visit)(void *argument, const char *name),
                              void *argument, struct failure *failure) {
	MDB_dbi all;
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	int code = mdb_dbi_open(state->transaction, NULL, 0, &all);
	if (code == 0) {
		code = mdb_cursor_open(state->transaction, all, &cursor);
	}
	while (code == 0) {
		char name[SPACE_NAME_MAX];
		code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		if (code == 0 && !is_known(state, slice_of_value(key))) {
			bool fits = slice_copy_text(slice_of_value(key), name, sizeof name);
			visit(argument, fits ? name : "(not a name)");
		}
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	return code == MDB_NOTFOUND ? OK : refused(code, "cannot list the tables", failure);
}

static enum error lmdb_tend(struct engine_state *state, struct failure *failure) {
	int freed = 0;
	int code = mdb_reader_check(state->environment, &freed);
	if (freed > 0) {
		log_event(LOG_INFO, "store-readers-freed", "count", LOG_NUMBER(freed), NULL);
	}
	return refused(code, "cannot check the readers of the store", failure);
}

static uint64_t lmdb_size(const struct engine_state *state) {
	int fd;
	struct stat status;
	if (mdb_env_get_fd(state->environment, &fd) != 0 || fstat(fd, &status) != 0) {
		return 0;
	}
	return (uint64_t)status.st_size;
}

const struct engine lmdb_engine = {
	.scheme = "lmdb",
	.open = lmdb_open,
	.close = lmdb_close,
	.begin = lmdb_begin,
	.get = lmdb_get,
	.apply = lmdb_apply,
	.commit = lmdb_commit,
	.abort = lmdb_abort,
	.retry = lmdb_retry,
	.cursor_open = lmdb_cursor_open,
	.cursor_seek = lmdb_cursor_seek,
	.cursor_step = lmdb_cursor_step,
	.cursor_close = lmdb_cursor_close,
	.strays = lmdb_strays,
	.tend = lmdb_tend,
	.size = lmdb_size,
};
