/* Asking openssl and signify; see foreign.h. */
#include "tests/lib/foreign.h"

#include "base/file.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define COMMENT "untrusted comment: made by a test of Troth\n"
#define SIGNIFY_HEAD_SIZE 10 /* "Ed" and the key's number */

static const char *write_file(const char *folder, const char *name, struct slice bytes) {
	const char *path = scratch_path(folder, name);
	struct failure failure;
	if (file_replace(path, bytes, 0600, &failure) != OK) {
		stop("%s", failure.text);
	}
	return path;
}

static bool run(const char *const words[]) {
	struct process_result result;
	int status = process_run(&result, words);
	if (status == PROCESS_CANNOT_RUN || status == PROCESS_NO_STATUS || status > 128) {
		stop("%s ended with %d: %s", words[0], status, result.errors);
	}
	process_result_release(&result);
	return status == 0;
}

/* SubjectPublicKeyInfo of RFC 8410, as PEM. */
static const char *write_pem(const char *folder, const uint8_t public_key[KEY_SIZE]) {
	uint8_t der[12 + KEY_SIZE] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	memcpy(der + 12, public_key, KEY_SIZE);
	struct buffer pem;
	buffer_init(&pem, 1024);
	(void)buffer_append_text(&pem, "-----BEGIN PUBLIC KEY-----\n");
	(void)base64_encode(slice_of(der, sizeof der), &pem);
	(void)buffer_append_text(&pem, "\n-----END PUBLIC KEY-----\n");
	const char *path = write_file(folder, "key.pem", buffer_slice(&pem));
	buffer_release(&pem);
	return path;
}

bool foreign_openssl_accepts(const uint8_t public_key[KEY_SIZE], struct slice text,
                             const uint8_t signature[SIGNATURE_SIZE]) {
	const char *folder = scratch_folder();
	const char *key = write_pem(folder, public_key), *signed_text = write_file(folder, "text", text);
	const char *raw = write_file(folder, "signature", slice_of(signature, SIGNATURE_SIZE));
	const char *const words[] = { "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-sigfile", raw,
		                          "-in", signed_text, NULL };
	return run(words);
}

/* signify's files: a comment, then base64 of "Ed" || key number[8] || what it is about. */
static const char *write_signify(const char *folder, const char *name, struct slice content) {
	uint8_t bytes[SIGNIFY_HEAD_SIZE + SIGNATURE_SIZE] = { 'E', 'd', 't', 'r', 'o', 't', 'h', '0', '0', '1' };
	memcpy(bytes + SIGNIFY_HEAD_SIZE, content.data, content.size);
	struct buffer file;
	buffer_init(&file, 1024);
	(void)buffer_append_text(&file, COMMENT);
	(void)base64_encode(slice_of(bytes, SIGNIFY_HEAD_SIZE + content.size), &file);
	(void)buffer_append_text(&file, "\n");
	const char *path = write_file(folder, name, buffer_slice(&file));
	buffer_release(&file);
	return path;
}

bool foreign_signify_accepts(const uint8_t public_key[KEY_SIZE], struct slice text,
                             const uint8_t signature[SIGNATURE_SIZE]) {
	const char *folder = scratch_folder();
	const char *key = write_signify(folder, "key.pub", slice_of(public_key, KEY_SIZE));
	const char *wrapped = write_signify(folder, "text.sig", slice_of(signature, SIGNATURE_SIZE));
	const char *signed_text = write_file(folder, "text", text);
	const char *const words[] = { "signify-openbsd", "-V", "-p", key, "-x", wrapped, "-m", signed_text, NULL };
	return run(words);
}

const struct foreign foreign_verifiers[FOREIGN_COUNT] = {
	{ "openssl", foreign_openssl_accepts },
	{ "signify", foreign_signify_accepts },
};
