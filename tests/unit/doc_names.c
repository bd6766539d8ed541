/* What the documents name exists: files, functions, commands, settings. So no page outlives what it tells of. */
#include <stdio.h>

#include "base/file.h"
#include "cli/commands.h"
#include "rules/deal_pack.h"
#include "tests/lib/unit.h"
#include "workers/market/config.h"

#define PAGE_MAX (1 << 20)
#define WORD_MAX 256

/* Reads a whole file as a text that ends in NUL. */
static const char *read_text(const char *path, struct buffer *out) {
	struct failure failure;
	buffer_init(out, PAGE_MAX);
	ck_assert_msg(file_read(path, out, &failure) == OK, "%s", failure.text);
	const char *text = buffer_text(out);
	ck_assert_ptr_nonnull(text);
	return text;
}

static bool file_has(const char *path, const char *word) {
	struct buffer file;
	bool has = strstr(read_text(path, &file), word) != NULL;
	buffer_release(&file);
	return has;
}

/* Copies the next word between single backquotes; NULL at the end, else where to go on. */
static const char *next_quoted(const char *at, char word[WORD_MAX]) {
	for (at = strchr(at, '`'); at != NULL; at = strchr(at, '`')) {
		size_t marks = strspn(at, "`"), size = strcspn(at + marks, "`");
		at += marks;
		if (marks == 1 && size < WORD_MAX && at[size] == '`') {
			memcpy(word, at, size);
			word[size] = '\0';
			return at + size + 1;
		}
	}
	return NULL;
}

static bool ends_in(const char *word, const char *end) {
	size_t size = strlen(word), tail = strlen(end);
	return size > tail && strcmp(word + size - tail, end) == 0;
}

/* True for "rules/note.c", but not for "note.c" or a placeholder. */
static bool is_path(const char *word) {
	static const char *const ends[] = { ".c", ".h", ".md", ".sh", ".offer", ".csv" };
	bool known = false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		known = known || ends_in(word, ends[i]);
	}
	return known && strchr(word, '/') != NULL && strpbrk(word, " *") == NULL;
}

static const char *const pages[] = { "README.md", "doc/life-of-a-note.md", "doc/operations.md" };

START_TEST(every_file_that_a_page_names_is_there) {
	struct buffer page;
	char word[WORD_MAX];
	size_t named = 0;
	for (const char *at = next_quoted(read_text(pages[_i], &page), word); at != NULL; at = next_quoted(at, word)) {
		if (is_path(word)) {
			ck_assert_msg(file_exists(word), "%s names %s, which is not there", pages[_i], word);
			named++;
		}
	}
	ck_assert_msg(named > 0 || _i > 0, "the README names no file");
	buffer_release(&page);
}
END_TEST

/* True if a file that the page names has the function. */
static bool is_in_a_named_file(const char *page, const char *function) {
	char word[WORD_MAX];
	for (const char *at = next_quoted(page, word); at != NULL; at = next_quoted(at, word)) {
		if (is_path(word) && ends_in(word, ".c") && file_has(word, function)) {
			return true;
		}
	}
	return false;
}

START_TEST(every_function_of_the_walk_is_in_a_file_of_the_walk) {
	struct buffer page;
	char word[WORD_MAX];
	size_t named = 0;
	const char *text = read_text("doc/life-of-a-note.md", &page);
	for (const char *at = next_quoted(text, word); at != NULL; at = next_quoted(at, word)) {
		if (ends_in(word, "()")) {
			word[strlen(word) - 1] = '\0'; /* "name(" */
			ck_assert_msg(is_in_a_named_file(text, word), "no file of the page has the function %s)", word);
			named++;
		}
	}
	ck_assert_uint_gt(named, 20);
	buffer_release(&page);
}
END_TEST

START_TEST(the_man_page_tells_of_every_command) {
	char word[WORD_MAX];
	(void)snprintf(word, sizeof word, "*troth %s*", commands[_i].words);
	ck_assert_msg(file_has("doc/troth.1.scd", word), "doc/troth.1.scd does not tell of %s", word);
}
END_TEST

START_TEST(the_man_page_tells_of_every_setting_and_its_default) {
	const struct config_key *key = &worker_config_keys[_i];
	bool has_default = key->fallback != NULL && key->fallback[0] != '\0';
	bool is_optional = key->fallback != NULL && !has_default; /* such settings may stand together on a line */
	char line[WORD_MAX];
	(void)snprintf(line, sizeof line, is_optional ? "*%s*" : has_default ? "\n*%s* = %s\n" : "\n*%s*\n", key->name,
	               has_default ? key->fallback : "");
	ck_assert_msg(file_has("doc/troth-worker.1.scd", line), "doc/troth-worker.1.scd has no line%s", line);
}
END_TEST

/* A deal in which nothing is zero is packed with every key that there is. */
START_TEST(the_protocol_names_every_key_of_a_deal) {
	struct deal deal;
	memset(&deal, 1, sizeof deal);
	(void)snprintf(deal.brand, sizeof deal.brand, "acme-yoga");
	(void)snprintf(deal.creator, sizeof deal.creator, "studio-flow");
	char *const currencies[] = { deal.offer_currency, deal.terms.currency, deal.terms.product_currency };
	for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
		(void)snprintf(currencies[i], CURRENCY_SIZE, "USD");
	}
	struct buffer bytes;
	struct failure failure;
	struct slice key;
	struct pack_document *document = pack_document_new();
	buffer_init(&bytes, DEAL_PACK_MAX);
	deal_pack(&bytes, &deal);
	ck_assert_msg(pack_read(document, buffer_slice(&bytes), DEAL_PACK_MAX, &failure) == OK, "%s", failure.text);
	size_t at = 0;
	for (; pack_pair(pack_root(document), at, &key) != NULL; at++) {
		char word[PACK_KEY_MAX + 3];
		(void)snprintf(word, sizeof word, "`%.*s`", (int)key.size, (const char *)key.data);
		ck_assert_msg(file_has("doc/protocol.md", word), "doc/protocol.md does not have %s", word);
	}
	ck_assert_uint_gt(at, 50);
	pack_document_free(document);
	buffer_release(&bytes);
}
END_TEST

START_TEST(the_help_of_fields_lists_every_kind) {
	const struct command *fields = NULL;
	for (size_t i = 0; i < commands_count; i++) {
		fields = strcmp(commands[i].words, "fields") == 0 ? &commands[i] : fields;
	}
	ck_assert_ptr_nonnull(fields);
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		const char *name = kind_get((enum kind_id)i)->name, *at = strstr(fields->explanation, name);
		ck_assert_msg(at != NULL, "troth fields --help does not say %s", name);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("names in the documents");
	TCase *tests = tcase_create("names");
	tcase_add_loop_test(tests, every_file_that_a_page_names_is_there, 0, (int)(sizeof pages / sizeof pages[0]));
	tcase_add_test(tests, every_function_of_the_walk_is_in_a_file_of_the_walk);
	tcase_add_test(tests, the_protocol_names_every_key_of_a_deal);
	tcase_add_test(tests, the_help_of_fields_lists_every_kind);
	tcase_add_loop_test(tests, the_man_page_tells_of_every_command, 0, (int)commands_count);
	tcase_add_loop_test(tests, the_man_page_tells_of_every_setting_and_its_default, 0, (int)worker_config_count);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
