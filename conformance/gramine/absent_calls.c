// SPDX-License-Identifier: Apache-2.0

// Takes from a program what Gramine does not have, for tests on Linux: preloaded, it makes the kernel answer ENOSYS to the calls
// around timerfd (seccomp), and lets no thread's state be found under /proc/TID (the C library's inner `open`, which CGramine.c and
// with it everything else calls; a program without CGramine.c sees no difference in the latter).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((constructor)) static void forbid(void) {
    const unsigned calls[] = { SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime };
    const unsigned count = sizeof calls / sizeof *calls;
    struct sock_filter program[count + 3];
    unsigned length = 0;
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned index = 0; index < count; index++) {
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[index], count - index, 0);
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    struct sock_fprog filter = { .len = (unsigned short)length, .filter = program };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        perror("absent_calls: seccomp");
        exit(71);
    }
}

static int open_as_in_gramine(const char *path, int flags, mode_t mode) {
    int number = 0, end = 0;
    if (sscanf(path, "/proc/%d/stat%n", &number, &end) == 1 && end > 0 && path[end] == 0 && number != getpid()) {
        errno = ENOENT;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define FORWARD(name) \
    int name(const char *path, int flags, ...) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = va_arg(arguments, mode_t); \
        va_end(arguments); \
        return open_as_in_gramine(path, flags, mode); \
    }

FORWARD(__open)
FORWARD(__open64)
#ifdef FOR_PROGRAMS_WITHOUT_CGRAMINE // The control: what becomes of them.
FORWARD(open)
FORWARD(open64)
#endif
