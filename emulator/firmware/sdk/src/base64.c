/* Base64, see zephyr/sys/base64.h. */
// build: if BASE64
#include <errno.h>
#include <string.h>

#include <zephyr/sys/base64.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_encode(uint8_t *dst, size_t dlen, size_t *olen, const uint8_t *src, size_t slen)
{
	size_t need = (slen + 2) / 3 * 4;

	if (slen == 0) {
		*olen = 0;
		return 0;
	}
	if (dst == NULL || dlen < need + 1) {
		*olen = need + 1;
		return -ENOMEM;
	}
	for (size_t i = 0; i < slen; i += 3) {
		size_t n = slen - i < 3 ? slen - i : 3;
		uint32_t v = (uint32_t)src[i] << 16 | (n > 1 ? (uint32_t)src[i + 1] << 8 : 0) | (n > 2 ? src[i + 2] : 0);

		for (size_t k = 0; k < 4; k++) {
			*dst++ = k <= n ? (uint8_t)digits[v >> (18 - 6 * k) & 63] : '=';
		}
	}
	*dst = '\0';
	*olen = need;
	return 0;
}

/* The next character that counts; -1 at the end. */
static int next(const uint8_t *src, size_t slen, size_t *i)
{
	while (*i < slen && (src[*i] == '\r' || src[*i] == '\n')) {
		(*i)++;
	}
	return *i < slen ? src[(*i)++] : -1;
}

int base64_decode(uint8_t *dst, size_t dlen, size_t *olen, const uint8_t *src, size_t slen)
{
	size_t chars = 0, pads = 0, i = 0;
	int c;

	/* All is looked at before anything is written. */
	while ((c = next(src, slen, &i)) >= 0) {
		if (c == '=') {
			pads++;
		} else if (pads > 0 || c == '\0' || strchr(digits, c) == NULL) {
			return -EINVAL;
		}
		chars++;
	}
	if (pads > 2 || chars % 4 != 0) {
		return -EINVAL;
	}
	*olen = chars / 4 * 3 - pads;
	if (*olen > 0 && (dst == NULL || dlen < *olen)) {
		return -ENOMEM;
	}
	uint32_t v = 0;
	size_t n = 0, written = 0;

	for (i = 0; (c = next(src, slen, &i)) >= 0;) {
		v = v << 6 | (c == '=' ? 0 : (uint32_t)(strchr(digits, c) - digits));
		if (++n % 4 != 0) {
			continue;
		}
		for (int shift = 16; shift >= 0 && written < *olen; shift -= 8) {
			dst[written++] = (uint8_t)(v >> shift);
		}
		v = 0;
	}
	return 0;
}
