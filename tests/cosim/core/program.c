/* A program for the core, compiled with the firmware's flags, and natively for what it must give: words in, words out.
 * SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef NAVE_FIRMWARE
#define NAVE_TEST_REGISTER(offset) (*(volatile uint32_t *)(0x20000000u + (offset)))
#define nave_test_get() NAVE_TEST_REGISTER(0x10)
#define nave_test_put(word) ((void)(NAVE_TEST_REGISTER(0x20) = (word)))
#else
uint32_t nave_test_get(void);
void nave_test_put(uint32_t word);
int nave_test_program(void);
#define main nave_test_program
#endif

struct item {
    int16_t key;
    uint8_t tag, pad;
    int32_t value;
};

#define ITEMS 48
static const uint8_t weights[11] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
static const int16_t slopes[5] = {-30000, -1, 0, 1, 32767};
static struct item items[ITEMS];
static uint32_t histogram[16];

/* what lies behind begins below the upper code memory and ends in it */
static __attribute__((noinline)) void pad(void)
{
#ifdef NAVE_FIRMWARE
    __asm__ volatile("j 1f\n.rept 1900\nnop\n.endr\n1:");
#endif
}

static bool before(const struct item *a, const struct item *b)
{
    return a->key != b->key ? a->key < b->key : a->tag < b->tag;
}

static void sort(struct item *list, int count)
{
    for (int gap = count >> 1; gap; gap >>= 1)
        for (int i = gap; i < count; i++) {
            const struct item held = list[i];
            int j = i;
            for (; j >= gap && before(&held, &list[j - gap]); j -= gap)
                list[j] = list[j - gap];
            list[j] = held;
        }
}

/* without division, as the firmware does it */
static uint32_t quotient(uint64_t n, uint32_t d, uint32_t *rest)
{
    uint64_t r = 0;
    uint32_t q = 0;
    for (int i = 63; i >= 0; i--) {
        r = r << 1 | (n >> i & 1);
        q <<= 1;
        if (r >= d) {
            r -= d;
            q |= 1;
        }
    }
    *rest = (uint32_t)r;
    return q;
}

static uint32_t crc(const uint8_t *bytes, size_t count)
{
    uint32_t c = 0xffffffff;
    while (count--) {
        c ^= *bytes++;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
    }
    return ~c;
}

static uint32_t step(uint32_t kind, uint32_t a, uint32_t b)
{
    switch (kind) {
    case 0:
        return a + b;
    case 1:
        return (uint32_t)((int32_t)a >> (b & 31));
    case 2:
        return (uint32_t)((uint64_t)a * b >> 28);
    case 3:
        return (uint32_t)(((uint64_t)a << 32 | b) >> (b >> 3 & 63));
    case 4:
        return (uint32_t)slopes[a < 5 ? a : 4] * (b & 0xff);
    case 5:
        return (uint32_t)__builtin_clz(a | 1) << (b & 7);
    case 6:
        return (int32_t)a < (int32_t)b ? a ^ b : a - b;
    case 7:
        return a < b ? b & ~a : (uint8_t)a * (uint16_t)b;
    default:
        return ~a;
    }
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        pad();
        for (int i = 0; i < ITEMS; i++) {
            const uint32_t word = nave_test_get();
            items[i] = (struct item){(int16_t)word, (uint8_t)(word >> 16), 0, (int32_t)(word * 2654435761u)};
        }
        sort(items, ITEMS);
        for (int i = 0; i < ITEMS; i++) {
            const uint32_t word = (uint32_t)items[i].value;
            uint32_t rest;
            histogram[word >> 28] += weights[i < 11 ? i : 10];
            nave_test_put(step((uint32_t)i % 16 & 9, word, (uint32_t)(uint16_t)items[i].key));
            nave_test_put(step((uint32_t)i & 7, word, word >> 7 ^ (uint32_t)items[i].key));
            nave_test_put(quotient((uint64_t)word << 9, word >> (i & 15) | 1, &rest));
            nave_test_put(rest);
        }
        for (int i = 0; i < 16; i++)
            nave_test_put(histogram[i]);
        nave_test_put(crc((const uint8_t *)items, sizeof items));
    }
    return 0;
}
