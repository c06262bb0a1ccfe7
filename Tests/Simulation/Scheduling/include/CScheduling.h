#ifndef C_SCHEDULING_H
#define C_SCHEDULING_H

#include <stdint.h>

/// Hands every job that Swift's global executor would run to `enqueue` instead, for the rest of
/// the process. A job is run by ``scheduling_run``, once.
void scheduling_take_over(void (*enqueue)(void *job));

/// Runs a job on the calling thread until it ends or suspends.
void scheduling_run(void *job);

/// FNV-1a over bytes, going on from `hash`: tells two runs apart.
uint64_t scheduling_digest(uint64_t hash, const void *bytes, int64_t count);

#endif
