// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CFileSystem.h"

#include <unistd.h>

int sealwright_syncfs(int descriptor) {
#ifdef __linux__
    return syncfs(descriptor);
#else
    (void)descriptor;
    return 0;
#endif
}
