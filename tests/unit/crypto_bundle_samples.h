/* A small bundle and its parts, for the tests of reading and of refusing. Its signatures are signed by nobody. */
#ifndef TROTH_TESTS_UNIT_CRYPTO_BUNDLE_SAMPLES_H
#define TROTH_TESTS_UNIT_CRYPTO_BUNDLE_SAMPLES_H

#define ORIGIN "agency.example"
#define HEAD ORIGIN "/bundle/v1\n\n"
#define RECEIVED "2026-11-23T10:02:11Z"
#define ENTRY(sequence) "note " sequence " " RECEIVED "\n"
#define TEXT "agency.example/offer/v1\nproduct Cork yoga mat, 5 mm\n"
#define DASH "\xE2\x80\x94 "
#define SIGNATURE DASH ORIGIN "/agency c2lnbmF0dXJl\n"
#define NOTE TEXT "\n" SIGNATURE
#define ID "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HIDDEN(sequence) "hidden " sequence " " RECEIVED " " ID "\n\n"
#define WHOLE HEAD ENTRY("17") NOTE "\n" ENTRY("21") NOTE "\n"

#endif
