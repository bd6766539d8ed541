"""The conformance suite: clients and workers of Majordomo 0.1 and 0.2 on Debian's python3-zmq, written from RFC 7, 8, 9
and 18 and from doc/protocol.md, talk with a real broker over CURVE.

    TROTH_BUILD=build /usr/bin/python3 -B tests/talk/conformance/suite.py [WORD…]

runs all cases, or those whose names contain one of the words."""
import re
import sys
import time
import unittest

import conversation
import directory
import ending
import identifiers
import illegal
import lease
import operators
import presence
import security
import titanic
import waiting

LOG_LINES = 12  # of the broker's log, shown with a case that failed

MODULES = [conversation, identifiers, directory, illegal, presence, lease, waiting, titanic, operators, security,
           ending]


def name_of(case):
    words = case._testMethodName[len("test_"):].replace("_", " ")
    return "%s: %s" % (case.group, re.sub(r"\b0 ([12])\b", r"0.\1", words))  # a version


class Report(unittest.TestResult):
    """One line per case; what went wrong stands below its line."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = set()

    def addSuccess(self, test):
        self.passed += 1
        print("ok      %s" % name_of(test), flush=True)

    def fault(self, test, fault, row=None):
        self.failed.add(str(test))
        name = name_of(test) if hasattr(test, "group") else str(test)
        print("FAILED  %s" % (name if row is None else "%s (%s)" % (name, row)))
        print("        " + self._exc_info_to_string(fault, test).rstrip().replace("\n", "\n        "))
        broker = getattr(test, "broker", None)
        for line in broker.log().splitlines()[-LOG_LINES:] if broker else []:
            print("        log: %s" % line)
        sys.stdout.flush()

    def addSubTest(self, test, subtest, err):
        """A row of a table that failed; the case has failed then, and addSuccess is not called."""
        if err is not None:
            self.fault(test, err, subtest._message)

    def addFailure(self, test, err):
        self.fault(test, err)

    def addError(self, test, err):
        self.fault(test, err)


def all_cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from all_cases(item)
        else:
            yield item


def main(words):
    loader = unittest.TestLoader()
    cases = [case for module in MODULES for case in all_cases(loader.loadTestsFromModule(module))]
    wanted = [case for case in cases if not words or any(word in name_of(case) for word in words)]
    report = Report()
    begin = time.monotonic()
    unittest.TestSuite(wanted).run(report)
    seconds = time.monotonic() - begin
    print("conformance: %d passed, %d failed, in %.1f s" % (report.passed, len(report.failed), seconds))
    return 0 if wanted and not report.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
