/* The rules that bind several fields of one note together; named in the table of kinds (rules/kind.c). Each returns OK
 * or the error with the line that is at fault. */
#ifndef TROTH_RULES_TERMS_H
#define TROTH_RULES_TERMS_H

#include <stdbool.h>

#include "base/error.h"

struct note;

/* True if the creator posts any of the deliverables; those of kind ugc-… the brand gets. */
bool terms_have_post(const struct note *note);

/* What is given fits `compensation`; one currency for all money; no product value without a product; what is earned
 * says when it is paid; a commission is of the sales of a post. */
enum error terms_check_deal(const struct note *note, struct failure *failure);

/* The same, and what a text refers to fits together: `after` goes with `amends`, and neither with `replaces`. */
enum error terms_check_agreement(const struct note *note, struct failure *failure);

/* The same as for a deal, and the offer closes after it was signed, fee times slots is an amount, and a range of
 * followers is one. */
enum error terms_check_offer(const struct note *note, struct failure *failure);

/* Both keys are the same account's, and different. */
enum error terms_check_rekey(const struct note *note, struct failure *failure);

/* A share goes with the outcome settle, and only with it. */
enum error terms_check_ruling(const struct note *note, struct failure *failure);

/* It speaks of an offer or of a deal, and is the agency's own. */
enum error terms_check_lapse(const struct note *note, struct failure *failure);

/* The agency itself admits operators only. */
enum error terms_check_admit(const struct note *note, struct failure *failure);

#endif
