/* Cyclic redundancy checks, bit by bit, see zephyr/sys/crc.h. */
// build: if CRC
#include <zephyr/sys/crc.h>

uint16_t crc16(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)
{
	for (uint16_t crc = seed;; src++, len--) {
		if (len == 0) {
			return crc;
		}
		crc ^= (uint16_t)(*src << 8);
		for (int i = 0; i < 8; i++) {
			crc = (uint16_t)(crc << 1 ^ ((crc & 0x8000) != 0 ? poly : 0));
		}
	}
}

/* Reflected, the polynomial too; for up to 32 bits. */
static uint32_t reflected(uint32_t poly, uint32_t crc, const uint8_t *src, size_t len)
{
	for (; len > 0; src++, len--) {
		crc ^= *src;
		for (int i = 0; i < 8; i++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? poly : 0);
		}
	}
	return crc;
}

uint16_t crc16_reflect(uint16_t poly, uint16_t seed, const uint8_t *src, size_t len)
{
	return (uint16_t)reflected(poly, seed, src, len);
}

uint16_t crc16_ccitt(uint16_t seed, const uint8_t *src, size_t len)
{
	return (uint16_t)reflected(0x8408, seed, src, len);
}

uint16_t crc16_itu_t(uint16_t seed, const uint8_t *src, size_t len)
{
	return crc16(0x1021, seed, src, len);
}

uint32_t crc32_ieee_update(uint32_t crc, const uint8_t *data, size_t len)
{
	return ~reflected(0xedb88320, ~crc, data, len);
}

uint32_t crc32_ieee(const uint8_t *data, size_t len)
{
	return crc32_ieee_update(0, data, len);
}

uint32_t crc32_c(uint32_t crc, const uint8_t *data, size_t len, bool first_pkt, bool last_pkt)
{
	crc = reflected(0x82f63b78, first_pkt ? 0xffffffff : crc, data, len);
	return last_pkt ? ~crc : crc;
}

uint8_t crc8(const uint8_t *src, size_t len, uint8_t polynomial, uint8_t initial_value, bool reversed)
{
	if (reversed) {
		return (uint8_t)reflected(polynomial, initial_value, src, len);
	}
	uint8_t crc = initial_value;

	for (; len > 0; src++, len--) {
		crc ^= *src;
		for (int i = 0; i < 8; i++) {
			crc = (uint8_t)(crc << 1 ^ ((crc & 0x80) != 0 ? polynomial : 0));
		}
	}
	return crc;
}

uint8_t crc8_ccitt(uint8_t initial_value, const void *buf, size_t len)
{
	return crc8(buf, len, 0x07, initial_value, false);
}

uint8_t crc7_be(uint8_t seed, const uint8_t *src, size_t len)
{
	/* Seven bits, kept in the upper ones. */
	return crc8(src, len, 0x09 << 1, seed, false);
}
