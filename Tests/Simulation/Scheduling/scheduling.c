#include "CScheduling.h"

#include <stdio.h>
#include <stdlib.h>

// The hooks that Swift's runtime offers for this purpose (swift/Runtime/Concurrency.h).
#define SWIFT_CALL __attribute__((swiftcall))

typedef SWIFT_CALL void (*enqueue_original)(void *job);
extern SWIFT_CALL void (*swift_task_enqueueGlobal_hook)(void *job, enqueue_original original);

typedef SWIFT_CALL void (*delay_original)(unsigned long long delay, void *job);
extern SWIFT_CALL void (*swift_task_enqueueGlobalWithDelay_hook)(
    unsigned long long delay, void *job, delay_original original);

typedef SWIFT_CALL void (*deadline_original)(
    long long s, long long ns, long long ts, long long tns, int clock, void *job);
extern SWIFT_CALL void (*swift_task_enqueueGlobalWithDeadline_hook)(
    long long s, long long ns, long long ts, long long tns, int clock, void *job,
    deadline_original original);

// An executor is two words; both zero: the generic one.
extern SWIFT_CALL void swift_job_run(void *job, void *identity, void *implementation);

static void (*take)(void *job);

static SWIFT_CALL void taken(void *job, enqueue_original original) { take(job); }

// Real time in a simulation would make its runs differ.
static void refuse(void) {
    fputs("something sleeps by the machine's clock; give it the simulation's\n", stderr);
    abort();
}

static SWIFT_CALL void delayed(unsigned long long delay, void *job, delay_original original) {
    refuse();
}

static SWIFT_CALL void dated(
    long long s, long long ns, long long ts, long long tns, int clock, void *job,
    deadline_original original) {
    refuse();
}

void scheduling_take_over(void (*enqueue)(void *job)) {
    take = enqueue;
    swift_task_enqueueGlobal_hook = taken;
    swift_task_enqueueGlobalWithDelay_hook = delayed;
    swift_task_enqueueGlobalWithDeadline_hook = dated;
}

void scheduling_run(void *job) { swift_job_run(job, NULL, NULL); }

uint64_t scheduling_digest(uint64_t hash, const void *bytes, int64_t count) {
    const unsigned char *next = bytes;
    for (int64_t i = 0; i < count; i++) hash = (hash ^ next[i]) * 1099511628211ULL;
    return hash;
}
