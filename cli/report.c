/* troth report: what a brand's campaigns cost and brought. */
#include <stdlib.h>

#include "base/clock.h"
#include "cli/act.h"
#include "cli/report_write.h"
#include "cli/tiers.h"
#include "wire/body.h"
#include "rules/calendar.h"

/* Where the next page begins: behind the last row of the one before. */
struct place {
	bool goes_on;
	char campaign[REPORT_CAMPAIGN_SIZE];
	char currency[CURRENCY_SIZE];
	int64_t tier;
};

struct reading {
	const struct settings *settings;
	const char *brand; /* that an operator asks for, or NULL */
	struct report_row *rows;
	size_t count;
	struct tier_bounds tiers;
};

static bool read_tier(const struct pack_value *item, enum tier *out) {
	struct slice word;
	if (!pack_as_text(pack_find(item, "tier"), &word)) {
		return false;
	}
	for (int tier = 0; tier < TIER_COUNT; tier++) {
		if (slice_is(word, tier_words[tier])) {
			*out = (enum tier)tier;
			return true;
		}
	}
	return false;
}

static bool read_text(const struct pack_value *item, const char *key, char *out, size_t size) {
	struct slice text;
	return pack_as_text(pack_find(item, key), &text) && slice_copy_text(text, out, size);
}

static enum error read_row(const struct pack_value *item, struct report_row *out, struct failure *failure) {
	const struct {
		const char *key;
		int64_t *value;
	} numbers[] = {
		{ "offers", &out->measures.offers },
		{ "agreements", &out->measures.agreements },
		{ "ended-early", &out->measures.ended_early },
		{ "posts", &out->measures.posts },
		{ "followers", &out->measures.followers },
		{ "reach", &out->measures.reach },
		{ "impressions", &out->measures.impressions },
		{ "engagements", &out->measures.engagements },
		{ "fees", &out->measures.fees },
		{ "product-value", &out->measures.product_value },
		{ "agency-fees", &out->measures.agency_fees },
		{ "reached-posts", &out->measures.reached_posts },
		{ "seen-posts", &out->measures.seen_posts },
		{ "seen-cost", &out->measures.seen_cost },
		{ "engaged-posts", &out->measures.engaged_posts },
		{ "engaged-cost", &out->measures.engaged_cost },
		{ "rated-posts", &out->measures.rated_posts },
		{ "rated-followers", &out->measures.rated_followers },
		{ "rated-engagements", &out->measures.rated_engagements },
	};
	*out = (struct report_row){ .tier = TIER_UNKNOWN };
	bool good = read_text(item, "campaign", out->campaign, sizeof out->campaign) &&
	            read_text(item, "currency", out->currency, sizeof out->currency) && read_tier(item, &out->tier);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && good; i++) {
		good = pack_as_signed(pack_find(item, numbers[i].key), numbers[i].value);
	}
	return good ? report_row_check(out, failure) : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

static void write_request(const struct reading *reading, const struct place *place, struct buffer *out) {
	const char *campaign = reading->settings->campaign;
	size_t count = (campaign != NULL ? 1U : 0U) + (reading->brand != NULL ? 1U : 0U) + (place->goes_on ? 3U : 0U);
	body_begin_request(out, "report", count);
	if (campaign != NULL) {
		pack_key_word(out, "campaign", campaign);
	}
	if (reading->brand != NULL) {
		pack_key_word(out, "brand", reading->brand);
	}
	if (place->goes_on) {
		pack_key_word(out, "campaign-after", place->campaign);
		pack_key_signed(out, "tier-after", place->tier);
		pack_key_word(out, "currency-after", place->currency);
	}
}

static enum error read_page(struct session *session, struct reading *reading, struct place *place,
                            struct failure *failure) {
	const struct pack_value *ok = NULL;
	buffer_clear(&session->request);
	write_request(reading, place, &session->request);
	enum error error = session_call(session, SERVICE_VIEWS, &ok, failure);
	error = error == OK ? tiers_read(ok, &reading->tiers, failure) : error;
	const struct pack_value *items = pack_find(ok, "items");
	size_t count = pack_count(items);
	if (error == OK && count > REPORT_ROWS_MAX - reading->count) {
		error = fail(failure, ERROR_TOO_LONG, "more than %d rows; ask for one --campaign", REPORT_ROWS_MAX);
	}
	for (size_t i = 0; i < count && error == OK; i++) {
		error = read_row(pack_item(items, i), &reading->rows[reading->count++], failure);
	}
	place->goes_on = error == OK && count > 0 && pack_as_signed(pack_find(ok, "tier-after"), &place->tier) &&
	                 read_text(ok, "campaign-after", place->campaign, sizeof place->campaign) &&
	                 read_text(ok, "currency-after", place->currency, sizeof place->currency);
	return error;
}

static enum error write_out(const struct settings *settings, struct slice text, struct failure *failure) {
	if (settings->out != NULL) {
		return act_write_out(settings, text, failure);
	}
	(void)fwrite(text.data, 1, text.size, stdout);
	return OK;
}

/* --json and --csv are short for a --format. */
static enum error choose_format(const struct settings *settings, enum report_format *out, struct failure *failure) {
	int given = (settings->json ? 1 : 0) + (settings->csv ? 1 : 0) + (settings->format != NULL ? 1 : 0);
	*out = settings->json ? REPORT_JSON : settings->csv ? REPORT_CSV : REPORT_TEXT;
	if (given > 1) {
		return fail(failure, ERROR_USAGE, "--json, --csv and --format exclude each other: give one of them");
	}
	return settings->format == NULL ? OK : report_format_parse(settings->format, out, failure);
}

static enum error write_report(const struct reading *reading, const struct home *home, enum report_format format,
                               struct failure *failure) {
	char time[TIME_TEXT_SIZE];
	struct report_meta meta = { .brand = home->role == ROLE_OPERATOR ? reading->brand : home->name,
		                        .origin = home->join.origin,
		                        .time = time_format(clock_wall_seconds(), time),
		                        .tiers = reading->tiers };
	struct buffer text;
	buffer_init(&text, REPORT_OUTPUT_MAX);
	enum error error = report_write(format, reading->rows, reading->count, &meta, &text, failure);
	if (error == OK) {
		error = write_out(reading->settings, buffer_slice(&text), failure);
	}
	buffer_release(&text);
	return error;
}

enum error command_campaigns(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct act act = { .settings = NULL };
	struct reading reading = { .settings = settings, .brand = call->count > 0 ? call->operands[0] : NULL };
	struct place place = { .goes_on = false };
	enum report_format format = REPORT_TEXT;
	enum error error = choose_format(settings, &format, failure);
	reading.rows = calloc(REPORT_ROWS_MAX, sizeof *reading.rows);
	if (error == OK && reading.rows == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	if (error == OK) {
		error = act_open(&act, settings, ACT_ASKS, failure);
	}
	if (error == OK && act.home.role == ROLE_OPERATOR && reading.brand == NULL) {
		error = fail(failure, ERROR_USAGE, "say whose report: troth report BRAND");
	}
	if (error == OK) {
		error = read_page(&act.session, &reading, &place, failure);
	}
	while (error == OK && place.goes_on) {
		error = read_page(&act.session, &reading, &place, failure);
	}
	if (error == OK && settings->campaign != NULL && reading.count == 0) {
		error = fail(failure, ERROR_NOT_FOUND, "no offer was made for a campaign of this name: troth report without "
		             "--campaign lists them all");
	}
	if (error == OK) {
		error = write_report(&reading, &act.home, format, failure);
	}
	free(reading.rows);
	act_release(&act);
	return error;
}
