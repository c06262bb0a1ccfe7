#include "LogReader.hpp"

#include <bitset>

char *end_of_element(char *start, char *end, size_t &scanned) noexcept {
    constexpr size_t deepest = 1024;
    std::bitset<deepest> is_object;
    size_t depth = 0;
    bool is_quoted = false;
    for (char *at = start; at < end; ++at) {
        scanned += 1;
        if (is_quoted) {
            if (*at == '\\') {
                ++at;
            } else if (*at == '"') {
                is_quoted = false;
            }
            continue;
        }
        switch (*at) {
        case '"':
            is_quoted = true;
            break;
        case '{':
        case '[':
            if (depth == deepest) { return nullptr; }
            is_object[depth++] = *at == '{';
            break;
        case '}':
        case ']':
            if (depth == 0 || is_object[depth - 1] != (*at == '}')) { return nullptr; }
            depth -= 1;
            break;
        default:
            break;
        }
        if (depth == 0) { return at + 1; }
    }
    return nullptr;
}
