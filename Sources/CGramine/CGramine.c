// SPDX-License-Identifier: Apache-2.0

// The few system calls that Swift's runtime needs and Gramine (1.3 to 1.9) lacks.
//
// SwiftNIO stops without `timerfd_create`; libdispatch without it has no timers, and ends the process when it cannot open
// `/proc/TID/stat` of one of its workers, which Gramine has under `/proc/self/task` alone. A program that links this target has
// the functions below in the place of the C library's. Each first makes the real call, and does something else only where the
// kernel does not know the call (ENOSYS) or has no such file (ENOENT): under Linux nothing changes.
//
// A timer is an eventfd, which a thread of its own writes 1 to when the time has come. That is enough: whoever waits for a timer
// polls it for reading, reads an 8-byte counter that is not zero, and sets it again; both kinds of descriptors do that alike.
//
// Between fork and exec a child may wait for ever for the lock that `close` takes, where there are timers of this kind: in Gramine,
// where our manifests forbid subprocesses.
#if defined(__linux__)
#define _GNU_SOURCE
#include <features.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_INTERCEPTORS // Sanitizers take the place of the same functions.
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_INTERCEPTORS)
#include "CGramine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// The C library's own functions, under the names that it exports beside the ordinary ones.
extern int __open(const char *path, int flags, ...);
extern int __open64(const char *path, int flags, ...);
extern int __close(int descriptor);

// MARK: Timers

enum {
    nanosecondsPerSecond = 1000000000,
    // NIO has one for each event loop, libdispatch one for each clock.
    timerLimit = 1024,
};

/// A timer that the kernel does not have. Times are nanoseconds of the timer's clock.
struct Timer {
    int descriptor;
    clockid_t clock;
    bool isArmed;
    int64_t due;
    /// 0 for a timer that expires once.
    int64_t period;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; // Waits on CLOCK_MONOTONIC; made with the thread.
static struct Timer timers[timerLimit];
static bool threadRuns = false;
/// How many timers there are; 0 keeps the lock out of the way of every `close` where the kernel has timers of its own.
static atomic_int timerCount = 0;

static int64_t nanoseconds(struct timespec time) {
    int64_t value;
    if (__builtin_mul_overflow((int64_t)time.tv_sec, (int64_t)nanosecondsPerSecond, &value)
        || __builtin_add_overflow(value, (int64_t)time.tv_nsec, &value)) {
        return INT64_MAX; // Later than any machine runs.
    }
    return value;
}

static struct timespec timespecOf(int64_t value) {
    return (struct timespec) { .tv_sec = value / nanosecondsPerSecond, .tv_nsec = value % nanosecondsPerSecond };
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    // Gramine knows no CLOCK_BOOTTIME; an enclave does not live through a suspend either.
    if (clock_gettime(clock, &time) != 0) { clock_gettime(CLOCK_MONOTONIC, &time); }
    return nanoseconds(time);
}

/// With the lock held.
static struct Timer *timerOf(int descriptor) {
    int left = atomic_load_explicit(&timerCount, memory_order_relaxed);
    for (int index = 0; index < timerLimit && left > 0; index++) {
        if (timers[index].descriptor < 0) { continue; }
        if (timers[index].descriptor == descriptor) { return &timers[index]; }
        left--;
    }
    return NULL;
}

/// Tells of expirations by adding 1 to the counter. A full counter has told already, hence the result does not matter.
static void expire(struct Timer *timer, int64_t time) {
    uint64_t one = 1;
    ssize_t written = write(timer->descriptor, &one, sizeof one);
    (void)written;
    if (timer->period == 0) {
        timer->isArmed = false;
    } else {
        // Periods that were missed count as one: nobody here asks how many there were.
        timer->due += ((time - timer->due) / timer->period + 1) * timer->period;
    }
}

/// Expires what is due; returns how long nothing else will be. With the lock held.
static int64_t expireDueTimers(void) {
    int64_t wait = INT64_MAX;
    for (int index = 0; index < timerLimit; index++) {
        struct Timer *timer = &timers[index];
        if (timer->descriptor < 0 || !timer->isArmed) { continue; }
        int64_t time = now(timer->clock);
        if (timer->due <= time) {
            expire(timer, time);
            if (!timer->isArmed) { continue; }
        }
        int64_t remaining = timer->due - time;
        // Clocks that can be set are looked at each second, since setting one wakes nobody.
        if (timer->clock != CLOCK_MONOTONIC && remaining > nanosecondsPerSecond) { remaining = nanosecondsPerSecond; }
        if (remaining < wait) { wait = remaining; }
    }
    return wait;
}

static void *runTimers(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        int64_t wait = expireDueTimers();
        int64_t until;
        if (__builtin_add_overflow(now(CLOCK_MONOTONIC), wait, &until)) {
            pthread_cond_wait(&changed, &lock);
        } else {
            struct timespec time = timespecOf(until);
            pthread_cond_timedwait(&changed, &lock, &time);
        }
    }
    return NULL;
}

/// Starts the one thread, which no signal is delivered to. With the lock held.
static int startThread(void) {
    if (threadRuns) { return 0; }
    for (int index = 0; index < timerLimit; index++) { timers[index].descriptor = -1; }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &monotonic);
    pthread_condattr_destroy(&monotonic);

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int result = pthread_create(&thread, NULL, runTimers, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0) { return result; }
    pthread_detach(thread);
    threadRuns = true;
    return 0;
}

