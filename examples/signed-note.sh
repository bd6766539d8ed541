# Takes a signed note of Troth apart with sh, awk and base64, for verify-with-openssl.sh and verify-with-signify.sh,
# which read this file. Needs no part of Troth. The form is C2SP's signed note:
#
#     text, whose first line is <origin>/<kind>/v<n>
#     (empty line)
#     — <signer> <base64 of a key id of 4 bytes and an Ed25519 signature of 64>        one or more
#
# Parties' keys stand in the text; the agency's stands in the join file. The caller defines
# signature_is_good TEXT KEY SIGNATURE: three files, the key of 32 bytes and the signature of 64.
# shellcheck shell=sh

LC_ALL=C
export LC_ALL

stop() { # message: for what cannot be checked at all
	echo "$0: $1" >&2
	exit 2
}

hex_to_bytes() { # digits
	# shellcheck disable=SC2059 # the format is what awk has written: one escape a byte
	printf "$(awk -v hex="$1" 'BEGIN {
		digits = "0123456789abcdef"
		for (i = 1; i < length(hex); i += 2) {
			high = index(digits, substr(hex, i, 1)) - 1
			printf "\\%03o", 16 * high + index(digits, substr(hex, i + 1, 1)) - 1
		}
	}')"
}

# The value of a setting of the join file: "origin", "agency-key".
join_value() { # join key
	awk -v key="$2" '$1 == key && $2 == "=" { print $3 }' "$1"
}

# Writes the public key of a signer: of the agency from the join file, of a party from the line of the text that has
# the party's role and name. Writes nothing if that line is not there exactly once.
write_key() { # folder join origin signer
	if [ "$4" = "$3/agency" ]; then
		join_value "$2" agency-key | awk -F + -v name="$4" '$1 == name { print substr($0, length($1 $2) + 3) }' |
			base64 -d 2>/dev/null | tail -c +2 >"$1/key"
		return
	fi
	party=${4#"$3/"}
	hex_to_bytes "$(awk -v role="${party%%/*}" -v name="${party#*/}" '
		$1 == role && $2 == name && NF == 3 && sub(/^ed25519:/, "", $3) { key = $3; count++ }
		END { if (count == 1 && length(key) == 64) print key }' "$1/text")" >"$1/key"
}

# The key id in a signature line says which key is meant: the beginning of SHA-256(name, line end, 01, key).
key_id_fits() { # folder signer
	{ printf '%s\n\001' "$2" && cat "$1/key"; } | sha256sum | cut -c 1-8 >"$1/id.expected"
	head -c 4 "$1/both" | od -A n -t x1 | tr -d ' \n' >"$1/id"
	echo >>"$1/id"
	cmp -s "$1/id" "$1/id.expected"
}

check_line() { # folder join origin signer base64
	write_key "$@"
	printf '%s' "$5" | base64 -d >"$1/both" 2>/dev/null || : >"$1/both"
	tail -c +5 "$1/both" >"$1/signature"
	[ "$(wc -c <"$1/key")" -eq 32 ] && [ "$(wc -c <"$1/signature")" -eq 64 ] && key_id_fits "$1" "$4" &&
		signature_is_good "$1/text" "$1/key" "$1/signature"
}

# Checks every signature line and that nobody's is missing; prints one line each. Fails if anything is not good.
check_note() { # note join
	[ -r "$1" ] || stop "cannot read $1"
	[ -r "$2" ] || stop "cannot read $2"
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	empty=$(awk '/^$/ { last = NR } END { print last + 0 }' "$1")
	[ "$empty" -gt 1 ] || stop "$1 is not a signed note: there is no empty line between text and signatures"
	head -n "$((empty - 1))" "$1" >"$folder/text"
	tail -n "+$((empty + 1))" "$1" >"$folder/lines"

	header=$(head -n 1 "$1")
	origin=${header%%/*}
	[ "$origin" = "$(join_value "$2" origin)" ] || stop "$1 is a note of \"$origin\", not of the agency in $2"
	case $header in
	"$origin"/agreement/v1) expected='creator agency' ;;
	"$origin"/offer/v1) expected='brand' ;;
	*) stop "$1 is neither an agreement nor an offer: its first line is \"$header\"" ;;
	esac

	status=0
	signed=
	while read -r dash signer base64 rest; do
		if [ "$dash" = '—' ] && [ -z "$rest" ] && check_line "$folder" "$2" "$origin" "$signer" "$base64"; then
			echo "good  $signer"
		else
			echo "BAD   $signer"
			status=1
		fi
		role=${signer#"$origin/"}
		signed="$signed ${role%%/*}"
	done <"$folder/lines"
	for role in $expected; do
		case "$signed " in
		*" $role "*) ;;
		*)
			echo "BAD   there is no signature of the $role"
			status=1
			;;
		esac
	done
	return "$status"
}
