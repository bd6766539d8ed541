/* The walk over a MessagePack document that comes before it is unpacked; see pack.h. */
#ifndef TROTH_BASE_PACK_SCAN_H
#define TROTH_BASE_PACK_SCAN_H

#include "base/error.h"
#include "base/slice.h"

/* OK if `bytes` is exactly one document within the limits of pack.h. ERROR_MALFORMED with the byte offset otherwise.
 * Allocates nothing; takes time linear in the size (the keys of one map are compared with each other, at most
 * PACK_MAP_MAX of them). */
enum error pack_scan(struct slice bytes, struct failure *failure);

#endif
