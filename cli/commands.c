/* The table of commands: what each is called, takes and does. */
#include "cli/commands.h"

#define COMMON "home json timeout"
#define SIGNING COMMON " yes passphrase-file"

const struct command commands[] = {
	{ "up", "", 0, 0, "home origin endpoint workers log-level log-format",
	  "run an agency on this machine",
	  "Starts a broker and workers, and keeps them running until Ctrl-C or SIGTERM. At the first start it makes the\n"
	  "agency's keys, settings, an operator's home (HOME/ops) and HOME/agency.join, the file that brands and creators\n"
	  "need to connect. Prints one line with \"ready\" when the agency answers.",
	  command_up },
	{ "init", "", 0, 0, "home role name join no-passphrase passphrase-file",
	  "make an account's keys on this machine",
	  "Makes a signing key and a transport key in the home folder. They never leave it. The signing key is sealed\n"
	  "with a passphrase that is asked for, unless --no-passphrase says otherwise. Next: troth enrol.",
	  command_init },
	{ "enrol", "", 0, 0, SIGNING, "ask the agency for an account",
	  "Signs and sends a request for the name and role of `troth init`. An operator of the agency then admits it.",
	  command_enrol },
	{ "ops waiting", "", 0, 0, COMMON, "list who waits to be admitted",
	  "For operators. Shows name, role and key of every enrolment.", command_ops_waiting },
	{ "ops admit", "NAME...", 1, 1000, SIGNING " role", "admit accounts",
	  "For operators. Where several keys ask for one name, write NAME@KEY with the first digits of the right key,\n"
	  "which the account's owner tells you (`troth enrol` and `troth status` show it).",
	  command_ops_admit },
	{ "ops fund", "BRAND AMOUNT", 2, 2, SIGNING " reference", "attest money of a brand",
	  "For operators. Books money that the payment provider has confirmed, such as \"1000.00 USD\", as available to\n"
	  "the brand. A reference is booked once.",
	  command_ops_fund },
	{ "offer submit", "[FILE]", 0, 1, SIGNING " again batch", "submit an offer",
	  "FILE holds the offer's `key value` lines (see troth fields offer); what identifies you, time and nonce are\n"
	  "added. The whole text is shown before it is signed, unless --yes. `closes +30d` becomes the time 30 days from\n"
	  "now. With --batch, submits every row of a CSV file whose column names are keys; several deliverables\n"
	  "stand in one cell with ; between. Submitting the same file again sends the same note, so nothing is offered\n"
	  "twice; --again makes a new offer of it. The last line is the id.",
	  command_offer_submit },
	{ "offer list", "", 0, 0, COMMON " limit", "list offers",
	  "A brand sees its own offers, a creator those that can be accepted now. Newest first.", command_offer_list },
	{ "offer show", "ID", 1, 1, COMMON " out", "show an offer's text",
	  "ID is an offer's id or its first digits. --out writes the signed offer to a file.", command_offer_show },
	{ "offer close", "ID", 1, 1, SIGNING, "close an offer",
	  "No creator can accept it any more; money still reserved for it becomes available again.", command_offer_close },
	{ "deal accept", "ID", 1, 1, SIGNING " out", "accept an offer",
	  "ID is an offer's id or its first digits. Checks the brand's signature, shows the agreement that follows from\n"
	  "the offer, signs it, and gets the agency's signature on the same text. --out writes the signed agreement to a\n"
	  "file. The last line is the deal's id.",
	  command_deal_accept },
	{ "deal list", "", 0, 0, COMMON " limit", "list your deals", "Newest first.", command_deal_list },
	{ "deal show", "ID", 1, 1, COMMON " out", "show an agreement",
	  "ID is a deal's id or its first digits. --out writes the signed agreement to a file.", command_deal_show },
	{ "verify", "FILE", 1, 1, "home json join offer", "check a signed note offline",
	  "Checks form, rules and every signature, with nothing but the file and the agency's join file. With --offer,\n"
	  "also that an agreement is what follows from the brand's signed offer, byte for byte. A note that the agency\n"
	  "itself has not signed proves nothing of the account whose name is in it, and is not called verified.",
	  command_verify },
	{ "status", "", 0, 0, COMMON, "show your account and whether the agency answers",
	  "Shows name, role, state (waiting or admitted) and key, and a brand's available money.", command_status },
	{ "store check", "", 0, 0, "home", "read the agency's whole store and say what is wrong",
	  "--home is the agency's. Can be run beside a running agency. Exit status 1 if something was found.",
	  command_store_check },
	{ "fields", "[KIND]", 0, 1, "", "explain the fields of a kind of note",
	  "KIND is enrol, admit, offer, close, agreement or fund; offer if none is given.", command_fields },
};
const size_t commands_count = sizeof commands / sizeof commands[0];
