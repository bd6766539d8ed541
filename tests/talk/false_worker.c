/* What the command believes of an agency that lies: nothing that the signatures do not say.
 *
 * A worker between the command and an honest agency changes bytes of a question or an answer
 * (tests/lib/false_worker.h). Each lie must be refused with its own words, before anything is signed, sent or kept. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/key_file.h"
#include "tests/lib/direct.h"
#include "tests/lib/false_worker.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120

static struct story story;
static struct false_worker worker;
static struct actor brand, creator, mallory, agency;
static const char *first, *second;       /* offers that nobody has accepted */
static const char *shipped;              /* a deal whose product is under way */
static const char *invitation, *applied; /* proposals */
static const char *address;              /* a file */

/* ---- the scene ---- */

static struct signing_key *read_key(const char *path) {
	char *text = scratch_read(path);
	struct signing_key *key = NULL;
	struct failure failure;
	ck_assert_msg(key_file_read(slice_of_text(text), NULL, NULL, &key, &failure) == OK, "%s", failure.text);
	free(text);
	return key;
}

/* An actor with the keys of a home. */
static void open_actor(struct actor *actor, enum role role, const char *name, const char *home) {
	struct failure failure;
	actor_make(actor, role, name, &story.agency);
	actor_release(actor);
	actor->key = read_key(scratch_path(home, "signing.key"));
	ck_assert_int_eq(identity_load(scratch_path(home, "transport.key"), &actor->identity, &failure), OK);
}

static const char *offer_by(const char *road) {
	char text[600];
	const char *path = scratch_path(scratch_folder(), "offer");
	(void)snprintf(text, sizeof text,
	               "compensation gifted\nproduct Mat\nproduct-value 89.00 USD\n"
	               "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nroad %s\nslots 3\ncloses +30d\n", road);
	scratch_write(path, text);
	return said_id(troth("offer", "submit", path, "--home", story.brand, "--yes", "--again", NULL));
}

static void set_up(void) {
	story_begin(&story);
	story_agree(&story);
	first = offer_by("first-come");
	second = offer_by("first-come");
	shipped = said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	(void)said_id(troth("deal", "ship", shipped, "--carrier", "DHL", "--home", story.brand, "-y", NULL));
	invitation = said_id(troth("deal", "invite", offer_by("invitation"), "studio-flow", "--home", story.brand, "-y",
	                           NULL));
	applied = said_id(troth("deal", "accept", offer_by("selection"), "--home", story.creator, "-y", NULL));
	address = scratch_path(scratch_folder(), "address");
	scratch_write(address, "1 Main Street\n");
	open_actor(&brand, ROLE_BRAND, "acme-yoga", story.brand);
	open_actor(&creator, ROLE_CREATOR, "studio-flow", story.creator);
	actor_make(&mallory, ROLE_OPERATOR, "mallory", &story.agency);
	actor_make(&agency, ROLE_OPERATOR, "agency", &story.agency);
	signing_key_free(agency.key);
	agency.key = read_key(scratch_path(story.agency.home, "agency.key"));
	false_worker_make(&worker, &story.agency, &brand, &creator);
}

static void tear_down(void) {
	false_worker_release(&worker);
	actor_release(&brand);
	actor_release(&creator);
	actor_release(&mallory);
	actor_release(&agency);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	process_free_all();
}

/* ---- lies ---- */

/* Texts that swaps borrow; kept until the process of the test ends. */
static struct slice keep(const void *bytes, size_t size) {
	uint8_t *copy = malloc(size + 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	return slice_of(copy, size);
}

static struct slice kept_text(const char *text) {
	return keep(text, strlen(text));
}

static struct slice hex_of(const uint8_t key[KEY_SIZE]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(key, KEY_SIZE), hex);
	return kept_text(hex);
}

static struct slice public_of(const struct actor *actor) {
	return keep(signing_key_public(actor->key), KEY_SIZE);
}

