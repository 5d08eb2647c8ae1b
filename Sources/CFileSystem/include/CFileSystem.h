// SPDX-License-Identifier: Apache-2.0

#ifndef CFILESYSTEM_H
#define CFILESYSTEM_H

// syncfs(2) of Linux, which Swift's module of the C library leaves out: makes the file system of an open file durable.
// Elsewhere it does nothing. Returns 0, or -1 with errno set.
int sealwright_syncfs(int descriptor);

// renameat2(2) of Linux: two files or folders of one file system take each other's names, in one step. Returns 0, or -1 with errno
// set: EINVAL or ENOSYS where the file system or the kernel cannot.
int sealwright_exchange(const char *one, const char *other);

#endif
