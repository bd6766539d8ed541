#!/bin/sh
# Who is bound to one brand in a category cannot sign for another, and sees why; when the time is over she can.
. "$(dirname "$0")/lib.sh"
account brand zen
exclusive() { # file category claim
	awk -v category="$2" -v claim="$3" '
		/^compensation/ { print "category " category }
		{ print }
		/^disclosure/ && claim != "" { print "exclusivity " claim }' gift.offer | sed 's/^closes .*/closes +90d/' >"$1"
}
exclusive acme.offer yoga-mats 'yoga-mats for 30d'
exclusive zen.offer yoga-mats ''
exclusive other.offer tea ''
run troth offer submit acme.offer --home acme --yes
acme=$last
run troth offer submit zen.offer --home zen --yes
zen=$last
run troth offer submit other.offer --home zen --yes
tea=$last

say 'Bound by acme, she cannot sign the mats of zen, but their tea.'
run troth deal accept "$acme" --home flow --yes
deal=$last
refused exclusivity troth deal accept "$zen" --home flow --yes
grep -q 'acme' "$scratch/output" || stop 'the refusal does not say whom she works for'
run troth deal accept "$tea" --home flow --yes

say 'The other way round: who works for zen cannot promise acme to work for nobody else.'
account creator other
run troth deal accept "$zen" --home other --yes
refused exclusivity troth deal accept "$acme" --home other --yes

say 'The bond lasts 30 days from the post.'
run troth deal ship "$deal" --home acme --carrier DHL --yes
run troth deal receive "$deal" --home flow --yes
echo pictures >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/reel.mp4 --yes
run troth deal approve "$deal" --home acme --yes
run troth deal post "$deal" --home flow --link https://instagram.com/p/abc --yes
later $((29 * days))
exclusive later.offer yoga-mats ''
run troth offer submit later.offer --home zen --yes
late=$last
refused exclusivity troth deal accept "$late" --home flow --yes
later $((2 * days))
run troth deal accept "$late" --home flow --yes
check_all acme flow zen
the_end