/* The note of this id that a home keeps. */
static struct slice note_at(const char *home, const char *id) {
	char name[120];
	(void)snprintf(name, sizeof name, "notes/%s.note", id + strlen("sha256:"));
	char *text = scratch_read(scratch_path(home, name));
	struct slice note = kept_text(text);
	free(text);
	return note;
}

/* What a text says with `from` replaced by `to` everywhere, of the same length. */
static struct slice replaced(struct slice text, struct slice from, struct slice to) {
	struct slice copy = keep(text.data, text.size);
	ck_assert_uint_eq(from.size, to.size);
	for (uint8_t *at = memmem(copy.data, copy.size, from.data, from.size); at != NULL;
	     at = memmem(copy.data, copy.size, from.data, from.size)) {
		memcpy(at, to.data, to.size);
	}
	return copy;
}

/* A text signed by one or two keys, with the names of these actors. */
static struct slice forged(struct slice text, const char *name, const struct signing_key *key,
                           const struct actor *also) {
	struct buffer note;
	struct failure failure;
	buffer_init(&note, SIGNED_NOTE_MAX);
	direct_sign(text, name, key, &note);
	if (also != NULL) {
		ck_assert_int_eq(signed_note_append_signature(&note, "agency.example/agency", also->key, text, &failure), OK);
	}
	struct slice kept = keep(note.data, note.size);
	buffer_release(&note);
	return kept;
}

static struct false_swap swaps[FALSE_SWAPS_MAX];
static size_t swap_count;

static void lie(enum false_side side, struct slice from, struct slice to) {
	ck_assert_uint_lt(swap_count, FALSE_SWAPS_MAX);
	swaps[swap_count++] = (struct false_swap){ side, from, to };
}

/* Another note stands wherever the honest one does: its text, its id, and the id in questions. Returns the other id. */
static const char *lie_of_note(struct slice honest, struct slice other) {
	uint8_t from[HASH_SIZE], to[HASH_SIZE];
	char *id = NULL;
	note_id_of(honest, from);
	note_id_of(other, to);
	ck_assert_uint_eq(honest.size, other.size);
	lie(FALSE_ANSWER, honest, other);
	lie(FALSE_ANSWER, keep(from, sizeof from), keep(to, sizeof to));
	lie(FALSE_QUESTION, hex_of(to), hex_of(from));
	ck_assert_int_gt(asprintf(&id, "sha256:%s", (const char *)hex_of(to).data), 0);
	return id;
}

/* ---- what must come of it ---- */

static size_t count_files(const char *home, const char *folder) {
	size_t count = 0;
	DIR *listing = opendir(scratch_path(home, folder));
	for (const struct dirent *entry = listing == NULL ? NULL : readdir(listing); entry != NULL;
	     entry = readdir(listing)) {
		count += entry->d_name[0] == '.' ? 0 : 1;
	}
	if (listing != NULL) {
		(void)closedir(listing);
	}
	return count;
}

/* The command is refused in these words; nothing is sent, signed or kept. What was sent may stay in the outbox. */
static void refuses(const char *home, bool is_sent, enum error code, const char *words, const char *const *command) {
	const char *astray = false_home(&worker, home);
	size_t notes = count_files(astray, "notes"), outbox = count_files(astray, "outbox");
	false_worker_start(&worker, swaps, swap_count);
	struct said said = troth_at(astray, command);
	false_worker_stop(&worker);
	ck_assert_msg(said.status == 1 && strstr(said.errors, error_word(code)) != NULL &&
	              strstr(said.errors, words) != NULL, "status %d, not \"%s\": %s%s", said.status, words, said.output,
	              said.errors);
	ck_assert_uint_eq(count_files(astray, "notes"), notes);
	ck_assert_msg(*worker.submitted == (is_sent ? 1 : 0), "%zu notes were sent", *worker.submitted);
	if (!is_sent) {
		ck_assert_uint_eq(count_files(astray, "outbox"), outbox);
	}
}
#define COMMAND(...) ((const char *const[]){ __VA_ARGS__, "--yes", NULL })
#define QUESTION(...) ((const char *const[]){ __VA_ARGS__, NULL })

