/* Valid notes of every kind, as texts, for the tests of rules/ and the fuzzer of notes. */
#ifndef TROTH_TESTS_UNIT_RULES_SAMPLE_TEXTS_H
#define TROTH_TESTS_UNIT_RULES_SAMPLE_TEXTS_H

#include <stdint.h>

#define ORIGIN "agency.example"
#define HEX_A "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"
#define HEX_B "a11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11e"
#define HEX_C "00000000000000000000000000000000000000000000000000000000000000ff"
#define BRAND "brand acme-yoga ed25519:" HEX_A "\n"
#define TIME "2026-11-23T10:02:11Z"
#define NONCE "4be0c34be0c34be0c34be0c34be0c3ff"
#define STAMP "time " TIME "\nnonce " NONCE "\n"
#define TIME_SECONDS INT64_C(1795428131)

/* A common offer, whose lines many tests count; WHOLE_TERMS further down have every field. */
#define TERMS \
	"campaign Spring 2027\n" \
	"compensation gifted-and-paid\n" \
	"product Cork yoga mat, 5 mm\n" \
	"product-value 89.00 USD\n" \
	"fee 250.00 USD\n" \
	"agency-fee 25.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\n" \
	"deliverable 2 instagram-story within 72h\n" \
	"brief Show the mat in use, in daylight.\n" \
	"brief No other brands in the picture, s'il vous plaît.\n" \
	"disclosure #ad\n" \
	"disclosure Paid partnership with Acme Yoga\n" \
	"ship-within 5d\n" \
	"review-within 72h\n" \
	"revisions 2\n" \
	"post-within 7d\n" \
	"live-for 30d\n" \
	"pay-within 30d\n"

#define OFFER_LINES 24
#define OFFER \
	ORIGIN "/offer/v1\n" BRAND TERMS \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define GIFT \
	ORIGIN "/offer/v1\n" BRAND \
	       "compensation gifted\n" \
	       "product Cork yoga mat, 5 mm\n" \
	       "product-value 89.00 USD\n" \
	       "deliverable 1 instagram-reel within 14d\n" \
	       "disclosure #ad\n" \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define PAID \
	ORIGIN "/offer/v1\n" BRAND \
	       "compensation paid\n" \
	       "fee 250.00 USD\n" \
	       "deliverable 1 instagram-reel within 14d\n" \
	       "disclosure #ad\n" \
	       "pay-within 30d\n" \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define AGREEMENT \
	ORIGIN "/agreement/v1\n" \
	       "offer sha256:" HEX_C "\n" BRAND "creator studio-flow ed25519:" HEX_B "\n" TERMS STAMP
#define ENROL \
	ORIGIN "/enrol/v1\n" \
	       "account studio-flow ed25519:" HEX_B "\n" \
	       "role creator\n" \
	       "transport curve25519:" HEX_C "\n" \
	       "consent electronic-signatures\n" STAMP
#define ADMIT \
	ORIGIN "/admit/v1\n" \
	       "account studio-flow ed25519:" HEX_B "\n" \
	       "role creator\n" \
	       "enrolment sha256:" HEX_C "\n" \
	       "admitter olga ed25519:" HEX_A "\n" STAMP
#define CLOSE ORIGIN "/close/v1\noffer sha256:" HEX_C "\n" BRAND STAMP
#define FUND \
	ORIGIN "/fund/v1\n" \
	       "brand acme-yoga\n" \
	       "amount 1000.00 USD\n" \
	       "reference bank-4711\n" \
	       "operator olga ed25519:" HEX_A "\n" STAMP

/* ---- one of every kind, with every optional field ---- */

