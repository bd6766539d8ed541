#!/bin/sh
# The creator says nothing: not delivering, or not posting, ends the deal and the money goes back.
. "$(dirname "$0")/lib.sh"
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
run troth offer submit paid.offer --home acme --yes
offer=$last
available_is acme '450.00 USD'

say 'Nothing is delivered within 14 days: lapsed; the slot and its money are the offer'\''s again.'
run troth deal accept "$offer" --home flow --yes
deal=$last
later $((14 * days - 60))
state_is "$deal" flow received
later 120
state_is "$deal" flow lapsed
refused wrong-state troth deal submit "$deal" --home flow --content "sha256:$(printf '%064d' 0) https://example.com/late" --yes
available_is acme '450.00 USD'

say 'Approved but never posted: lapsed too.'
account creator other
run troth deal accept "$offer" --home other --yes
deal=$last
echo pictures >reel.mp4
run troth deal submit "$deal" --home other --file reel.mp4 --link https://example.com/reel.mp4 --yes
run troth deal approve "$deal" --home acme --yes
later $((7 * days + 60))
state_is "$deal" other lapsed

say 'When the offer'\''s own time is over, what it reserved is available again; product received by silence.'
later $((30 * days))
available_becomes acme '1000.00 USD'
run troth offer submit gift.offer --home acme --yes
run troth deal accept "$last" --home other --yes
deal=$last
run troth deal ship "$deal" --home acme --carrier DHL --yes
later $((10 * days + 60))
state_is "$deal" other received
check_all acme flow other
the_end
