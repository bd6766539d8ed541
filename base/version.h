/* The version of all of Troth's programs. */
#ifndef TROTH_BASE_VERSION_H
#define TROTH_BASE_VERSION_H

#define TROTH_VERSION "0.1.0"

#endif
