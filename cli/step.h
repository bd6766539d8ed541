/* Steps of deals: a note of some kind that follows the deal's latest note. The kind's table says who signs it and what
 * a person writes; everything else follows from the deal. */
#ifndef TROTH_CLI_STEP_H
#define TROTH_CLI_STEP_H

#include "cli/deal_view.h"
#include "cli/field_options.h"
#include "cli/outbox.h"

/* ERROR_NOT_ALLOWED unless this home may sign notes of the kind. */
enum error step_check_role(const struct home *home, const struct kind *kind, struct failure *failure);

/* The events that a note of the kind may be, as bits. */
uint32_t step_events(const struct kind *kind);

/* Opens the parcel of a step and leaves it signed where the same step was signed before and that note is still right:
 * it follows the deal's latest note, or is that note, or the step has been taken (sending it again then gives the
 * same answer as before). Else checks that the step can be taken by this home now, and appends the text that is to be
 * signed. ERROR_NOT_ALLOWED, ERROR_WRONG_STATE with what is allowed now. The parcel is released by the caller, in any
 * case. */
enum error step_prepare(struct parcel *parcel, const struct home *home, const struct deal_view *view,
                        const struct kind *kind, const struct note_pairs *given, struct buffer *text,
                        struct failure *failure);

/* Adds a field `content` for every --file and --link. */
#define STEP_CONTENTS_MAX 20
#define STEP_CONTENT_SIZE 512
struct step_contents {
	char texts[STEP_CONTENTS_MAX][STEP_CONTENT_SIZE];
	size_t count;
};
enum error step_add_contents(const struct option_words *words, struct step_contents *contents,
                             struct note_pairs *pairs, struct failure *failure);

#endif
