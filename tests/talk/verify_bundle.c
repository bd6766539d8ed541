/* `troth verify` of bundles, and of notes that it takes more than one signature to make. Needs no agency: the notes are
 * signed here, with keys of this test, and whatever an agency would say of them stands in the file. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "crypto/bundle.h"
#include "rules/calendar.h"
#include "cli/print.h"
#include "tests/lib/command.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 60
#define NOTES_MAX 100
#define KILOBYTES_24 24576

struct entry {
	struct buffer signed_note;
	int64_t sequence, received;
	bool left_out;
};

static struct agency_process world; /* a join file without an agency */
static struct actor agency, olga, acme, flow;
static const char *join_path;
static struct entry entries[NOTES_MAX];
static size_t entry_count;
static size_t offer_at, agreement_at;
static uint8_t deal[HASH_SIZE], head[HASH_SIZE];

/* ---- notes ---- */

static struct buffer *begin_entry(void) {
	ck_assert_uint_lt(entry_count, NOTES_MAX);
	struct entry *entry = &entries[entry_count];
	entry_count++;
	*entry = (struct entry){ .sequence = (int64_t)entry_count * 10,
		                     .received = clock_wall_seconds() + (int64_t)entry_count };
	buffer_init(&entry->signed_note, SIGNED_NOTE_MAX);
	return &entry->signed_note;
}

static struct slice note_at(size_t index) {
	return buffer_slice(&entries[index].signed_note);
}

/* Adds a signature to a signed note. */
static void add_signature(struct buffer *signed_note, const struct actor *actor) {
	struct signed_note split;
	struct buffer line;
	ck_assert_int_eq(signed_note_split(buffer_slice(signed_note), &split, NULL), OK);
	buffer_init(&line, SIGNED_NOTE_MAX);
	ck_assert_int_eq(signed_note_append_signature(&line, actor->signer, actor->key, split.text, NULL), OK);
	ck_assert(buffer_append_slice(signed_note, buffer_slice(&line)));
	buffer_release(&line);
}

static const char *party_text(const struct actor *actor, char out[160]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(actor->key), KEY_SIZE), hex);
	(void)snprintf(out, 160, "%s ed25519:%s", actor->name, hex);
	return out;
}

static const char *id_text(const uint8_t id[HASH_SIZE], char out[ID_TEXT_SIZE]) {
	return print_id(slice_of(id, HASH_SIZE), out);
}

/* A step of the deal, with up to four keys and values of its own, ended by NULL. */
static void step(const struct actor *actor, enum kind_id kind, const char *const *fields) {
	char deal_text[ID_TEXT_SIZE], after[ID_TEXT_SIZE], party[160];
	struct note_pair pairs[8] = {
		{ "deal", slice_of_text(id_text(deal, deal_text)) },
		{ "after", slice_of_text(id_text(head, after)) },
		{ kind_get(kind)->signers[0].key, slice_of_text(party_text(actor, party)) },
	};
	size_t count = 3;
	for (; fields[0] != NULL; fields += 2) {
		pairs[count++] = (struct note_pair){ fields[0], slice_of_text(fields[1]) };
	}
	struct buffer *out = begin_entry();
	actor_sign(actor, kind, pairs, count, out);
	note_id_of(buffer_slice(out), head);
}

#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CONTENT "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/reel.mp4"

/* Admissions, money, an offer, and its agreement. */
static void begin_deal(void) {
	const uint8_t enrolment[HASH_SIZE] = { 7 };
	actor_admit(&agency, &olga, enrolment, begin_entry());
	actor_admit(&olga, &acme, enrolment, begin_entry());
	actor_admit(&olga, &flow, enrolment, begin_entry());
	actor_fund(&olga, acme.name, "1000.00 USD", "bank-1", begin_entry());
	offer_at = entry_count;
	actor_offer(&acme, 2, "250.00 USD", begin_entry());
	agreement_at = entry_count;
	struct buffer *out = begin_entry();
	actor_accept(&flow, note_at(offer_at), out);
	add_signature(out, &agency);
	note_id_of(buffer_slice(out), deal);
	memcpy(head, deal, HASH_SIZE);
}

