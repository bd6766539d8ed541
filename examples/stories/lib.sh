# What all stories share: an agency with its own clock in a temporary folder, a brand, creators, and words for steps.
# Each story is a script of its own: sh examples/stories/NAME.sh BUILD. It fails where anything goes another way than
# told. Where output goes to a file or a test, only the end and failures are printed, unless TROTH_STORY=aloud.
set -eu

PATH=$(cd "${1:-build}" && pwd):$PATH
story=$(basename "$0" .sh)
scratch=$(mktemp -d)
agency=
unset TROTH_HOME
TROTH_CLOCK=$scratch/clock
export TROTH_CLOCK

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

tell() {
	if [ -t 1 ] || [ "${TROTH_STORY:-}" = aloud ]; then
		printf '%s\n' "$*"
	fi
}

say() { tell "
# $1"; }

stop() {
	printf '%s: %s\n' "$story" "$1" >&2
	exit 1
}

# Runs a command, shows it with what it printed, and expects an exit status. Its last line is kept in $last.
expect() { # status command...
	wanted=$1
	shift
	got=0
	"$@" >"$scratch/output" 2>&1 || got=$?
	tell "$ $*"
	tell "$(cat "$scratch/output")"
	last=$(tail -n 1 "$scratch/output")
	if [ "$got" -ne "$wanted" ]; then
		cat "$scratch/output" >&2
		stop "exit status $got instead of $wanted: $*"
	fi
}
run() { expect 0 "$@"; }

# Runs a command that must be refused with this word of doc/protocol.md.
refused() { # word command...
	word=$1
	shift
	expect 1 "$@" --json
	grep -q "\"code\":\"$word\"" "$scratch/output" || stop "not refused as $word: $*: $last"
}

# Moves everybody's clock.
later() { # seconds
	echo "$(($(cat "$TROTH_CLOCK") + $1))" >"$TROTH_CLOCK.new"
	mv "$TROTH_CLOCK.new" "$TROTH_CLOCK"
	tell "(a while later: $1 s)"
}
hours=3600
days=86400

# A value of a command's JSON answer: the text behind "key": in a flat search, which is enough for what stories ask.
value_of() { # key
	sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" "$scratch/output" | head -n 1
}

# Waits until a deal is in a state: the agency's clock needs a moment to sign what is due.
state_is() { # deal home state
	tries=0
	while :; do
		troth deal show "$1" --home "$2" --json >"$scratch/output" 2>&1 || {
			cat "$scratch/output" >&2
			stop "deal show $1 failed"
		}
		now=$(value_of state)
		[ "$now" != "$3" ] || break
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || stop "the deal is $now, not $3"
		sleep 0.1
	done
	tell "(the deal is $3)"
}

# Checks what a brand has available, "" for nothing.
available_is() { # home amount
	troth status --home "$1" >"$scratch/output" 2>&1 || stop "status failed"
	now=$(sed -n 's/^available *//p' "$scratch/output")
	[ "$now" = "$2" ] || stop "available is \"$now\", not \"$2\""
	tell "(available: ${2:-nothing})"
}

# The same, for what the agency's clock still has to do.
available_becomes() { # home amount
	tries=0
	while :; do
		now=$(troth status --home "$1" | sed -n 's/^available *//p')
		[ "$now" != "$2" ] || break
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || stop "available is \"$now\", not \"$2\""
		sleep 0.1
	done
	tell "(available: ${2:-nothing})"
}

account() { # role name
	troth init --home "$2" --role "$1" --name "$2" --join agency/agency.join --no-passphrase >/dev/null
	troth enrol --home "$2" >/dev/null
	troth ops admit "$2" --home agency/ops --role "$1" --yes >/dev/null
}

ops() { "$@" --home agency/ops; }

# Everything that a side has can be replayed offline, and the store is what its notes say.
check_all() { # home...
	for home in "$@"; do
		run troth export --home "$home" --out "export-$home"
		run troth verify "export-$home/notes.bundle" --join agency/agency.join
	done
	run troth store check --home agency
}

cd "$scratch"
echo 0 >"$TROTH_CLOCK"
mkfifo ready
troth up --home agency --origin agency.example --endpoint 'tcp://127.0.0.1:*' >ready 2>up.log &
agency=$!
exec 3<ready
if ! read -r line <&3; then
	cat up.log >&2
	stop 'the agency did not start'
fi
account brand acme
account creator flow

cat >gift.offer <<'END'
campaign Spring
compensation gifted
product Cork yoga mat, 5 mm
product-value 89.00 USD
deliverable 1 instagram-reel within 14d
disclosure #ad
revisions 1
slots 2
closes +30d
END
cat >paid.offer <<'END'
campaign Spring
compensation paid
fee 250.00 USD
agency-fee 25.00 USD
deliverable 1 instagram-reel within 14d
disclosure #ad
revisions 2
pay-within 30d
slots 2
closes +30d
END

# The agency ends well, and has logged nothing.
the_end() {
	kill -TERM "$agency"
	status=0
	wait "$agency" || status=$?
	agency=
	[ "$status" -eq 0 ] || stop "troth up ended with exit status $status"
	if [ -s up.log ]; then
		cat up.log >&2
		stop 'the agency logged something'
	fi
	printf '%s: told to its end\n' "$story"
}
