/* Majordomo 0.2: every legal message in its exact bytes, both ways, and every way in which a message can be wrong. */
#include "tests/unit/wire_hex.h"
#include "wire/mdp.h"

#define C02 "4d4450433032"
#define W02 "4d4450573032"
#define NOTES "6e6f746573" /* notes */
#define ID "69642d31"      /* id-1 */
#define TOKEN "000102030405060708090a0b0c0d0e0f"

/* ---- legal messages; these are the golden examples of doc/protocol.md ---- */

static const struct golden {
	const char *name;
	const char *hex;
	enum mdp_side side;
	enum mdp_command command;
	const char *service; /* NULL: none */
	unsigned window;
	bool has_address;
	size_t body_first;
} goldens[] = {
	{ "client request", C02 "|01|" NOTES "|" ID "|80", MDP_SIDE_CLIENT, MDP_REQUEST, "notes", 1, false, 3 },
	{ "client request of plain RFC 18", C02 "|01|" NOTES "|80", MDP_SIDE_CLIENT, MDP_REQUEST, "notes", 1, false, 3 },
	{ "client request with an empty body", C02 "|01|" NOTES "|", MDP_SIDE_CLIENT, MDP_REQUEST, "notes", 1, false, 3 },
	{ "client partial", C02 "|02|" NOTES "|" ID "|81a26f6b80", MDP_SIDE_CLIENT, MDP_PARTIAL, "notes", 1, false, 3 },
	{ "client final", C02 "|03|" NOTES "|" ID "|81a26f6b80", MDP_SIDE_CLIENT, MDP_FINAL, "notes", 1, false, 3 },
	{ "worker ready", W02 "|01|" NOTES, MDP_SIDE_WORKER, MDP_READY, "notes", 1, false, 3 },
	{ "worker ready, window 256", W02 "|01|" NOTES "|323536", MDP_SIDE_WORKER, MDP_READY, "notes", 256, false, 4 },
	{ "worker ready, largest window", W02 "|01|" NOTES "|34303936", MDP_SIDE_WORKER, MDP_READY, "notes", 4096, false,
	  4 },
	{ "worker request", W02 "|02|" TOKEN "||" ID "|80", MDP_SIDE_WORKER, MDP_REQUEST, NULL, 1, true, 4 },
	{ "worker partial", W02 "|03|" TOKEN "||" ID "|80", MDP_SIDE_WORKER, MDP_PARTIAL, NULL, 1, true, 4 },
	{ "worker final", W02 "|04|" TOKEN "||80", MDP_SIDE_WORKER, MDP_FINAL, NULL, 1, true, 4 },
	{ "heartbeat", W02 "|05", MDP_SIDE_WORKER, MDP_HEARTBEAT, NULL, 1, false, 2 },
	{ "disconnect", W02 "|06", MDP_SIDE_WORKER, MDP_DISCONNECT, NULL, 1, false, 2 },
};

#define GOLDENS (sizeof goldens / sizeof goldens[0])

static void check_reads(const struct golden *golden, const char *route, size_t first) {
	struct message message;
	message_init(&message);
	if (first > 0) {
		message_append_hex(&message, route);
	}
	message_append_hex(&message, golden->hex);
	struct mdp mdp;
	struct failure failure = { 0 };
	ck_assert_msg(mdp_read(&message, first, &mdp, &failure) == OK, "%s: %s", golden->name, failure.text);
	ck_assert_int_eq(mdp.side, golden->side);
	ck_assert_int_eq(mdp.command, golden->command);
	ck_assert(golden->service == NULL ? mdp.service.size == 0 : slice_is(mdp.service, golden->service));
	ck_assert_uint_eq(mdp.window, golden->window);
	ck_assert_uint_eq(mdp.address.size, golden->has_address ? MDP_TOKEN_SIZE : 0);
	ck_assert_uint_eq(mdp.body_first, golden->body_first + first);
	message_release(&message);
}

START_TEST(every_legal_message_is_read) {
	check_reads(&goldens[_i], "", 0);
}
END_TEST

START_TEST(a_routing_id_may_stand_in_front) {
	check_reads(&goldens[_i], "0011223344", 1);
}
END_TEST

