/* Bare libsodium: what two cores can verify and sign, if they do nothing else. */
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/bench/measure.h"
#include "tests/lib/stop.h"

#define BETWEEN_LOOKS 16 /* at the clock */

struct share {
	pthread_t thread;
	size_t text_size;
	int64_t until_ns;
	uint64_t done;
	int64_t ended_ns;
};

static void verify_and_sign(uint8_t *text, size_t size, const uint8_t *public_key, const uint8_t *secret_key,
                            uint8_t signature[crypto_sign_BYTES]) {
	if (crypto_sign_verify_detached(signature, text, size, public_key) != 0) {
		stop("libsodium does not verify what it has signed");
	}
	text[0]++; /* another text each time */
	(void)crypto_sign_detached(signature, NULL, text, size, secret_key);
}

static void *run(void *argument) {
	struct share *share = argument;
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
	uint8_t signature[crypto_sign_BYTES];
	uint8_t *text = malloc(share->text_size);
	if (text == NULL) {
		stop("out of memory");
	}
	memset(text, 'a', share->text_size);
	(void)crypto_sign_keypair(public_key, secret_key);
	(void)crypto_sign_detached(signature, NULL, text, share->text_size, secret_key);
	while (clock_nanoseconds() < share->until_ns) {
		for (int i = 0; i < BETWEEN_LOOKS; i++) {
			verify_and_sign(text, share->text_size, public_key, secret_key, signature);
		}
		share->done += BETWEEN_LOOKS;
	}
	share->ended_ns = clock_nanoseconds();
	free(text);
	return NULL;
}

void sodium_measure(size_t text_size, double seconds, struct sodium_result *out) {
	struct share shares[BENCH_THREADS];
	double processor = -processor_time_own();
	int64_t begin = clock_nanoseconds();
	int64_t end = begin;
	uint64_t done = 0;
	for (size_t i = 0; i < BENCH_THREADS; i++) {
		shares[i] = (struct share){ .text_size = text_size, .until_ns = begin + (int64_t)(seconds * 1e9) };
		if (pthread_create(&shares[i].thread, NULL, run, &shares[i]) != 0) {
			stop("no thread");
		}
	}
	for (size_t i = 0; i < BENCH_THREADS; i++) {
		(void)pthread_join(shares[i].thread, NULL);
		done += shares[i].done;
		end = shares[i].ended_ns > end ? shares[i].ended_ns : end;
	}
	processor += processor_time_own();
	*out = (struct sodium_result){ .per_second = (double)done * 1e9 / (double)(end - begin),
		                           .processor_ns = processor / (double)done };
}
