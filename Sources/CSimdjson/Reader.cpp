// Whole bodies first; piece by piece from where one is broken.

#include "LogReader.hpp"

#include <cstring>
#include <new>

using simdjson::ondemand::json_type;
using simdjson::ondemand::value;

namespace {

char *behind_spaces(char *at, char *end) noexcept {
    while (at < end && *at == ' ') { ++at; }
    return at;
}

} // namespace

CSJOutcome CSJReader::read(const char *body, size_t length) noexcept {
    outcome = {};
    if (!copy(body, length)) {
        outcome.malformed = 1;
        return outcome;
    }
    char *resume = buffer;
    bool resume_is_counted = false;
    if (!read_whole(length, resume, resume_is_counted)) {
        read_piecewise(resume, buffer + length, resume_is_counted);
    }
    outbox.flush();
    return outcome;
}

/// Into the padded buffer, with control characters as spaces and bytes above ASCII as `?`: Kong
/// passes on what clients send in paths, which need not be UTF-8, and nothing that counts has such
/// bytes.
bool CSJReader::copy(const char *body, size_t length) noexcept {
    if (length + simdjson::SIMDJSON_PADDING > capacity) {
        size_t needed = length + length / 4 + 4096 + simdjson::SIMDJSON_PADDING;
        char *larger = static_cast<char *>(std::malloc(needed));
        if (larger == nullptr) { return false; }
        std::free(buffer);
        buffer = larger;
        capacity = needed;
    }
    // Pointers of its own let the compiler do sixteen bytes at a time.
    auto *from = reinterpret_cast<const unsigned char *>(body);
    auto *__restrict to = reinterpret_cast<unsigned char *>(buffer);
    for (size_t place = 0; place < length; ++place) {
        unsigned char byte = from[place] < 0x20 ? 0x20 : from[place];
        to[place] = byte > 0x7F ? '?' : byte;
    }
    std::memset(buffer + length, ' ', simdjson::SIMDJSON_PADDING);
    return true;
}

/// False: the rest, from `resume` on, is to be read piece by piece.
bool CSJReader::read_whole(size_t length, char *&resume, bool &resume_is_counted) noexcept {
    simdjson::ondemand::document document;
    auto body = simdjson::padded_string_view(buffer, length, capacity);
    json_type type;
    if (parser.iterate(body).get(document) || document.type().get(type)) { return false; }
    if (type != json_type::array) { return false; }
    simdjson::ondemand::array elements;
    if (document.get_array().get(elements)) { return false; }
    for (auto entry : elements) {
        value element;
        if (std::move(entry).get(element)) { return false; }
        resume = const_cast<char *>(std::string_view(element.raw_json_token()).data());
        resume_is_counted = false;
        switch (read_record(element, outbox)) {
        case Reading::counted:
            outcome.records += 1;
            break;
        case Reading::refused:
            outcome.malformed += 1;
            break;
        case Reading::broken:
            return false;
        }
        resume_is_counted = true;
    }
    // Behind the end there is no location, which is an error here.
    return document.current_location().error() != simdjson::SUCCESS;
}

/// - Parameter is_counted: whether the first element from `at` on has been counted already.
void CSJReader::read_piecewise(char *at, char *end, bool is_counted) noexcept {
    // Pieces cost more than records of a whole body, and no Kong sends so many bad ones.
    constexpr size_t most_malformed = 100000;
    // What is broken is looked through more than once; the bound keeps that linear.
    const size_t most = 4 * static_cast<size_t>(end - at) + 65536;
    size_t scanned = 0;
    bool is_open = at > buffer;
    // What follows a broken record is broken with it.
    bool was_good = true;
    while (at != nullptr && scanned <= most && outcome.malformed <= most_malformed) {
        while (at < end && (*at == ' ' || *at == ',')) { ++at; }
        if (at == end) {
            // Without its bracket, or nothing at all.
            outcome.malformed += was_good ? 1 : 0;
            return;
        }
        if (*at == '[' && !is_open) {
            is_open = true;
            ++at;
            continue;
        }
        if (*at == ']' && is_open) {
            at = behind_spaces(at + 1, end);
            if (at == end) { return; }
        }
        char *stop = *at == '{' ? end_of_element(at, end, scanned) : nullptr;
        if (is_counted || (stop != nullptr && read_piece(at, stop))) {
            outcome.records += is_counted ? 0 : 1;
            is_counted = false;
            was_good = true;
        } else {
            outcome.malformed += was_good || stop != nullptr ? 1 : 0;
            was_good = false;
        }
        if (stop != nullptr && !is_open && behind_spaces(stop, end) == end) { return; }
        is_open = true;
        if (stop != nullptr) {
            at = stop;
        } else {
            at = next_record(at + 1, end, scanned, most);
            was_good = true;
        }
    }
}

/// One record by itself. Behind it the byte is set aside, so that it ends as a document does.
bool CSJReader::read_piece(char *start, char *stop) noexcept {
    constexpr size_t shortest = sizeof(R"({"response":{"status":200}})") - 1;
    auto length = static_cast<size_t>(stop - start);
    if (length < shortest) { return false; }
    char behind = *stop;
    *stop = ' ';
    auto room = capacity - static_cast<size_t>(start - buffer);
    simdjson::ondemand::document document;
    value element;
    auto piece = simdjson::padded_string_view(start, length, room);
    bool is_counted = !parser.iterate(piece).get(document) && !document.get_value().get(element)
        && read_record(element, outbox) == Reading::counted;
    *stop = behind;
    return is_counted;
}

/// The next place behind a broken one where a whole record ends, which is counted: whatever is
/// wrong with quotes and brackets before it, it begins with a brace. Nothing in a record is one.
char *CSJReader::next_record(char *after, char *end, size_t &scanned, size_t most) noexcept {
    char previous = ',';
    for (char *at = after; at < end && scanned <= most; ++at) {
        scanned += 1;
        if (*at == ' ') { continue; }
        bool may_begin = *at == '{' && previous != ':';
        previous = *at;
        if (!may_begin) { continue; }
        char *stop = end_of_element(at, end, scanned);
        if (stop != nullptr && read_piece(at, stop)) {
            outcome.records += 1;
            return stop;
        }
    }
    return nullptr;
}

CSJReader *csj_reader_create(void) { return new (std::nothrow) CSJReader; }

void csj_reader_destroy(CSJReader *reader) { delete reader; }

CSJOutcome csj_read(
    CSJReader *reader, const void *body, size_t length, CSJSink sink, void *context) {
    reader->outbox.open(sink, context);
    return reader->read(static_cast<const char *>(body), length);
}
