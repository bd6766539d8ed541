/* Sealed addresses; see addresses.h. */
#include "workers/market/addresses.h"

#include "workers/market/records_deals.h"

struct address_orders {
	const struct market *market;
	struct address_order *orders;
	size_t count;
};

bool address_is_needed(const struct deal *deal) {
	enum deal_state state = deal->state == DEAL_DISPUTED ? deal->before : deal->state;
	return state == DEAL_AGREED || state == DEAL_SHIPPED;
}

enum error address_order_read(const struct pack_value *arguments, const uint8_t *transport, struct address_order *out,
                              struct failure *failure) {
	struct slice deal;
	*out = (struct address_order){ .has_transport = transport != NULL };
	if (!pack_as_bytes(pack_find(arguments, "deal"), &deal) ||
	    !pack_as_bytes(pack_find(arguments, "sealed"), &out->sealed)) {
		return fail(failure, ERROR_MALFORMED, "the arguments deal and sealed are byte strings");
	}
	if (deal.size != HASH_SIZE || out->sealed.size == 0) {
		return fail(failure, ERROR_BAD_VALUE, "deal has 32 bytes, and sealed at least one");
	}
	if (out->sealed.size > ADDRESS_MAX) {
		return fail(failure, ERROR_TOO_LONG, "a sealed address has at most %d bytes", ADDRESS_MAX);
	}
	memcpy(out->deal, deal.data, HASH_SIZE);
	if (transport != NULL) {
		memcpy(out->transport, transport, FIELD_KEY_SIZE);
	}
	return OK;
}

static enum error find_creator(struct tx *tx, const struct address_order *order, struct account *out,
                               struct failure *failure) {
	enum error error = !order->has_transport ? ERROR_NOT_FOUND
	    : accounts_find_by_transport(tx, slice_of(order->transport, FIELD_KEY_SIZE), out, failure);
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, ERROR_NOT_ADMITTED, "this account is not admitted yet");
	}
	return error;
}

static enum error carry_out(struct tx *tx, const struct market *market, const struct address_order *order,
                            struct failure *failure) {
	struct account account;
	struct deal_row row;
	enum error error = find_creator(tx, order, &account, failure);
	if (error != OK) {
		return error;
	}
	error = deals_find(tx, market->document, order->deal, &row, failure);
	bool is_brand = error == OK && slice_is(account.name, row.deal.brand);
	if (error == ERROR_NOT_FOUND || (error == OK && !is_brand && !slice_is(account.name, row.deal.creator))) {
		return fail(failure, ERROR_NOT_FOUND, "there is no such deal");
	}
	if (error == OK && is_brand) {
		error = fail(failure, ERROR_NOT_ALLOWED, "the creator says where the product goes");
	}
	if (error == OK && row.deal.state != DEAL_AGREED) {
		error = fail(failure, ERROR_WRONG_STATE, "the deal is %s: an address is of use from the agreement until the "
		             "product is shipped", deal_state_words[row.deal.state]);
	}
	return error == OK ? addresses_put(tx, row.sequence, order->sealed, failure) : error;
}

static enum error carry_all_out(struct tx *tx, void *argument, struct failure *failure) {
	struct address_orders *all = argument;
	(void)failure;
	for (size_t i = 0; i < all->count; i++) {
		struct address_order *order = &all->orders[i];
		tx_mark_t mark = tx_mark(tx);
		order->failure = (struct failure){ .code = OK };
		if (carry_out(tx, all->market, order, &order->failure) != OK) {
			tx_undo(tx, mark);
		}
	}
	return OK;
}

void addresses_run(const struct market *market, struct address_order *orders, size_t count) {
	struct address_orders all = { .market = market, .orders = orders, .count = count };
	struct failure failure = { .code = OK };
	if (count == 0 || store_write(market->store, carry_all_out, &all, &failure) == OK) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		orders[i].failure = orders[i].failure.code == OK ? failure : orders[i].failure;
	}
}