/* Goes on with it to the payment: notes 70 to 110. */
static void finish_deal(void) {
	step(&flow, KIND_SUBMIT, FIELDS("content", CONTENT));
	step(&acme, KIND_APPROVE, FIELDS(NULL));
	step(&flow, KIND_POST, FIELDS("link", "https://example.com/p/1"));
	step(&olga, KIND_VERIFY, FIELDS("live", "yes", "tagged", "yes", "disclosed", "yes", "reach", "9200"));
	step(&olga, KIND_PAY, FIELDS("amount", "100.00 USD", "reference", "payout-1"));
}

static void set_up(void) {
	struct failure failure;
	ck_assert_int_eq(crypto_start(&failure), OK);
	(void)snprintf(world.join.origin, sizeof world.join.origin, "agency.example");
	(void)snprintf(world.join.brokers[0].endpoint, sizeof world.join.brokers[0].endpoint, "tcp://127.0.0.1:9");
	world.join.broker_count = 1;
	memset(world.join.brokers[0].public_key, 5, sizeof world.join.brokers[0].public_key);
	actor_make(&agency, ROLE_OPERATOR, AGENCY_NAME, &world);
	actor_make(&olga, ROLE_OPERATOR, "olga", &world);
	actor_make(&acme, ROLE_BRAND, "acme-yoga", &world);
	actor_make(&flow, ROLE_CREATOR, "studio-flow", &world);
	ck_assert_int_eq(verifier_key_make(agency.signer, signing_key_public(agency.key), &world.join.agency, NULL), OK);
	join_path = scratch_path(scratch_folder(), "agency.join");
	ck_assert_int_eq(join_save(join_path, &world.join, &failure), OK);
	entry_count = 0;
	begin_deal();
	finish_deal();
}

static void tear_down(void) {
	for (size_t i = 0; i < entry_count; i++) {
		buffer_release(&entries[i].signed_note);
	}
	struct actor *const actors[] = { &agency, &olga, &acme, &flow };
	for (size_t i = 0; i < sizeof actors / sizeof actors[0]; i++) {
		actor_release(actors[i]);
	}
}

/* ---- files ---- */

/* The bundle of all entries that are not left out. Caller frees. */
static char *make_bundle(void) {
	struct buffer out;
	char received[TIME_TEXT_SIZE];
	buffer_init(&out, 4 << 20);
	ck_assert_int_eq(bundle_begin(&out, "agency.example", NULL), OK);
	for (size_t i = 0; i < entry_count; i++) {
		if (!entries[i].left_out) {
			ck_assert_int_eq(bundle_append(&out, entries[i].sequence, time_format(entries[i].received, received),
			                               note_at(i), NULL), OK);
		}
	}
	char *text = strdup(buffer_text(&out));
	buffer_release(&out);
	return text;
}

static const char *write_file(const char *text) {
	const char *path = scratch_path(scratch_folder(), "some.bundle");
	scratch_write(path, text);
	return path;
}

static const char *write_bundle(void) {
	char *text = make_bundle();
	const char *path = write_file(text);
	free(text);
	return path;
}

static struct said verify(const char *path) {
	return troth("verify", path, "--join", join_path, NULL);
}

static struct said verify_note(const struct buffer *signed_note) {
	char text[SIGNED_NOTE_MAX + 1];
	ck_assert(slice_copy_text(buffer_slice(signed_note), text, sizeof text));
	return verify(write_file(text));
}

/* How many lines end before this place. */
static unsigned lines_before(const char *text, const char *end) {
	unsigned lines = 0;
	for (const char *at = text; at < end; at++) {
		lines += *at == '\n' ? 1 : 0;
	}
	return lines;
}

/* The number of the line at which these words stand. */
static unsigned line_of(const char *text, const char *words) {
	const char *at = strstr(text, words);
	ck_assert_ptr_nonnull(at);
	return lines_before(text, at) + 1;
}

static void says(struct said said, const char *what) {
	ck_assert_msg(strstr(said.output, what) != NULL || strstr(said.errors, what) != NULL, "not \"%s\" in:\n%s%s", what,
	              said.output, said.errors);
}

/* ---- bundles ---- */

