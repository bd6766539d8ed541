/* Refusals, judged by what the market has come to: each must have had a reason, and only reasons that the load can give
 * are known here. */
#ifndef TROTH_TESTS_CRASH_REFUSALS_H
#define TROTH_TESTS_CRASH_REFUSALS_H

#include "tests/crash/history.h"
#include "tests/crash/model.h"

/* Reports every refusal without a reason. The model must have been told all notes of the store, and `stored` be set. */
void judge_refusals(const struct history *history, const struct model *model, const char *origin);

#endif
