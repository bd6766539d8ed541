/* The table of commands: what each is called, takes and does. */
#include "cli/commands.h"

#define COMMON "home json timeout"
#define SIGNING COMMON " yes passphrase-file queue no-queue"

#define STEP SIGNING " out batch"

#define STEP_OF \
	"ID is a deal's id or its first digits. Doing it again sends the same note again. With --batch, one note for\n" \
	"every row of a CSV file with the column deal and columns named by keys (see troth fields).\n"

#define ROWS_OF "With --batch, one note for every row of a CSV file with the columns "

#define OPERATORS "For operators of the broker: whose transport key has the service broker in its workers.allow.\n"

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
	{ "rekey", "", 0, 0, COMMON " yes passphrase-file no-passphrase +rekey", "give your account new keys",
	  "Makes a new signing key and a new transport key, and signs the change with the old key and the new one. The\n"
	  "home keeps its old keys until the agency has accepted the new ones; after a crash, run it again. With\n"
	  "--overlap notes by the old key are good that much longer (at most 30d): those that were signed before and are\n"
	  "still on their way, in a queue or in a note that the other side has yet to sign. The transport key changes at\n"
	  "once: another copy of this home cannot connect any more. Former keys stay in the home, for what was sealed to\n"
	  "them.",
	  command_rekey },
	{ "ops waiting", "[NAME]", 0, 1, COMMON " limit", "list who waits to be admitted",
	  "For operators. Shows name, role and key of every enrolment, or of those that ask for one name.",
	  command_ops_waiting },
	{ "ops admit", "NAME...", 1, 1000, SIGNING " role", "admit accounts",
	  "For operators. Anyone can ask for any name, so the key decides: shows name, role and key and asks, unless\n"
	  "--yes. Instead of a name write NAME@KEY with the first digits of the key that the account's owner tells you\n"
	  "(`troth enrol` and `troth status` show it); with 12 or more of them nothing is asked.",
	  command_ops_admit },
	{ "ops accounts", "[NAME]", 0, 1, COMMON " limit", "list who is admitted, and their keys",
	  "For operators. A line for every key that an account has or had, with the account's standing, the number of the\n"
	  "note that brought the key, and until when it is good. By name.",
	  command_ops_accounts },
	{ "ops fund", "[BRAND AMOUNT]", 0, 2, SIGNING " reference batch", "attest money of a brand",
	  "For operators. Books money that the payment provider has confirmed, such as \"1000.00 USD\", as available to\n"
	  "the brand. A reference is booked once.\n"
	  ROWS_OF "brand, amount and reference.",
	  command_ops_note },
	{ "ops refund", "[BRAND AMOUNT]", 0, 2, SIGNING " reference batch", "give available money back",
	  "For operators. Books money that the payment provider has sent back to the brand. A reference is booked once.\n"
	  ROWS_OF "brand, amount and reference.",
	  command_ops_note },
	{ "ops attest", "[CREATOR]", 0, 1, SIGNING " batch +attest", "attest a creator's figures",
	  "For operators. The latest figures of a platform count.\n"
	  ROWS_OF "creator, platform,\nfollowers, engagement and source. There, figures may be written as 18.4k, 1.2M and "
	  "2.4%.",
	  command_ops_note },
	{ "ops suspend", "[NAME]", 0, 1, SIGNING " batch +suspend -standing", "suspend an account",
	  "For operators. Nothing new may be begun; running deals go on.\n"
	  ROWS_OF "account and reason.",
	  command_ops_note },
	{ "ops restore", "[NAME]", 0, 1, SIGNING " batch +suspend -standing", "restore a suspended account",
	  "For operators.\n"
	  ROWS_OF "account and reason.",
	  command_ops_note },
	{ "ops revoke", "[NAME]", 0, 1, SIGNING " key batch +revoke", "end a key that others have, or may have",
	  "For operators. Notes by this key are good up to number --valid-until of the log, and not behind it. If it is\n"
	  "the account's present key, the account has none then: its owner makes new ones by troth init in another folder\n"
	  "and enrols under the same name, and an operator admits that. After a change of keys by troth rekey, the former\n"
	  "key can be revoked and the owner goes on with the present one. It cannot be taken back.\n"
	  ROWS_OF "account, key,\nvalid-until and reason.",
	  command_ops_note },
	{ "ops payout export", "", 0, 0, COMMON " out", "write a file of what is to be paid",
	  "For operators. The columns are deal, creator, amount, currency, due, overdue and payment. Nothing is written\n"
	  "unless every agreement is signed and promises what is to be paid. payment is the deal's id, a hyphen and what\n"
	  "was paid of it before. It stays the same until the payment is booked: give it to the payment provider as\n"
	  "idempotency key, so that nothing that is exported twice is paid twice.",
	  command_payout_export },
	{ "ops payout import", "FILE", 1, 1, SIGNING, "record what the payment provider has paid",
	  "For operators. FILE is CSV with the columns deal, status (paid or failed), reference, amount and currency; and\n"
	  "payment, which is checked if it is there.\n"
	  "Signs a pay note for every paid row, and reports the failed ones; the same file again books nothing twice.",
	  command_payout_import },
	{ "offer submit", "[FILE]", 0, 1, SIGNING " again batch", "submit an offer",
	  "FILE holds the offer's `key value` lines (see troth fields offer); what identifies you, time and nonce are\n"
	  "added. The whole text is shown before it is signed, unless --yes. `closes +30d` becomes the time 30 days from\n"
	  "now. With --batch, submits every row of a CSV file whose column names are keys; several deliverables\n"
	  "stand in one cell with ; between. Submitting the same file again sends the same note, so nothing is offered\n"
	  "twice; --again makes a new offer of it. The last line is the id. Where no worker is there the note is queued\n"
	  "(exit status 4), unless --no-queue; see troth queue show.",
	  command_offer_submit },
	{ "offer list", "", 0, 0, COMMON " limit state campaign", "list offers",
	  "A brand sees its own offers. A creator sees those that he can agree to now, by his profile and the figures\n"
	  "that the agency attests; --state open shows him all open ones. An operator sees the open ones. --state: open,\n"
	  "full, closed, over. Newest first.",
	  command_offer_list },
	{ "offer show", "ID", 1, 1, COMMON " out", "show an offer's text",
	  "ID is an offer's id or its first digits. --out writes the signed offer to a file.", command_offer_show },
	{ "offer close", "[ID]", 0, 1, SIGNING " batch", "close an offer",
	  "No creator can accept it any more; money still reserved for it becomes available again. With --batch, closes\n"
	  "every offer of a CSV file with the column offer.",
	  command_offer_close },
	{ "offer applicants", "ID", 1, 1, COMMON " limit", "show who has applied, side by side",
	  "For the brand. With tier, followers and engagement as attested by the agency, niches and channels as the\n"
	  "creators say, past deals and ratings. troth deal accept ID concludes with one of them.",
	  command_offer_applicants },
	{ "profile submit", "FILE", 1, 1, SIGNING, "say what you are about",
	  "For creators. FILE holds `key value` lines (see troth fields profile). Offers that ask for niches, countries\n"
	  "or languages go by it. The latest one counts.",
	  command_profile_submit },
	{ "profile show", "[NAME]", 0, 1, COMMON, "show a creator's profile and figures",
	  "Yours if no name is given. Shows the profile, the figures that the agency attests, past deals and ratings.",
	  command_profile_show },
	{ "deal accept", "[ID]", 0, 1, SIGNING " out batch", "accept an offer, a proposal or an amendment",
	  "ID is an offer's or a deal's id, or its first digits. Of an offer it checks the brand's signature, shows the\n"
	  "agreement that follows from the offer and signs it; where the brand chooses, that is an application. Of a\n"
	  "proposal, or an amendment that waits, it signs the other side's very text, after showing what differs from the\n"
	  "text before. --out writes the signed agreement to a file. The last line is the deal's id. With --batch, signs\n"
	  "what waits in every deal of a CSV file with the column deal, such as those of the applicants that a brand has\n"
	  "chosen: it asks once for all, and does not show the texts.",
	  command_deal_accept },
	{ "deal counter", "ID", 1, 1, SIGNING " out set without", "propose other terms",
	  "ID is an offer that is open to changes, or a proposal of the other side. --set \"fee 300.00 USD\" gives a term\n"
	  "another value (the same key again: all its values), --without KEY leaves it out. The whole text is shown, with\n"
	  "what differs marked by + and -. See troth fields agreement.",
	  command_deal_counter },
	{ "deal invite", "OFFER [CREATOR...]", 1, 1000, SIGNING " batch set without", "propose an agreement to creators",
	  "For brands. Signs the agreement that follows from the offer for each creator, with the changes of --set and\n"
	  "--without where the offer is open to them; each creator then signs the same text by troth deal accept.\n"
	  "With --batch, invites every creator of a CSV file with the column creator, as the offer says; who was invited\n"
	  "by it before is not invited anew.",
	  command_deal_invite },
	{ "deal amend", "ID", 1, 1, SIGNING " out set without", "propose a change of an agreement",
	  "As troth deal counter, for an agreement in force. It holds when the other side has signed it by troth deal\n"
	  "accept; compensation, parties and currency stay.",
	  command_deal_amend },
	{ "deal list", "", 0, 0, COMMON " limit state offer campaign with waiting", "list your deals",
	  "Newest first, with who must act next until when. --campaign goes by the text that both sides signed first.\n"
	  "States: proposed, ended, agreed, shipped, received, submitted, approved, posted, verified, paid, closed,\n"
	  "cancelled, lapsed, disputed, ruled.",
	  command_deal_list },
	{ "deal show", "ID", 1, 1, COMMON " out", "show where a deal is, and its terms",
	  "ID is a deal's id or its first digits. Draws the way of the deal, says who must act until when and what money\n"
	  "each ending would move, and shows what has happened and the text whose terms hold. --out writes that, signed,\n"
	  "to a file.",
	  command_deal_show },
	{ "deal address", "ID", 1, 1, COMMON " passphrase-file file", "tell or read where the product goes",
	  "The creator sends the postal address out of --file or standard input, sealed to the brand's key: nobody else\n"
	  "can read it, nor the agency. The brand reads it, or writes it to --file.",
	  command_deal_address },
	{ "deal notes", "ID", 1, 1, COMMON, "print the notes of a deal",
	  "Whole and signed, the oldest first. A rating of the other side stays hidden until both have rated, or the time\n"
	  "is over.",
	  command_deal_notes },
	{ "deal ship", "[ID]", 0, 1, STEP " +ship", "say that the product is on its way",
	  STEP_OF "For the brand. What it says is signed for good: it starts the time to receive.",
	  command_step },
	{ "deal receive", "[ID]", 0, 1, STEP " +receive", "say that the product has arrived",
	  STEP_OF "For the creator. Starts the time to submit content.",
	  command_step },
	{ "deal submit", "[ID]", 0, 1, STEP " file link +submit", "hand content in for review",
	  STEP_OF "For the creator. --file hashes a file, and --link says where the brand finds it; both may be repeated\n"
	  "together. --content \"sha256:HEX URL\" says the same of a file that is elsewhere.",
	  command_step },
	{ "deal revise", "[ID]", 0, 1, STEP " +revise", "ask for a revision",
	  STEP_OF "For the brand, as often as the terms say.",
	  command_step },
	{ "deal approve", "[ID]", 0, 1, STEP " +approve", "approve the content",
	  STEP_OF "For the brand. Content that is handed over and not posted earns the fee with that.",
	  command_step },
	{ "deal post", "[ID]", 0, 1, STEP " +post", "say where the post is",
	  STEP_OF "For the creator.",
	  command_step },
	{ "deal rate", "[ID]", 0, 1, STEP " +rate", "rate the other side",
	  STEP_OF "For both. Neither side sees the other's rating before both have rated, or the time is over.",
	  command_step },
	{ "deal cancel", "[ID]", 0, 1, STEP " +cancel", "end a deal",
	  STEP_OF "For both. What that moves is shown before it is signed, and by troth deal show: the brand pays the\n"
	  "kill fee of the terms, the creator gives up the fee.",
	  command_step },
	{ "deal dispute", "[ID]", 0, 1, STEP " +dispute", "ask the agency for a ruling",
	  STEP_OF "For both. The clock stops until an operator has ruled.",
	  command_step },
	{ "deal decline", "[ID]", 0, 1, STEP " +decline", "turn a proposal or an amendment down, or take a proposal back",
	  STEP_OF "For both. An amendment that waits is turned down by the other side, and the agreement stays as it is.",
	  command_step },
	{ "ops verify", "[ID]", 0, 1, STEP " +verify", "say what the agency has seen of a post",
	  STEP_OF "For operators. Where --live, --tagged and --disclosed are yes, the post is verified and the fee is\n"
	  "earned; otherwise it is a fault that the creator mends, or that stops the deal.",
	  command_step },
	{ "ops pay", "[ID]", 0, 1, STEP " +pay", "say that a creator was paid",
	  STEP_OF "For operators. The reference is the payment provider's, and booked once.",
	  command_step },
	{ "ops rule", "[ID]", 0, 1, STEP " +ruling", "decide a dispute",
	  STEP_OF "For operators. --outcome settle ends the deal with the split that --creator-share says.",
	  command_step },
	{ "verify", "FILE", 1, 1, "home json join offer", "check a signed note or a bundle offline",
	  "Checks form, rules and every signature, with nothing but the file and the agency's join file. With --offer,\n"
	  "also that an agreement is what follows from the brand's signed offer, byte for byte. A note that the agency\n"
	  "itself has not signed proves nothing of the account whose name is in it, and is not called verified; nor is\n"
	  "a proposal, which binds nobody yet. A bundle's notes are replayed through the rules: every deal's state, money\n"
	  "and deadlines that follow, what is wrong with its line and number, and what a bundle cannot prove.",
	  command_verify },
	{ "queue list", "", 0, 0, "home json all", "list what waits in a broker's queue",
	  "Notes that were signed and put into the durable queue, by --queue or because no worker was there. --all also\n"
	  "shows those that are answered.",
	  command_queue_list },
	{ "queue show", "TICKET", 1, 1, COMMON " out wait", "fetch the answer to a queued note",
	  "TICKET is a ticket or its first digits. Prints what the command itself would have printed, or the refusal;\n"
	  "the home keeps the answer. --wait waits for it, as long as --timeout says. Exit status 4 while there is none.",
	  command_queue_show },
	{ "queue drop", "TICKET", 1, 1, COMMON, "forget a queued note",
	  "Takes it out of the broker's queue. What a worker has in hand already may still be done.",
	  command_queue_drop },
	{ "broker status", "", 0, 0, COMMON " broker", "show how a broker is",
	  OPERATORS "Asks every broker of the join file, or the one that --broker names.", command_broker_status },
	{ "broker services", "", 0, 0, COMMON " broker limit", "list services and their queues", OPERATORS,
	  command_broker_list },
	{ "broker workers", "", 0, 0, COMMON " broker limit", "list connected workers", OPERATORS, command_broker_list },
	{ "broker clients", "", 0, 0, COMMON " broker limit", "list connected clients", OPERATORS, command_broker_list },
	{ "broker queue", "", 0, 0, COMMON " broker limit", "list the durable queue", OPERATORS, command_broker_list },
	{ "broker dead list", "", 0, 0, COMMON " broker limit", "list what was given up", OPERATORS, command_broker_list },
	{ "broker dead show", "TICKET", 1, 1, COMMON " broker", "show what was given up, and why",
	  OPERATORS "TICKET is a ticket or its first digits.", command_broker_dead_show },
	{ "broker dead retry", "[TICKET]", 0, 1, COMMON " broker all", "have it tried again",
	  OPERATORS "One request, or --all.", command_broker_dead_retry },
	{ "broker dead drop", "[TICKET]", 0, 1, COMMON " broker all yes", "throw it away",
	  OPERATORS "One request, or --all, which asks first unless --yes.", command_broker_dead_drop },
	{ "broker pause", "SERVICE", 1, 1, COMMON " broker", "hand out no more requests of a service",
	  OPERATORS "They wait until troth broker resume SERVICE.", command_broker_pause },
	{ "broker resume", "[SERVICE]", 0, 1, COMMON " broker", "end a pause, or draining",
	  OPERATORS "With a service, ends its pause; without, ends what troth broker drain began.",
	  command_broker_resume },
	{ "broker drain", "", 0, 0, COMMON " broker wait", "take and hand out no new work",
	  OPERATORS "What workers hold is finished. --wait waits until nothing is held. Before a stop, or before a move.",
	  command_broker_drain },
	{ "broker metrics", "", 0, 0, COMMON " broker", "print all counters and gauges, in Prometheus' text format",
	  OPERATORS, command_broker_metrics },
	{ "statement", "[NAME]", 0, 1, COMMON " csv", "show what was booked, and the balances",
	  "A brand and a creator see their own accounts; operators name anyone's.", command_statement },
	{ "export", "", 0, 0, COMMON " out", "write everything of yours to files",
	  "To the folder of --out (troth-export if it is not said): all your notes as a bundle that troth verify replays,\n"
	  "and as JSON Lines; your deals and your statement as CSV.",
	  command_export },
	{ "status", "", 0, 0, COMMON, "show your account and whether the agency answers",
	  "Shows name, role, state (waiting, admitted or suspended) and key, and a brand's available money.",
	  command_status },
	{ "store check", "", 0, 0, "home", "read the agency's whole store and say what is wrong",
	  "--home is the agency's. Can be run beside a running agency. Exit status 1 if something was found.",
	  command_store_check },
	{ "report", "[BRAND]", 0, 1, COMMON " campaign format csv out", "say what campaigns cost and brought",
	  "By campaign and tier of creators: offers, agreements, posts, cost, reach, engagements, engagement rate, cost\n"
	  "per engagement and per thousand impressions, and how many times as efficient one tier is as another, measured\n"
	  "on the brand's own deals. A ratio is made of those posts whose figures are known; - is unknown.\n"
	  "--format html makes a page with plots, --csv is --format csv. --out writes it to a file (- is stdout).\n"
	  "Operators name the brand.",
	  command_campaigns },
	{ "fields", "[KIND]", 0, 1, "", "explain the fields of a kind of note",
	  "KIND is one of enrol, admit, suspend, rekey, revoke, profile, attest, offer, close, fund, refund, agreement,\n"
	  "decline, ship, receive, submit, revise, approve, post, verify, pay, rate, cancel, dispute, ruling and lapse;\n"
	  "offer if none is given.",
	  command_fields },
};
const size_t commands_count = sizeof commands / sizeof commands[0];
