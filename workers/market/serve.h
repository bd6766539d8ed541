/* The worker's loop: drain, apply as one batch, commit once, answer; questions between batches. */
#ifndef TROTH_WORKERS_MARKET_SERVE_H
#define TROTH_WORKERS_MARKET_SERVE_H

#include "wire/server.h"
#include "workers/market/market.h"

#define SERVICE_NOTES "notes"
#define SERVICE_VIEWS "views"

/* The services of a market worker, in the order in which serve expects them. */
extern const char *const serve_services[];
enum { SERVE_NOTES, SERVE_VIEWS, SERVE_COUNT };

/* Serves until SIGTERM or SIGINT arrives on `signal_fd`. What was taken by then is answered. `folder` is the store's,
 * for the lock of the clock. ERROR_NO_MEMORY. */
enum error serve(const struct market *market, const char *folder, struct server *server, int signal_fd,
                 struct failure *failure);

#endif