#define WHOLE_TERMS \
	"campaign Spring 2027\n" \
	"category yoga-mats\n" \
	"compensation gifted-paid-and-commission\n" \
	"product Cork yoga mat, 5 mm\n" \
	"product-value 89.00 USD\n" \
	"return at the brand's cost, if the deal is cancelled\n" \
	"fee 250.00 USD\n" \
	"commission 12.5 %\n" \
	"commission-cap 100.00 USD\n" \
	"agency-fee 25.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\n" \
	"deliverable 2 ugc-photo within 72h\n" \
	"brief Show the mat in use, in daylight.\n" \
	"disclosure #ad\n" \
	"usage brand-channels\n" \
	"usage paid-social\n" \
	"usage-territory worldwide\n" \
	"usage-for 90d\n" \
	"whitelisting-for 30d\n" \
	"exclusivity yoga-mats for 30d\n" \
	"exclusivity sports-wear for 48h\n" \
	"confidential the product's name before 2027-02-01\n" \
	"reporting reach and likes after 7 days\n" \
	"law New York\n" \
	"kill-fee-before-submission 0 %\n" \
	"kill-fee-after-submission 33.33 %\n" \
	"kill-fee-after-approval 100 %\n" \
	"answer-within 72h\n" \
	"ship-within 5d\n" \
	"receive-within 10d\n" \
	"review-within 72h\n" \
	"revisions 2\n" \
	"resubmit-within 72h\n" \
	"post-within 7d\n" \
	"verify-within 7d\n" \
	"live-for 30d\n" \
	"pay-within 30d\n" \
	"rate-within 14d\n"
#define WHOLE_OFFER \
	ORIGIN "/offer/v1\n" BRAND WHOLE_TERMS \
	       "road selection\n" \
	       "niche yoga\n" \
	       "niche slow-living\n" \
	       "platform instagram\n" \
	       "platform tiktok\n" \
	       "followers-from 5000\n" \
	       "followers-to 50000\n" \
	       "engagement-least 1.5 %\n" \
	       "country US\n" \
	       "country CA\n" \
	       "language en\n" \
	       "block other-creator\n" \
	       "slots 5\n" \
	       "closes 2027-03-31T23:59:59Z\n" STAMP
#define PARTIES BRAND "creator studio-flow ed25519:" HEX_B "\n"
#define WHOLE_AGREEMENT ORIGIN "/agreement/v1\noffer sha256:" HEX_C "\n" PARTIES WHOLE_TERMS STAMP
#define COUNTER \
	ORIGIN "/agreement/v1\noffer sha256:" HEX_C "\nreplaces sha256:" HEX_A "\n" PARTIES TERMS STAMP
#define AMENDMENT \
	ORIGIN "/agreement/v1\noffer sha256:" HEX_C "\namends sha256:" HEX_A "\nafter sha256:" HEX_B "\n" PARTIES \
	       TERMS STAMP
#define SUSPEND \
	ORIGIN "/suspend/v1\naccount acme-yoga\nstanding suspended\nreason does not ship\n" OPERATOR_OLGA STAMP
#define OPERATOR_OLGA "operator olga ed25519:" HEX_A "\n"
#define NEW_KEY \
	ORIGIN "/rekey/v1\n" \
	       "account studio-flow ed25519:" HEX_C "\n" \
	       "role creator\n" \
	       "predecessor studio-flow ed25519:" HEX_B "\n" \
	       "transport curve25519:" HEX_A "\n" \
	       "overlap 7d\n" STAMP
#define REVOKE \
	ORIGIN "/revoke/v1\naccount acme-yoga\nkey ed25519:" HEX_A "\nvalid-until 4711\nreason laptop stolen\n" \
	       "operator olga ed25519:" HEX_B "\n" STAMP
#define PROFILE \
	ORIGIN "/profile/v1\n" \
	       "creator studio-flow ed25519:" HEX_B "\n" \
	       "niche yoga\n" \
	       "channel instagram studio.flow\n" \
	       "channel youtube @studioflow\n" \
	       "country US\n" \
	       "language en\n" \
	       "about Slow mornings, small studio.\n" \
	       "block fast-fashion\n" STAMP
#define ATTEST \
	ORIGIN "/attest/v1\n" \
	       "creator studio-flow\n" \
	       "platform instagram\n" \
	       "followers 18400\n" \
	       "engagement 2.4 %\n" \
	       "source platform's own statistics, seen 2026-11-20\n" OPERATOR_OLGA STAMP