static bool write_golden(const struct golden *golden, const struct mdp *mdp, struct message *out) {
	if (golden->command == MDP_HEARTBEAT || golden->command == MDP_DISCONNECT) {
		return mdp_write_signal(out, golden->command);
	}
	if (golden->command == MDP_READY) {
		return mdp_write_ready(out, golden->service, golden->window);
	}
	return golden->side == MDP_SIDE_CLIENT ? mdp_write_client(out, golden->command, mdp->service)
	                                       : mdp_write_worker(out, golden->command, mdp->address);
}

START_TEST(what_is_written_is_the_golden_bytes) {
	const struct golden *golden = &goldens[_i];
	struct message message, written;
	message_init(&message);
	message_init(&written);
	message_append_hex(&message, golden->hex);
	struct mdp mdp;
	ck_assert_int_eq(mdp_read(&message, 0, &mdp, NULL), OK);
	ck_assert(write_golden(golden, &mdp, &written));
	for (size_t i = mdp.body_first; i < message.count; i++) {
		ck_assert(message_append_shared(&written, &message, i));
	}
	/* A READY without a window means a window of one, which we always write. */
	bool implied = golden->command == MDP_READY && golden->body_first == 3;
	check_frames(&written, 0, implied ? W02 "|01|" NOTES "|31" : golden->hex);
	message_release(&message);
	message_release(&written);
}
END_TEST

START_TEST(writing_into_a_full_message_fails) {
	struct message message;
	message_init(&message);
	for (size_t i = 0; i < MESSAGE_FRAMES_MAX - 1; i++) {
		ck_assert(message_append_text(&message, "x"));
	}
	ck_assert(!mdp_write_signal(&message, MDP_HEARTBEAT));
	ck_assert(!mdp_write_client(&message, MDP_REQUEST, slice_of_text("notes")));
	ck_assert(!mdp_write_ready(&message, "notes", 1));
	ck_assert(!mdp_write_worker(&message, MDP_FINAL, slice_of_text("token")));
	message_release(&message);
}
END_TEST

/* ---- illegal messages ---- */

#define B16 "61616161616161616161616161616161"
#define B64 B16 B16 B16 B16
#define B256 B64 B64 B64 B64

static const struct {
	const char *hex;
	const char *reason;
} illegals[] = {
	{ "", "begin with" },
	{ "4d4450433031|01|" NOTES "|80", "begin with" },         /* MDPC01 */
	{ "4d445043303200|01|" NOTES "|80", "begin with" },       /* one byte too many */
	{ "|" C02 "|01|" NOTES "|80", "begin with" },             /* the empty frame of 0.1 */
	{ C02, "a frame of one byte" },
	{ C02 "|", "a frame of one byte" },
	{ C02 "|0101|" NOTES "|80", "a frame of one byte" },
	{ C02 "|00|" NOTES "|80", "no command 0x00" },
	{ C02 "|04|" NOTES "|80", "no command 0x04" },
	{ C02 "|31|" NOTES "|80", "no command 0x31" },            /* "1" as text */
	{ W02 "|00", "no command 0x00" },
	{ W02 "|07", "no command 0x07" },
	{ W02 "|ff", "no command 0xff" },
	{ C02 "|01", "service name is missing" },
	{ C02 "|01||80", "service name is not" },
	{ C02 "|01|6e6f2074|80", "service name is not" },         /* a space */
	{ C02 "|01|6e6f0a|80", "service name is not" },           /* a line feed */
	{ C02 "|01|c3a9|80", "service name is not" },             /* é */
	{ C02 "|01|7f|80", "service name is not" },               /* DEL */
	{ C02 "|01|" B64 "61|80", "service name is not" },        /* 65 bytes */
	{ C02 "|01|" NOTES, "body is missing" },
	{ C02 "|01|" NOTES "|" ID "|" ID "|80", "2 frames in front of the body" },
	{ C02 "|03|" NOTES "|01|02|03|04|05|06|07|08|80", "8 frames in front of the body" },
	{ C02 "|01|" NOTES "|" B64 "61|80", "id frame has 65 bytes" },
	{ W02 "|01", "service name is missing" },
	{ W02 "|01|", "service name is not" },
	{ W02 "|01|" NOTES "|", "window" },
	{ W02 "|01|" NOTES "|30", "window" },                     /* 0 */
	{ W02 "|01|" NOTES "|3031", "window" },                   /* 01 */
	{ W02 "|01|" NOTES "|2d31", "window" },                   /* -1 */
	{ W02 "|01|" NOTES "|34303937", "window" },               /* 4097 */
	{ W02 "|01|" NOTES "|3130303030", "window" },             /* 10000 */
	{ W02 "|01|" NOTES "|313a", "window" },                   /* 1: */
	{ W02 "|01|" NOTES "|31|31", "left over behind READY" },
	{ W02 "|02", "address" },
	{ W02 "|02|" TOKEN, "address or the empty frame" },
	{ W02 "|02|||80", "address has 0 bytes" },
	{ W02 "|04|" B256 "||80", "address has 256 bytes" },
	{ W02 "|04|" TOKEN "|80|80", "is not empty" },
	{ W02 "|04|" TOKEN "|", "body is missing" },
	{ W02 "|03|" TOKEN "||" ID "|" ID "|80", "2 frames in front of the body" },
	{ W02 "|02|" TOKEN "||" B64 "61|80", "id frame has 65 bytes" },
	{ W02 "|05|", "left over behind the command" },
	{ W02 "|06|" NOTES, "left over behind the command" },
};

