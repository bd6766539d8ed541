/* ZAP requests (RFC 27): only CURVE, only this version and domain, only a whole key, only a key that is admitted. */
#include "tests/unit/wire_hex.h"
#include "wire/zap.h"

#define KEY "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define OTHER "ff02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define TROTH "74726f7468"
#define PEER "3132372e302e302e31" /* 127.0.0.1 */
#define CURVE "4355525645"
#define NONE "4e554c4c"            /* NULL */
#define PLAIN "504c41494e"
#define HEAD "|312e30|3031|" /* empty, 1.0, request id */

/* Admits every key but OTHER. */
static bool admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	unsigned *asked = argument;
	(*asked)++;
	return key[0] != 0xff;
}

static const struct {
	const char *hex;
	const char *refusal; /* NULL: admitted */
	bool answered;
	unsigned asked;
} requests[] = {
	{ HEAD TROTH "|" PEER "||" CURVE "|" KEY, NULL, true, 1 },
	{ HEAD TROTH "|" PEER "|0011223344|" CURVE "|" KEY, NULL, true, 1 },
	{ HEAD TROTH "|" PEER "||" CURVE "|" OTHER, "not admitted", true, 1 },
	{ HEAD TROTH "|" PEER "||" NONE, "only CURVE", true, 0 },
	{ HEAD TROTH "|" PEER "||" PLAIN "|61|62", "only CURVE", true, 0 },
	{ HEAD TROTH "|" PEER "||63757276" "65|" KEY, "only CURVE", true, 0 }, /* curve */
	{ HEAD TROTH "|" PEER "||" CURVE, "one credential", true, 0 },
	{ HEAD TROTH "|" PEER "||" CURVE "|" KEY "|" KEY, "one credential", true, 0 },
	{ HEAD TROTH "|" PEER "||" CURVE "|", "32 bytes", true, 0 },
	{ HEAD TROTH "|" PEER "||" CURVE "|" KEY "00", "32 bytes", true, 0 },
	{ HEAD TROTH "|" PEER "||" CURVE "|0102", "32 bytes", true, 0 },
	{ HEAD "|" PEER "||" CURVE "|" KEY, "domain", true, 0 },
	{ HEAD TROTH "00|" PEER "||" CURVE "|" KEY, "domain", true, 0 },
	{ HEAD TROTH "|" PEER, "cut short", true, 0 },
	{ "|312e30|3031", "cut short", true, 0 },
	{ "|322e30|3031|" TROTH "|" PEER "||" CURVE "|" KEY, "version", true, 0 },
	{ "||3031|" TROTH "|" PEER "||" CURVE "|" KEY, "version", true, 0 },
	{ "312e30|3031|" TROTH "|" PEER "||" CURVE "|" KEY, "form of RFC 27", false, 0 }, /* no empty frame */
	{ "|312e30", "form of RFC 27", false, 0 },
	{ "", "form of RFC 27", false, 0 },
};

#define REQUESTS (sizeof requests / sizeof requests[0])

static void check_answer(const char *route, size_t first, const char *expected_route) {
	for (size_t i = 0; i < REQUESTS; i++) {
		struct message request, reply;
		message_init(&request);
		message_init(&reply);
		if (first > 0) {
			message_append_hex(&request, route);
		}
		message_append_hex(&request, requests[i].hex);
		unsigned asked = 0;
		const char *refusal = NULL;
		ck_assert_int_eq(zap_answer(&request, first, admits, &asked, &reply, &refusal), requests[i].answered);
		ck_assert_uint_eq(asked, requests[i].asked);
		ck_assert_int_eq(refusal == NULL, requests[i].refusal == NULL);
		ck_assert_msg(refusal == NULL || strstr(refusal, requests[i].refusal) != NULL, "%s: said: %s",
		              requests[i].hex, refusal);
		ck_assert_uint_eq(reply.count, requests[i].answered ? first + 7 : 0);
		if (requests[i].answered) {
			struct buffer head;
			buffer_init(&head, 1024);
			ck_assert(message_hex(&reply, 0, &head) != NULL);
			size_t size = strlen(expected_route);
			ck_assert_int_eq(strncmp((const char *)head.data, expected_route, size), 0);
			ck_assert_int_eq(strncmp((const char *)head.data + size, HEAD, sizeof HEAD - 1), 0);
			buffer_release(&head);
			ck_assert(slice_is(message_frame(&reply, first + 3), refusal == NULL ? "200" : "400"));
			ck_assert_int_eq(message_frame(&reply, first + 5).size == 0, refusal != NULL);
		}
		message_release(&request);
		message_release(&reply);
	}
}

START_TEST(only_an_admitted_curve_key_is_let_in) {
	check_answer("", 0, "");
}
END_TEST

START_TEST(the_way_back_stands_in_front_of_the_reply) {
	check_answer("00aabbccdd", 1, "00aabbccdd|");
}
END_TEST

START_TEST(the_user_id_is_the_key) {
	struct message request, reply;
	message_init(&request);
	message_init(&reply);
	message_append_hex(&request, HEAD TROTH "|" PEER "||" CURVE "|" KEY);
	const char *refusal = NULL;
	ck_assert(zap_answer(&request, 0, NULL, NULL, &reply, &refusal));
	ck_assert(slice_is(message_frame(&reply, 5), "curve25519:" KEY));
	message_release(&request);
	message_release(&reply);
}
END_TEST

START_TEST(a_request_id_that_is_too_long_is_not_sent_back) {
	struct message request, reply;
	uint8_t id[256] = { 0 };
	message_init(&request);
	message_init(&reply);
	ck_assert(message_append_text(&request, "") && message_append_text(&request, "1.0"));
	ck_assert(message_append(&request, slice_of(id, sizeof id)));
	const char *refusal = NULL;
	ck_assert(!zap_answer(&request, 0, NULL, NULL, &reply, &refusal));
	ck_assert_ptr_nonnull(refusal);
	message_release(&request);
}
END_TEST

int main(void) {
	TCase *zap = tcase_create("zap");
	tcase_add_test(zap, only_an_admitted_curve_key_is_let_in);
	tcase_add_test(zap, the_way_back_stands_in_front_of_the_reply);
	tcase_add_test(zap, the_user_id_is_the_key);
	tcase_add_test(zap, a_request_id_that_is_too_long_is_not_sent_back);
	Suite *suite = suite_create("wire zap");
	suite_add_tcase(suite, zap);
	return unit_run(suite);
}
