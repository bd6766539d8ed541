/* CSV cells; see csv_cells.h. */
#include "cli/csv_cells.h"

#include "rules/calendar.h"
#include "rules/money.h"

void csv_append_text(struct buffer *out, const char *text) {
	bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	bool quoted = strpbrk(text, ",\"\r\n") != NULL || text[0] == ' ' || text[strlen(text) - (text[0] != '\0')] == ' ';
	(void)buffer_append_text(out, quoted ? "\"" : "");
	(void)buffer_append_text(out, formula ? "'" : "");
	for (const char *at = text; *at != '\0'; at++) {
		(void)buffer_append(out, "\"", *at == '"');
		(void)buffer_append(out, at, 1);
	}
	(void)buffer_append_text(out, quoted ? "\"" : "");
}

void csv_append_amount(struct buffer *out, int64_t minor, const char *currency) {
	struct money money = { .minor = minor };
	char text[MONEY_TEXT_MAX];
	if (currency_exponent(currency) < 0 || !slice_copy_text(slice_of_text(currency), money.currency, CURRENCY_SIZE)) {
		return;
	}
	const char *written = money_format(&money, text);
	(void)buffer_append(out, written, strcspn(written, " "));
}

void csv_append_time(struct buffer *out, int64_t seconds) {
	char text[TIME_TEXT_SIZE];
	if (seconds > 0) {
		(void)buffer_append_text(out, time_format(seconds, text));
	}
}
