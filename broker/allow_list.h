/* Which transport keys may work, under which name, for which services: the allow-list file.
 *
 *     # one worker per line
 *     curve25519:<64 hex> <name> <service>[,<service>...]
 *
 * Fields stand apart by blanks. Names are [a-z0-9-], services printable ASCII; a key stands in one line only. The
 * service `broker` makes its holder an operator. A list of clients has the same form, with "-" for no service. */
#ifndef TROTH_BROKER_ALLOW_LIST_H
#define TROTH_BROKER_ALLOW_LIST_H

#include "base/error.h"
#include "wire/identity.h"

#define ALLOW_LIST_FILE_MAX 262144
#define ALLOW_LIST_NAME_MAX 32 /* bytes of a worker's name */

struct allow_list;

/* Reads the file. ERROR_CONFIG with file, line and reason; ERROR_NOT_FOUND. Caller frees. */
enum error allow_list_load(const char *path, struct allow_list **list, struct failure *failure);

/* The same from text; `name` stands for the file in messages. */
enum error allow_list_parse(const char *name, struct slice text, struct allow_list **list, struct failure *failure);

void allow_list_free(struct allow_list *list); /* NULL is fine */

/* True if the holder of this key may serve this service. */
bool allow_list_allows(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service);

/* True if some key may serve this service. */
bool allow_list_serves(const struct allow_list *list, struct slice service);

/* True if the key is listed at all. */
bool allow_list_holds(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* The worker's name, borrowed from the list; NULL if the key is not listed. */
const char *allow_list_name(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* The number of keys. */
size_t allow_list_size(const struct allow_list *list);

#endif
