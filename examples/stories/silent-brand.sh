#!/bin/sh
# The brand says nothing: not shipping ends the deal, not reviewing approves, not looking verifies.
. "$(dirname "$0")/lib.sh"
account creator other
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes

say 'A product that is never shipped: the deal lapses, the slot is free again.'
run troth offer submit gift.offer --home acme --yes
gift=$last
run troth deal accept "$gift" --home flow --yes
deal=$last
later $((5 * days + 60))
state_is "$deal" flow lapsed
run troth deal accept "$gift" --home other --yes
later $((1 * hours))

say 'Content that is never reviewed: silence approves, then verifies, and the fee is earned.'
run troth offer submit paid.offer --home acme --yes
run troth deal accept "$last" --home flow --yes
deal=$last
echo pictures >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/reel.mp4 --yes
later $((72 * hours + 60))
state_is "$deal" flow approved
refused wrong-state troth deal revise "$deal" --home acme --reason 'Too late.' --yes
run troth deal post "$deal" --home flow --link https://instagram.com/p/abc --yes
later $((7 * days + 60))
state_is "$deal" flow verified

say 'Even payment: the delay is on record, and can still be paid.'
later $((30 * days + 60))
tries=0
until troth deal show "$deal" --home flow --json | grep -q '"overdue": *true'; do
	tries=$((tries + 1))
	[ "$tries" -lt 300 ] || stop 'the delay is not on record'
	sleep 0.1
done
ops run troth ops pay "$deal" --amount '250.00 USD' --reference p-1 --yes
state_is "$deal" flow paid
later $((14 * days + 60))
state_is "$deal" flow closed
check_all acme flow
the_end
