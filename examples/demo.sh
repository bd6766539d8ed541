#!/bin/sh
# Plays the story of one deal with real processes in a temporary folder: an agency, a brand and a creator; an offer, an
# agreement, and its verification by Troth and by openssl. `make demo` calls it: sh examples/demo.sh BUILD
# Fails if anything goes another way than told.
set -eu

examples=$(cd "$(dirname "$0")" && pwd)
PATH=$(cd "${1:-build}" && pwd):$PATH
scratch=$(mktemp -d)
agency=
unset TROTH_HOME

finish() {
	if [ -n "$agency" ]; then
		kill -TERM "$agency" 2>/dev/null || :
		wait "$agency" || :
	fi
	rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bold='' dim='' bad='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') bad=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

say() { printf '\n%s# %s%s\n' "$dim" "$1" "$plain"; }

stop() {
	printf '%sdemo: %s%s\n' "$bad" "$1" "$plain" >&2
	exit 1
}

# Prints a command as one would type it.
show() {
	printf '%s$' "$bold"
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '%s\n' "$plain"
}

# Shows a command, runs it, prints what it printed, and expects an exit status. Its last line is kept in $last.
expect() { # status command...
	wanted=$1
	shift
	show "$@"
	got=0
	"$@" >output 2>&1 || got=$?
	cat output
	last=$(tail -n 1 output)
	[ "$got" -eq "$wanted" ] || stop "exit status $got instead of $wanted"
}
run() { expect 0 "$@"; }
refused() { expect 1 "$@"; }

cd "$scratch"
ln -s "$examples" examples

say 'An agency starts: a broker, two workers, an operator. Its join file is all that others need.'
show troth up --home agency --origin agency.example --endpoint 'tcp://127.0.0.1:*'
mkfifo ready
troth up --home agency --origin agency.example --endpoint 'tcp://127.0.0.1:*' >ready 2>up.log &
agency=$!
exec 3<ready
if ! read -r line <&3; then
	cat up.log >&2
	stop 'the agency did not start'
fi
echo "$line"

say 'A brand and a creator make their keys, which stay with them, and ask for accounts; an operator admits them.'
run troth init --home brand --role brand --name acme-yoga --join agency/agency.join --no-passphrase
run troth init --home creator --role creator --name studio-flow --join agency/agency.join --no-passphrase
run troth enrol --home brand
run troth enrol --home creator
run troth ops admit acme-yoga studio-flow --yes --home agency/ops

say 'The brand offers a free product to five creators. Lines of a file become a signed offer.'
run cat examples/gifted.offer
run troth offer submit examples/gifted.offer --home brand --yes
offer=$last

say 'The creator sees the offer and accepts it: she signs the agreement that follows from it, the agency countersigns.'
run troth offer list --home creator
run troth deal accept "$offer" --home creator --yes --out agreement.note
deal=$last

say 'The same again is the same deal.'
run troth deal accept "$offer" --home creator --yes
[ "$last" = "$deal" ] || stop "the deal is $last instead of $deal"

say 'This is the agreement, whole. What people read is what is signed.'
run cat agreement.note

say 'Anyone verifies it offline: with Troth, and with openssl alone.'
run troth offer show "$offer" --home creator --out offer.note
run troth verify agreement.note --join agency/agency.join --offer offer.note
run sh examples/verify-with-openssl.sh agreement.note agency/agency.join

say 'One byte is changed: both refuse it.'
printf '%s$ %s%s\n' "$bold" "sed 's/5 mm/6 mm/' agreement.note >changed.note" "$plain"
sed 's/5 mm/6 mm/' agreement.note >changed.note
[ "$(cmp -l agreement.note changed.note | wc -l)" -eq 1 ] || stop 'not exactly one byte was changed'
refused troth verify changed.note --join agency/agency.join
refused sh examples/verify-with-openssl.sh changed.note agency/agency.join

say 'A paid offer needs money that an operator has attested: without it, it is refused.'
refused troth offer submit examples/paid.offer --home brand --yes
run troth ops fund acme-yoga '1000.00 USD' --reference bank-4711 --home agency/ops --yes
run troth offer submit examples/paid.offer --home brand --yes
run troth status --home brand

say 'The store is read from end to end, and the agency stops.'
run troth store check --home agency
show kill -TERM "$agency"
kill -TERM "$agency"
status=0
wait "$agency" || status=$?
agency=
[ "$status" -eq 0 ] || stop "troth up ended with exit status $status"
[ ! -s up.log ] || {
	cat up.log >&2
	stop 'the agency logged something'
}
echo 'stopped'
