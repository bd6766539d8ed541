#!/bin/sh
# Cancelling at each stage, by either side, with what the kill-fee lines say.
. "$(dirname "$0")/lib.sh"
ops run troth ops fund acme '10000.00 USD' --reference bank-1 --yes
sed 's/^slots .*/slots 20/; /^pay-within/i kill-fee-before-submission 10 %' paid.offer |
	awk '/^kill-fee/ { kill = $0; next } /^revisions/ && kill == "" { } { print }' >plain.offer
awk '/^revisions/ { print "kill-fee-before-submission 10 %" } { print }' plain.offer >kill.offer
run troth offer submit kill.offer --home acme --yes
offer=$last
available_is acme '4500.00 USD'
number=0

# Takes a new creator's deal to a stage.
deal_at() { # stage
	number=$((number + 1))
	who=creator-$number
	account creator "$who"
	run troth deal accept "$offer" --home "$who" --yes
	deal=$last
	[ "$1" = received ] && return
	echo "pictures $number" >reel.mp4
	run troth deal submit "$deal" --home "$who" --file reel.mp4 --link https://example.com/reel.mp4 --yes
	[ "$1" = submitted ] && return
	run troth deal approve "$deal" --home acme --yes
}

earned_is() { # creator amount
	troth statement --home "$1" --json >"$scratch/output"
	grep -q "\"amount\": *\"$2\"" "$scratch/output" || {
		cat "$scratch/output" >&2
		stop "$1 has not earned $2"
	}
	tell "($1 has earned $2)"
}

say 'By the brand, before anything was handed in: a tenth of the fee, and of the agency'\''s.'
deal_at received
run troth deal cancel "$deal" --home acme --reason 'Product recalled.' --yes
state_is "$deal" acme cancelled
earned_is "$who" '25.00 USD'
available_is acme '4747.50 USD'

say 'After submission 90 %, after approval all of it.'
deal_at submitted
run troth deal cancel "$deal" --home acme --yes
earned_is "$who" '225.00 USD'
deal_at approved
run troth deal cancel "$deal" --home acme --yes
earned_is "$who" '250.00 USD'
ops run troth ops pay "$deal" --amount '250.00 USD' --reference p-1 --yes

say 'By the creator: everything goes back, whatever the stage.'
for stage in received submitted approved; do
	deal_at "$stage"
	run troth deal cancel "$deal" --home "$who" --reason 'Cannot do it.' --yes
	state_is "$deal" "$who" cancelled
done
available_is acme '4775.00 USD'

say 'A product that was agreed, and one that is on its way: no money, and the slot is free again.'
run troth offer submit gift.offer --home acme --yes
gift=$last
for stage in agreed shipped; do
	for side in acme creator; do
		number=$((number + 1))
		who=creator-$number
		account creator "$who"
		run troth deal accept "$gift" --home "$who" --yes
		deal=$last
		[ "$stage" = agreed ] || run troth deal ship "$deal" --home acme --carrier DHL --yes
		[ "$side" = acme ] && by=acme || by=$who
		run troth deal cancel "$deal" --home "$by" --yes
		state_is "$deal" "$who" cancelled
	done
done

say 'Not any more once it is posted.'
deal_at approved
run troth deal post "$deal" --home "$who" --link https://instagram.com/p/abc --yes
refused wrong-state troth deal cancel "$deal" --home acme --yes
refused wrong-state troth deal cancel "$deal" --home "$who" --yes
check_all acme "$who"
the_end
