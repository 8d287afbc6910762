/* Stands between a process and its clock (LD_PRELOAD): what time it is is off by so many seconds. How much time passes
 * is right, and so is what the C library itself asks for, such as until when to wait. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long ahead;

__attribute__((constructor)) static void begin(void) {
    const char *told = getenv("CRASH_CLOCK_AHEAD_SECONDS");
    ahead = told ? atol(told) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, clock, time);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        time->tv_sec += ahead;
    }
    return (int)failed;
}
