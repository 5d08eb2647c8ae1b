// SPDX-License-Identifier: Apache-2.0

// Holds the timers of CGramine.c against timerfd_create(2): run plain (the kernel's timers) and with absent_calls preloaded (ours).
// Prints a line for each case; ends with 1 at the first that differs from the manual page.
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const long millisecond = 1000000;
/// How late a timer may be on a busy machine.
static const long slack = 900;

static long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000 + time.tv_nsec / millisecond;
}

static struct timespec of(long milliseconds) {
    return (struct timespec) { milliseconds / 1000, milliseconds % 1000 * millisecond };
}

static void require(int holds, const char *what) {
    printf("%s %s\n", holds ? "ok    " : "FAILED", what);
    if (!holds) { exit(1); }
}

/// When a timer was last set: what it does is measured from here, however long this program is kept from going on.
static long set_at;

static void set(int timer, int flags, long due, long period) {
    set_at = now(CLOCK_MONOTONIC);
    struct itimerspec value = { of(period), of(due) };
    if (timerfd_settime(timer, flags, &value, NULL) != 0) { perror("timerfd_settime"), exit(1); }
}

/// Milliseconds from setting until the timer is readable; -1 when it is not within `limit`.
static long wait_for(int timer, int limit) {
    struct pollfd poller = { timer, POLLIN, 0 };
    return poll(&poller, 1, limit) == 1 ? now(CLOCK_MONOTONIC) - set_at : -1;
}

static uint64_t take(int timer) {
    uint64_t count = 0;
    return read(timer, &count, sizeof count) == sizeof count ? count : 0;
}

static int is_near(long value, long expected) { return value >= expected - 2 && value <= expected + slack; }

static void check_clock(clockid_t clock, const char *name) {
    char text[100];
    int timer = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
    require(timer >= 0, "a timer is made");

    set(timer, 0, 100, 0);
    snprintf(text, sizeof text, "%s: relative, once", name);
    require(is_near(wait_for(timer, 2000), 100) && take(timer) == 1 && wait_for(timer, 200) == -1, text);

    set(timer, TFD_TIMER_ABSTIME, now(clock) + 100, 0);
    snprintf(text, sizeof text, "%s: absolute", name);
    require(is_near(wait_for(timer, 2000), 100) && take(timer) > 0, text);

    set(timer, TFD_TIMER_ABSTIME, 1, 0);
    snprintf(text, sizeof text, "%s: in the past expires at once", name);
    require(is_near(wait_for(timer, 2000), 0) && take(timer) > 0, text);

    long start = now(CLOCK_MONOTONIC);
    set(timer, 0, 50, 50);
    snprintf(text, sizeof text, "%s: periodic", name);
    for (int count = 0; count < 5;) {
        if (wait_for(timer, 2000) < 0) { require(0, text); }
        count += (int)take(timer);
    }
    require(is_near(now(CLOCK_MONOTONIC) - start, 250), text);

    set(timer, 0, 10, 0);
    wait_for(timer, 2000);
    set(timer, 0, 200, 0);
    snprintf(text, sizeof text, "%s: setting again forgets an expiration", name);
    require(is_near(wait_for(timer, 2000), 200), text);

    set(timer, 0, 50, 0);
    set(timer, 0, 0, 0);
    snprintf(text, sizeof text, "%s: zero disarms", name);
    require(take(timer) == 0 && errno == EAGAIN && wait_for(timer, 150) == -1, text);

    struct itimerspec left;
    set(timer, 0, 5000, 700);
    timerfd_gettime(timer, &left);
    snprintf(text, sizeof text, "%s: gettime tells what is left", name);
    require(left.it_value.tv_sec == 4 && left.it_interval.tv_nsec == 700 * millisecond, text);

    struct itimerspec wrong = { { 0, 0 }, { 0, 1000 * millisecond } };
    snprintf(text, sizeof text, "%s: a second of 10^9 nanoseconds is refused", name);
    require(timerfd_settime(timer, 0, &wrong, NULL) == -1 && errno == EINVAL, text);
    close(timer);
}

int main(void) {
    check_clock(CLOCK_MONOTONIC, "monotonic");
    check_clock(CLOCK_REALTIME, "realtime");
    check_clock(CLOCK_BOOTTIME, "boottime");

    // The number of a closed timer stands for something else later, which must not be written to.
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    set(timer, 0, 50, 0);
    close(timer);
    int other = eventfd(0, EFD_NONBLOCK);
    require(other == timer && wait_for(other, 200) == -1, "a closed timer touches nothing");
    struct itimerspec value = { of(0), of(50) };
    require(timerfd_settime(other, 0, &value, NULL) == -1, "what is no timer cannot be set");

    // Many at once, in an order that is not that of their expiry.
    enum { many = 200 };
    int timers[many];
    long start = now(CLOCK_MONOTONIC);
    for (int index = 0; index < many; index++) {
        timers[index] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        set(timers[index], 0, 100 + (index * 37) % many, 0);
    }
    for (int index = 0; index < many; index++) {
        if (wait_for(timers[index], 2000) < 0) { require(0, "many timers"); }
    }
    require(is_near(now(CLOCK_MONOTONIC) - start, 100 + many - 1), "many timers");
    return 0;
}