START_TEST(a_whole_deal_is_replayed_and_told) {
	const char *path = write_bundle();
	struct said said = verify(path);
	ck_assert_str_eq(said_done(said), "verified");
	says(said, "bundle of agency.example: 11 notes, numbers 10 to 110");
	says(said, "12 good: 10 by keys in the texts, 2 by the agency's key");
	says(said, "state      verified, by 6 notes from 60 to 110");
	says(said, "held 0.00 USD, earned by the creator 250.00 USD, paid out 100.00 USD");
	says(said, "to pay     150.00 USD to studio-flow");
	says(said, "next       the agency pays by");
	says(said, "500.00 USD  brand/acme-yoga/available");
	says(said, "that nothing is missing");
	json_t *report = said_json(troth("verify", path, "--join", join_path, "--json", NULL));
	ck_assert(json_is_true(json_object_get(report, "verified")));
	ck_assert_int_eq(json_integer_value(json_object_get(report, "notes")), 11);
	const json_t *told = json_array_get(json_object_get(report, "deals"), 0);
	char id[ID_TEXT_SIZE];
	ck_assert_str_eq(json_text(told, "id"), id_text(deal, id));
	ck_assert_str_eq(json_text(told, "state"), "verified");
	ck_assert_str_eq(json_text(told, "deadline"), "pay");
	ck_assert_str_eq(json_text(told, "outstanding"), "150.00 USD");
	ck_assert_uint_eq(json_array_size(json_object_get(report, "findings")), 0);
	json_decref(report);
}
END_TEST

START_TEST(a_deal_under_way_tells_what_each_ending_would_move) {
	entry_count = agreement_at + 1;
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified");
	says(said, "state      received");
	says(said, "held 250.00 USD");
	says(said, "all goes well");
	says(said, "next       the creator submits by");
}
END_TEST

START_TEST(a_long_bundle_is_read_whole) {
	char reference[32];
	for (int i = 0; i < 60; i++) {
		(void)snprintf(reference, sizeof reference, "more-%d", i);
		actor_fund(&olga, acme.name, "1.00 USD", reference, begin_entry());
	}
	char *text = make_bundle();
	ck_assert_uint_gt(strlen(text), KILOBYTES_24);
	struct said said = verify(write_file(text));
	ck_assert_str_eq(said_done(said), "verified");
	says(said, "71 notes");
	/* The same from standard input. */
	const char *const words[] = { process_program("troth"), "verify", "-", "--join", join_path, NULL };
	struct process_options options = { .input = text };
	struct process *process = process_start(words, &options);
	ck_assert_int_eq(process_wait(process, PROCESS_RUN_DEADLINE), 0);
	ck_assert_ptr_nonnull(strstr(process_text(process, PROCESS_OUTPUT), "71 notes"));
	process_free(process);
	free(text);
}
END_TEST

START_TEST(a_note_left_out_of_the_middle_is_told) {
	entries[agreement_at + 2].left_out = true; /* the approval */
	char *text = make_bundle();
	struct said said = verify(write_file(text));
	said_refused(said, 1, ERROR_SUPERSEDED, line_of(text, "note 90 "));
	says(said, "note 90: follows the note");
	says(said, "between note 70 and note 90 at least one note of this deal is missing");
	says(said, "note 110: wrong-state: cannot be judged, since note 90 of this deal does not fit");
	ck_assert_ptr_null(strstr(said.output, "verified\n"));
	said = troth("verify", write_file(text), "--join", join_path, "--json", NULL);
	ck_assert_int_eq(said.status, 1);
	char *first = strndup(said.output, strcspn(said.output, "\n"));
	json_t *report = json_line(first), *error = json_line(strchr(said.output, '\n') + 1);
	ck_assert(json_is_false(json_object_get(report, "verified")));
	ck_assert_int_eq(json_integer_value(json_object_get(report, "wrong")), 3);
	const json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
	ck_assert_str_eq(json_text(finding, "code"), "superseded");
	ck_assert_int_eq(json_integer_value(json_object_get(finding, "sequence")), 90);
	ck_assert_int_eq(json_integer_value(json_object_get(finding, "line")), line_of(text, "note 90 "));
	ck_assert_str_eq(json_text(json_object_get(error, "error"), "code"), "superseded");
	json_decref(report);
	json_decref(error);
	free(first);
	free(text);
}
END_TEST

