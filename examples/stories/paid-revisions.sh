#!/bin/sh
# A paid post with two revisions, paid in two parts.
. "$(dirname "$0")/lib.sh"

say 'Without money the offer is refused; with it, the fee of both slots is reserved.'
refused unfunded troth offer submit paid.offer --home acme --yes
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
run troth offer submit paid.offer --home acme --yes
offer=$last
available_is acme '450.00 USD'

say 'The creator accepts and submits; the brand asks for a revision, twice; a third time is not in the terms.'
run troth deal accept "$offer" --home flow --yes
deal=$last
for version in 1 2; do
	echo "version $version" >reel.mp4
	run troth deal submit "$deal" --home flow --file reel.mp4 --link "https://example.com/$version.mp4" --yes
	run troth deal revise "$deal" --home acme --reason "Please show the logo, try $version." --yes
	state_is "$deal" acme received
done
echo 'version 3' >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/3.mp4 --yes
refused wrong-state troth deal revise "$deal" --home acme --reason 'Again.' --yes
run troth deal approve "$deal" --home acme --yes

say 'The first look finds no disclosure: it has to be posted again.'
run troth deal post "$deal" --home flow --link https://instagram.com/p/one --yes
ops run troth ops verify "$deal" --live yes --tagged yes --disclosed no --yes
state_is "$deal" flow approved
run troth deal post "$deal" --home flow --link https://instagram.com/p/two --yes
ops run troth ops verify "$deal" --live yes --tagged yes --disclosed yes --reach 9000 --engagements 450 --yes
state_is "$deal" flow verified

say 'What was earned is paid in two parts; more than that is refused, and a reference counts once.'
ops refused bad-value troth ops pay "$deal" --amount '250.01 USD' --reference p-0 --yes
ops run troth ops pay "$deal" --amount '100.00 USD' --reference p-1 --yes
ops refused exists troth ops pay "$deal" --amount '150.00 USD' --reference p-1 --yes
ops run troth ops pay "$deal" --amount '150.00 USD' --reference p-2 --yes
state_is "$deal" flow paid
run troth statement --home flow
run troth deal rate "$deal" --home flow --stars 5 --yes
run troth deal rate "$deal" --home acme --stars 5 --yes
state_is "$deal" acme closed

say 'Closing the offer frees the slot that nobody took.'
run troth offer close "$offer" --home acme --yes
available_is acme '725.00 USD'
ops run troth ops refund acme '725.00 USD' --reference bank-2 --yes
available_is acme '0.00 USD'
run troth report --home acme --format html --out report.html
check_all acme flow
the_end
