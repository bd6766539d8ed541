/* Figures as people's tables have them: 18.4k, 1.2M, 2.4%. Read exactly, in whole numbers, never floating point. */
#ifndef TROTH_CLI_FIGURES_H
#define TROTH_CLI_FIGURES_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends a count as notes write it: 18.4k is 18400, 1.2M is 1200000, 2B is 2000000000; small letters and a blank
 * before the letter are taken. ERROR_BAD_VALUE for one that is not whole, such as 1.2345k, ERROR_OVERFLOW. What has no
 * such letter is appended as it is, for the field's own rules to judge. */
enum error figure_append_count(struct buffer *out, struct slice text, struct failure *failure);

/* The same for a percentage: 2.4% and 2.40 % are `2.4 %`. */
void figure_append_percent(struct buffer *out, struct slice text);

#endif
