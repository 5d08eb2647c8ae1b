// SPDX-License-Identifier: Apache-2.0

#ifndef CFILESYSTEM_H
#define CFILESYSTEM_H

// syncfs(2) of Linux, which Swift's module of the C library leaves out: makes the file system of an open file durable.
// Elsewhere it does nothing. Returns 0, or -1 with errno set.
int sealwright_syncfs(int descriptor);

#endif
