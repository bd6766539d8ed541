#!/bin/sh
# A dispute stops the clock; the agency splits the fee, to the last cent; another one goes on as before.
. "$(dirname "$0")/lib.sh"
account creator other
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
sed 's/^fee .*/fee 99.99 USD/; s/^agency-fee .*/agency-fee 10.01 USD/' paid.offer >odd.offer
run troth offer submit odd.offer --home acme --yes
offer=$last
available_is acme '780.00 USD'
run troth deal accept "$offer" --home flow --yes
deal=$last
echo pictures >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/reel.mp4 --yes
run troth deal dispute "$deal" --home acme --reason 'Only one of two scenes.' --yes
state_is "$deal" flow disputed
later $((20 * days))
state_is "$deal" flow disputed
refused wrong-state troth deal approve "$deal" --home acme --yes

say 'A third each way: 33.33 of 99.99 and 3.34 of 10.01 (the larger remainder gets the cent).'
ops run troth ops rule "$deal" --outcome settle --creator-share '33.34 %' --reason 'One of two scenes, and late.' --yes
state_is "$deal" flow ruled
troth statement --home flow --json >"$scratch/output"
grep -q '"amount": *"33.34 USD"' "$scratch/output" || stop 'the creator did not get 33.34 USD'
ops run troth ops pay "$deal" --amount '33.34 USD' --reference p-1 --yes

say 'Another one is resumed: the review begins anew, and ends as agreed.'
run troth deal accept "$offer" --home other --yes
deal=$last
run troth deal submit "$deal" --home other --file reel.mp4 --link https://example.com/reel.mp4 --yes
run troth deal dispute "$deal" --home other --reason 'The brand asks for a third scene.' --yes
ops run troth ops rule "$deal" --outcome resume --reason 'Two scenes were agreed.' --yes
state_is "$deal" other submitted
later $((72 * hours - 60))
state_is "$deal" other submitted
later 120
state_is "$deal" other approved

say 'Verified and not paid yet, it can still be disputed: what was earned is held again.'
run troth deal post "$deal" --home other --link https://instagram.com/p/abc --yes
ops run troth ops verify "$deal" --live yes --tagged yes --disclosed yes --yes
run troth deal dispute "$deal" --home acme --reason 'The post is gone.' --yes
refused unfunded troth ops refund acme '100000.00 USD' --reference bank-9 --home agency/ops --yes
ops run troth ops rule "$deal" --outcome settle --creator-share '0 %' --reason 'Deleted after a day.' --yes
state_is "$deal" other ruled
ops refused wrong-state troth ops pay "$deal" --amount "1.00 USD" --reference p-2 --yes
check_all acme flow other
the_end