START_TEST(an_illegal_message_is_refused_with_the_reason) {
	struct message message;
	message_init(&message);
	message_append_hex(&message, illegals[_i].hex);
	struct mdp mdp;
	struct failure failure = { 0 };
	ck_assert_int_eq(mdp_read(&message, 0, &mdp, &failure), ERROR_MALFORMED);
	ck_assert_msg(strstr(failure.text, illegals[_i].reason) != NULL, "%s: said: %s", illegals[_i].hex, failure.text);
	message_release(&message);
}
END_TEST

START_TEST(a_message_without_frames_behind_the_routing_id_is_refused) {
	struct message message;
	message_init(&message);
	struct mdp mdp;
	ck_assert_int_eq(mdp_read(&message, 0, &mdp, NULL), ERROR_MALFORMED);
	message_append_hex(&message, "0011223344");
	ck_assert_int_eq(mdp_read(&message, 1, &mdp, NULL), ERROR_MALFORMED);
	message_release(&message);
}
END_TEST

START_TEST(no_message_is_a_legal_one_with_a_frame_cut_off_or_added_in_front) {
	const struct golden *golden = &goldens[_i];
	struct message whole, changed;
	message_init(&whole);
	message_init(&changed);
	message_append_hex(&whole, golden->hex);
	message_append_hex(&changed, "00");
	for (size_t i = 0; i < whole.count; i++) {
		ck_assert(message_append_shared(&changed, &whole, i));
	}
	struct mdp mdp;
	ck_assert_int_eq(mdp_read(&changed, 0, &mdp, NULL), ERROR_MALFORMED);
	ck_assert_int_eq(mdp_read(&changed, 2, &mdp, NULL), ERROR_MALFORMED);
	message_release(&whole);
	message_release(&changed);
}
END_TEST

int main(void) {
	TCase *legal = tcase_create("legal");
	tcase_add_loop_test(legal, every_legal_message_is_read, 0, (int)GOLDENS);
	tcase_add_loop_test(legal, a_routing_id_may_stand_in_front, 0, (int)GOLDENS);
	tcase_add_loop_test(legal, what_is_written_is_the_golden_bytes, 0, (int)GOLDENS);
	tcase_add_test(legal, writing_into_a_full_message_fails);
	TCase *illegal = tcase_create("illegal");
	tcase_add_loop_test(illegal, an_illegal_message_is_refused_with_the_reason, 0,
	                    (int)(sizeof illegals / sizeof illegals[0]));
	tcase_add_test(illegal, a_message_without_frames_behind_the_routing_id_is_refused);
	tcase_add_loop_test(illegal, no_message_is_a_legal_one_with_a_frame_cut_off_or_added_in_front, 0, (int)GOLDENS);
	Suite *suite = suite_create("wire mdp");
	suite_add_tcase(suite, legal);
	suite_add_tcase(suite, illegal);
	return unit_run(suite);
}
