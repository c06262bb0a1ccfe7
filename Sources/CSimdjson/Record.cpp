// The members of a log record that count; all others are stepped over unread.

#include "LogReader.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

/// Whether the key whose text begins at `key` is `name`, which ends with the quote. The buffer is
/// padded far beyond the longest name.
template <size_t size> bool is(const char *key, const char (&name)[size]) noexcept {
    return std::memcmp(key, name, size - 1) == 0;
}

bool is_type(value &element, json_type wanted) noexcept {
    json_type type;
    return element.type().get(type) == simdjson::SUCCESS && type == wanted;
}

/// A scalar as it stands, without the quotes of a string and without the white space behind it.
std::string_view text(value &scalar) noexcept {
    std::string_view token = scalar.raw_json_token();
    while (!token.empty() && token.back() == ' ') { token.remove_suffix(1); }
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
        token.remove_prefix(1);
        token.remove_suffix(1);
    }
    return token;
}

CSJText kept(std::string_view text) noexcept {
    return {text.data(), static_cast<uint32_t>(text.size())};
}

/// NAN for whatever is not one finite number and nothing else.
double number(std::string_view text) noexcept {
    double result = NAN;
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, result);
    return error == std::errc() && stop == end && std::isfinite(result) ? result : NAN;
}

/// -1 for whatever is not a whole number of `low`...`high`.
int32_t whole(std::string_view text, int32_t low, int32_t high) noexcept {
    double value = number(text);
    return value >= low && value <= high && value == std::floor(value)
        ? static_cast<int32_t>(value)
        : -1;
}

/// `200` of `502, 200`; nginx writes ` : ` where a request was sent on inside.
int32_t last_status(std::string_view list) noexcept {
    size_t place = list.find_last_of(",:");
    if (place != std::string_view::npos) { list.remove_prefix(place + 1); }
    while (!list.empty() && list.front() == ' ') { list.remove_prefix(1); }
    while (!list.empty() && list.back() == ' ') { list.remove_suffix(1); }
    return whole(list, 100, 999);
}

/// Milliseconds, rounded; the model answered at once where Kong's clock shows 0.
int32_t milliseconds(std::string_view text) noexcept {
    double value = number(text);
    if (!(value >= 0)) { return -1; }
    return value >= INT32_MAX ? INT32_MAX : static_cast<int32_t>(value + 0.5);
}

/// Calls `visit` with each member's key and value. False: bad JSON.
template <typename Visit> bool each_member(value &element, Visit visit) noexcept {
    object members;
    if (element.get_object().get(members)) { return false; }
    for (auto entry : members) {
        simdjson::ondemand::field field;
        if (std::move(entry).get(field)) { return false; }
        value member = field.value();
        if (!visit(field.key().raw(), member)) { return false; }
    }
    return true;
}

bool read_attempt(value &element, CSJAttempt &attempt) noexcept {
    return each_member(element, [&](const char *key, value &member) {
        if (is(key, "ip\"")) {
            attempt.ip = kept(text(member));
        } else if (is(key, "port\"")) {
            attempt.port = whole(text(member), 0, 65535);
        } else if (is(key, "state\"")) {
            attempt.failed = attempt.failed || is_type(member, json_type::string);
        }
        return true;
    });
}

/// `good` becomes false for what is no list of tries. False: bad JSON.
bool read_attempts(value &element, Outbox &outbox, bool &good) noexcept {
    outbox.forget_attempts();
    if (is_type(element, json_type::null)) { return true; }
    if (is_type(element, json_type::object)) {
        // An empty table of Lua may be written either way.
        return each_member(element, [&](const char *, value &) {
            good = false;
            return true;
        });
    }
    if (!is_type(element, json_type::array)) {
        good = false;
        return true;
    }
    simdjson::ondemand::array entries;
    if (element.get_array().get(entries)) { return false; }
    for (auto entry : entries) {
        value attempt_value;
        if (std::move(entry).get(attempt_value)) { return false; }
        CSJAttempt attempt{{nullptr, 0}, -1, false};
        if (!is_type(attempt_value, json_type::object)) {
            good = false;
            continue;
        }
        if (!read_attempt(attempt_value, attempt)) { return false; }
        good = outbox.add(attempt) && good;
    }
    return true;
}

bool read_request(value &element, CSJRecord &record) noexcept {
    if (!is_type(element, json_type::object)) { return true; }
    return each_member(element, [&](const char *key, value &member) {
        if (is(key, "id\"") && is_type(member, json_type::string)) {
            std::string_view id = text(member);
            record.identity = id.empty() ? 0 : csj_hash(id.data(), id.size());
        }
        return true;
    });
}

bool read_response(value &element, CSJRecord &record) noexcept {
    if (!is_type(element, json_type::object)) { return true; }
    return each_member(element, [&](const char *key, value &member) {
        if (is(key, "status\"")) { record.status = whole(text(member), 100, 999); }
        return true;
    });
}

bool read_latencies(value &element, CSJRecord &record) noexcept {
    if (!is_type(element, json_type::object)) { return true; }
    return each_member(element, [&](const char *key, value &member) {
        if (is(key, "proxy\"")) { record.latency = milliseconds(text(member)); }
        return true;
    });
}

} // namespace

Reading read_record(value element, Outbox &outbox) noexcept {
    json_type type;
    if (element.type().get(type)) { return Reading::broken; }
    if (type != json_type::object) { return Reading::refused; }
    CSJRecord &record = outbox.begin();
    bool good = true;
    bool whole_record = each_member(element, [&](const char *key, value &member) {
        switch (key[0]) {
        case 't':
            if (is(key, "tries\"")) { return read_attempts(member, outbox, good); }
            if (is(key, "target\"") && is_type(member, json_type::string)) {
                record.target = kept(text(member));
            }
            return true;
        case 'r':
            if (is(key, "response\"")) { return read_response(member, record); }
            if (is(key, "request\"")) { return read_request(member, record); }
            return true;
        case 'l':
            return is(key, "latencies\"") ? read_latencies(member, record) : true;
        case 's':
            if (is(key, "score\"")) { record.score = number(text(member)); }
            return true;
        case 'u':
            if (is(key, "upstream_status\"")) {
                record.upstream_status = last_status(text(member));
            }
            return true;
        default:
            return true;
        }
    });
    if (!whole_record) { return Reading::broken; }
    if (!good || record.status < 0) { return Reading::refused; }
    outbox.commit();
    return Reading::counted;
}
