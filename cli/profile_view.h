/* A creator as the agency shows him: his own profile note, and the operators' notes that attest his figures. */
#ifndef TROTH_CLI_PROFILE_VIEW_H
#define TROTH_CLI_PROFILE_VIEW_H

#include "base/pack.h"
#include "cli/checked_note.h"
#include "cli/print.h"

#define PROFILE_FIGURES_MAX 16

/* Out of one attest note. */
struct profile_figures {
	char platform[16], engagement[16], time[24], source[128];
	int64_t followers;
};

struct profile_view {
	char name[ACCOUNT_NAME_MAX];
	struct checked_note profile; /* may be missing */
	struct profile_figures figures[PROFILE_FIGURES_MAX];
	size_t figure_count;
	int64_t done, stars, ratings; /* deals; the sum of the ratings, and how many */
	char stars_text[48];          /* "4.5 stars of 12 ratings", or "no ratings yet" */
	int64_t followers;            /* the most on one platform; 0 if nothing is attested */
};

/* Reads {profile?, attests, done, stars, ratings}. The profile must be signed by the creator, the figures by operators,
 * about this name (NULL: whom the profile names). ERROR_MALFORMED and what checked_note_read says. Release in any
 * case. */
enum error profile_view_read(const struct pack_value *map, const struct join *join, const char *name,
                             struct profile_view *out, struct failure *failure);
void profile_view_release(struct profile_view *view);

json_t *profile_view_json(const struct profile_view *view);

#endif
