/* Making and opening an agency's home; see agency.h. */
#include "cli/agency.h"

#include <arpa/inet.h>
#include <assert.h>
#include <unistd.h>

#include "cli/outbox.h"
#include "crypto/key_file.h"
#include "wire/endpoint.h"

#define DEFAULT_PORT 7787
#define ANY_ENDPOINT "tcp://127.0.0.1:*"
#define OPS_NAME "ops"

static enum error agency_path(const struct agency *agency, const char *name, char out[FILE_PATH_MAX],
                              struct failure *failure) {
	return file_join(out, agency->folder, name, failure);
}

static enum error write_file(const struct agency *agency, const char *name, struct buffer *text, mode_t mode,
                             struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = agency_path(agency, name, path, failure);
	if (error == OK && !buffer_ok(text)) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	return error == OK ? file_replace(path, buffer_slice(text), mode, failure) : error;
}

/* True if this port of the loopback address is free now; port 0 finds one. */
static bool probe_port(uint16_t *port) {
	struct sockaddr_in address = { .sin_family = AF_INET,
		                           .sin_port = htons(*port),
		                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int reuse = 1;
	bool free = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
	            bind(fd, (struct sockaddr *)&address, size) == 0 &&
	            getsockname(fd, (struct sockaddr *)&address, &size) == 0;
	*port = ntohs(address.sin_port);
	if (fd >= 0) {
		(void)close(fd);
	}
	return free;
}

/* The endpoint stands in every join file, so it is chosen once: the one that was asked for (with `*` for any free
 * port of this machine), else the usual port, else any that is free. */
static enum error choose_endpoint(const struct settings *settings, char out[CLIENT_ENDPOINT_MAX],
                                  struct failure *failure) {
	bool wants_any = settings->endpoint != NULL && strcmp(settings->endpoint, ANY_ENDPOINT) == 0;
	if (settings->endpoint != NULL && !wants_any) {
		return endpoint_check(settings->endpoint, ENDPOINT_CONNECT, failure) == OK &&
		               slice_copy_text(slice_of_text(settings->endpoint), out, CLIENT_ENDPOINT_MAX)
		           ? OK : fail(failure, ERROR_USAGE, "--endpoint must be like tcp://127.0.0.1:7787");
	}
	uint16_t port = DEFAULT_PORT, any = 0;
	if (wants_any || !probe_port(&port)) {
		if (!probe_port(&any)) {
			return fail(failure, ERROR_SYSTEM, "there is no free port; choose one by --endpoint tcp://127.0.0.1:PORT");
		}
		port = any;
	}
	(void)snprintf(out, CLIENT_ENDPOINT_MAX, "tcp://127.0.0.1:%u", port);
	return OK;
}

/* Loads a transport key, making it first where it is missing. */
static enum error ensure_identity(const struct agency *agency, const char *name, struct identity *identity,
                                  struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = agency_path(agency, name, path, failure);
	if (error == OK && !file_exists(path)) {
		error = identity_make(identity, failure);
		return error == OK ? identity_save(path, identity, failure) : error;
	}
	return error == OK ? identity_load(path, identity, failure) : error;
}

static void write_agency_signer(const struct agency *agency, char out[NOTE_SIGNER_MAX]) {
	struct slice origin = slice_of_text(agency->join.origin);
	bool fits = signer_name_write(out, origin, ROLE_OPERATOR, slice_of_text(AGENCY_NAME));
	assert(fits); /* origins are bounded below it */
}

/* Loads the key that countersigns, making it first where it is missing. Caller frees. */
static enum error ensure_agency_key(const struct agency *agency, struct signing_key **key,
                                    struct failure *failure) {
	char path[FILE_PATH_MAX], signer[NOTE_SIGNER_MAX];
	struct buffer file;
	buffer_init(&file, KEY_FILE_MAX);
	enum error error = agency_path(agency, "agency.key", path, failure);
	if (error == OK && file_exists(path)) {
		error = file_read_private(path, &file, failure);
		error = error == OK ? key_file_read(buffer_slice(&file), NULL, NULL, key, failure) : error;
	} else if (error == OK) {
		*key = signing_key_new();
		write_agency_signer(agency, signer);
		error = *key == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory")
		                     : key_file_write(&file, signer, *key, NULL, failure);
		error = error == OK ? file_create(path, buffer_slice(&file), 0600, failure) : error;
	}
	buffer_release(&file);
	return error;
}

/* The public key of a home's connections, as text. */
static enum error format_transport_key(const struct home *home, char out[TRANSPORT_KEY_TEXT],
                                       struct failure *failure) {
	struct identity identity;
	enum error error = home_load_identity(home, &identity, failure);
	if (error == OK) {
		transport_key_format(identity.public_key, out);
		identity_wipe(&identity);
	}
	return error;
}

static enum error write_settings(const struct agency *agency, const struct identity *worker,
                                 struct failure *failure) {
	char broker_key[TRANSPORT_KEY_TEXT], worker_key[TRANSPORT_KEY_TEXT], ops_key[TRANSPORT_KEY_TEXT];
	struct buffer text;
	enum error error = format_transport_key(&agency->ops, ops_key, failure);
	if (error != OK) {
		return error;
	}
	transport_key_format(agency->join.brokers[0].public_key, broker_key);
	transport_key_format(worker->public_key, worker_key);
	buffer_init(&text, 4096);
	(void)buffer_format(&text, "# The broker's settings; troth-broker --describe-config explains them.\n[broker]\n"
	                    "endpoint = %s\nidentity = broker.key\nworkers = workers.allow\n",
	                    agency->join.brokers[0].endpoint);
	error = write_file(agency, "broker.ini", &text, 0644, failure);
	buffer_clear(&text);
	(void)buffer_format(&text, "# Which transport keys may serve what; broker: may run `troth broker`.\n"
	                    "%s market notes,views\n%s " OPS_NAME " broker\n", worker_key, ops_key);
	error = error == OK ? write_file(agency, "workers.allow", &text, 0644, failure) : error;
	buffer_clear(&text);
	(void)buffer_format(&text, "# The workers' settings; troth-worker --describe-config explains them.\n[agency]\n"
	                    "origin = %s\nkey = agency.key\n\n[broker]\nendpoint = %s\nkey = %s\n\n"
	                    "[worker]\nidentity = worker.key\n\n[store]\nfolder = store\n",
	                    agency->join.origin, agency->join.brokers[0].endpoint, broker_key);
	error = error == OK ? write_file(agency, "worker.ini", &text, 0644, failure) : error;
	buffer_release(&text);
	return error;
}

/* Signs a note and writes it to ops/bootstrap/. */
static enum error write_bootstrap(const struct agency *agency, enum kind_id kind, const struct note_pair *pairs,
                                  size_t count, const char *signer, const struct signing_key *key, const char *name,
                                  uint8_t id[HASH_SIZE], struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct buffer text, note;
	buffer_init(&text, NOTE_TEXT_MAX);
	buffer_init(&note, SIGNED_NOTE_MAX);
	enum error error = outbox_compose(&agency->ops, kind, pairs, count, &text, failure);
	if (error == OK) {
		signed_note_id(buffer_slice(&text), id);
		error = signed_note_write(&note, buffer_slice(&text), signer, key, failure);
	}
	if (error == OK) {
		error = home_path(&agency->ops, name, path, failure);
	}
	if (error == OK) {
		error = file_replace(path, buffer_slice(&note), 0600, failure);
	}
	buffer_release(&note);
	buffer_release(&text);
	return error;
}

/* The operator asks for an account by its own key; the agency's key admits it. */
static enum error sign_bootstrap(const struct agency *agency, const struct signing_key *agency_key,
                                 struct failure *failure) {
	char path[FILE_PATH_MAX], transport[TRANSPORT_KEY_TEXT], hex[HASH_HEX_SIZE];
	char account[PARTY_TEXT_MAX], admitter[PARTY_TEXT_MAX], enrolment[80];
	uint8_t id[HASH_SIZE];
	enum error error = home_path(&agency->ops, "bootstrap", path, failure);
	if (error == OK) {
		error = file_make_folder(path, 0700, failure);
	}
	if (error == OK) {
		error = format_transport_key(&agency->ops, transport, failure);
	}
	if (error != OK) {
		return error;
	}
	struct note_pair enrol[] = { { "account", slice_of_text(home_party_text(&agency->ops, account)) },
		                         { "role", slice_of_text(role_words[ROLE_OPERATOR]) },
		                         { "transport", slice_of_text(transport) },
		                         { "consent", slice_of_text("electronic-signatures") } };
	error = write_bootstrap(agency, KIND_ENROL, enrol, 4, agency->ops.signer, agency->ops.key, "bootstrap/enrol.note",
	                        id, failure);
	if (error != OK) {
		return error;
	}
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(enrolment, sizeof enrolment, "sha256:%s", hex);
	hex_encode(slice_of(signing_key_public(agency_key), KEY_SIZE), hex);
	(void)snprintf(admitter, sizeof admitter, AGENCY_NAME " ed25519:%s", hex);
	struct note_pair admit[] = { { "account", slice_of_text(account) },
		                         { "role", slice_of_text(role_words[ROLE_OPERATOR]) },
		                         { "enrolment", slice_of_text(enrolment) },
		                         { "admitter", slice_of_text(admitter) } };
	return write_bootstrap(agency, KIND_ADMIT, admit, 4, agency->join.agency.name, agency_key, "bootstrap/admit.note",
	                       id, failure);
}

/* Opens the first operator's home, or makes it with an unsealed key, as the agency's own is: they lie side by side. */
static enum error ensure_ops(const struct settings *settings, struct agency *agency, bool is_new,
                             struct failure *failure) {
	char folder[FILE_PATH_MAX], account[FILE_PATH_MAX];
	struct settings own = *settings;
	enum error error = agency_path(agency, OPS_NAME, folder, failure);
	own.home = folder;
	if (error == OK) {
		error = file_join(account, folder, "account.ini", failure);
	}
	if (error == OK && is_new && !file_exists(account)) {
		error = home_locate(&own, &agency->ops, failure);
		if (error == OK) {
			error = home_remove_remains(&agency->ops, failure);
		}
		return error == OK ? home_make(&agency->ops, ROLE_OPERATOR, OPS_NAME, &agency->join, NULL, failure) : error;
	}
	if (error == OK) {
		error = home_open(&own, &agency->ops, failure);
	}
	if (error != OK || !is_new) {
		return error;
	}
	/* Made by a start that was cut off; this one may have chosen another endpoint. */
	char join[FILE_PATH_MAX];
	agency->ops.join = agency->join;
	error = home_path(&agency->ops, "agency.join", join, failure);
	if (error == OK) {
		error = join_save(join, &agency->join, failure);
	}
	return error == OK ? home_unlock(&agency->ops, &own, failure) : error;
}

static enum error make(const struct settings *settings, struct agency *agency, struct failure *failure) {
	struct identity broker = { 0 }, worker = { 0 };
	struct signing_key *key = NULL;
	char path[FILE_PATH_MAX], signer[NOTE_SIGNER_MAX];
	enum error error = file_make_folder(agency->folder, 0700, failure);
	if (error == OK) {
		error = choose_endpoint(settings, agency->join.brokers[0].endpoint, failure);
	}
	if (error == OK) {
		error = ensure_agency_key(agency, &key, failure);
	}
	if (error == OK) {
		error = ensure_identity(agency, "broker.key", &broker, failure);
	}
	if (error == OK) {
		error = ensure_identity(agency, "worker.key", &worker, failure);
	}
	if (error == OK) {
		agency->join.broker_count = 1;
		memcpy(agency->join.brokers[0].public_key, broker.public_key, TRANSPORT_KEY_SIZE);
		write_agency_signer(agency, signer);
		error = verifier_key_make(signer, signing_key_public(key), &agency->join.agency, failure);
	}
	if (error == OK) {
		error = ensure_ops(settings, agency, true, failure);
	}
	if (error == OK) {
		error = write_settings(agency, &worker, failure);
	}
	if (error == OK) {
		error = sign_bootstrap(agency, key, failure);
	}
	if (error == OK) {
		error = agency_path(agency, "agency.join", path, failure);
	}
	if (error == OK) {
		error = join_save(path, &agency->join, failure);
	}
	identity_wipe(&broker);
	identity_wipe(&worker);
	signing_key_free(key);
	return error;
}

/* Origin and endpoint stand in every join file and note: they are chosen once. */
static enum error check_unchanged(const struct settings *settings, const struct agency *agency,
                                  struct failure *failure) {
	const struct join *join = &agency->join;
	if (settings->origin != NULL && strcmp(settings->origin, join->origin) != 0) {
		return fail(failure, ERROR_USAGE, "%s is the home of %s, not of %s", agency->folder, join->origin,
		            settings->origin);
	}
	if (settings->endpoint != NULL && strcmp(settings->endpoint, ANY_ENDPOINT) != 0 &&
	    strcmp(settings->endpoint, join->brokers[0].endpoint) != 0) {
		return fail(failure, ERROR_USAGE, "the endpoint is %s since the first start; to move it, see "
		            "doc/operations.md", join->brokers[0].endpoint);
	}
	return OK;
}

enum error agency_open(const struct settings *settings, struct agency *agency, struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct home place;
	*agency = (struct agency){ .folder = "" };
	enum error error = home_locate(settings, &place, failure);
	if (error == OK) {
		memcpy(agency->folder, place.folder, sizeof agency->folder);
		error = agency_path(agency, "agency.join", path, failure);
	}
	if (error == OK && file_exists(path)) {
		error = join_load(path, &agency->join, failure);
		if (error == OK) {
			error = check_unchanged(settings, agency, failure);
		}
		return error == OK ? ensure_ops(settings, agency, false, failure) : error;
	}
	if (error != OK) {
		return error;
	}
	const char *origin = settings->origin;
	if (origin == NULL || !origin_is_valid(slice_of_text(origin)) ||
	    !slice_copy_text(slice_of_text(origin), agency->join.origin, sizeof agency->join.origin)) {
		return fail(failure, ERROR_USAGE, origin == NULL ? "a new agency needs --origin, like agency.example"
		                                                 : "--origin must be like agency.example");
	}
	return make(settings, agency, failure);
}

enum error agency_renew_bootstrap(const struct settings *settings, struct agency *agency, struct failure *failure) {
	struct signing_key *key = NULL;
	enum error error = ensure_agency_key(agency, &key, failure);
	if (error == OK && agency->ops.key == NULL) {
		error = home_unlock(&agency->ops, settings, failure);
	}
	if (error == OK) {
		error = sign_bootstrap(agency, key, failure);
	}
	signing_key_free(key);
	return error;
}

void agency_release(struct agency *agency) {
	home_release(&agency->ops);
}

enum error agency_read_bootstrap(const struct agency *agency, const char *name, struct buffer *out,
                                 struct failure *failure) {
	char path[FILE_PATH_MAX], below[64];
	(void)snprintf(below, sizeof below, "bootstrap/%s", name);
	enum error error = home_path(&agency->ops, below, path, failure);
	return error == OK ? file_read(path, out, failure) : error;
}
