#include "CSimdjson.h"

#include <cstring>

namespace {

/// The two halves of a 64 by 64 bit product, folded into one.
uint64_t folded(uint64_t one, uint64_t other) noexcept {
    __uint128_t product = static_cast<__uint128_t>(one) * other;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

} // namespace

uint64_t csj_hash(const void *bytes, size_t length) {
    const char *at = static_cast<const char *>(bytes);
    uint64_t state = 0x9E3779B97F4A7C15 ^ length;
    uint64_t word = 0;
    size_t rest = length;
    for (; rest >= 8; rest -= 8, at += 8) {
        std::memcpy(&word, at, 8);
        state = folded(state ^ word, 0xD6E8FEB86659FD93);
    }
    if (rest > 0) {
        word = 0;
        std::memcpy(&word, at, rest);
        state = folded(state ^ word, 0xA0761D6478BD642F);
    }
    state = folded(state, 0xE7037ED1A0B428DB);
    return state == 0 ? 1 : state;
}
