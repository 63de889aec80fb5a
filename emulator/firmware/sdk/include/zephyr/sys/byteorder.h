/* Numbers in a given order of bytes, whatever the order of the host and the alignment. */
#ifndef NRF91EMU_ZEPHYR_SYS_BYTEORDER_H_
#define NRF91EMU_ZEPHYR_SYS_BYTEORDER_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys/util.h>

#define BSWAP_16(x) __builtin_bswap16(x)
#define BSWAP_32(x) __builtin_bswap32(x)
#define BSWAP_64(x) __builtin_bswap64(x)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define sys_le16_to_cpu(v) ((uint16_t)(v))
#define sys_le32_to_cpu(v) ((uint32_t)(v))
#define sys_le64_to_cpu(v) ((uint64_t)(v))
#define sys_be16_to_cpu(v) BSWAP_16(v)
#define sys_be32_to_cpu(v) BSWAP_32(v)
#define sys_be64_to_cpu(v) BSWAP_64(v)
#else
#define sys_le16_to_cpu(v) BSWAP_16(v)
#define sys_le32_to_cpu(v) BSWAP_32(v)
#define sys_le64_to_cpu(v) BSWAP_64(v)
#define sys_be16_to_cpu(v) ((uint16_t)(v))
#define sys_be32_to_cpu(v) ((uint32_t)(v))
#define sys_be64_to_cpu(v) ((uint64_t)(v))
#endif
#define sys_cpu_to_le16(v) sys_le16_to_cpu(v)
#define sys_cpu_to_le32(v) sys_le32_to_cpu(v)
#define sys_cpu_to_le64(v) sys_le64_to_cpu(v)
#define sys_cpu_to_be16(v) sys_be16_to_cpu(v)
#define sys_cpu_to_be32(v) sys_be32_to_cpu(v)
#define sys_cpu_to_be64(v) sys_be64_to_cpu(v)

/* sys_get_be16 and so on, sys_put_be16 and so on, for 16, 24, 32, 40, 48 and 64 bits. */
#define Z_BYTEORDER(bits, type)                                                                    \
	static inline type sys_get_be##bits(const uint8_t *src)                                    \
	{                                                                                          \
		type v = 0;                                                                        \
		for (int i = 0; i < bits / 8; i++) {                                               \
			v = (type)(((uint64_t)v << 8) | src[i]);                                   \
		}                                                                                  \
		return v;                                                                          \
	}                                                                                          \
	static inline type sys_get_le##bits(const uint8_t *src)                                    \
	{                                                                                          \
		type v = 0;                                                                        \
		for (int i = bits / 8 - 1; i >= 0; i--) {                                          \
			v = (type)(((uint64_t)v << 8) | src[i]);                                   \
		}                                                                                  \
		return v;                                                                          \
	}                                                                                          \
	static inline void sys_put_be##bits(type v, uint8_t *dst)                                  \
	{                                                                                          \
		for (int i = bits / 8 - 1; i >= 0; i--) {                                          \
			dst[i] = (uint8_t)v;                                                       \
			v = (type)((uint64_t)v >> 8);                                              \
		}                                                                                  \
	}                                                                                          \
	static inline void sys_put_le##bits(type v, uint8_t *dst)                                  \
	{                                                                                          \
		for (int i = 0; i < bits / 8; i++) {                                               \
			dst[i] = (uint8_t)v;                                                       \
			v = (type)((uint64_t)v >> 8);                                              \
		}                                                                                  \
	}
Z_BYTEORDER(16, uint16_t)
Z_BYTEORDER(24, uint32_t)
Z_BYTEORDER(32, uint32_t)
Z_BYTEORDER(40, uint64_t)
Z_BYTEORDER(48, uint64_t)
Z_BYTEORDER(64, uint64_t)
#undef Z_BYTEORDER

static inline void sys_memcpy_swap(void *dst, const void *src, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		((uint8_t *)dst)[i] = ((const uint8_t *)src)[length - 1 - i];
	}
}

static inline void sys_mem_swap(void *buf, size_t length)
{
	for (size_t i = 0; i < length / 2; i++) {
		SWAP(((uint8_t *)buf)[i], ((uint8_t *)buf)[length - 1 - i]);
	}
}

#endif
