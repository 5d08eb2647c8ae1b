// SPDX-License-Identifier: Apache-2.0

// Nothing is declared here: this target takes the place of functions of the C library. See CGramine.c.
#ifndef SEALWRIGHT_CGRAMINE_H
#define SEALWRIGHT_CGRAMINE_H
#endif
