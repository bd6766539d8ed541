/* troth offer applicants: who has applied, side by side. */
#include <inttypes.h>

#include "cli/act.h"
#include "cli/deal_view.h"
#include "cli/profile_view.h"
#include "cli/tiers.h"

#define CELL_MAX 200

struct visiting {
	const struct settings *settings;
	const struct home *home;
	struct deal_view deal;
	struct profile_view profile;
	struct tier_bounds tiers;
	json_t *list;
	size_t count;
};

/* All values of a key, with commas between. */
static void join_values(const struct checked_note *note, const char *key, char out[CELL_MAX]) {
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; checked_note_is_there(note) && i < note->note.count; i++) {
		const struct value *value = &note->note.values[i];
		if (strcmp(value->field->key, key) == 0 && used < CELL_MAX) {
			used += (size_t)snprintf(out + used, CELL_MAX - used, "%s%.*s", used == 0 ? "" : ", ",
			                         (int)value->raw.size, (const char *)value->raw.data);
		}
	}
	if (out[0] == '\0') {
		(void)snprintf(out, CELL_MAX, "-");
	}
}

static const char *tier_word(const struct visiting *visiting) {
	const struct profile_view *profile = &visiting->profile;
	return profile->figure_count == 0 ? "unknown" : tier_words[tier_of(profile->followers, &visiting->tiers)];
}

/* The engagement where the most followers are. */
static const char *engagement_of(const struct profile_view *profile) {
	for (size_t i = 0; i < profile->figure_count; i++) {
		if (profile->figures[i].followers == profile->followers) {
			return profile->figures[i].engagement;
		}
	}
	return "-";
}

static void print_applicant(const struct visiting *visiting) {
	const struct profile_view *profile = &visiting->profile;
	char id[ID_SHORT_SIZE], niches[CELL_MAX], channels[CELL_MAX];
	struct colours colours = print_colours();
	if (visiting->count == 0) {
		(void)printf("%s%-12s  %-16s  %-7s  %9s  %-10s  %5s  %-25s  %-24s  %s%s\n", colours.bold, "id", "creator",
		             "tier", "followers", "engagement", "deals", "rated", "niches", "channels", colours.end);
	}
	join_values(&profile->profile, "niche", niches);
	join_values(&profile->profile, "channel", channels);
	(void)printf("%s  %-16s  %-7s  %9" PRId64 "  %-10s  %5" PRId64 "  %-25s  %-24s  %s\n",
	             print_short_id(slice_of(visiting->deal.deal.id, HASH_SIZE), id), profile->name, tier_word(visiting),
	             profile->followers, engagement_of(profile), profile->done, profile->stars_text, niches, channels);
}

static json_t *applicant_json(const struct visiting *visiting) {
	json_t *object = deal_view_json(&visiting->deal);
	(void)json_object_set_new(object, "tier", json_string(tier_word(visiting)));
	(void)json_object_set_new(object, "applicant", profile_view_json(&visiting->profile));
	return object;
}

static enum error list_applicant(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	const struct join *join = &visiting->home->join;
	enum error error = deal_view_read(item, join, &visiting->deal, failure);
	if (error == OK) {
		error = profile_view_read(item, join, visiting->deal.deal.creator, &visiting->profile, failure);
	}
	if (error == OK) {
		error = tiers_read(item, &visiting->tiers, failure);
	}
	if (error == OK && visiting->settings->json) {
		(void)json_array_append_new(visiting->list, applicant_json(visiting));
	} else if (error == OK) {
		print_applicant(visiting);
	}
	visiting->count++;
	return error;
}

enum error command_offer_applicants(const struct invocation *call, struct failure *failure) {
	struct act act;
	char digits[65];
	bool more = false;
	struct visiting visiting = { .settings = &call->settings, .home = &act.home, .list = json_array() };
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = session_id_digits(call->operands[0], digits, failure);
	}
	if (error == OK) {
		const struct session_word words[] = { { "id", digits } };
		error = session_some(&act.session, "applicants", "before", words, 1, call->settings.limit, list_applicant,
		                     &visiting, &more, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "nobody has applied yet\n");
	}
	session_say_more(&call->settings, error == OK && more);
	json_decref(visiting.list);
	profile_view_release(&visiting.profile);
	deal_view_release(&visiting.deal);
	act_release(&act);
	return error;
}
