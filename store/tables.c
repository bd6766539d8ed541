/* The market's tables. To read this file is to know what is stored.
 *
 * Everything hangs on `notes`: each accepted note has the next sequence number, and an account, offer or deal is known
 * by the sequence number of the note that made it. So the tables grow at their end, and a note is found by its id
 * through one index. Amounts are whole minor units; times are seconds since 1970. */
#include "store/tables.h"

#define NUMBER(name) { name, COLUMN_NUMBER, 0 }
#define TEXT(name, maximum) { name, COLUMN_TEXT, maximum }
#define BYTES(name, maximum) { name, COLUMN_BYTES, maximum }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE(name, columns, keys, indexes) { name, columns, COUNT(columns), keys, indexes, COUNT(indexes) }
#define TABLE_WITHOUT_INDEX(name, columns, keys) { name, columns, COUNT(columns), keys, NULL, 0 }

#define NAME_MAX_BYTES 40
#define ACCOUNT_MAX_BYTES 95

/* Every accepted note, in the order of acceptance. `thread` is the sequence number of the first note of the deal that
 * it belongs to, of the offer for an offer and what ends it, else 0; `signers` has a bit per party that has signed it.
 * A text can stand here twice: as a proposal, and again when the other side has signed it too. Body: NOTE_BODY_VERSION,
 * then the signed note with the agency's signature where it binds both sides. */
static const struct column notes_columns[] = { NUMBER("sequence"), BYTES("id", 32), TEXT("kind", 16),
	                                           NUMBER("received"), NUMBER("thread"), NUMBER("signers") };
static const struct index notes_indexes[] = { { "by_id", { NOTES_ID }, 1, false, false },
	                                          { "by_thread", { NOTES_THREAD }, 1, false, true } };
const struct table table_notes = TABLE("notes", notes_columns, 1, notes_indexes);

/* Whom a note concerns: an account's own notes, those of its offers and deals, and the offers that its deals are by. */
static const struct column parties_columns[] = { TEXT("name", NAME_MAX_BYTES + 1), NUMBER("sequence") };
const struct table table_parties = TABLE_WITHOUT_INDEX("parties", parties_columns, 2);

/* Who has asked for an account and waits to be admitted. A name can be asked for by several keys. */
static const struct column enrolments_columns[] = { TEXT("name", NAME_MAX_BYTES), BYTES("key", 32), NUMBER("role"),
	                                                BYTES("transport", 32), NUMBER("sequence") };
static const struct index enrolments_indexes[] = { { "by_transport", { ENROLMENTS_TRANSPORT }, 1, false, false } };
const struct table table_enrolments = TABLE("enrolments", enrolments_columns, 2, enrolments_indexes);

/* Admitted accounts, with the sequence number of the admit note and the present keys. `suspended` is 0 or 1. */
static const struct column accounts_columns[] = { TEXT("name", NAME_MAX_BYTES), NUMBER("role"), BYTES("key", 32),
	                                              BYTES("transport", 32), NUMBER("sequence"), NUMBER("suspended") };
static const struct index accounts_indexes[] = { { "by_transport", { ACCOUNTS_TRANSPORT }, 1, true, false } };
const struct table table_accounts = TABLE("accounts", accounts_columns, 1, accounts_indexes);

/* Every signing key that an account has or had: `since` is the number of the note that brought it, `until` the time at
 * which it ends (KEY_OPEN while it is the account's present one), `valid_until` the number of the last note for which
 * it is good (KEY_OPEN unless it was revoked). */
static const struct column keys_columns[] = { BYTES("key", 32), TEXT("name", NAME_MAX_BYTES), NUMBER("since"),
	                                          NUMBER("until"), NUMBER("valid_until") };
static const struct index keys_indexes[] = { { "by_name", { KEYS_NAME }, 1, false, false } };
const struct table table_keys = TABLE("keys", keys_columns, 1, keys_indexes);

/* The latest profile of a creator, and the latest attested figures per platform: numbers of notes. */
static const struct column profiles_columns[] = { TEXT("creator", NAME_MAX_BYTES), NUMBER("sequence") };
const struct table table_profiles = TABLE_WITHOUT_INDEX("profiles", profiles_columns, 1);
static const struct column attests_columns[] = { TEXT("creator", NAME_MAX_BYTES), NUMBER("platform"),
	                                             NUMBER("sequence") };
const struct table table_attests = TABLE_WITHOUT_INDEX("attests", attests_columns, 2);

/* Offers. `state` is one of OFFER_OPEN, …; `due` is `closes` until the clock or the brand has ended the offer, then
 * 0. */
static const struct column offers_columns[] = { NUMBER("sequence"), TEXT("brand", NAME_MAX_BYTES),
	                                            NUMBER("state"),    NUMBER("closes"),
	                                            NUMBER("slots"),    NUMBER("taken"),
	                                            NUMBER("road"),     NUMBER("due") };
static const struct index offers_indexes[] = { { "by_state", { OFFERS_STATE }, 1, false, false },
	                                           { "by_brand", { OFFERS_BRAND }, 1, false, false },
	                                           { "by_due", { OFFERS_DUE }, 1, false, true } };
const struct table table_offers = TABLE("offers", offers_columns, 1, offers_indexes);

/* Deals, by the number of their first note. `id` is the agreement's (or latest proposal's), `offer` the offer's number,
 * `state` an enum deal_state, `due` when the running deadline passes (0: none), `owed` 1 while something is earned and
 * not paid, `followers` the creator's when it was agreed, `tier`
 * what they were by the settings then. Body: DEAL_BODY_VERSION, then rules/deal_pack.h. */
