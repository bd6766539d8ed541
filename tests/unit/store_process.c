/* The store between processes: kills, two writers, readers that are gone, damage, a sync that fails. Children are
 * forked before the parent opens a store, and talk over pipes. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>

#include "store/store.h"

#include "tests/unit/store_fixture.h"

#define PARTS 20 /* records of one batch */

static struct folder folder;

static void set_up(void) {
	folder = make_folder();
}

static void tear_down(void) {
	remove_folder(&folder);
}

/* liblmdb calls this one instead of libc's, since a program's symbols come first. */
static int sync_error;

int fdatasync(int fd) {
	if (sync_error != 0) {
		errno = sync_error;
		return -1;
	}
	return fsync(fd);
}

/* ---- children ---- */

struct child {
	pid_t process;
	int says;  /* what the child writes */
	int hears; /* what the child reads */
};

typedef void (*child_function)(int in, int out);

static struct child start(child_function function) {
	int to_child[2], from_child[2];
	ck_assert_int_eq(pipe2(to_child, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(from_child, O_CLOEXEC), 0);
	pid_t process = fork();
	ck_assert_int_ge(process, 0);
	if (process == 0) {
		(void)close(to_child[1]);
		(void)close(from_child[0]);
		function(to_child[0], from_child[1]);
		_exit(0);
	}
	(void)close(to_child[0]);
	(void)close(from_child[1]);
	return (struct child){ .process = process, .says = from_child[0], .hears = to_child[1] };
}

static void say(int fd, int64_t number) {
	if (write(fd, &number, sizeof number) != (ssize_t)sizeof number) {
		_exit(3);
	}
}

/* The next number; -1 at the end. */
static int64_t hear(int fd) {
	int64_t number;
	return read(fd, &number, sizeof number) == (ssize_t)sizeof number ? number : -1;
}

/* Waits for a child's end and returns its status as of wait(2). */
static int finish(struct child *child) {
	int status = 0;
	(void)close(child->hears);
	ck_assert_int_eq(waitpid(child->process, &status, 0), child->process);
	(void)close(child->says);
	return status;
}

static struct store *open_in_child(const struct store_options *options) {
	struct store *store = NULL;
	if (store_open(folder.url, test_tables, 2, options, &store, NULL) != OK) {
		_exit(2);
	}
	return store;
}

/* ---- kills ---- */

/* Raises every counter of a batch by one; *argument is its new value. */
static enum error raise_all(struct tx *tx, void *argument, struct failure *failure) {
	int64_t *value = argument;
	for (int64_t part = 0; part < PARTS; part++) {
		struct cell key[] = { cell_text("raised"), cell_number(part) };
		struct record record;
		enum error error = tx_get(tx, &counters, key, &record, failure);
		if (error != OK && error != ERROR_NOT_FOUND) {
			return error;
		}
		*value = error == OK ? record.cells[2].number + 1 : 1;
		record = counter("raised", part, *value);
		error = tx_put(tx, &counters, &record, failure);
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

static void raise_for_ever(int in, int out) {
	(void)in;
	struct store *store = open_in_child(NULL);
	for (;;) {
		int64_t value = 0;
		if (store_write(store, raise_all, &value, NULL) != OK) {
			_exit(4);
		}
		say(out, value);
	}
}

static enum error expect_whole_batches(struct tx *tx, void *argument, struct failure *failure) {
	int64_t *value = argument;
	for (int64_t part = 0; part < PARTS; part++) {
		struct cell key[] = { cell_text("raised"), cell_number(part) };
		struct record record;
		ck_assert_int_eq(tx_get(tx, &counters, key, &record, failure), OK);
		if (part > 0) {
			ck_assert_int_eq(record.cells[2].number, *value);
		}
		*value = record.cells[2].number;
	}
	return OK;
}

START_TEST(after_a_kill_only_whole_batches_are_there_and_every_acknowledged_one) {
	uint64_t seed = 5;
	for (int round = 0; round < 10; round++) {
		struct child child = start(raise_for_ever);
		int64_t acknowledged = 0;
		for (size_t i = 1 + random_below(&seed, 60); i > 0; i--) {
			acknowledged = hear(child.says);
			ck_assert_int_gt(acknowledged, 0);
		}
		ck_assert_int_eq(kill(child.process, SIGKILL), 0);
		int64_t next = hear(child.says);
		while (next > 0) { /* said before the kill */
			acknowledged = next;
			next = hear(child.says);
		}
		ck_assert(WIFSIGNALED(finish(&child)));
		struct store *store = open_test_store(&folder, NULL);
		int64_t found = 0;
		ck_assert_int_eq(store_read(store, expect_whole_batches, &found, NULL), OK);
		ck_assert_int_ge(found, acknowledged);
		ck_assert_int_le(found, acknowledged + 1);
		store_close(store);
	}
}
END_TEST

/* ---- two writers ---- */

static void raise_200_times(int in, int out) {
	(void)out;
	struct store *store = open_in_child(NULL);
	(void)hear(in);
	for (int i = 0; i < 200; i++) {
		int64_t value;
		if (store_write(store, raise_all, &value, NULL) != OK) {
			_exit(4);
		}
	}
	store_close(store);
}

START_TEST(two_processes_that_write_the_same_records_lose_no_update) {
	struct child children[] = { start(raise_200_times), start(raise_200_times) };
	say(children[0].hears, 1);
	say(children[1].hears, 1);
	ck_assert_int_eq(finish(&children[0]), 0);
	ck_assert_int_eq(finish(&children[1]), 0);
	struct store *store = open_test_store(&folder, NULL);
	int64_t found = 0;
	ck_assert_int_eq(store_read(store, expect_whole_batches, &found, NULL), OK);
	ck_assert_int_eq(found, 400);
	store_close(store);
}
END_TEST

/* ---- a map that another process has grown ---- */

static enum error put_megabytes(struct tx *tx, void *argument, struct failure *failure) {
	static const uint8_t body[STORE_BODY_MAX];
	int64_t *first = argument;
	enum error error = OK;
	for (int64_t i = 0; i < 64 && error == OK; i++) {
		struct record record = counter("large", *first + i, i);
		record.body = slice_of(body, sizeof body);
		error = tx_put(tx, &counters, &record, failure);
	}
	return error;
}

static void grow_when_told(int in, int out) {
	struct store *store = open_in_child(&(struct store_options){ .map_initial = 1 });
	int64_t first = hear(in);
	while (first >= 0) {
		say(out, store_write(store, put_megabytes, &first, NULL));
		first = hear(in);
	}
	store_close(store);
}

static bool count_one(void *argument, const struct record *record) {
	(void)record;
	++*(int64_t *)argument;
	return true;
}

static enum error count_counters(struct tx *tx, void *argument, struct failure *failure) {
	return tx_scan(tx, &counters, STORE_BY_KEY, &(struct range){ 0 }, count_one, argument, failure);
}

START_TEST(a_map_grown_by_another_process_is_followed_by_reader_and_writer) {
	struct child child = start(grow_when_told);
	struct store *store = open_test_store(&folder, &(struct store_options){ .map_initial = 1 });
	int64_t count = 0, first;
	ck_assert_int_eq(store_read(store, count_counters, &count, NULL), OK);
	for (int64_t round = 0; round < 4; round++) {
		say(child.hears, round * 128);
		ck_assert_int_eq(hear(child.says), OK);
		count = 0;
		first = round * 128 + 64;
		if (round % 2 == 0) {
			ck_assert_int_eq(store_read(store, count_counters, &count, NULL), OK);
			ck_assert_int_eq(count, first);
		}
		ck_assert_int_eq(store_write(store, put_megabytes, &first, NULL), OK);
	}
	ck_assert_int_eq(finish(&child), 0);
	store_close(store);
}
END_TEST

/* ---- readers that are gone ---- */

static enum error read_until_killed(struct tx *tx, void *argument, struct failure *failure) {
	(void)tx;
	(void)failure;
	say(*(int *)argument, 1);
	(void)pause();
	return OK;
}

static void read_for_ever(int in, int out) {
	(void)in;
	(void)store_read(open_in_child(NULL), read_until_killed, &out, NULL);
}

static int count_lines(const char *line, void *argument) {
	++*(int64_t *)argument;
	return line == NULL;
}

/* Says how many places of readers are taken; looks at the file by LMDB itself. */
static void count_readers(int in, int out) {
	MDB_env *environment = NULL;
	(void)in;
	int64_t lines = 0;
	if (mdb_env_create(&environment) != 0 || mdb_env_open(environment, folder.path, MDB_NOTLS, 0600) != 0) {
		_exit(2);
	}
	(void)mdb_reader_list(environment, count_lines, &lines);
	say(out, lines > 1 ? lines - 1 : 0); /* below a line of headings */
}

static int64_t readers(void) {
	struct child child = start(count_readers);
	int64_t count = hear(child.says);
	ck_assert_int_eq(finish(&child), 0);
	return count;
}

START_TEST(the_place_of_a_killed_reader_is_freed_by_tending) {
	struct child reader = start(read_for_ever);
	ck_assert_int_eq(hear(reader.says), 1);
	struct store *store = open_test_store(&folder, NULL);
	int64_t with_it = readers();
	ck_assert_int_eq(kill(reader.process, SIGKILL), 0);
	ck_assert(WIFSIGNALED(finish(&reader)));
	ck_assert_int_eq(readers(), with_it);
	ck_assert_int_eq(store_tend(store, NULL), OK);
	ck_assert_int_eq(readers(), with_it - 1);
	store_close(store);
}
END_TEST

/* ---- damage ---- */

static enum error put_ann_and_bob(struct tx *tx, void *argument, struct failure *failure) {
	(void)argument;
	struct record ann = person("a", "Ann", 30, "Oslo"), bob = person("b", "Bob", 20, "Bern");
	ann.body = slice_of_text("these bytes are looked for and damaged");
	enum error error = tx_put(tx, &people, &ann, failure);
	return error == OK ? tx_put(tx, &people, &bob, failure) : error;
}

static void make_two_people(void) {
	struct store *store = open_test_store(&folder, NULL);
	ck_assert_int_eq(store_write(store, put_ann_and_bob, NULL, NULL), OK);
	store_close(store);
}

/* Flips one bit of every copy of `text` in the data file. */
static void damage(const char *text) {
	char path[128];
	(void)snprintf(path, sizeof path, "%s/data.mdb", folder.path);
	FILE *file = fopen(path, "r+");
	ck_assert_ptr_nonnull(file);
	static char bytes[1 << 20];
	size_t size = fread(bytes, 1, sizeof bytes, file);
	char *found = memmem(bytes, size, text, strlen(text));
	ck_assert_ptr_nonnull(found);
	while (found != NULL) {
		*found ^= 1;
		found = memmem(bytes, size, text, strlen(text));
	}
	rewind(file);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

static enum error get_damaged(struct tx *tx, void *argument, struct failure *failure) {
	(void)argument;
	struct record record;
	struct cell ann = cell_text("a"), bob = cell_text("b");
	ck_assert_int_eq(tx_get(tx, &people, &bob, &record, failure), OK);
	return tx_get(tx, &people, &ann, &record, failure);
}

struct findings {
	char text[1024];
};

static void note_finding(void *argument, const char *table, const char *what) {
	struct findings *findings = argument;
	size_t used = strlen(findings->text);
	(void)snprintf(findings->text + used, sizeof findings->text - used, "%s: %s\n", table, what);
}

static void expect_findings(struct store *store, const char *expected) {
	struct findings findings = { .text = "" };
	struct store_summary summary;
	ck_assert_int_eq(store_check(store, note_finding, &findings, &summary, NULL), OK);
	ck_assert_str_eq(findings.text, expected);
	uint64_t lines = 0;
	for (const char *at = expected; *at != '\0'; at++) {
		lines += *at == '\n';
	}
	ck_assert_uint_eq(summary.damage, lines);
}

START_TEST(a_damaged_byte_is_found_by_get_and_by_the_check) {
	make_two_people();
	damage("these bytes are looked for");
	struct store *store = open_test_store(&folder, NULL);
	ck_assert_int_eq(store_read(store, get_damaged, NULL, NULL), ERROR_STORE_DAMAGED);
	ck_assert_int_eq(store_write(store, get_damaged, NULL, NULL), ERROR_STORE_DAMAGED);
	expect_findings(store, "people: a record of people has a wrong checksum, key 610000\n");
	store_close(store);
}
END_TEST

/* Changes single entries behind the store's back. */
static void tamper(int in, int out) {
	static const struct {
		const char *database;
		const char *key;
		size_t size;
		bool put;
	} rows[] = {
		{ "people", "b\0\0", 3, false },
		{ "people.by_name", "Ann\0\0a\0\0", 8, false },
		{ "people.by_name", "Zoe\0\0a\0\0", 8, true },
		{ "people.by_city", "x", 1, true },
		{ "payments", "x", 1, true },
	};
	(void)in;
	(void)out;
	MDB_env *environment = NULL;
	MDB_txn *transaction = NULL;
	int code = mdb_env_create(&environment);
	code |= mdb_env_set_maxdbs(environment, 8);
	code |= mdb_env_open(environment, folder.path, 0, 0600);
	code |= mdb_txn_begin(environment, NULL, 0, &transaction);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && code == 0; i++) {
		MDB_dbi database;
		MDB_val key = { rows[i].size, (void *)(uintptr_t)rows[i].key }, value = { 0, NULL };
		code = mdb_dbi_open(transaction, rows[i].database, MDB_CREATE, &database);
		if (code == 0) {
			code = rows[i].put ? mdb_put(transaction, database, &key, &value, 0)
			                   : mdb_del(transaction, database, &key, NULL);
		}
	}
	code |= mdb_txn_commit(transaction);
	mdb_env_close(environment);
	_exit(code == 0 ? 0 : 2);
}

START_TEST(the_check_names_missing_wrong_and_unknown_entries) {
	make_two_people();
	struct child child = start(tamper);
	ck_assert_int_eq(finish(&child), 0);
	struct store *store = open_test_store(&folder, NULL);
	expect_findings(store, "payments: no table of this name is known\n"
	                       "people: a record is not in the index by_name, key 610000\n"
	                       "people: an index entry leads to no record, key 426f620000620000\n"
	                       "people: an index entry has other values than its record, key 5a6f650000610000\n"
	                       "people: an index entry leads to no record, key 4265726e00008000000000000014620000\n"
	                       "people: an index entry cannot be read, key 78\n");
	store_close(store);
}
END_TEST

/* ---- opening ---- */

static void make_other_file(int in, int out) {
	MDB_env *environment = NULL;
	MDB_txn *transaction = NULL;
	MDB_dbi database;
	(void)out;
	bool of_troth = hear(in) == 1;
	MDB_val key = { 6, (void *)(uintptr_t)"format" }, value = { 1, (void *)(uintptr_t)"9" };
	int code = mdb_env_create(&environment);
	code |= mdb_env_set_maxdbs(environment, 8);
	code |= mdb_env_open(environment, folder.path, 0, 0600);
	code |= mdb_txn_begin(environment, NULL, 0, &transaction);
	code |= mdb_dbi_open(transaction, of_troth ? "store" : "other", MDB_CREATE, &database);
	code |= mdb_put(transaction, database, &key, &value, 0);
	code |= mdb_txn_commit(transaction);
	mdb_env_close(environment);
	_exit(code == 0 ? 0 : 2);
}

START_TEST(a_file_of_another_program_or_version_is_not_opened) {
	for (int64_t of_troth = 0; of_troth < 2; of_troth++) {
		struct child child = start(make_other_file);
		say(child.hears, of_troth);
		ck_assert_int_eq(finish(&child), 0);
		struct store *store = NULL;
		ck_assert_int_eq(store_open(folder.url, test_tables, 2, NULL, &store, NULL), ERROR_STORE_VERSION);
		ck_assert_ptr_null(store);
	}
}
END_TEST

/* ---- a sync that fails ---- */

static void write_with_a_failing_sync(int in, int out) {
	struct store *store = open_in_child(NULL);
	int64_t value = 0;
	if (store_write(store, raise_all, &value, NULL) != OK) {
		_exit(4);
	}
	sync_error = (int)hear(in);
	(void)store_write(store, raise_all, &value, NULL);
	say(out, 1); /* must not be reached */
}

START_TEST(a_commit_whose_sync_fails_ends_the_process_and_acknowledges_nothing) {
	static const int codes[] = { EIO, ENOSPC };
	for (size_t i = 0; i < 2; i++) {
		struct child child = start(write_with_a_failing_sync);
		say(child.hears, codes[i]);
		ck_assert_int_eq(hear(child.says), -1);
		int status = finish(&child);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
		struct store *store = open_test_store(&folder, NULL);
		int64_t found = 0;
		ck_assert_int_eq(store_read(store, expect_whole_batches, &found, NULL), OK);
		ck_assert_int_eq(found, (int64_t)i + 1);
		store_close(store);
	}
}
END_TEST

int main(void) {
	const TTest *const tests[] = {
		after_a_kill_only_whole_batches_are_there_and_every_acknowledged_one,
		two_processes_that_write_the_same_records_lose_no_update,
		a_map_grown_by_another_process_is_followed_by_reader_and_writer,
		the_place_of_a_killed_reader_is_freed_by_tending,
		a_damaged_byte_is_found_by_get_and_by_the_check,
		the_check_names_missing_wrong_and_unknown_entries,
		a_file_of_another_program_or_version_is_not_opened,
		a_commit_whose_sync_fails_ends_the_process_and_acknowledges_nothing,
	};
	return run_suite("store_process", tests, sizeof tests / sizeof tests[0], set_up, tear_down);
}
