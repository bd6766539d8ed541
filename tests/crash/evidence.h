/* What is left of a run that has not passed. */
#ifndef TROTH_TESTS_CRASH_EVIDENCE_H
#define TROTH_TESTS_CRASH_EVIDENCE_H

/* From now on, whatever ends the process before evidence_drop, its children are killed, the agency's folder stays, and
 * the last line says by which options the run can be repeated and where the folder is. Borrows both texts. */
void evidence_keep(const char *options, const char *home);

/* The run has passed: the folder may go. */
void evidence_drop(void);

#endif
