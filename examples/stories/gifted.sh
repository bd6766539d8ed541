#!/bin/sh
# A free product for a reel: from offer to ratings, with nothing going wrong.
. "$(dirname "$0")/lib.sh"

say 'The brand offers a mat; the creator takes it.'
run troth offer submit gift.offer --home acme --yes
offer=$last
run troth deal accept "$offer" --home flow --yes
deal=$last
state_is "$deal" flow agreed

say 'Her address goes to the brand, sealed; no note has it.'
printf 'Ada Flow\n1 Mat Street\nSpringfield\n' >address.txt
run troth deal address "$deal" --home flow --file address.txt
run troth deal address "$deal" --home acme
grep -q 'Mat Street' "$scratch/output" || stop 'the address did not arrive'

say 'Ship, receive, submit, approve, post.'
run troth deal ship "$deal" --home acme --carrier DHL --tracking 0034 --yes
run troth deal receive "$deal" --home flow --yes
echo 'moving pictures' >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/reel.mp4 --yes
run troth deal approve "$deal" --home acme --yes
run troth deal post "$deal" --home flow --link https://instagram.com/p/abc --yes
ops run troth ops verify "$deal" --live yes --tagged yes --disclosed yes --reach 9200 --engagements 640 --impressions 15000 --yes
state_is "$deal" flow verified

say 'Both rate; neither sees the other'\''s stars before.'
run troth deal rate "$deal" --home flow --stars 5 --remark 'Fast and friendly.' --yes
run troth deal notes "$deal" --home acme
if grep -q 'Fast and friendly' "$scratch/output"; then
	stop 'the brand sees a rating before it has rated'
fi
run troth deal rate "$deal" --home acme --stars 4 --yes
run troth deal notes "$deal" --home acme
grep -q 'Fast and friendly' "$scratch/output" || stop 'the brand does not see the rating after it has rated'
state_is "$deal" acme closed

say 'Nothing can be done to it any more.'
refused wrong-state troth deal cancel "$deal" --home acme --yes
run troth report --home acme
check_all acme flow
the_end
