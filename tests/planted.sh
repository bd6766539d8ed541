#!/bin/sh
# Shows that the long random life of deals finds what it is for: in a copy of the tree one mistake after the other is
# planted in what the rules book, and tests/unit/rules_life.c must fail each time, at an event that it names.
# Run as: sh tests/planted.sh BUILD, behind `make tests`; what was built there is copied, so that little is built anew.
set -eu
build=${1:-build}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp -a Makefile base rules wire crypto store broker workers cli tests "$tree"
mkdir -p "$tree/$build"
cp -a "$build/obj" "$build/lib" "$tree/$build"
cd "$tree"

tried=0
failed=0

complain() { # text, then what is shown below it
	failed=$((failed + 1))
	echo "planted: $1" >&2
	sed 's/^/    /' "$2" >&2
}

life() { # EVENTS: builds the test and lives so many events; its words go to the file `words`
	rm -f "$build/tests/unit-rules_life"
	if ! make --no-print-directory BUILD="$build" "$build/tests/unit-rules_life" >words 2>&1; then
		return 3
	fi
	CK_FORK=no TROTH_SEED=1 TROTH_EVENTS="$1" "$build/tests/unit-rules_life" >words 2>&1
}

# mistake FILE WHAT EXPRESSION: EXPRESSION is sed's and makes the mistake.
mistake() {
	tried=$((tried + 1))
	cp "$1" right
	sed "$3" right >"$1"
	if cmp -s right "$1"; then
		complain "$1 has changed: nothing to plant for \"$2\"" /dev/null
		return
	fi
	got=0
	life 20000 || got=$?
	if [ "$got" -eq 3 ]; then
		complain "\"$2\" does not build:" words
	elif [ "$got" -eq 0 ]; then
		complain "not found: $2" words
	elif ! grep -q 'seed 1, event' words; then
		complain "\"$2\" fails in another way than the life tells:" words
	fi
	cp right "$1"
}

effects=rules/deal_effects.c
mistake $effects 'an agreement takes no slot' 's/takes_slot = true/takes_slot = false/'
mistake $effects 'a refund books nothing' '/move(LEDGER_LESS, .*held - reserved/d'
mistake $effects 'a slot reopens without its money' '/move(LEDGER_REOPEN/d'
mistake $effects 'a payment is not counted' '/after->paid += amount/d'
mistake $effects 'a dispute forgets the agency'"'"'s fee' 's/held += after->earned + after->agency_earned/held += after->earned/'
mistake $effects 'an amendment takes no more money' '/move(LEDGER_MORE, .*after->held/d'
mistake $effects 'a commission above its cap' 's/return parts\[0\] < terms->commission_cap ? .*/return parts[0];/'
mistake $effects 'a commission without sales is not given back' 's/{ 0, 0, after->held }/{ 0, 0, 0 }/'
mistake $effects 'a deal remembers another one' 's/^\tafter->revisions++;/\tstatic int all;\n\tafter->revisions += ++all % 2;/'
mistake rules/ledger.c 'the fee goes to the creator' 's/\(LEDGER_FEE\] = { ACCOUNT_HELD, \)ACCOUNT_FEES/\1ACCOUNT_EARNED/'
mistake rules/deal.c 'a paid deal closes with its commission held' \
	's/\(DEAL_PAID, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_CLOSED, \)&effect_release/\1NULL/'

if ! life 20000; then
	complain 'without a mistake the life should go well:' words
fi
echo "planted: $tried mistakes in the rules, $((tried - failed)) found"
[ "$failed" -eq 0 ]
