#!/bin/sh
# Verifies every signature line of an agreement or an offer with OpenBSD's signify, and without Troth.
# Says nothing of the rules of notes: those are what `troth verify` checks besides.
set -eu

# shellcheck source=examples/signed-note.sh disable=SC1091
. "$(dirname "$0")/signed-note.sh"

# Signify's files are a comment, and in base64 "Ed", eight bytes that name the key, and key or signature.
write_signify_file() { # file
	echo 'untrusted comment: of a note'
	{ printf 'Ed\000\000\000\000\000\000\000\000' && cat "$1"; } | base64 | tr -d '\n'
	echo
}

signature_is_good() { # text key signature
	write_signify_file "$2" >"$2.pub"
	write_signify_file "$3" >"$3.sig"
	"$signify" -V -q -p "$2.pub" -x "$3.sig" -m "$1" >/dev/null 2>&1
}

[ "$#" -eq 2 ] || stop 'usage: verify-with-signify.sh NOTE JOIN-FILE'
signify=$(command -v signify-openbsd || command -v signify) || stop 'there is no signify-openbsd'
check_note "$1" "$2"
