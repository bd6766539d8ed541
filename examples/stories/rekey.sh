#!/bin/sh
# Keys change in the middle of a deal: planned, with overlap; and stolen, with a line in the log.
. "$(dirname "$0")/lib.sh"
ops run troth ops fund acme '1000.00 USD' --reference bank-1 --yes
run troth offer submit paid.offer --home acme --yes
offer=$last
run troth deal accept "$offer" --home flow --yes
deal=$last

say 'The creator takes a new key; the deal goes on with it.'
cp -r flow flow-before
run troth rekey --home flow --overlap 7d --yes
echo pictures >reel.mp4
run troth deal submit "$deal" --home flow --file reel.mp4 --link https://example.com/reel.mp4 --yes
state_is "$deal" flow submitted

say 'The brand'\''s laptop is stolen: its key is good up to the last honest note and no further.'
run troth deal approve "$deal" --home acme --yes
troth status --home acme --json >"$scratch/output"
key=$(value_of key)
cp -r acme thief
notes=$(troth store check --home agency | sed -n 's/^notes \([0-9]*\),.*/\1/p')
ops run troth ops revoke acme --key "ed25519:$key" --valid-until "$notes" --reason 'laptop stolen' --yes
refused not-admitted troth offer list --home thief
refused key-revoked troth offer close "$offer" --home thief --yes

run troth store check --home agency

say 'A new key is enrolled under the same name, admitted, and the deal goes on.'
troth init --home acme2 --role brand --name acme --join agency/agency.join --no-passphrase >/dev/null
run troth enrol --home acme2
ops run troth ops admit acme --role brand --yes
run troth deal post "$deal" --home flow --link https://instagram.com/p/abc --yes
ops run troth ops verify "$deal" --live yes --tagged yes --disclosed yes --yes
ops run troth ops pay "$deal" --amount '250.00 USD' --reference p-1 --yes
run troth deal rate "$deal" --home acme2 --stars 5 --yes
refused not-admitted troth deal rate "$deal" --home thief --stars 1 --yes
run troth offer close "$offer" --home acme2 --yes

say 'Somebody who is suspended finishes what runs, and begins nothing new.'
ops run troth ops suspend acme --reason 'unpaid invoices' --yes
refused suspended troth offer submit gift.offer --home acme2 --yes
run troth deal rate "$deal" --home flow --stars 5 --yes
state_is "$deal" acme2 closed
ops run troth ops restore acme --reason 'paid' --yes
run troth offer submit gift.offer --home acme2 --yes
check_all acme2 flow
the_end
