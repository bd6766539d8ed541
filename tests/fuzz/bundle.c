/* Fuzzes the reading of bundles: what is read is written again byte for byte, up to the entry that is refused, and the
 * lines that are named are those of the file. If the first byte is 0x80 or above, the rest is an edit of a good bundle,
 * which is small so that chance finds each place of it:
 *
 *     choice[1]  offset[1]  removed[1]  bytes to put there */
#include "crypto/bundle.h"

#include <stdlib.h>

#define OUT_MAX (1 << 20)
#define SIGNATURE "\xE2\x80\x94 a AAAAAAA=\n"
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good[] = "a/bundle/v1\n\n"
                           "hidden 7 2026-11-23T10:02:11Z sha256:" ID "\n\n"
                           "note 9 2026-11-23T10:02:11Z\nx\n\n" SIGNATURE "\n"
                           "note 17 2026-11-24T08:00:00Z\nnote 9\n" SIGNATURE "\n" SIGNATURE SIGNATURE "\n"
                           "note 9223372036854775806 2026-11-24T08:00:00Z\nx\n\n" SIGNATURE "\n";
_Static_assert(sizeof good <= 512, "an offset has one byte and the choice's lowest bit");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds) {
	if (!holds) {
		abort();
	}
}

static unsigned lines_of(struct slice bytes) {
	unsigned lines = 0;
	for (size_t i = 0; i < bytes.size; i++) {
		lines += bytes.data[i] == '\n';
	}
	return lines;
}

/* What an entry says is in the file at the place that it names, and within the limits. */
static void expect_entry(const struct bundle_entry *entry, struct slice file, size_t begin) {
	struct slice note = entry->signed_note;
	expect(entry->line == 1 + lines_of(slice_of(file.data, begin)));
	if (entry->hidden) {
		expect(note.size == 0 && entry->split.count == 0 && entry->split.text.size == 0);
		return;
	}
	expect(note.size <= SIGNED_NOTE_MAX && note.data + note.size < file.data + file.size);
	expect(entry->split.count >= 1 && entry->split.text.data == note.data);
	expect(entry->split.text.data[0] != '\n');
	expect(memmem(entry->split.text.data, entry->split.text.size, "\n\n", 2) == NULL);
	expect(note.data[note.size] == '\n');
}

static void write_again(const struct bundle_entry *entry, struct buffer *out) {
	char received[BUNDLE_RECEIVED_SIZE];
	expect(slice_copy_text(entry->received, received, sizeof received));
	expect((entry->hidden ? bundle_append_hidden(out, entry->sequence, received, entry->id, NULL)
	                      : bundle_append(out, entry->sequence, received, entry->signed_note, NULL)) == OK);
}

/* An error has its code, and a line that the file has or that would come next; it comes again if asked again. */
static void expect_refusal(struct bundle_reader *reader, enum error error, const struct failure *failure) {
	struct bundle_entry entry;
	bool done = false;
	expect(error == ERROR_MALFORMED || error == ERROR_BAD_TEXT || error == ERROR_TOO_LONG);
	expect(failure->code == error && failure->line >= 3 && failure->line <= 1 + lines_of(reader->file));
	expect(bundle_next(reader, &entry, &done, NULL) == error && !done);
}

static void read_entries(struct bundle_reader *reader, struct buffer *out) {
	struct bundle_entry entry;
	struct failure failure;
	int64_t before = 0;
	bool done = false;
	enum error error = OK;
	do {
		expect(out->size <= reader->file.size && memcmp(out->data, reader->file.data, out->size) == 0);
		size_t begin = out->size;
		error = bundle_next(reader, &entry, &done, &failure);
		if (error == OK && !done) {
			expect_entry(&entry, reader->file, begin);
			expect(entry.sequence > before);
			before = entry.sequence;
			write_again(&entry, out);
		}
	} while (error == OK && !done);
	if (error != OK) {
		expect_refusal(reader, error, &failure);
	} else {
		expect(slice_equal(buffer_slice(out), reader->file));
	}
}

/* Appends the file that the input stands for. */
static void take_file(const uint8_t *data, size_t size, struct buffer *file) {
	if (size < 3 || data[0] < 0x80) {
		(void)buffer_append(file, data, size);
		return;
	}
	size_t whole = sizeof good - 1;
	size_t offset = (data[1] + (data[0] & 1U) * 256) % (whole + 1);
	size_t removed = data[2] > whole - offset ? whole - offset : data[2];
	(void)buffer_append(file, good, offset);
	(void)buffer_append(file, data + 3, size - 3);
	(void)buffer_append(file, good + offset + removed, whole - offset - removed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct bundle_reader reader;
	struct slice origin;
	struct buffer file, out;
	char name[SIGNER_NAME_MAX];
	buffer_init(&file, OUT_MAX);
	buffer_init(&out, OUT_MAX);
	take_file(data, size, &file);
	expect(buffer_ok(&file));
	if (bundle_open(buffer_slice(&file), &reader, &origin, NULL) == OK) {
		expect(slice_copy_text(origin, name, sizeof name));
		expect(bundle_begin(&out, name, NULL) == OK);
		read_entries(&reader, &out);
	}
	buffer_release(&file);
	buffer_release(&out);
	return 0;
}
