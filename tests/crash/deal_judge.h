/* The last judgement of the deals: the store as it stands after the agency has ended, beside what was acknowledged. */
#ifndef TROTH_TESTS_CRASH_DEAL_JUDGE_H
#define TROTH_TESTS_CRASH_DEAL_JUDGE_H

#include "tests/crash/deal_load.h"

/* Opens the store of an agency whose processes must have ended, and reports as findings: an acknowledged note that is
 * not there, or not once, or with another number or text; one that was refused, or that nobody sent; a step that does
 * not follow the one before it; a deal that is elsewhere than its acknowledged steps have led it, or has other notes.
 * Money is for `troth store check`, which replays all deals by the rules. */
void deal_judge(const struct agency_process *agency, struct history *history, const struct deal_load *load);

#endif
