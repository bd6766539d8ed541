/* The last judgement: the store as it stands after the agency has ended, beside the history. */
#ifndef TROTH_TESTS_CRASH_JUDGE_H
#define TROTH_TESTS_CRASH_JUDGE_H

#include "tests/crash/history.h"

/* Opens the store of an agency whose processes must have ended, and reports as findings: an acknowledged note
 * that is not there, or not once, or with another number or text; a note that nobody sent, or that could not stand
 * where it does; offers, deals and balances other than the notes lead to; a refusal that was not right. */
void judge(const struct agency_process *agency, struct history *history);

#endif