START_TEST(without_lies_it_is_a_worker_like_others) {
	const char *astray = false_home(&worker, story.creator);
	false_worker_start(&worker, NULL, 0);
	struct said said = troth_at(astray, QUESTION("deal", "show", shipped));
	false_worker_stop(&worker);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "[shipped]"));
}
END_TEST

START_TEST(an_answer_with_another_text_than_was_sent) {
	lie(FALSE_ANSWER, slice_of_text("agency.example/offer/v1\n"), note_at(story.brand, story.offer));
	refuses(story.brand, true, ERROR_TERMS_DIFFER, "another text than was sent",
	        COMMAND("offer", "submit", "examples/gifted.offer", "--again"));
}
END_TEST

START_TEST(an_answer_without_the_countersignature) {
	lie(FALSE_ANSWER, slice_of_text("\u2014 agency.example/agency "), slice_of_text("\u2014 agency.example/agencx "));
	refuses(story.brand, true, ERROR_BAD_SIGNATURE, "the agency's signature is missing from its answer",
	        COMMAND("deal", "accept", applied));
}
END_TEST

START_TEST(notes_without_the_latest) {
	char digits[20];
	(void)snprintf(digits, sizeof digits, "%.19s", shipped);
	lie(FALSE_QUESTION, slice_of_text(shipped + strlen("sha256:")), slice_of_text(story.deal + strlen("sha256:")));
	refuses(story.creator, false, ERROR_MALFORMED, "does not show the deal's latest note",
	        COMMAND("deal", "receive", digits));
}
END_TEST

/* Written by mallory in the brand's name. */
START_TEST(a_latest_note_by_a_key_of_nobody) {
	json_t *deal = said_json(troth("deal", "show", shipped, "--home", story.brand, "--json", NULL));
	struct slice honest = note_at(story.brand, json_text(deal, "head"));
	struct slice text = replaced(direct_text(honest), hex_of(public_of(&brand).data), hex_of(public_of(&mallory).data));
	(void)lie_of_note(honest, forged(text, brand.signer, mallory.key, NULL));
	refuses(story.creator, false, ERROR_WRONG_SIGNER, "does not prove that a key that has signed for the brand",
	        COMMAND("deal", "receive", shipped));
	json_decref(deal);
}
END_TEST

START_TEST(terms_that_the_text_does_not_have) {
	lie(FALSE_ANSWER, slice_of_text("\xabhas-product\xc3"), slice_of_text("\xabhas-product\xc2"));
	refuses(story.creator, false, ERROR_MALFORMED, "other terms than the signed text",
	        QUESTION("deal", "show", shipped));
}
END_TEST

/* The agency makes up an agreement, with keys of its own for both sides, to learn where the creator lives. */
START_TEST(an_agreement_that_the_creator_has_not_signed) {
	struct slice honest = note_at(story.creator, story.deal);
	struct slice text =
	    replaced(direct_text(honest), hex_of(public_of(&creator).data), hex_of(public_of(&mallory).data));
	const char *id = lie_of_note(honest, forged(text, creator.signer, mallory.key, &agency));
	refuses(story.creator, false, ERROR_WRONG_SIGNER, "names a key that is not and was not yours",
	        QUESTION("deal", "address", id, "--file", address));
}
END_TEST

/* The note by which an account was admitted, as the agency shows it. */
static struct slice admission_of(const char *account) {
	const struct pack_value *ok = NULL;
	struct client *client = actor_connect(&creator, &story.agency, 1500, 10000);
	struct failure failure = direct_ask(client, "notes", "party", account, &ok);
	struct slice found = { NULL, 0 };
	ck_assert_msg(failure.code == OK, "%s", failure.text);
	const struct pack_value *items = pack_find(ok, "items");
	for (size_t i = 0; i < pack_count(items); i++) {
		struct slice kind, note;
		const struct pack_value *item = pack_item(items, i);
		if (pack_as_text(pack_find(item, "kind"), &kind) && slice_is(kind, "admit") &&
		    pack_as_bytes(pack_find(item, "note"), &note)) {
			found = keep(note.data, note.size);
		}
	}
	ck_assert_ptr_nonnull(found.data);
	client_free(client);
	return found;
}

