/* All tables: the whole data model, of market and broker, on one page (store/tables.c). */
#ifndef TROTH_STORE_TABLES_H
#define TROTH_STORE_TABLES_H

#include "store/store.h"

/* Positions of columns and indexes, named like them. The key columns come first. */

extern const struct table table_notes;
enum { NOTES_SEQUENCE, NOTES_ID, NOTES_KIND, NOTES_RECEIVED, NOTES_THREAD, NOTES_SIGNERS };
enum { NOTES_BY_ID, NOTES_BY_THREAD };

extern const struct table table_parties;
enum { PARTIES_NAME, PARTIES_SEQUENCE };

extern const struct table table_enrolments;
enum { ENROLMENTS_NAME, ENROLMENTS_KEY, ENROLMENTS_ROLE, ENROLMENTS_TRANSPORT, ENROLMENTS_SEQUENCE };
enum { ENROLMENTS_BY_TRANSPORT };

extern const struct table table_accounts;
enum { ACCOUNTS_NAME, ACCOUNTS_ROLE, ACCOUNTS_KEY, ACCOUNTS_TRANSPORT, ACCOUNTS_SEQUENCE, ACCOUNTS_SUSPENDED };
enum { ACCOUNTS_BY_TRANSPORT };

extern const struct table table_keys;
enum { KEYS_KEY, KEYS_NAME, KEYS_SINCE, KEYS_UNTIL, KEYS_VALID_UNTIL };
enum { KEYS_BY_NAME };

extern const struct table table_profiles;
enum { PROFILES_CREATOR, PROFILES_SEQUENCE };

extern const struct table table_attests;
enum { ATTESTS_CREATOR, ATTESTS_PLATFORM, ATTESTS_SEQUENCE };

extern const struct table table_offers;
enum {
	OFFERS_SEQUENCE,
	OFFERS_BRAND,
	OFFERS_STATE,
	OFFERS_CLOSES,
	OFFERS_SLOTS,
	OFFERS_TAKEN,
	OFFERS_ROAD,
	OFFERS_DUE,
};
enum { OFFERS_BY_STATE, OFFERS_BY_BRAND, OFFERS_BY_DUE };
enum { OFFER_OPEN = 1, OFFER_FULL = 2, OFFER_CLOSED = 3, OFFER_OVER = 4 }; /* values of OFFERS_STATE */

extern const struct table table_deals;
enum {
	DEALS_SEQUENCE,
	DEALS_ID,
	DEALS_OFFER,
	DEALS_CREATOR,
	DEALS_BRAND,
	DEALS_STATE,
	DEALS_DUE,
	DEALS_OWED,
	DEALS_FOLLOWERS,
	DEALS_TIER,
	DEALS_CAMPAIGN,
};
enum {
	DEALS_BY_OFFER,
	DEALS_BY_OFFER_AND_CREATOR,
	DEALS_BY_CREATOR,
	DEALS_BY_BRAND,
	DEALS_BY_DUE,
	DEALS_BY_OWED,
};

extern const struct table table_bonds;
enum { BONDS_CREATOR, BONDS_CATEGORY, BONDS_DEAL, BONDS_BRAND, BONDS_IS_EXCLUSIVE, BONDS_UNTIL };

extern const struct table table_totals;
enum { TOTALS_BRAND, TOTALS_CAMPAIGN, TOTALS_TIER, TOTALS_CURRENCY };

extern const struct table table_reputations;
enum { REPUTATIONS_NAME, REPUTATIONS_DONE, REPUTATIONS_STARS, REPUTATIONS_RATINGS, REPUTATIONS_FAILED };

extern const struct table table_addresses;
enum { ADDRESSES_DEAL };

extern const struct table table_journal;
enum { JOURNAL_SEQUENCE, JOURNAL_LINE, JOURNAL_ACCOUNT, JOURNAL_CURRENCY, JOURNAL_AMOUNT };
enum { JOURNAL_BY_ACCOUNT };

extern const struct table table_balances;
enum { BALANCES_ACCOUNT, BALANCES_CURRENCY, BALANCES_AMOUNT };

extern const struct table table_payments;
enum { PAYMENTS_NAME, PAYMENTS_REFERENCE, PAYMENTS_SEQUENCE };

extern const struct table table_counters;
enum { COUNTERS_NAME, COUNTERS_VALUE };

/* All of them, for store_open. */
extern const struct table *const tables_market[];
extern const size_t tables_market_count;

/* ---- the broker's durable queue, a store of its own ---- */

extern const struct table table_tickets;
enum { TICKETS_TICKET, TICKETS_STATE, TICKETS_SERVICE, TICKETS_CLIENT, TICKETS_ARRIVED, TICKETS_EXPIRES };
enum { TICKETS_BY_ARRIVED };

extern const struct table table_ticket_frames;
enum { TICKET_FRAMES_TICKET, TICKET_FRAMES_PART, TICKET_FRAMES_PIECE };

extern const struct table table_queue_settings;
enum { QUEUE_SETTINGS_NAME, QUEUE_SETTINGS_VALUE };

extern const struct table *const tables_queue[];
extern const size_t tables_queue_count;

#endif
