/* A market in which much can be refused; see scene.h. */
#include "tests/lib/scene.h"

#include <stdio.h>

#include "tests/lib/command.h"
#include "tests/lib/unit.h"

#define ANSWER_MS 30000

struct client *scene_connect(const struct scene *scene, const struct actor *actor) {
	return actor_connect(actor, &scene->agency, 0, ANSWER_MS);
}

void scene_accepts(struct client *client, const struct buffer *note) {
	struct failure failure = direct_submit(client, buffer_slice(note));
	ck_assert_msg(failure.code == OK, "%s: %s", error_word(failure.code), failure.text);
}

void scene_close(const struct actor *brand, struct slice note, struct buffer *out) {
	uint8_t id[HASH_SIZE];
	char hex[HASH_HEX_SIZE], reference[80], party[128];
	note_id_of(note, id);
	hex_encode(slice_of(id, sizeof id), hex);
	(void)snprintf(reference, sizeof reference, "sha256:%s", hex);
	hex_encode(slice_of(signing_key_public(brand->key), KEY_SIZE), hex);
	(void)snprintf(party, sizeof party, "%s ed25519:%s", brand->name, hex);
	const struct note_pair pairs[] = { { "offer", slice_of_text(reference) }, { "brand", slice_of_text(party) } };
	actor_sign(brand, KIND_CLOSE, pairs, 2, out);
}

/* Has `actor` accept an offer. */
static void accept(struct client *client, const struct actor *actor, const struct buffer *offer) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(actor, buffer_slice(offer), &note);
	scene_accepts(client, &note);
	buffer_release(&note);
}

static void close_offer(const struct scene *scene, struct client *client, const struct buffer *offer) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	scene_close(&scene->brand, buffer_slice(offer), &note);
	scene_accepts(client, &note);
	buffer_release(&note);
}

static void make_offers(struct scene *scene, struct client *client) {
	const struct {
		struct buffer *offer;
		int slots;
	} offers[] = { { &scene->offer, 100 }, { &scene->full, 1 }, { &scene->closed, 100 } };
	for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
		buffer_init(offers[i].offer, SIGNED_NOTE_MAX);
		actor_offer(&scene->brand, offers[i].slots, NULL, offers[i].offer);
		scene_accepts(client, offers[i].offer);
	}
	accept(client, &scene->second, &scene->offer);
	accept(client, &scene->second, &scene->full);
	close_offer(scene, client, &scene->closed);
}

void scene_make(struct scene *scene) {
	*scene = (struct scene){ .brand = { .key = NULL } };
	agency_start(&scene->agency, 2);
	actor_open_operator(&scene->operator, &scene->agency);
	const struct {
		struct actor *actor;
		enum role role;
		const char *name;
		bool admitted;
	} cast[] = {
		{ &scene->brand, ROLE_BRAND, "acme-yoga", true },       { &scene->rival, ROLE_BRAND, "bravo-bikes", true },
		{ &scene->creator, ROLE_CREATOR, "studio-flow", true }, { &scene->second, ROLE_CREATOR, "second", true },
		{ &scene->third, ROLE_CREATOR, "third", true },         { &scene->waiting, ROLE_CREATOR, "waiting", false },
		{ &scene->stranger, ROLE_CREATOR, "stranger", false },
	};
	for (size_t i = 0; i < sizeof cast / sizeof cast[0]; i++) {
		actor_make(cast[i].actor, cast[i].role, cast[i].name, &scene->agency);
		if (cast[i].admitted) {
			market_admit(&scene->agency, &scene->operator, cast[i].actor, 1);
		}
	}
	struct client *client = scene_connect(scene, &scene->brand);
	buffer_init(&scene->enrolment, SIGNED_NOTE_MAX);
	actor_enrol(&scene->waiting, &scene->enrolment);
	scene_accepts(client, &scene->enrolment);
	make_offers(scene, client);
	client_free(client);
}

void scene_release(struct scene *scene) {
	struct actor *const actors[] = { &scene->operator, &scene->brand,   &scene->rival,   &scene->creator,
		                             &scene->second,   &scene->third,   &scene->waiting, &scene->stranger };
	struct buffer *const buffers[] = { &scene->enrolment, &scene->offer, &scene->full, &scene->closed };
	for (size_t i = 0; i < sizeof actors / sizeof actors[0]; i++) {
		actor_release(actors[i]);
	}
	for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
		buffer_release(buffers[i]);
	}
	process_free(scene->agency.up);
	scene->agency.up = NULL;
}

struct actor scene_in_role(const struct actor *actor, enum role role) {
	struct actor other = *actor;
	other.role = role;
	bool fits = signer_name_write(other.signer, slice_of_text(other.origin), role, slice_of_text(other.name));
	ck_assert(fits);
	return other;
}

void scene_refuses(const struct scene *scene, const struct refusal *rows, size_t count) {
	struct client *client = scene_connect(scene, &scene->stranger);
	struct store_counts before = store_count(scene->agency.home);
	for (size_t i = 0; i < count; i++) {
		struct buffer note;
		buffer_init(&note, SIGNED_NOTE_MAX);
		rows[i].make(scene, &note);
		struct failure failure = direct_submit(client, buffer_slice(&note));
		ck_assert_msg(failure.code == rows[i].code, "%s: %s, not %s: %s", rows[i].name, error_word(failure.code),
		              error_word(rows[i].code), failure.text);
		ck_assert_msg(rows[i].line == ANY_LINE || failure.line == rows[i].line, "%s: line %u, not %u: %s",
		              rows[i].name, failure.line, rows[i].line, failure.text);
		struct store_counts after = store_count(scene->agency.home);
		ck_assert_msg(after.notes == before.notes, "%s: something was stored", rows[i].name);
		buffer_release(&note);
	}
	client_free(client);
}
