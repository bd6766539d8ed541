/* Creators as shown; see profile_view.h. */
#include "cli/profile_view.h"

#include <inttypes.h>

#include "cli/offer_view.h"

static enum error read_figures(const struct pack_value *item, const struct join *join, struct profile_view *out,
                               struct failure *failure) {
	struct checked_note note = { .signed_by = 0 };
	struct slice bytes;
	if (!pack_as_bytes(item, &bytes)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	enum error error = checked_note_read(&note, bytes, join, failure);
	if (error == OK && (note.note.kind->id != KIND_ATTEST ||
	                    !slice_is(note_get(&note.note, "creator")->text, out->name))) {
		error = fail(failure, ERROR_MALFORMED, "the agency's answer attests somebody else's figures");
	}
	if (error == OK && out->figure_count < PROFILE_FIGURES_MAX) {
		struct profile_figures *figures = &out->figures[out->figure_count++];
		figures->followers = note_get(&note.note, "followers")->number;
		(void)slice_copy_text(note_get(&note.note, "platform")->raw, figures->platform, sizeof figures->platform);
		(void)slice_copy_text(note_get(&note.note, "engagement")->raw, figures->engagement, sizeof figures->engagement);
		(void)slice_copy_text(note_get(&note.note, "time")->raw, figures->time, sizeof figures->time);
		(void)slice_copy_text(note_get(&note.note, "source")->raw, figures->source, sizeof figures->source);
		out->followers = figures->followers > out->followers ? figures->followers : out->followers;
	}
	checked_note_release(&note);
	return error;
}

/* Whole tenths, rounded half up: no floating point for what people are judged by. */
static void write_stars(struct profile_view *view) {
	if (view->ratings <= 0 || view->stars < 0 || view->stars > 5 * view->ratings) {
		(void)snprintf(view->stars_text, sizeof view->stars_text, "no ratings yet");
		return;
	}
	int64_t tenths = (view->stars * 20 + view->ratings) / (2 * view->ratings);
	(void)snprintf(view->stars_text, sizeof view->stars_text, "%" PRId64 ".%" PRId64 " stars of %" PRId64 " rating%s",
	               tenths / 10, tenths % 10, view->ratings, view->ratings == 1 ? "" : "s");
}

static enum error read_profile(const struct pack_value *map, const struct join *join, struct profile_view *out,
                               struct failure *failure) {
	struct slice bytes;
	if (!pack_as_bytes(pack_find(map, "profile"), &bytes)) {
		return OK;
	}
	enum error error = checked_note_read(&out->profile, bytes, join, failure);
	if (error == OK && (out->profile.note.kind->id != KIND_PROFILE ||
	                    !slice_is(note_get(&out->profile.note, "creator")->party.name, out->name))) {
		error = fail(failure, ERROR_MALFORMED, "the agency's answer is somebody else's profile");
	}
	return error;
}

enum error profile_view_read(const struct pack_value *map, const struct join *join, const char *name,
                             struct profile_view *out, struct failure *failure) {
	buffer_clear(&out->profile.bytes);
	out->figure_count = 0;
	out->followers = 0;
	(void)snprintf(out->name, sizeof out->name, "%s", name);
	if (!pack_as_signed(pack_find(map, "done"), &out->done) || !pack_as_signed(pack_find(map, "stars"), &out->stars) ||
	    !pack_as_signed(pack_find(map, "ratings"), &out->ratings) || out->ratings > INT32_MAX) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	write_stars(out);
	enum error error = read_profile(map, join, out, failure);
	const struct pack_value *attests = pack_find(map, "attests");
	for (size_t i = 0; i < pack_count(attests) && error == OK; i++) {
		error = read_figures(pack_item(attests, i), join, out, failure);
	}
	return error;
}

void profile_view_release(struct profile_view *view) {
	checked_note_release(&view->profile);
}

json_t *profile_view_json(const struct profile_view *view) {
	json_t *list = json_array();
	for (size_t i = 0; i < view->figure_count; i++) {
		const struct profile_figures *figures = &view->figures[i];
		(void)json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:s}", "platform", figures->platform,
		                                            "followers", (json_int_t)figures->followers, "engagement",
		                                            figures->engagement, "time", figures->time, "source",
		                                            figures->source));
	}
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I}", "name", view->name, "profile",
	                 checked_note_is_there(&view->profile) ? note_json(&view->profile.note) : json_null(), "figures",
	                 list, "done", (json_int_t)view->done, "stars", (json_int_t)view->stars, "ratings",
	                 (json_int_t)view->ratings);
}
