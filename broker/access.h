/* Who may connect, serve and order: the broker's two files of keys, read again on SIGHUP. */
#ifndef TROTH_BROKER_ACCESS_H
#define TROTH_BROKER_ACCESS_H

#include "broker/allow_list.h"
#include "broker/config.h"

struct access;

/* Reads the files that the settings name (the paths are copied). ERROR_CONFIG, ERROR_NOT_FOUND. Caller frees. */
enum error access_load(const struct broker_config *config, struct access **access, struct failure *failure);
void access_free(struct access *access); /* NULL is fine */

/* Reads them again. After an error the former lists stand. */
enum error access_reload(struct access *access, struct failure *failure);

/* True if the holder of this key may connect: everyone, unless there is a file of clients; who serves may always. */
bool access_admits(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* True if the key may serve this service (or, for `broker`, is an operator's). */
bool access_allows(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service);

/* True if some key may serve this service. */
bool access_serves(const struct access *access, struct slice service);

/* The name of a listed key, borrowed until the next reload; NULL if it is not listed. */
const char *access_name(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE]);

size_t access_workers(const struct access *access); /* keys in the file of workers */

#endif
