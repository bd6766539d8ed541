/* Running one Check suite; see unit.h. */
#include "tests/lib/unit.h"

#include <stdlib.h>

int unit_run(Suite *suite) {
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
