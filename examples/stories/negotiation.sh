#!/bin/sh
# Terms go back and forth until both have signed one text; later it is amended.
. "$(dirname "$0")/lib.sh"
account creator other
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
{ echo 'road negotiation'; cat paid.offer; } | awk '
	/^road/ { road = $0; next } /^slots/ { print road } { print }' >negotiated.offer
run troth offer submit negotiated.offer --home acme --yes
offer=$last
available_is acme '450.00 USD'

say 'The creator asks for more, the brand answers, she answers again, the brand signs.'
run troth deal counter "$offer" --home flow --set 'fee 400.00 USD' --yes
first=$last
run troth deal counter "$first" --home acme --set 'fee 280.00 USD' --yes
second=$last
refused superseded troth deal accept "$first" --home acme --yes
run troth deal counter "$second" --home flow --set 'fee 300.00 USD' --yes
third=$last
refused not-allowed troth deal accept "$third" --home flow --yes
run troth deal accept "$third" --home acme --yes
deal=$last
[ "$deal" = "$third" ] || stop 'the agreement is not the text that was proposed'
state_is "$deal" flow received
available_is acme '400.00 USD'

say 'Both sign a change of the terms; the difference of the fee follows.'
run troth deal amend "$deal" --home acme --set 'fee 350.00 USD' --yes
amendment=$last
state_is "$deal" flow received
run troth deal accept "$amendment" --home flow --yes
available_is acme '350.00 USD'

say 'Somebody else is turned down, and one takes his proposal back.'
run troth deal counter "$offer" --home other --set 'fee 9000.00 USD' --yes
proposal=$last
run troth deal decline "$proposal" --home acme --reason 'Too much for us.' --yes
refused wrong-state troth deal accept "$proposal" --home acme --yes
state_is "$proposal" other ended
run troth deal counter "$offer" --home other --set 'fee 275.00 USD' --yes
run troth deal decline "$last" --home other --yes

say 'A proposal that nobody answers ends by itself.'
run troth deal counter "$offer" --home other --set 'fee 260.00 USD' --yes
proposal=$last
later $((73 * hours))
state_is "$proposal" other ended
check_all acme flow other
the_end
