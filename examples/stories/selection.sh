#!/bin/sh
# Ten creators apply, the brand chooses two.
. "$(dirname "$0")/lib.sh"
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
awk '/^slots/ { print "road selection\nniche yoga\nplatform instagram\nfollowers-from 1000\nfollowers-to 50000" } { print }' \
	paid.offer >selection.offer
run troth offer submit selection.offer --home acme --yes
offer=$last

say 'Who does not fit is told why.'
refused not-eligible troth deal accept "$offer" --home flow --yes
printf 'niche yoga\nchannel instagram studio.flow\n' >profile
run troth profile submit profile --home flow --yes
refused not-eligible troth deal accept "$offer" --home flow --yes
ops run troth ops attest flow --platform instagram --followers 900 --engagement '2.4 %' --source 'seen today' --yes
refused not-eligible troth deal accept "$offer" --home flow --yes
ops run troth ops attest flow --platform instagram --followers 12000 --engagement '2.4 %' \
	--source 'seen tomorrow' --yes

say 'Ten apply.'
run troth deal accept "$offer" --home flow --yes
applied=$last
state_is "$applied" flow proposed
for number in 1 2 3 4 5 6 7 8 9; do
	account creator "creator-$number"
	run troth profile submit profile --home "creator-$number" --yes
	ops run troth ops attest "creator-$number" --platform instagram --followers "${number}500" --engagement '3 %' \
		--source 'seen' --yes
	run troth deal accept "$offer" --home "creator-$number" --yes
	eval "application_$number=\$last"
done

say 'The brand sees them side by side, and concludes with two; a third finds no slot.'
run troth offer applicants "$offer" --home acme
[ "$(grep -c 'creator-' "$scratch/output")" -eq 9 ] || stop 'not all applicants are shown'
run troth deal accept "$applied" --home acme --yes
# shellcheck disable=SC2154 # set by eval
run troth deal accept "$application_4" --home acme --yes
# shellcheck disable=SC2154
refused offer-full troth deal accept "$application_5" --home acme --yes
state_is "$applied" flow received

say 'The others are told when the offer closes.'
run troth deal decline "$application_5" --home acme --yes
later $((31 * days))
# shellcheck disable=SC2154
state_is "$application_1" creator-1 ended
check_all acme flow
the_end
