// The parts of the reader. None of them throws, and none of them is seen by Swift.

#ifndef CSIMDJSON_LOG_READER_HPP
#define CSIMDJSON_LOG_READER_HPP

#include "CSimdjson.h"

#define SIMDJSON_EXCEPTIONS 0
#include <cstdlib>
#include <memory>
#include <simdjson.h>

/// Records and attempts that wait to be handed over.
class Outbox {
public:
    void open(CSJSink sink, void *context) noexcept;
    /// The place for one more record, its attempts behind all others.
    CSJRecord &begin() noexcept;
    /// False: the record has too many.
    bool add(const CSJAttempt &attempt) noexcept;
    void forget_attempts() noexcept;
    void commit() noexcept;
    void flush() noexcept;

private:
    CSJSink sink = nullptr;
    void *context = nullptr;
    size_t record_count = 0;
    size_t attempt_count = 0;
    CSJRecord records[CSJRecordsAtOnce];
    CSJAttempt attempts[CSJMostAttempts * 2];
};

/// What became of one element of the body.
enum class Reading {
    counted,
    /// Good JSON, not a log record: the parser stands behind it.
    refused,
    /// Bad JSON: the parser stands nowhere.
    broken,
};

/// Reads one log record into the outbox.
Reading read_record(simdjson::ondemand::value element, Outbox &outbox) noexcept;

/// The end of the object that begins at `start`: one past its last brace. NULL when its brackets
/// do not match or do not end. `scanned` grows by the bytes looked at.
char *end_of_element(char *start, char *end, size_t &scanned) noexcept;

struct CSJReader {
    Outbox outbox;
    simdjson::ondemand::parser parser;
    char *buffer = nullptr;
    size_t capacity = 0;

    ~CSJReader() { std::free(buffer); }
    CSJOutcome read(const char *body, size_t length) noexcept;

private:
    CSJOutcome outcome{};

    bool copy(const char *body, size_t length) noexcept;
    bool read_whole(size_t length, char *&resume, bool &resume_is_counted) noexcept;
    void read_piecewise(char *at, char *end, bool is_counted) noexcept;
    bool read_piece(char *start, char *stop) noexcept;
    char *next_record(char *after, char *end, size_t &scanned, size_t most) noexcept;
};

#endif
