#!/bin/sh
# Runs test programs one after the other, all of them, and fails if one failed. Each argument is one command line.
failed=0
passed=0
for command in "$@"; do
	# shellcheck disable=SC2086 # a program and its arguments
	if $command; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $command" >&2
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
