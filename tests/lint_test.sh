#!/bin/sh
# Shows that tests/lint.sh finds what it is for: a small clean tree in a temporary folder, and one violation after the
# other planted in it. Each must be the only finding, at its place and with its reason. Run as: sh tests/lint_test.sh
set -eu
lint=$(cd "$(dirname "$0")" && pwd)/lint.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
# Counted in files, since the right side of a pipe is a process of its own.
: >tried
: >complaints

for folder in base rules wire crypto store broker workers/market cli tests/unit; do
	mkdir -p "$folder"
	printf '/* A clean file. */\n#include "%s/own.h"\n#include "base/own.h"\n' "$folder" >"$folder/own.c"
	printf '/* A clean header. */\n' >"$folder/own.h"
done

# What looks like a violation, but is none.
cat >store/lmdb.c <<'TEXT'
/* A clean file, in which every line looks a little like a finding. */
#include <lmdb.h>
#include <string.h>
#include "store/own.h"
	fail_system(failure, fgets(line), my_strcpy (out), atoi_like(text), snprintf(out), scanf_, ecosystem());
TEXT
# Exactly 120 columns, of which the tab takes four and the umlauts, of two bytes, one each.
awk 'BEGIN { print "/* A clean file. */"; printf "\t/* "; for (i = 0; i < 110; i++) printf "\303\244"; print " */" }' \
	>base/wide.c

complain() {
	{
		echo "lint_test: $1"
		sed 's/^/    /' findings
	} >>complaints
}

if ! sh "$lint" >findings 2>&1; then
	complain "a clean tree is not found clean:"
fi

# planted FILE LINE REASON: the text on standard input, put into FILE, is found in LINE for that REASON, and nothing else.
# FILE is restored afterwards.
planted() {
	echo "$1: $3" >>tried
	mkdir -p "$(dirname "$1")"
	cat >"$1"
	if sh "$lint" >findings 2>/dev/null; then
		complain "not found in $1: $3"
	elif [ "$(wc -l <findings)" -ne 1 ] || ! grep -q "^$1:$2:.*<- .*$3" findings; then
		complain "$1:$2 ($3) should be the one finding, but these are:"
	fi
	rm "$1"
}

# with LINE...: a clean first line, then these.
with() {
	echo '/* A file with one violation. */'
	printf '%s\n' "$@"
}

with '#include "store/own.h"' | planted wire/bad.c 2 'wire/ may include only: wire base'
with '#include "store/own.h"' | planted wire/bad.h 2 'wire/ may include only: wire base'
with '  #  include  "cli/own.h"' | planted base/bad.c 2 'base/ may include only: base'
with '#include "crypto/own.h"' | planted rules/bad.c 2 'rules/ may include only: rules base'
with '#include "rules/own.h"' | planted crypto/bad.c 2 'crypto/ may include only'
with '#include "wire/own.h"' | planted store/bad.c 2 'store/ may include only'
with '#include "rules/own.h"' | planted broker/bad.c 2 'broker/ may include only'
with '#include "store/own.h"' | planted cli/bad.c 2 'cli/ may include only'
with '#include "broker/own.h"' | planted workers/market/bad.c 2 'workers/market/ may include only'
with '#include "own.h"' | planted wire/bad.c 2 'wire/ may include only'
with '#include "../store/own.h"' | planted wire/bad.c 2 'wire/ may include only'
with '#include "tests/unit/own.h"' | planted base/bad.c 2 'base/ may include only'
with '#include <store/own.h>' | planted wire/bad.c 2 'our own headers stand in quotes'
with '' | planted workers/other/bad.c 1 'workers/other/ has no row'

with '#include <zmq.h>' | planted cli/bad.c 2 'the home of zmq is wire/'
with '#include <zmq_utils.h>' | planted broker/bad.c 2 'the home of zmq is wire/'
with '#  include <lmdb.h>' | planted store/bad.c 2 'the home of lmdb.h is store/lmdb.c'
with '#include <sodium.h>' | planted wire/bad.c 2 'the home of sodium is crypto/'
with '#include <sodium/crypto_sign.h>' | planted workers/market/bad.c 2 'the home of sodium is crypto/'
with '#include <msgpack.h>' | planted base/bad.c 2 'the home of msgpack is base/pack.c'
with '#include <ini.h>' | planted base/bad.c 2 'the home of ini.h'
with '#include <jansson.h>' | planted base/bad.c 2 'the home of jansson.h'
with '#include <utf8proc.h>' | planted rules/bad.c 2 'the home of utf8proc.h'
with '#include <bsd/sys/tree.h>' | planted broker/bad.c 2 'the home of bsd/sys/tree.h'
with '#include <xxhash.h>' | planted wire/bad.c 2 'the home of xxhash.h'
with '#include <csv.h>' | planted rules/bad.c 2 'the home of csv.h'

for call in 'strcpy(out, in);' 'x = strcat (out, in);' 'sprintf(out, "x");' 'n = (int)atoi(text);' '!strtok_r(a, b, c)' \
	'return system("ls");' 'strncpy(out, in, 3);' 'sscanf(text, "%d", &n);' 'gets(line);' 'p = alloca(n);'; do
	with "	$call" | planted base/bad.c 2 'a call that has no place here'
done
with 'strcpy(out, in);' | planted tests/unit/bad.c 2 'a call that has no place here'

with '' "/* $(printf '%0124d' 0) */" | planted cli/bad.c 3 'at most 120'
with "	/* $(printf '%0111d' 0) */" | planted cli/bad.c 2 'at most 120'
with 'x ' | planted rules/bad.c 2 'blanks at the end'
with 'x	' | planted rules/bad.c 2 'blanks at the end'
with "$(printf 'x\r')" | planted tests/unit/bad.h 2 'blanks at the end'

echo '#include "base/own.h"' | planted base/bad.h 1 'a file begins with what it is for'
echo '#include "base/own.h"' | planted base/bad.c 1 'a file begins with what it is for'
printf '\n/* Too late. */\n' | planted tests/unit/bad.c 1 'a file begins with what it is for'

cat complaints
echo "lint_test: $(wc -l <tried) violations planted, $(grep -c '^lint_test' complaints) complaints"
[ ! -s complaints ]
