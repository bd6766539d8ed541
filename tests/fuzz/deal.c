/* Fuzzes the reader of packed deals: what is accepted is packed again to the same deal, and whatever it says can be
 * shown and reckoned with. */
#include <assert.h>
#include <string.h>

#include "rules/calendar.h"
#include "rules/deal_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reckon(const struct deal *deal) {
	char text[MONEY_TEXT_MAX], due[TIME_TEXT_SIZE];
	struct buffer allowed;
	buffer_init(&allowed, 4096);
	deal_allowed(deal, &allowed);
	assert(buffer_ok(&allowed));
	buffer_release(&allowed);
	for (int ending = 0; ending < ENDING_COUNT; ending++) {
		struct deal_split split;
		if (deal_ending(deal, (enum deal_ending)ending, &split) && deal->terms.currency[0] != '\0') {
			struct money money = { .minor = split.creator };
			memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
			(void)money_format(&money, text);
		}
	}
	(void)time_format(deal->due, due);
	(void)deal_is_running(deal);
	(void)deal_outstanding(deal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static struct pack_document *document;
	struct deal deal, again;
	struct buffer packed;
	if (document == NULL) {
		document = pack_document_new();
	}
	assert(document != NULL);
	if (pack_read(document, slice_of(data, size), DEAL_PACK_MAX, NULL) != OK ||
	    deal_unpack(pack_root(document), &deal, NULL) != OK) {
		return 0;
	}
	buffer_init(&packed, DEAL_PACK_MAX);
	deal_pack(&packed, &deal);
	assert(buffer_ok(&packed));
	assert(pack_read(document, buffer_slice(&packed), DEAL_PACK_MAX, NULL) == OK);
	assert(deal_unpack(pack_root(document), &again, NULL) == OK);
	assert(deal.state == again.state && deal.held == again.held && strcmp(deal.creator, again.creator) == 0 &&
	       memcmp(deal.head, again.head, FIELD_HASH_SIZE) == 0 && deal.due == again.due);
	reckon(&deal);
	buffer_release(&packed);
	return 0;
}
