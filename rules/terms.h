/* The rules that bind several fields of one note together; named in the table of kinds (rules/kind.c). Each returns OK
 * or the error with the line that is at fault. */
#ifndef TROTH_RULES_TERMS_H
#define TROTH_RULES_TERMS_H

#include "base/error.h"

struct note;

/* What is given fits `compensation`; one currency for all money; no product value without a product; a fee says when
 * it is paid. */
enum error terms_check_deal(const struct note *note, struct failure *failure);

/* The same, and the offer closes after it was signed, and fee times slots is an amount. */
enum error terms_check_offer(const struct note *note, struct failure *failure);

/* The agency itself admits operators only. */
enum error terms_check_admit(const struct note *note, struct failure *failure);

#endif
