#!/bin/sh
# Structure and style: who may include whom, one home per library, calls that have no place here, long lines, files that
# do not say what they are. Prints every finding and fails if there is one. tests/lint_test.sh shows that it finds them.
set -eu
LC_ALL=C # bytes are bytes: grep and awk must not stop at text that is not in some locale's encoding
export LC_ALL
limit=${1:-120}
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT
find_sources() { find base rules wire crypto store broker workers cli tests -name '*.[ch]' | sort; }

# In these tables a row is "name: words"; `alternatives` makes words into a pattern for grep -E.
alternatives() { echo "$*" | tr -s ' ' '|'; }

# folder: folders that it may include, besides itself
direction='
base:
rules: base
wire: base
crypto: base
store: base
broker: base wire store
workers/market: base rules wire crypto store
cli: base rules wire crypto
'
echo "$direction" | while IFS=: read -r folder allowed; do
	if [ -n "$folder" ] && [ -d "$folder" ]; then
		grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$folder" --include='*.[ch]' |
			grep -vE "include[[:space:]]*\"($(alternatives "$folder$allowed"))/[^/]*\"" |
			sed "s|\$|   <- $folder/ may include only: $folder$allowed|" || true
	fi
done >>"$findings"

find_sources | grep -v '^tests/' | while read -r source; do
	echo "$direction" | grep -q "^${source%/*}:" || echo "$source:1:   <- ${source%/*}/ has no row in tests/lint.sh"
done >>"$findings"

find_sources | xargs grep -HnE '#[[:space:]]*include[[:space:]]*<(base|rules|wire|crypto|store|broker|workers|cli|tests)/' |
	sed 's|$|   <- our own headers stand in quotes|' >>"$findings" || true

# header, or folder of headers: files or folders that may include it
homes='
zmq: wire/
lmdb.h: store/lmdb.c
sodium: crypto/
msgpack: base/pack.c
ini.h: base/config.c
jansson.h: base/log.c cli/
utf8proc.h: base/unicode.c
bsd/sys/tree.h: base/map.c
xxhash.h: base/digest.c
csv.h: cli/
'
echo "$homes" | while IFS=: read -r header places; do
	[ -n "$header" ] || continue
	find_sources | grep -v '^tests/' | xargs grep -HnE "#[[:space:]]*include[[:space:]]*<$header" |
		grep -vE "^($(alternatives "${places# }"))" | sed "s|\$|   <- the home of $header is$places|" || true
done >>"$findings"

calls='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|strtok_r|system|popen|alloca'
calls="$calls|scanf|sscanf|fscanf|setlocale"
find_sources | xargs grep -HnE "(^|[^[:alnum:]_])($calls)[[:space:]]*\(" |
	sed 's|$|   <- a call that has no place here|' >>"$findings" || true

# A tab is four columns wide; the second and later bytes of a UTF-8 character have no width.
# shellcheck disable=SC2016 # awk's own variables
find_sources | xargs awk -v limit="$limit" '{
	width = 0
	for (i = 1; i <= length($0); i++) {
		byte = substr($0, i, 1)
		width += byte == "\t" ? 4 : (byte < "\200" || byte > "\277")
	}
	if (width > limit) print FILENAME ":" FNR ": " width " columns   <- at most " limit
}' >>"$findings"

find_sources | xargs grep -HnE '[[:space:]]+$' | sed 's|$|   <- blanks at the end of the line|' >>"$findings" || true

find_sources | while read -r source; do
	sed -n 1p "$source" | grep -q '^/\* ' || echo "$source:1:   <- a file begins with what it is for"
done >>"$findings"

if [ -s "$findings" ]; then
	cat "$findings"
	echo "lint: $(wc -l <"$findings") findings" >&2
	exit 1
fi
echo "lint: clean"
