// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

void sealwright_keep_large_blocks(void) {
#ifdef __GLIBC__
    if (!getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, 256 << 20);
    if (!getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, 1 << 30);
    // Each arena keeps what its threads once took; glibc would make eight for each processor.
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!getenv("MALLOC_ARENA_MAX") && processors > 0) mallopt(M_ARENA_MAX, processors);
#endif
}

void sealwright_return_free_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

bool sealwright_forbid_core_dumps(void) {
    struct rlimit none = {0, 0};
    bool done = setrlimit(RLIMIT_CORE, &none) == 0;
#ifdef __linux__
    // The limit does not count where core dumps are piped to a program; this does.
    done = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && done;
#endif
    return done;
}

bool sealwright_lock_memory(void) {
#ifdef MCL_ONFAULT
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
    if (limit.rlim_cur != RLIM_INFINITY && setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0) return false;
    // Pages are locked when they are first touched: TensorFlow's library alone maps more than is ever used.
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
#else
    return false;
#endif
}

int sealwright_finish_output(void) {
    if (fflush(stdout) != 0) return errno;
    // An earlier part was lost; which error it met is not known any more.
    return ferror(stdout) ? EIO : 0;
}
