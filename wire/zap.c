/* Decides on ZAP requests; see zap.h. */
#include "wire/zap.h"

#define ZAP_VERSION "1.0"
#define ZAP_ID_MAX 255 /* bytes of a request id that is sent back */

/* Where a frame of a request stands, counted from the empty frame. */
enum position {
	AT_DELIMITER,
	AT_VERSION,
	AT_ID,
	AT_DOMAIN,
	AT_ADDRESS = ZAP_AT_ADDRESS,
	AT_IDENTITY,
	AT_MECHANISM,
	AT_CREDENTIALS,
};

/* Why a request is refused, or NULL; `key` receives the key of a good one. */
static const char *objection(const struct message *request, size_t first, link_admits admits, void *argument,
                             uint8_t key[TRANSPORT_KEY_SIZE]) {
	if (!slice_is(message_frame(request, first + AT_VERSION), ZAP_VERSION)) {
		return "only version 1.0 is spoken here";
	}
	if (request->count <= first + AT_MECHANISM) {
		return "the request is cut short";
	}
	if (!slice_is(message_frame(request, first + AT_DOMAIN), ZAP_DOMAIN)) {
		return "another domain";
	}
	if (!slice_is(message_frame(request, first + AT_MECHANISM), "CURVE")) {
		return "only CURVE is accepted";
	}
	if (request->count != first + AT_CREDENTIALS + 1) {
		return "CURVE has one credential";
	}
	struct slice credential = message_frame(request, first + AT_CREDENTIALS);
	if (credential.size != TRANSPORT_KEY_SIZE) {
		return "a CURVE key has 32 bytes";
	}
	memcpy(key, credential.data, TRANSPORT_KEY_SIZE);
	return admits == NULL || admits(argument, key) ? NULL : "this key is not admitted";
}

bool zap_answer(struct message *request, size_t first, link_admits admits, void *argument, struct message *reply,
                const char **refusal) {
	if (request->count <= first + AT_ID || message_frame(request, first + AT_DELIMITER).size != 0 ||
	    message_frame(request, first + AT_ID).size > ZAP_ID_MAX) {
		*refusal = "a request that is not in the form of RFC 27";
		return false;
	}
	uint8_t key[TRANSPORT_KEY_SIZE] = { 0 };
	char user_id[TRANSPORT_KEY_TEXT] = "";
	*refusal = objection(request, first, admits, argument, key);
	if (*refusal == NULL) {
		transport_key_format(key, user_id);
	}
	bool whole = true;
	for (size_t i = 0; i < first; i++) {
		whole = whole && message_append_moved(reply, request, i);
	}
	whole = whole && message_append_text(reply, "") && message_append_text(reply, ZAP_VERSION) &&
	        message_append_moved(reply, request, first + AT_ID) &&
	        message_append_text(reply, *refusal == NULL ? "200" : "400") &&
	        message_append_text(reply, *refusal == NULL ? "OK" : *refusal) && message_append_text(reply, user_id) &&
	        message_append_text(reply, "");
	if (!whole) {
		message_release(reply);
		*refusal = "no room for the reply";
	}
	return whole;
}