/* The operator's key is mallory's then, admitted by a key that is not the agency's; it admits the brand's. */
START_TEST(a_key_that_a_false_agency_key_vouches_for) {
	struct actor operator, impostor;
	actor_open_operator(&operator, &story.agency);
	actor_make(&impostor, ROLE_OPERATOR, "agency", &story.agency);
	struct slice brand_key = hex_of(public_of(&brand).data), false_key = hex_of(public_of(&mallory).data);
	struct slice operator_key = hex_of(public_of(&operator).data), agency_key = hex_of(public_of(&agency).data);
	struct slice ops = admission_of(operator.name), acme = admission_of("acme-yoga");
	struct slice text = replaced(direct_text(ops), operator_key, false_key);
	text = replaced(text, agency_key, hex_of(public_of(&impostor).data));
	(void)lie_of_note(ops, forged(text, "agency.example/agency", impostor.key, NULL));
	text = replaced(replaced(direct_text(acme), brand_key, false_key), operator_key, false_key);
	(void)lie_of_note(acme, forged(text, operator.signer, mallory.key, NULL));
	lie(FALSE_ANSWER, public_of(&brand), public_of(&mallory));
	refuses(story.creator, false, ERROR_WRONG_SIGNER, "not signed by the agency's key in the join file",
	        QUESTION("deal", "address", story.deal, "--file", address));
	actor_release(&impostor);
	actor_release(&operator);
}
END_TEST

START_TEST(another_offer_than_was_asked_for) {
	lie(FALSE_QUESTION, slice_of_text(first + strlen("sha256:")), slice_of_text(second + strlen("sha256:")));
	refuses(story.creator, false, ERROR_MALFORMED, "another offer", COMMAND("deal", "accept", first));
}
END_TEST

START_TEST(an_offer_that_the_brand_has_not_signed) {
	struct slice honest = note_at(story.brand, first);
	struct slice other = replaced(honest, slice_of_text("89.00 USD"), slice_of_text("98.00 USD"));
	const char *id = lie_of_note(honest, other);
	refuses(story.creator, false, ERROR_BAD_SIGNATURE, "acme-yoga", QUESTION("offer", "show", id));
}
END_TEST

/* Whoever signs it with the key that he has would leave a text that his signature does not make good. */
START_TEST(a_text_that_names_another_key_of_the_signer) {
	struct slice honest = note_at(story.brand, invitation);
	struct slice text =
	    replaced(direct_text(honest), hex_of(public_of(&creator).data), hex_of(public_of(&mallory).data));
	const char *id = lie_of_note(honest, forged(text, brand.signer, brand.key, NULL));
	refuses(story.creator, false, ERROR_WRONG_SIGNER, "another key of yours", COMMAND("deal", "accept", id));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("false_worker");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, without_lies_it_is_a_worker_like_others);
	tcase_add_test(tests, an_answer_with_another_text_than_was_sent);
	tcase_add_test(tests, an_answer_without_the_countersignature);
	tcase_add_test(tests, notes_without_the_latest);
	tcase_add_test(tests, a_latest_note_by_a_key_of_nobody);
	tcase_add_test(tests, terms_that_the_text_does_not_have);
	tcase_add_test(tests, an_agreement_that_the_creator_has_not_signed);
	tcase_add_test(tests, a_key_that_a_false_agency_key_vouches_for);
	tcase_add_test(tests, another_offer_than_was_asked_for);
	tcase_add_test(tests, an_offer_that_the_brand_has_not_signed);
	tcase_add_test(tests, a_text_that_names_another_key_of_the_signer);
	Suite *suite = suite_create("talk/false_worker");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
