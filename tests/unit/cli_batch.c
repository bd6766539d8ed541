/* Batches: what is asked before signing, and that no row answers another latest note than its deal has. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/batch_run.h"
#include "cli/step.h"
#include "rules/deal_pack.h"
#include "tests/lib/paper_agency.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define ANSWER_MAX (64 * 1024)
#define ROWS(table) (int)(sizeof table / sizeof table[0])

/* ---- the question ---- */

static const struct {
	enum kind_id kind;
	const char *noun, *words, *rows, *question;
	enum error (*money)(const struct sheet_row *row, struct money *out);
} questions[] = {
	{ KIND_REVISE, "revise note", "", "reason\na\nb\nc\n", "Sign and submit 3 revise notes as acme?", NULL },
	{ KIND_REVISE, "revise note", "", "reason\na\n", "Sign and submit 1 revise note as acme?", NULL },
	{ KIND_REVISE, "revise note", "", "reason\n\"a\nb\"\nc\n",
	  "Sign and submit 1 revise note as acme (1 more row cannot be read)?", NULL },
	{ KIND_PAY, "payment", ", together", "amount,reference\n1.50 USD,a\n2.00 EUR,b\n3.25 USD,c\nfree,d\n5 JPY,e\n",
	  "Sign and submit 4 payments, together 4.75 USD, 2.00 EUR and 5 JPY, as acme (1 more row cannot be read)?",
	  batch_amount },
	{ KIND_PAY, "payment", ", together", "amount,reference\n10000000000000.00 USD,a\n10000000000000.00 USD,b\n",
	  "Sign and submit 2 payments, together 10000000000000.00 USD and more than can be summed up, as acme?",
	  batch_amount },
	{ KIND_OFFER, "offer", ", which reserve",
	  "compensation,product,product-value,fee,agency-fee,pay-within,deliverable,disclosure,slots,closes\n"
	  "gifted,Mat,89.00 USD,,,,1 review within 14d,#ad,5,+30d\n"
	  "paid,,,250.00 USD,25.00 USD,30d,1 review within 14d,#ad,5,+30d\n"
	  "paid,,,200 JPY,,30d,1 review within 14d,#ad,3,+30d\n"
	  "paid,,,200 JPY,,30d,1 review within 14d,#ad,none,+30d\n",
	  "Sign and submit 3 offers, which reserve 1375.00 USD and 600 JPY, as acme (1 more row cannot be read)?",
	  batch_reserved },
};

START_TEST(the_question_says_of_which_kind_and_how_much_money) {
	const struct batch_plan plan = { .form = { .kind = kind_get(questions[_i].kind), .noun = "a note" },
		                             .noun = questions[_i].noun,
		                             .money = questions[_i].money,
		                             .money_words = questions[_i].words };
	const char *path = scratch_path(scratch_folder(), "rows.csv");
	struct failure failure = { .code = OK };
	struct sheet sheet;
	struct buffer question;
	scratch_write(path, questions[_i].rows);
	ck_assert_msg(sheet_read(path, &plan.form, &sheet, &failure) == OK, "%s", failure.text);
	buffer_init(&question, 1000);
	batch_question(&plan, &sheet, "acme", &question);
	ck_assert_str_eq(buffer_text(&question), questions[_i].question);
	buffer_release(&question);
	sheet_release(&sheet);
}
END_TEST

/* ---- a row that approves, and the agency's answers to its questions ---- */

static struct paper_agency paper;
static struct run run;
static struct job job;
static struct sheet_row row;
static struct pack_document *document;
static struct buffer answer;

static const struct batch_plan *approvals(void) {
	static struct batch_plan plan;
	plan = (struct batch_plan){ .form = { .kind = kind_get(KIND_APPROVE) }, .check_role = step_check_role };
	return &plan;
}

static void set_up(void) {
	static struct buffer extra;
	const char *folder = scratch_folder();
	paper_agency_make(&paper);
	ck_assert_int_eq(mkdir(scratch_path(folder, "outbox"), 0700), 0);
	run = (struct run){ .plan = approvals(),
		                .seen = map_new(),
		                .proven = map_new(),
		                .home = { .role = ROLE_BRAND, .join = paper.world.join, .key = paper.acme.key } };
	(void)snprintf(run.home.folder, sizeof run.home.folder, "%s", folder);
	(void)snprintf(run.home.name, sizeof run.home.name, "%s", paper.acme.name);
	(void)snprintf(run.home.signer, sizeof run.home.signer, "%s", paper.acme.signer);
	buffer_init(&run.session.request, ANSWER_MAX);
	buffer_init(&answer, ANSWER_MAX);
	buffer_init(&extra, 100);
	(void)buffer_append_text(&extra, "0123456789ab");
	row = (struct sheet_row){ .number = 2, .extras = &extra };
	job = (struct job){ .row = &row };
	buffer_init(&job.step.text, NOTE_TEXT_MAX);
	document = pack_document_new();
	ck_assert_int_eq(batch_sign_step(&run, &job, NULL, &job.failure), OK);
	ck_assert_uint_gt(run.session.request.size, 0);
}

static void tear_down(void) {
	pack_document_free(document);
	buffer_release(&job.step.text);
	parcel_release(&job.parcel);
	buffer_release(&row.extras[0]);
	buffer_release(&answer);
	buffer_release(&run.session.request);
	map_free(run.seen, NULL);
	map_free(run.proven, NULL);
	deal_view_release(&run.view);
	noted_release(&run.noted);
	paper_agency_release(&paper);
}

