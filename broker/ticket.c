/* Tickets as text; see ticket.h. */
#include "broker/ticket.h"

static const char digits[] = "0123456789abcdef";

void ticket_format(const uint8_t id[TICKET_SIZE], char out[TICKET_TEXT]) {
	for (size_t i = 0; i < TICKET_SIZE; i++) {
		out[2 * i] = digits[id[i] >> 4];
		out[2 * i + 1] = digits[id[i] & 15];
	}
	out[TICKET_TEXT - 1] = '\0';
}

static int digit_value(uint8_t byte) {
	if (byte >= '0' && byte <= '9') {
		return byte - '0';
	}
	uint8_t lower = byte | 0x20;
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool ticket_parse(struct slice text, uint8_t id[TICKET_SIZE]) {
	if (text.size != TICKET_TEXT - 1) {
		return false;
	}
	for (size_t i = 0; i < TICKET_SIZE; i++) {
		int high = digit_value(text.data[2 * i]), low = digit_value(text.data[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		id[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}
