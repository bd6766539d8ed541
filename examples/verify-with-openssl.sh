#!/bin/sh
# Verifies every signature line of an agreement or an offer with openssl (3.0 or later), and without Troth.
# Says nothing of the rules of notes: those are what `troth verify` checks besides.
set -eu

# shellcheck source=examples/signed-note.sh disable=SC1091
. "$(dirname "$0")/signed-note.sh"

# An Ed25519 public key in PEM is twelve constant bytes (RFC 8410) and the key; twelve bytes are sixteen digits of base64.
signature_is_good() { # text key signature
	{
		echo '-----BEGIN PUBLIC KEY-----'
		echo "MCowBQYDK2VwAyEA$(base64 <"$2")"
		echo '-----END PUBLIC KEY-----'
	} >"$2.pem"
	openssl pkeyutl -verify -pubin -inkey "$2.pem" -rawin -in "$1" -sigfile "$3" >/dev/null 2>&1
}

[ "$#" -eq 2 ] || stop 'usage: verify-with-openssl.sh NOTE JOIN-FILE'
command -v openssl >/dev/null || stop 'there is no openssl'
check_note "$1" "$2"
