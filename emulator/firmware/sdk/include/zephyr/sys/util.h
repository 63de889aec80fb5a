/* Arithmetic on arrays, structures and numbers, and text from and to hexadecimal digits. */
#ifndef NRF91EMU_ZEPHYR_SYS_UTIL_H_
#define NRF91EMU_ZEPHYR_SYS_UTIL_H_

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <zephyr/types.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys/util_macro.h>

#define ARG_UNUSED(x) (void)(x)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAY_INDEX(array, ptr) ((size_t)((ptr) - (array)))
#define ARRAY_FOR_EACH(array, idx) for (size_t idx = 0; (idx) < ARRAY_SIZE(array); ++(idx))
#define ARRAY_FOR_EACH_PTR(array, ptr) \
	for (__typeof__(*(array)) *ptr = (array); (size_t)((ptr) - (array)) < ARRAY_SIZE(array); ++ptr)
#define IS_ARRAY_ELEMENT(array, ptr) ((ptr) >= (array) && (ptr) < (array) + ARRAY_SIZE(array))
#define PART_OF_ARRAY(array, ptr) IS_ARRAY_ELEMENT(array, ptr)
#define SIZEOF_FIELD(type, member) sizeof(((type *)0)->member)
#define CONTAINER_OF(ptr, type, field) ((type *)(((char *)(ptr)) - offsetof(type, field)))
#define POINTER_TO_UINT(x) ((uintptr_t)(x))
#define UINT_TO_POINTER(x) ((void *)(uintptr_t)(x))
#define POINTER_TO_INT(x) ((intptr_t)(x))
#define INT_TO_POINTER(x) ((void *)(intptr_t)(x))
#define BITS_PER_BYTE 8
#define BITS_PER_LONG (8 * (int)sizeof(long))
#define NUM_BITS(t) (sizeof(t) * BITS_PER_BYTE)
#define GENMASK(h, l) ((~0UL - (1UL << (l)) + 1) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define LSB_GET(value) ((value) & -(value))
#define FIELD_GET(mask, value) (((value) & (mask)) / LSB_GET(mask))
#define FIELD_PREP(mask, value) (((value) * LSB_GET(mask)) & (mask))

#ifndef MIN
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef CLAMP
#define CLAMP(v, low, high) (((v) <= (low)) ? (low) : MIN(v, high))
#endif
#define IN_RANGE(v, min, max) ((v) >= (min) && (v) <= (max))
#define ROUND_UP(x, align) ((((unsigned long)(x) + ((unsigned long)(align) - 1)) / (unsigned long)(align)) * (unsigned long)(align))
#define ROUND_DOWN(x, align) (((unsigned long)(x) / (unsigned long)(align)) * (unsigned long)(align))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) (((((n) < 0) ^ ((d) < 0)) ? ((n) - (d) / 2) : ((n) + (d) / 2)) / (d))
#define ceiling_fraction(n, d) DIV_ROUND_UP(n, d)
#define WB_UP(x) ROUND_UP(x, sizeof(void *))
#define WB_DN(x) ROUND_DOWN(x, sizeof(void *))
#define KB(x) ((x) << 10)
#define MB(x) (KB(x) << 10)
#define GB(x) (MB(x) << 10)
#define KHZ(x) ((x) * 1000)
#define MHZ(x) (KHZ(x) * 1000)
#define SWAP(a, b) do { __typeof__(a) z_swap = (a); (a) = (b); (b) = z_swap; } while (0)

static inline bool is_power_of_two(unsigned int x)
{
	return x != 0U && (x & (x - 1U)) == 0U;
}

/* The value of one hexadecimal digit: 0, or -EINVAL. */
int char2hex(char c, uint8_t *x);
/* The digit of a value below 16: 0, or -EINVAL. */
int hex2char(uint8_t x, char *c);
/* Writes hexadecimal digits and a NUL; returns the number of digits, 0 if hex is too small. */
size_t bin2hex(const uint8_t *buf, size_t buflen, char *hex, size_t hexlen);
/* Reads hexadecimal digits; returns the number of bytes, 0 on a bad digit or if buf is too small. */
size_t hex2bin(const char *hex, size_t hexlen, uint8_t *buf, size_t buflen);
/* Decimal digits of a byte, with a NUL if there is room; returns their number. */
uint8_t u8_to_dec(char *buf, uint8_t buflen, uint8_t value);

static inline void bytecpy(void *dst, const void *src, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		((volatile uint8_t *)dst)[i] = ((volatile const uint8_t *)src)[i];
	}
}

#endif
