/* Fuzzes the reading of key files. A plain file that opens is written again and must be the same bytes, since there is
 * one form. Sealed files are tried without a passphrase: what follows is Argon2id, which is slow by intention. */
#include "crypto/key_file.h"

#include <stdlib.h>

#include "crypto/signed_note.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
	(void)argc;
	(void)argv;
	return crypto_start(NULL) == OK ? 0 : -1;
}

static void expect(bool holds) {
	if (!holds) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct slice file = slice_of(data, size);
	struct failure failure;
	struct signing_key *key = NULL;
	char name[SIGNER_NAME_MAX];
	bool sealed = key_file_is_sealed(file);
	enum error error = key_file_read(file, NULL, name, &key, &failure);
	expect((error == OK) == (key != NULL));
	expect(!sealed || error == ERROR_WRONG_PASSPHRASE || error == ERROR_MALFORMED);
	if (error == OK) {
		struct buffer again;
		buffer_init(&again, KEY_FILE_MAX);
		expect(key_file_write(&again, name, key, NULL, &failure) == OK);
		expect(slice_equal(buffer_slice(&again), file));
		buffer_release(&again);
	}
	signing_key_free(key);
	return 0;
}