#define REFUND ORIGIN "/refund/v1\nbrand acme-yoga\namount 100.00 USD\nreference bank-4712\n" OPERATOR_OLGA STAMP
#define OF_DEAL "deal sha256:" HEX_C "\nafter sha256:" HEX_A "\n"
#define BY_BRAND_ACME "by acme-yoga ed25519:" HEX_A "\nrole brand\n"
#define BY_CREATOR_FLOW "by studio-flow ed25519:" HEX_B "\nrole creator\n"
#define CREATOR_FLOW "creator studio-flow ed25519:" HEX_B "\n"
#define DECLINE ORIGIN "/decline/v1\n" OF_DEAL BY_BRAND_ACME "reason Too late.\nreason Too dear.\n" STAMP
#define SHIP ORIGIN "/ship/v1\n" OF_DEAL BRAND "carrier DHL\ntracking 00340434161094042557\n" STAMP
#define RECEIVE ORIGIN "/receive/v1\n" OF_DEAL CREATOR_FLOW STAMP
#define SUBMIT \
	ORIGIN "/submit/v1\n" OF_DEAL CREATOR_FLOW "content sha256:" HEX_A " https://example.com/reel.mp4\n" \
	       "remark Filmed at sunrise.\n" STAMP
#define REVISE ORIGIN "/revise/v1\n" OF_DEAL BRAND "reason Please show the logo.\n" STAMP
#define APPROVE ORIGIN "/approve/v1\n" OF_DEAL BRAND STAMP
#define POST ORIGIN "/post/v1\n" OF_DEAL CREATOR_FLOW "link https://instagram.com/p/abc123\n" STAMP
#define VERIFY \
	ORIGIN "/verify/v1\n" OF_DEAL OPERATOR_OLGA "live yes\ntagged yes\ndisclosed no\nsales 420.00 USD\nreach 9200\n" \
	       "impressions 15000\nengagements 640\nremark Tag added on request.\n" STAMP
#define PAY ORIGIN "/pay/v1\n" OF_DEAL OPERATOR_OLGA "amount 250.00 USD\nreference payout-0815\n" STAMP
#define RATE ORIGIN "/rate/v1\n" OF_DEAL BY_CREATOR_FLOW "stars 5\nremark Fast and friendly.\n" STAMP
#define CANCEL ORIGIN "/cancel/v1\n" OF_DEAL BY_CREATOR_FLOW "reason The light is too dark.\n" STAMP
#define DISPUTE ORIGIN "/dispute/v1\n" OF_DEAL BY_BRAND_ACME "reason Two of three were made.\n" STAMP
#define RULING \
	ORIGIN "/ruling/v1\n" OF_DEAL OPERATOR_OLGA "outcome settle\ncreator-share 60 %\nreason Two of three were made.\n" \
	       STAMP
#define BY_AGENCY_ITSELF "deadline ship\ndue " TIME "\nby agency ed25519:" HEX_A "\n"
#define LAPSE ORIGIN "/lapse/v1\n" OF_DEAL BY_AGENCY_ITSELF STAMP
#define LAPSE_OF_OFFER ORIGIN "/lapse/v1\noffer sha256:" HEX_C "\n" BY_AGENCY_ITSELF STAMP

/* Together they have every field of every kind. */
static const char *const sample_texts[] = {
	OFFER, GIFT, PAID, AGREEMENT, ENROL, ADMIT, CLOSE, FUND, WHOLE_OFFER, WHOLE_AGREEMENT, COUNTER,
	AMENDMENT, SUSPEND, NEW_KEY, REVOKE, PROFILE, ATTEST, REFUND, DECLINE, SHIP, RECEIVE, SUBMIT, REVISE,
	APPROVE, POST, VERIFY, PAY, RATE, CANCEL, DISPUTE, RULING, LAPSE, LAPSE_OF_OFFER,
};

#define SAMPLE_TEXTS (sizeof sample_texts / sizeof sample_texts[0])

#endif
