/* Base64 (RFC 4648). */
#ifndef NRF91EMU_ZEPHYR_SYS_BASE64_H_
#define NRF91EMU_ZEPHYR_SYS_BASE64_H_

#include <stddef.h>
#include <stdint.h>

/* base64_encode writes text with a NUL, which *olen does not count. -ENOMEM if there is too little room, or
 * none at all: *olen is what is needed then, with the NUL. */
int base64_encode(uint8_t *dst, size_t dlen, size_t *olen, const uint8_t *src, size_t slen);

/* base64_decode: -ENOMEM as above; -EINVAL for what is no base64. Ends of lines are passed over. */
int base64_decode(uint8_t *dst, size_t dlen, size_t *olen, const uint8_t *src, size_t slen);

#endif
