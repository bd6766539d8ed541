/* All tables: the whole data model, of market and broker, on one page (store/tables.c). */
#ifndef TROTH_STORE_TABLES_H
#define TROTH_STORE_TABLES_H

#include "store/store.h"

/* Positions of columns and indexes, named like them. The key columns come first. */

extern const struct table table_notes;
enum { NOTES_SEQUENCE, NOTES_ID, NOTES_KIND, NOTES_RECEIVED };
enum { NOTES_BY_ID };

extern const struct table table_enrolments;
enum { ENROLMENTS_NAME, ENROLMENTS_KEY, ENROLMENTS_ROLE, ENROLMENTS_TRANSPORT, ENROLMENTS_SEQUENCE };
enum { ENROLMENTS_BY_TRANSPORT };

extern const struct table table_accounts;
enum { ACCOUNTS_NAME, ACCOUNTS_ROLE, ACCOUNTS_KEY, ACCOUNTS_TRANSPORT, ACCOUNTS_SEQUENCE };
enum { ACCOUNTS_BY_TRANSPORT, ACCOUNTS_BY_KEY };

extern const struct table table_offers;
enum { OFFERS_SEQUENCE, OFFERS_BRAND, OFFERS_STATE, OFFERS_CLOSES, OFFERS_SLOTS, OFFERS_TAKEN };
enum { OFFERS_BY_STATE, OFFERS_BY_BRAND };
enum { OFFER_OPEN = 1, OFFER_FULL = 2, OFFER_CLOSED = 3 }; /* values of OFFERS_STATE */

extern const struct table table_deals;
enum { DEALS_SEQUENCE, DEALS_OFFER, DEALS_CREATOR, DEALS_BRAND, DEALS_STATE };
enum { DEALS_BY_OFFER, DEALS_BY_CREATOR, DEALS_BY_BRAND };
enum { DEAL_AGREED = 1 }; /* value of DEALS_STATE */

extern const struct table table_journal;
enum { JOURNAL_SEQUENCE, JOURNAL_LINE, JOURNAL_ACCOUNT, JOURNAL_CURRENCY, JOURNAL_AMOUNT };

extern const struct table table_balances;
enum { BALANCES_ACCOUNT, BALANCES_CURRENCY, BALANCES_AMOUNT };

extern const struct table table_payments;
enum { PAYMENTS_BRAND, PAYMENTS_REFERENCE, PAYMENTS_SEQUENCE };

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