START_TEST(a_bundle_that_was_cut_is_good_as_far_as_it_goes) {
	entry_count -= 2;
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified");
	says(said, "state      posted");
}
END_TEST

START_TEST(changed_terms_are_a_bad_signature) {
	char *text = make_bundle();
	char *fee = strstr(strstr(text, "/agreement/v1"), "fee 250.00");
	fee[strlen("fee ")] = '9';
	struct said said = verify(write_file(text));
	ck_assert_int_eq(said.status, 1);
	says(said, "troth: bad-signature: line ");
	says(said, "note 60: ");
	free(text);
}
END_TEST

START_TEST(an_agreement_without_the_agencys_signature_binds_nobody) {
	struct buffer *agreement = &entries[agreement_at].signed_note;
	buffer_clear(agreement);
	actor_accept(&flow, note_at(offer_at), agreement);
	char *text = make_bundle();
	struct said said = verify(write_file(text));
	said_refused(said, 1, ERROR_WRONG_SIGNER, line_of(text, "note 60 "));
	says(said, "the agency has not countersigned");
	free(text);
}
END_TEST

START_TEST(keys_that_nothing_vouches_for_are_told) {
	entries[0].left_out = true; /* the operator's admission by the agency */
	struct said said = verify(write_bundle());
	said_refused(said, 1, ERROR_NOT_ADMITTED, 0);
	says(said, "olga (operator) has signed 5 notes");
}
END_TEST

START_TEST(a_false_agency_is_told) {
	struct actor other;
	actor_make(&other, ROLE_OPERATOR, AGENCY_NAME, &world);
	const uint8_t enrolment[HASH_SIZE] = { 7 };
	buffer_clear(&entries[0].signed_note);
	actor_admit(&other, &olga, enrolment, &entries[0].signed_note);
	char *text = make_bundle();
	struct said said = verify(write_file(text));
	said_refused(said, 1, ERROR_WRONG_SIGNER, line_of(text, "note 10 "));
	says(said, "not signed by agency.example/agency with the key in the join file");
	actor_release(&other);
	free(text);
}
END_TEST

START_TEST(disavowed_notes_are_told) {
	char key[160];
	const char *hex = strchr(party_text(&flow, key), ' ') + 1;
	char by[160];
	struct note_pair pairs[] = { { "account", slice_of_text(flow.name) },
		                         { "key", slice_of_text(hex) },
		                         { "valid-until", slice_of_text("80") },
		                         { "reason", slice_of_text("laptop stolen") },
		                         { "operator", slice_of_text(party_text(&olga, by)) } };
	actor_sign(&olga, KIND_REVOKE, pairs, 5, begin_entry());
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified, with 1 disavowed");
	says(said, "disavowed  note 90 (post) of studio-flow: its key was revoked back to before it, by note 120");
}
END_TEST

START_TEST(files_that_are_no_bundles_are_refused) {
	char *text = make_bundle();
	said_refused(verify(write_file("agency.example/bundle/v1\n\nnote 0\n")), 1, ERROR_MALFORMED, 3);
	said_refused(verify(write_file("other.example/bundle/v1\n\n")), 1, ERROR_WRONG_ORIGIN, 1);
	text[strlen(text) - 1] = '\0';
	said_refused(verify(write_file(text)), 1, ERROR_MALFORMED, lines_before(text, text + strlen(text)) + 1);
	struct said said = troth("verify", write_file("agency.example/bundle/v1\n\n"), "--offer", "x", "--join", join_path,
	                         NULL);
	said_refused(said, 2, ERROR_USAGE, 0);
	free(text);
}
END_TEST

START_TEST(a_time_that_there_is_not_is_refused) {
	char *text = make_bundle();
	char *received = strstr(text, "note 10 ") + strlen("note 10 ");
	memcpy(received, "2026-13-01", 10);
	said_refused(verify(write_file(text)), 1, ERROR_BAD_VALUE, 3);
	free(text);
}
END_TEST

/* ---- single notes ---- */

