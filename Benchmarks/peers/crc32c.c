/* CRC-32C (Castagnoli) of a buffer, for ledgers that a benchmark writes by itself. */
#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const uint8_t *bytes, size_t count) {
    static uint32_t table[256];
    if (table[1] == 0) {
        for (uint32_t value = 0; value < 256; value++) {
            uint32_t rest = value;
            for (int bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >> 1 ^ 0x82F63B78u : rest >> 1;
            table[value] = rest;
        }
    }
    uint32_t sum = ~0u;
    for (size_t place = 0; place < count; place++) {
        sum = sum >> 8 ^ table[(sum ^ bytes[place]) & 0xFF];
    }
    return ~sum;
}
