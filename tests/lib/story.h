/* The story of one deal, told by the command line as far as the agreement: where many tests begin. */
#ifndef TROTH_TESTS_LIB_STORY_H
#define TROTH_TESTS_LIB_STORY_H

#include "tests/lib/command.h"

struct story {
	struct agency_process agency;
	const char *join, *ops;       /* the agency's join file, the operator's home */
	const char *brand, *creator;  /* homes of acme-yoga and studio-flow, both admitted */
	const char *offer, *deal;     /* ids */
	const char *agreement;        /* path of the signed agreement; story_agree */
};

/* Starts an agency with two workers and the two accounts. */
void story_begin(struct story *story);

/* Goes on with examples/gifted.offer up to the agreement in a file. */
void story_agree(struct story *story);

#endif
