// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int sealwright_syncfs(int descriptor) {
#ifdef __linux__
    return syncfs(descriptor);
#else
    (void)descriptor;
    return 0;
#endif
}

int sealwright_exchange(const char *one, const char *other) {
#ifdef __linux__
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
#else
    (void)one, (void)other;
    errno = ENOSYS;
    return -1;
#endif
}
