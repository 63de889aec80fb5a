/* Hexadecimal text, decimal digits and the ring of bytes. */
#include <errno.h>
#include <string.h>

#include <zephyr/sys/ring_buffer.h>
#include <zephyr/sys/util.h>

int char2hex(char c, uint8_t *x)
{
	if (c >= '0' && c <= '9') {
		*x = (uint8_t)(c - '0');
	} else if (c >= 'a' && c <= 'f') {
		*x = (uint8_t)(c - 'a' + 10);
	} else if (c >= 'A' && c <= 'F') {
		*x = (uint8_t)(c - 'A' + 10);
	} else {
		return -EINVAL;
	}
	return 0;
}

int hex2char(uint8_t x, char *c)
{
	if (x > 15) {
		return -EINVAL;
	}
	*c = "0123456789abcdef"[x];
	return 0;
}

size_t bin2hex(const uint8_t *buf, size_t buflen, char *hex, size_t hexlen)
{
	if (hexlen < buflen * 2 + 1) {
		return 0;
	}
	for (size_t i = 0; i < buflen; i++) {
		hex2char(buf[i] >> 4, &hex[2 * i]);
		hex2char(buf[i] & 15, &hex[2 * i + 1]);
	}
	hex[2 * buflen] = '\0';
	return 2 * buflen;
}

size_t hex2bin(const char *hex, size_t hexlen, uint8_t *buf, size_t buflen)
{
	size_t bytes = hexlen / 2 + hexlen % 2;
	size_t n = 0;
	uint8_t high = 0, low;

	if (buflen < bytes) {
		return 0;
	}
	/* With an odd number of digits the first one stands alone. */
	for (size_t i = 0; i < hexlen; i++) {
		if (char2hex(hex[i], &low) < 0) {
			return 0;
		}
		if ((hexlen - i) % 2 == 1) {
			buf[n++] = (uint8_t)(high << 4 | low);
			high = 0;
		} else {
			high = low;
		}
	}
	return bytes;
}

uint8_t u8_to_dec(char *buf, uint8_t buflen, uint8_t value)
{
	uint8_t n = 0;

	for (uint8_t divisor = 100; divisor > 0 && n < buflen; divisor /= 10) {
		uint8_t digit = value / divisor;

		if (digit != 0 || n > 0 || divisor == 1) {
			buf[n++] = (char)('0' + digit);
		}
		value %= divisor;
	}
	if (n < buflen) {
		buf[n] = '\0';
	}
	return n;
}

void ring_buf_init(struct ring_buf *buf, uint32_t size, uint8_t *data)
{
	*buf = (struct ring_buf)RING_BUF_INIT(data, size);
}

void ring_buf_reset(struct ring_buf *buf)
{
	ring_buf_init(buf, buf->size, buf->buffer);
}

bool ring_buf_is_empty(struct ring_buf *buf)
{
	return buf->get_claimed == buf->put;
}

uint32_t ring_buf_capacity_get(struct ring_buf *buf)
{
	return buf->size;
}

uint32_t ring_buf_space_get(struct ring_buf *buf)
{
	return buf->size - (uint32_t)(buf->put_claimed - buf->got);
}

uint32_t ring_buf_size_get(struct ring_buf *buf)
{
	return (uint32_t)(buf->put - buf->get_claimed);
}

uint32_t ring_buf_put_claim(struct ring_buf *buf, uint8_t **data, uint32_t size)
{
	uint32_t at = (uint32_t)(buf->put_claimed % buf->size);

	size = MIN(size, MIN(ring_buf_space_get(buf), buf->size - at));
	*data = buf->buffer + at;
	buf->put_claimed += size;
	return size;
}

int ring_buf_put_finish(struct ring_buf *buf, uint32_t size)
{
	if (size > buf->put_claimed - buf->put) {
		return -EINVAL;
	}
	buf->put += size;
	buf->put_claimed = buf->put;
	return 0;
}

uint32_t ring_buf_get_claim(struct ring_buf *buf, uint8_t **data, uint32_t size)
{
	uint32_t at = (uint32_t)(buf->get_claimed % buf->size);

	size = MIN(size, MIN(ring_buf_size_get(buf), buf->size - at));
	*data = buf->buffer + at;
	buf->get_claimed += size;
	return size;
}

int ring_buf_get_finish(struct ring_buf *buf, uint32_t size)
{
	if (size > buf->get_claimed - buf->got) {
		return -EINVAL;
	}
	buf->got += size;
	buf->get_claimed = buf->got;
	return 0;
}

uint32_t ring_buf_put(struct ring_buf *buf, const uint8_t *data, uint32_t size)
{
	uint32_t total = 0, n;
	uint8_t *to;

	while ((n = ring_buf_put_claim(buf, &to, size - total)) > 0) {
		memcpy(to, data + total, n);
		total += n;
	}
	ring_buf_put_finish(buf, total);
	return total;
}

uint32_t ring_buf_peek(struct ring_buf *buf, uint8_t *data, uint32_t size)
{
	uint32_t total = 0, n;
	uint8_t *from;

	while ((n = ring_buf_get_claim(buf, &from, size - total)) > 0) {
		memcpy(data + total, from, n);
		total += n;
	}
	ring_buf_get_finish(buf, 0);
	return total;
}

uint32_t ring_buf_get(struct ring_buf *buf, uint8_t *data, uint32_t size)
{
	uint32_t total = 0, n;
	uint8_t *from;

	while ((n = ring_buf_get_claim(buf, &from, size - total)) > 0) {
		if (data != NULL) {
			memcpy(data + total, from, n);
		}
		total += n;
	}
	ring_buf_get_finish(buf, total);
	return total;
}
