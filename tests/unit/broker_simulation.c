/* Seeded random lives of the broker's pure core (tests/lib/life.h).
 *
 * A failure prints the seed; TROTH_SEED=<number> plays it again, TROTH_EVENTS=<number> makes it longer and tells what
 * has happened. */
#include <stdlib.h>

#include "tests/lib/life.h"
#include "tests/lib/unit.h"

#define SEEDS 10
#define EVENTS 100000

static uint32_t number_from(const char *name, uint32_t fallback) {
	const char *text = getenv(name);
	return text == NULL ? fallback : (uint32_t)strtoul(text, NULL, 10);
}

START_TEST(every_promise_is_kept) {
	uint32_t seed = number_from("TROTH_SEED", (uint32_t)_i + 1);
	life_play(seed, number_from("TROTH_EVENTS", EVENTS), getenv("TROTH_EVENTS") != NULL);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_simulation");
	TCase *tests = tcase_create("simulation");
	tcase_set_timeout(tests, getenv("TROTH_EVENTS") == NULL ? 60 : 0);
	tcase_add_loop_test(tests, every_promise_is_kept, 0, getenv("TROTH_SEED") == NULL ? SEEDS : 1);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