static const struct column deals_columns[] = { NUMBER("sequence"),
	                                           BYTES("id", 32),
	                                           NUMBER("offer"),
	                                           TEXT("creator", NAME_MAX_BYTES),
	                                           TEXT("brand", NAME_MAX_BYTES),
	                                           NUMBER("state"),
	                                           NUMBER("due"),
	                                           NUMBER("owed"),
	                                           NUMBER("followers"),
	                                           NUMBER("tier"),
	                                           TEXT("campaign", 80) };
static const struct index deals_indexes[] = { { "by_offer", { DEALS_OFFER }, 1, false, false },
	                                          { "by_offer_and_creator", { DEALS_OFFER, DEALS_CREATOR }, 2, false,
	                                            false },
	                                          { "by_creator", { DEALS_CREATOR }, 1, false, false },
	                                          { "by_brand", { DEALS_BRAND }, 1, false, false },
	                                          { "by_due", { DEALS_DUE }, 1, false, true },
	                                          { "by_owed", { DEALS_OWED }, 1, false, true } };
const struct table table_deals = TABLE("deals", deals_columns, 1, deals_indexes);

/* What binds a creator: per category, the deals that work in it or forbid to work in it for others, and until when. */
static const struct column bonds_columns[] = { TEXT("creator", NAME_MAX_BYTES), TEXT("category", NAME_MAX_BYTES),
	                                           NUMBER("deal"),                  TEXT("brand", NAME_MAX_BYTES),
	                                           NUMBER("is_exclusive"),          NUMBER("until") };
const struct table table_bonds = TABLE_WITHOUT_INDEX("bonds", bonds_columns, 3);

/* Sums over a brand's deals, kept as deals change. Body: TOTALS_BODY_VERSION, then the measures as numbers. */
static const struct column totals_columns[] = { TEXT("brand", NAME_MAX_BYTES), TEXT("campaign", 80), NUMBER("tier"),
	                                            TEXT("currency", 3) };
const struct table table_totals = TABLE_WITHOUT_INDEX("totals", totals_columns, 4);

/* How an account's deals went: done and failed, and the stars that the other sides gave. */
static const struct column reputations_columns[] = { TEXT("name", NAME_MAX_BYTES), NUMBER("done"), NUMBER("stars"),
	                                                 NUMBER("ratings"), NUMBER("failed") };
const struct table table_reputations = TABLE_WITHOUT_INDEX("reputations", reputations_columns, 1);

/* Where a product goes, sealed to the brand's key, until it has arrived. Body: the sealed bytes. */
static const struct column addresses_columns[] = { NUMBER("deal") };
const struct table table_addresses = TABLE_WITHOUT_INDEX("addresses", addresses_columns, 1);

/* The ledger: what each note booked, line by line, never changed. An entry sums to zero per currency. */
static const struct column journal_columns[] = { NUMBER("sequence"), NUMBER("line"), TEXT("account", ACCOUNT_MAX_BYTES),
	                                             TEXT("currency", 3), NUMBER("amount") };
static const struct index journal_indexes[] = { { "by_account", { JOURNAL_ACCOUNT }, 1, false, false } };
const struct table table_journal = TABLE("journal", journal_columns, 2, journal_indexes);

/* The sum of the journal per account and currency. */
static const struct column balances_columns[] = { TEXT("account", ACCOUNT_MAX_BYTES), TEXT("currency", 3),
	                                              NUMBER("amount") };
const struct table table_balances = TABLE_WITHOUT_INDEX("balances", balances_columns, 2);

/* References of the payment provider that have been booked for a brand or creator, so that none is booked twice. */
static const struct column payments_columns[] = { TEXT("name", NAME_MAX_BYTES), TEXT("reference", 80),
	                                              NUMBER("sequence") };
const struct table table_payments = TABLE_WITHOUT_INDEX("payments", payments_columns, 2);

/* "sequence": the number of the last accepted note. */
static const struct column counters_columns[] = { TEXT("name", 32), NUMBER("value") };
const struct table table_counters = TABLE_WITHOUT_INDEX("counters", counters_columns, 1);

const struct table *const tables_market[] = {
	&table_notes,    &table_parties, &table_enrolments, &table_accounts,    &table_keys,      &table_profiles,
	&table_attests,  &table_offers,  &table_deals,      &table_bonds,       &table_totals,    &table_reputations,
	&table_addresses, &table_journal, &table_balances,  &table_payments,    &table_counters,
};
const size_t tables_market_count = COUNT(tables_market);

/* ---- the broker's durable queue ---- */

/* Requests that are kept until a worker has answered them, and their answers until the client has fetched them. `state`
 * is enum ticket_state; times are milliseconds. Body: what else is known (broker/durable.c). */
static const struct column tickets_columns[] = { BYTES("ticket", 16), NUMBER("state"),   TEXT("service", 64),
	                                             BYTES("client", 32), NUMBER("arrived"), NUMBER("expires") };
static const struct index tickets_indexes[] = { { "by_arrived", { TICKETS_ARRIVED }, 1, false, false } };
const struct table table_tickets = TABLE("tickets", tickets_columns, 1, tickets_indexes);

/* The frames of a ticket's request (part 0) and answer (part 1), packed and cut into pieces. */
static const struct column ticket_frames_columns[] = { BYTES("ticket", 16), NUMBER("part"), NUMBER("piece") };
const struct table table_ticket_frames = TABLE_WITHOUT_INDEX("ticket_frames", ticket_frames_columns, 3);

/* "seed": of the digests that tickets are. */
static const struct column queue_settings_columns[] = { TEXT("name", 32), NUMBER("value") };
const struct table table_queue_settings = TABLE_WITHOUT_INDEX("queue_settings", queue_settings_columns, 1);

const struct table *const tables_queue[] = { &table_tickets, &table_ticket_frames, &table_queue_settings };
const size_t tables_queue_count = COUNT(tables_queue);
