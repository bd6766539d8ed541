/* Any bytes as a request and as a reply: read or refused, and no refusal carries a control character. */
#include <assert.h>

#include "wire/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The reader refuses by codes; a good one is as it says. */
static void read_as_reply(struct pack_document *document, struct slice bytes) {
	const struct pack_value *ok = NULL;
	struct failure failure = { 0 };
	enum error error = body_read_reply(document, bytes, &ok, &failure);
	assert((error == OK) == (ok != NULL));
	assert(error == OK || failure.code == error);
	assert(failure.retry_ms <= BODY_RETRY_MAX_MS);
	for (const char *at = failure.text; *at != '\0'; at++) {
		assert((unsigned char)*at >= ' ' && *at != 0x7f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct pack_document *document = pack_document_new();
	if (document == NULL) {
		return 0;
	}
	struct slice bytes = slice_of(data, size);
	struct slice operation = { 0 };
	if (body_read_request(document, bytes, &operation, NULL) == OK) {
		assert(operation.size > 0 && operation.data >= data && operation.data + operation.size <= data + size);
	}
	read_as_reply(document, bytes);
	pack_document_free(document);
	return 0;
}