/// An eventfd in the place of a timer.
static int createTimer(clockid_t clock, int flags) {
    int descriptor = eventfd(0, ((flags & TFD_NONBLOCK) ? EFD_NONBLOCK : 0) | ((flags & TFD_CLOEXEC) ? EFD_CLOEXEC : 0));
    if (descriptor < 0) { return -1; }
    pthread_mutex_lock(&lock);
    int error = startThread();
    struct Timer *free = NULL;
    for (int index = 0; error == 0 && index < timerLimit && free == NULL; index++) {
        if (timers[index].descriptor < 0) { free = &timers[index]; }
    }
    if (error == 0 && free == NULL) { error = EMFILE; }
    if (error == 0) {
        *free = (struct Timer) { .descriptor = descriptor, .clock = clock };
        atomic_fetch_add(&timerCount, 1);
    }
    pthread_mutex_unlock(&lock);
    if (error != 0) {
        __close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

/// What is left until the timer expires. With the lock held.
static struct itimerspec remainingOf(const struct Timer *timer) {
    struct itimerspec value = { .it_interval = timespecOf(timer->period) };
    if (timer->isArmed) {
        int64_t remaining = timer->due - now(timer->clock);
        value.it_value = timespecOf(remaining > 0 ? remaining : 1); // 0 would say that it is not armed.
    }
    return value;
}

static bool isTime(struct timespec time) { return time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < nanosecondsPerSecond; }

/// Sets a timer. Setting it forgets earlier expirations, as timerfd_settime(2) does. With the lock held.
static void setTimer(struct Timer *timer, int flags, const struct itimerspec *value) {
    struct pollfd expired = { .fd = timer->descriptor, .events = POLLIN };
    if (poll(&expired, 1, 0) == 1) { // Else a blocking descriptor would wait.
        uint64_t counter;
        ssize_t count = read(timer->descriptor, &counter, sizeof counter);
        (void)count;
    }
    int64_t due = nanoseconds(value->it_value);
    timer->isArmed = due != 0;
    timer->period = nanoseconds(value->it_interval);
    if ((flags & TFD_TIMER_ABSTIME) == 0 && __builtin_add_overflow(due, now(timer->clock), &due)) { due = INT64_MAX; }
    timer->due = due;
    pthread_cond_signal(&changed);
}

int timerfd_create(clockid_t clock, int flags) {
    int descriptor = (int)syscall(SYS_timerfd_create, clock, flags);
    return descriptor < 0 && errno == ENOSYS ? createTimer(clock, flags) : descriptor;
}

int timerfd_settime(int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old) {
    if (atomic_load(&timerCount) > 0) {
        pthread_mutex_lock(&lock);
        struct Timer *timer = timerOf(descriptor);
        bool isValid = isTime(value->it_value) && isTime(value->it_interval);
        if (timer != NULL && isValid) {
            if (old != NULL) { *old = remainingOf(timer); }
            setTimer(timer, flags, value);
        }
        pthread_mutex_unlock(&lock);
        if (timer != NULL) {
            if (!isValid) { errno = EINVAL; }
            return isValid ? 0 : -1;
        }
    }
    return (int)syscall(SYS_timerfd_settime, descriptor, flags, value, old);
}

int timerfd_gettime(int descriptor, struct itimerspec *value) {
    if (atomic_load(&timerCount) > 0) {
        pthread_mutex_lock(&lock);
        struct Timer *timer = timerOf(descriptor);
        if (timer != NULL) { *value = remainingOf(timer); }
        pthread_mutex_unlock(&lock);
        if (timer != NULL) { return 0; }
    }
    return (int)syscall(SYS_timerfd_gettime, descriptor, value);
}

/// Forgets a timer before its number can stand for something else, which the thread would write to.
int close(int descriptor) {
    if (atomic_load(&timerCount) > 0) {
        pthread_mutex_lock(&lock);
        struct Timer *timer = timerOf(descriptor);
        if (timer != NULL) {
            timer->descriptor = -1;
            atomic_fetch_sub(&timerCount, 1);
        }
        pthread_mutex_unlock(&lock);
    }
    return __close(descriptor);
}

// MARK: The state of threads

/// For `/proc/N/stat` the path under which Gramine has it; false for every other path.
static bool isThreadState(const char *path, char *task, size_t size) {
    int thread = 0, end = 0;
    if (strncmp(path, "/proc/", 6) != 0 || sscanf(path, "/proc/%d/stat%n", &thread, &end) != 1) { return false; }
    if (end == 0 || path[end] != 0) { return false; }
    return snprintf(task, size, "/proc/self/task/%d/stat", thread) < (int)size;
}

// `mode` is only there when a file may be made.
#define TAKE_MODE(flags, mode) \
    if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode = va_arg(arguments, mode_t); \
        va_end(arguments); \
    }

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    TAKE_MODE(flags, mode)
    int descriptor = __open(path, flags, mode);
    char task[64];
    return descriptor < 0 && errno == ENOENT && isThreadState(path, task, sizeof task) ? __open(task, flags) : descriptor;
}

int open64(const char *path, int flags, ...) {
    mode_t mode = 0;
    TAKE_MODE(flags, mode)
    int descriptor = __open64(path, flags, mode);
    char task[64];
    return descriptor < 0 && errno == ENOENT && isThreadState(path, task, sizeof task) ? __open64(task, flags) : descriptor;
}

#endif
