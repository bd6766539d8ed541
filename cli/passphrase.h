/* Asking for a passphrase without showing it. */
#ifndef TROTH_CLI_PASSPHRASE_H
#define TROTH_CLI_PASSPHRASE_H

#include "base/buffer.h"
#include "base/error.h"

/* Reads a passphrase into `out`: the first line of `path`, or, if that is NULL, from the terminal; with `twice` it must
 * be typed the same way again. ERROR_USAGE if there is neither file nor terminal, or the passphrase is empty. */
enum error passphrase_get(const char *path, const char *prompt, bool twice, struct buffer *out,
                          struct failure *failure);

#endif
