/* Notes at the same moment; see rush.h. */
#include "tests/lib/rush.h"

#include "tests/lib/stop.h"
#include "wire/body.h"

#define ANSWER_MS 60000
#define WAIT_MS 1000

void rush_open(struct rush *rush, const struct agency_process *agency, const struct actor *actors) {
	rush->agency = agency;
	for (size_t i = 0; i < RUSH_CLIENTS; i++) {
		rush->clients[i] = actor_connect(&actors[i], agency, 0, ANSWER_MS);
	}
}

void rush_close(struct rush *rush) {
	for (size_t i = 0; i < RUSH_CLIENTS; i++) {
		client_free(rush->clients[i]);
	}
}

void rush_submit(struct rush *rush, const struct buffer *notes, size_t count, struct outcome *outcomes) {
	struct buffer request;
	struct failure failure;
	buffer_init(&request, BODY_MAX);
	for (size_t i = 0; i < count; i++) {
		buffer_clear(&request);
		market_request(buffer_slice(&notes[i]), &request);
		struct client *client = rush->clients[i % RUSH_CLIENTS];
		if (client_send(client, "notes", buffer_slice(&request), &outcomes[i], &failure) != OK) {
			stop("sending: %s", failure.text);
		}
	}
	buffer_release(&request);
	for (size_t i = 0; i < RUSH_CLIENTS; i++) {
		while (client_waiting(rush->clients[i]) > 0) {
			struct client_answer answer;
			if (client_next(rush->clients[i], WAIT_MS, &answer) == OK) {
				struct outcome *outcome = answer.tag;
				market_read(rush->agency, buffer_slice(&notes[outcome - outcomes]), &answer, outcome);
			}
		}
	}
}
