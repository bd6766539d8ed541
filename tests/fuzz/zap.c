/* Any frames as a ZAP request: nothing but a whole CURVE request with an admitted key gets a 200. */
#include <assert.h>

#include "tests/fuzz/wire_frames.h"
#include "wire/zap.h"

#define STATUS 3  /* position of the status in a reply */
#define USER_ID 5
#define MECHANISM 6 /* position in a request */
#define CREDENTIAL 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Admits half of the keys. */
static bool admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	return (key[0] & 1) == 0;
}

static void check_admitted(const struct message *request, const struct message *reply) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	assert(request->count == CREDENTIAL + 1 && slice_is(message_frame(request, MECHANISM), "CURVE"));
	assert(slice_is(message_frame(reply, STATUS), "200"));
	assert(transport_key_parse(message_frame(reply, USER_ID), key));
	assert(slice_equal(message_frame(request, CREDENTIAL), slice_of(key, sizeof key)) && admits(NULL, key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct message request, reply;
	frames_of_bytes(&request, data, size);
	message_init(&reply);
	const char *refusal = NULL;
	bool answered = zap_answer(&request, 0, admits, NULL, &reply, &refusal);
	assert(answered ? reply.count == USER_ID + 2 : reply.count == 0 && refusal != NULL);
	if (refusal == NULL) {
		check_admitted(&request, &reply);
	} else if (answered) {
		assert(slice_is(message_frame(&reply, STATUS), "400") && message_frame(&reply, USER_ID).size == 0);
	}
	message_release(&request);
	message_release(&reply);
	return 0;
}