/* Gives the row the answer that was packed. */
static enum error give(void) {
	ck_assert_int_eq(pack_read(document, buffer_slice(&answer), ANSWER_MAX, NULL), OK);
	buffer_clear(&run.session.request);
	return batch_sign_step(&run, &job, pack_root(document), &job.failure);
}

/* The agency says that the deal is submitted, and which entry is its latest note. */
static enum error give_deal(size_t head) {
	struct deal deal = { .state = DEAL_SUBMITTED, .road = ROAD_FIRST_COME, .amender = ROLE_COUNT };
	struct signed_note split;
	struct note agreement;
	ck_assert_int_eq(signed_note_split(paper_note(&paper, paper.agreement), &split, NULL), OK);
	ck_assert_int_eq(note_parse(split.text, paper.world.join.origin, &agreement, NULL), OK);
	deal_terms_read(&agreement, &deal.terms);
	deal.held = deal_terms_share(&deal.terms);
	memcpy(deal.id, paper.deal, HASH_SIZE);
	memcpy(deal.text, paper.deal, HASH_SIZE);
	note_id_of(paper_note(&paper, head), deal.head);
	note_id_of(paper_note(&paper, paper.offer), deal.offer);
	(void)snprintf(deal.brand, sizeof deal.brand, "%s", paper.acme.name);
	(void)snprintf(deal.creator, sizeof deal.creator, "%s", paper.flow.name);
	buffer_clear(&answer);
	pack_map(&answer, 1);
	pack_word(&answer, "deal");
	pack_map(&answer, 3);
	pack_key_signed(&answer, "sequence", 60);
	pack_word(&answer, "deal");
	deal_pack(&answer, &deal);
	pack_key_bytes(&answer, "note", paper_note(&paper, paper.agreement));
	return give();
}

/* The agency shows one note of the deal and, unless `after` is 0, says that more follow. */
static enum error give_note(size_t entry, const char *kind, int64_t after) {
	uint8_t id[HASH_SIZE];
	note_id_of(paper_note(&paper, entry), id);
	buffer_clear(&answer);
	pack_map(&answer, after == 0 ? 1 : 2);
	pack_word(&answer, "items");
	pack_array(&answer, 1);
	pack_map(&answer, 5);
	pack_key_signed(&answer, "sequence", 70);
	pack_key_signed(&answer, "received", 1795000000);
	pack_key_word(&answer, "kind", kind);
	pack_key_bytes(&answer, "id", slice_of(id, HASH_SIZE));
	pack_key_bytes(&answer, "note", paper_note(&paper, entry));
	if (after != 0) {
		pack_key_signed(&answer, "after", after);
	}
	return give();
}

static void is_asked_for_notes(void) {
	ck_assert_uint_gt(run.session.request.size, 0);
	ck_assert(!parcel_is_signed(&job.parcel));
}

START_TEST(a_row_is_signed_once_the_latest_note_is_seen) {
	ck_assert_msg(give_deal(paper.agreement + 1) == OK, "%s", job.failure.text);
	is_asked_for_notes();
	ck_assert_msg(give_note(paper.agreement + 1, "submit", 0) == OK, "%s", job.failure.text);
	ck_assert_uint_eq(run.session.request.size, 0);
	ck_assert(parcel_is_signed(&job.parcel));
}
END_TEST

START_TEST(the_latest_note_is_looked_for_on_every_page) {
	ck_assert_int_eq(give_deal(paper.agreement + 1), OK);
	ck_assert_int_eq(give_note(paper.agreement + 2, "approve", 80), OK);
	is_asked_for_notes();
	ck_assert_int_eq(give_note(paper.agreement + 1, "submit", 90), OK);
	ck_assert(parcel_is_signed(&job.parcel));
}
END_TEST

START_TEST(a_latest_note_that_is_not_shown_is_not_answered) {
	ck_assert_int_eq(give_deal(paper.agreement + 1), OK);
	ck_assert_int_eq(give_note(paper.agreement + 2, "approve", 60), ERROR_MALFORMED); /* pages that do not go on */
	ck_assert_ptr_nonnull(strstr(job.failure.text, "does not show the deal's latest note"));
	ck_assert(!parcel_is_signed(&job.parcel));
}
END_TEST

/* A post does not lead to a deal that is submitted, whatever the agency says of it. */
START_TEST(a_latest_note_that_does_not_lead_to_the_state_is_not_answered) {
	ck_assert_int_eq(give_deal(paper.agreement + 3), OK);
	is_asked_for_notes();
	ck_assert_int_eq(give_note(paper.agreement + 3, "post", 0), ERROR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(job.failure.text, "does not lead there"));
	ck_assert(!parcel_is_signed(&job.parcel));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("cli/batch");
	TCase *tests = tcase_create("questions"), *heads = tcase_create("latest notes");
	tcase_add_loop_test(tests, the_question_says_of_which_kind_and_how_much_money, 0, ROWS(questions));
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(heads, set_up, tear_down);
	tcase_add_test(heads, a_row_is_signed_once_the_latest_note_is_seen);
	tcase_add_test(heads, the_latest_note_is_looked_for_on_every_page);
	tcase_add_test(heads, a_latest_note_that_is_not_shown_is_not_answered);
	tcase_add_test(heads, a_latest_note_that_does_not_lead_to_the_state_is_not_answered);
	suite_add_tcase(suite, heads);
	return unit_run(suite);
}
