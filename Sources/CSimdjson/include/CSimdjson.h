// Kong's log records, read by simdjson, as flat arrays: one call walks a whole body.

#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes inside the reader's own copy of the body: valid only until the sink returns.
/// Escapes are left as they stand; bytes outside of printable ASCII have been replaced.
typedef struct {
    const char *_Nullable start;
    uint32_t length;
} CSJText;

/// One entry of `tries`.
typedef struct {
    CSJText ip;
    /// 0...65535; -1: none that can be one.
    int32_t port;
    /// Kong wrote a `state`: the try failed.
    bool failed;
} CSJAttempt;

/// What a log record says, as far as it counts.
typedef struct {
    /// Of `request.id`; 0: the record has none.
    uint64_t identity;
    /// The last try's target as Kong knows it; empty: not said.
    CSJText target;
    /// NAN: none that can be read. Written as a JSON number or as a string.
    double score;
    /// `latencies.proxy` in milliseconds; below 0: none.
    int32_t latency;
    /// What the client saw, 100...999.
    int32_t status;
    /// The last entry of `upstream_status`, 100...999; -1: none.
    int32_t upstream_status;
    /// Where this record's attempts are among those handed over with it.
    uint32_t first_attempt;
    uint32_t attempt_count;
} CSJRecord;

typedef void (*CSJSink)(
    void *_Nullable context, const CSJRecord *_Nonnull records, size_t record_count,
    const CSJAttempt *_Nonnull attempts);

/// Of one body.
typedef struct {
    size_t records;
    /// Records that could not be read, and pieces of the body that are no records.
    size_t malformed;
} CSJOutcome;

enum {
    /// The most records that are handed over at once.
    CSJRecordsAtOnce = 256,
    /// The most entries of `tries`; a record with more is malformed.
    CSJMostAttempts = 1024
};

typedef struct CSJReader CSJReader;

/// NULL: out of memory. A reader serves one thread at a time.
CSJReader *_Nullable csj_reader_create(void);
void csj_reader_destroy(CSJReader *_Nonnull reader);

/// Reads an array of log records, or one, and hands them over in order, some at a time.
/// Never fails as a whole: what cannot be read is counted and stepped over.
CSJOutcome csj_read(
    CSJReader *_Nonnull reader, const void *_Nullable body, size_t length, CSJSink _Nonnull sink,
    void *_Nullable context);

/// The hash by which texts are found again; never 0. Not for keeping: it may change.
uint64_t csj_hash(const void *_Nullable bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
