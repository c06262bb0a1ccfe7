#include "LogReader.hpp"

#include <cmath>

void Outbox::open(CSJSink new_sink, void *new_context) noexcept {
    sink = new_sink;
    context = new_context;
    record_count = 0;
    attempt_count = 0;
}

CSJRecord &Outbox::begin() noexcept {
    if (record_count == CSJRecordsAtOnce || attempt_count > CSJMostAttempts) { flush(); }
    CSJRecord &record = records[record_count];
    record = CSJRecord{};
    record.score = NAN;
    record.latency = -1;
    record.status = -1;
    record.upstream_status = -1;
    record.first_attempt = static_cast<uint32_t>(attempt_count);
    return record;
}

bool Outbox::add(const CSJAttempt &attempt) noexcept {
    CSJRecord &record = records[record_count];
    if (record.attempt_count == CSJMostAttempts) { return false; }
    attempts[record.first_attempt + record.attempt_count] = attempt;
    record.attempt_count += 1;
    return true;
}

void Outbox::forget_attempts() noexcept { records[record_count].attempt_count = 0; }

void Outbox::commit() noexcept {
    attempt_count += records[record_count].attempt_count;
    record_count += 1;
}

void Outbox::flush() noexcept {
    if (record_count > 0) { sink(context, records, record_count, attempts); }
    record_count = 0;
    attempt_count = 0;
}