START_TEST(a_proposal_is_not_an_agreement) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(&flow, note_at(offer_at), &note);
	struct said said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	says(said, "a proposal, not binding yet");
	ck_assert_ptr_null(strstr(said.output, "verified"));
	add_signature(&note, &acme);
	said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	says(said, "the signature of agency.example/agency (key in the join file) is missing");
	buffer_release(&note);
}
END_TEST

START_TEST(an_agreement_may_be_signed_by_both_sides_in_any_order) {
	struct buffer note, other;
	buffer_init(&note, SIGNED_NOTE_MAX);
	buffer_init(&other, SIGNED_NOTE_MAX);
	actor_accept(&flow, note_at(offer_at), &note);
	struct signed_note split;
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &split, NULL), OK);
	ck_assert_int_eq(signed_note_write(&other, split.text, acme.signer, acme.key, NULL), OK);
	add_signature(&note, &acme);
	add_signature(&note, &agency);
	struct said said = verify_note(&note);
	ck_assert_str_eq(said_done(said), "verified");
	says(said, "agency.example/brand/acme-yoga (key in the text)");
	ck_assert_ptr_null(strstr(said.output, "not looked at"));
	add_signature(&other, &agency);
	said = verify_note(&other);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	says(said, "agency.example/creator/studio-flow");
	add_signature(&other, &flow);
	ck_assert_str_eq(said_done(verify_note(&other)), "verified");
	buffer_release(&note);
	buffer_release(&other);
}
END_TEST

START_TEST(a_new_key_takes_the_signatures_of_both_keys) {
	struct actor later;
	struct buffer note;
	char now[160], before[160], transport[TRANSPORT_KEY_TEXT];
	actor_make(&later, ROLE_CREATOR, "studio-flow", &world);
	transport_key_format(later.identity.public_key, transport);
	buffer_init(&note, SIGNED_NOTE_MAX);
	struct note_pair pairs[] = { { "account", slice_of_text(party_text(&later, now)) },
		                         { "role", slice_of_text("creator") },
		                         { "predecessor", slice_of_text(party_text(&flow, before)) },
		                         { "transport", slice_of_text(transport) } };
	actor_sign(&later, KIND_REKEY, pairs, 4, &note);
	struct said said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	says(said, "the signature of agency.example/creator/studio-flow (key in the text) is missing");
	add_signature(&note, &flow);
	said_refused(verify_note(&note), 1, ERROR_NOT_ADMITTED, 0); /* whose keys these are, the agency does not say */
	/* In a bundle the former key's admission says it. */
	ck_assert(buffer_append_slice(begin_entry(), buffer_slice(&note)));
	step(&later, KIND_RATE, FIELDS("role", "creator", "stars", "5"));
	ck_assert_str_eq(said_done(verify(write_bundle())), "verified");
	step(&flow, KIND_DISPUTE, FIELDS("role", "creator", "reason", "By the old key."));
	said = verify(write_bundle());
	ck_assert_int_eq(said.status, 1);
	says(said, "signed by the former key of studio-flow, which note 120 replaced");
	buffer_release(&note);
	actor_release(&later);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("verify_bundle");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_whole_deal_is_replayed_and_told);
	tcase_add_test(tests, a_deal_under_way_tells_what_each_ending_would_move);
	tcase_add_test(tests, a_long_bundle_is_read_whole);
	tcase_add_test(tests, a_note_left_out_of_the_middle_is_told);
	tcase_add_test(tests, a_bundle_that_was_cut_is_good_as_far_as_it_goes);
	tcase_add_test(tests, changed_terms_are_a_bad_signature);
	tcase_add_test(tests, an_agreement_without_the_agencys_signature_binds_nobody);
	tcase_add_test(tests, keys_that_nothing_vouches_for_are_told);
	tcase_add_test(tests, a_false_agency_is_told);
	tcase_add_test(tests, disavowed_notes_are_told);
	tcase_add_test(tests, files_that_are_no_bundles_are_refused);
	tcase_add_test(tests, a_time_that_there_is_not_is_refused);
	tcase_add_test(tests, a_proposal_is_not_an_agreement);
	tcase_add_test(tests, an_agreement_may_be_signed_by_both_sides_in_any_order);
	tcase_add_test(tests, a_new_key_takes_the_signatures_of_both_keys);
	Suite *suite = suite_create("talk/verify_bundle");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
