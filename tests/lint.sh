#!/bin/sh
# Structure and style: who may include whom, one home per library, calls that have no place here, long lines.
# Prints every finding and fails if there is one.
set -eu
limit=${1:-120}
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT
find_sources() { find base rules wire crypto store broker workers cli tests -name '*.[ch]' | sort; }

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
	[ -n "$folder" ] && [ -d "$folder" ] || continue
	pattern=$(printf '%s|' "$folder" $allowed | sed 's/|$//')
	grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$folder" --include='*.[ch]' |
		grep -vE "include[[:space:]]*\"($pattern)/[^/]*\"" |
		sed "s|\$|   <- $folder/ may include only: $folder $allowed|" || true
done >>"$findings"

# header: files or folders that may include it
homes='
zmq.h: wire/
lmdb.h: store/lmdb.c
sodium.h: crypto/
msgpack.h: base/pack.c
ini.h: base/config.c
jansson.h: base/log.c cli/
utf8proc.h: base/unicode.c
bsd/sys/tree.h: base/map.c
xxhash.h: store/
csv.h: cli/
'
echo "$homes" | while IFS=: read -r header places; do
	[ -n "$header" ] || continue
	pattern=$(printf '%s|' $places | sed 's/|$//')
	find_sources | grep -v '^tests/' | xargs grep -nE "#[[:space:]]*include[[:space:]]*<$header>" |
		grep -vE "^($pattern)" | sed "s|\$|   <- the home of $header is $places|" || true
done >>"$findings"

find_sources | xargs grep -nwE \
	'(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|strtok_r|system|popen|alloca|scanf|sscanf|setlocale) ?\(' |
	sed 's|$|   <- a call that has no place here|' >>"$findings" || true

find_sources | xargs awk -v limit="$limit" '{
	width = 0
	for (i = 1; i <= length($0); i++) width += substr($0, i, 1) == "\t" ? 4 : 1
	if (width > limit) print FILENAME ":" FNR ": " width " columns   <- at most " limit
}' >>"$findings"

find_sources | xargs grep -nE '[[:space:]]+$' | sed 's|$|   <- blanks at the end of the line|' >>"$findings" || true

for header in $(find_sources | grep '\.h$' | grep -v '^tests/'); do
	sed -n 1p "$header" | grep -q '^/\* ' || echo "$header:1:   <- a header begins with what it is for" >>"$findings"
done

if [ -s "$findings" ]; then
	cat "$findings"
	echo "lint: $(wc -l <"$findings") findings" >&2
	exit 1
fi
echo "lint: clean"
