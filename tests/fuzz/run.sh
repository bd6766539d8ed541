#!/bin/sh
# Runs every fuzzer of a folder for some seconds, one after the other: run.sh FOLDER SECONDS.
# What a fuzzer has learned stays in FOLDER/../corpus/NAME for its next run; an input that breaks it and its words stay
# beside that. Prints one line per fuzzer and fails if one found something, or if there is none.
set -eu
folder=${1:?usage: run.sh FOLDER SECONDS}
seconds=${2:?usage: run.sh FOLDER SECONDS}
above=$(dirname "$folder")
fuzzers=0
failed=0

for fuzzer in "$folder"/*; do
	if [ ! -f "$fuzzer" ] || [ ! -x "$fuzzer" ]; then
		continue
	fi
	name=$(basename "$fuzzer")
	corpus=$above/corpus/$name
	found=$above/found/$name
	mkdir -p "$corpus" "$found"
	fuzzers=$((fuzzers + 1))
	if "$fuzzer" -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$found/" "$corpus" >"$found/output.txt" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/output.txt")
		echo "fuzz $name: clean after ${runs:-?} runs"
	else
		failed=$((failed + 1))
		echo "fuzz $name: FOUND SOMETHING, see $found/"
		grep -m 3 -E 'ERROR|SUMMARY|Assertion|runtime error' "$found/output.txt" || tail -n 5 "$found/output.txt"
	fi
done

[ "$fuzzers" -gt 0 ] || echo "fuzz: there is no fuzzer in $folder" >&2
[ "$fuzzers" -gt 0 ] && [ "$failed" -eq 0 ]
