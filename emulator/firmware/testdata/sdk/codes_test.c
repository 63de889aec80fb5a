/* Base64 with the vectors of RFC 4648, and the check values of known sums over 123456789. */
#include <errno.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/base64.h>
#include <zephyr/sys/crc.h>
#include "check.h"

static const struct {
	const char *plain, *text;
} vectors[] = {
	{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
};

static void test_base64(void)
{
	static const char *const wrong[] = {"Z", "Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9*", "=Zm9"};
	uint8_t buf[32];
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		size_t n = strlen(vectors[i].plain), m = strlen(vectors[i].text);

		CHECK_INT(base64_encode(buf, m, &len, (const uint8_t *)vectors[i].plain, n), -ENOMEM);
		CHECK_INT(len, m + 1);
		CHECK_INT(base64_encode(buf, m + 1, &len, (const uint8_t *)vectors[i].plain, n), 0);
		CHECK_INT(len, m);
		CHECK_STR((char *)buf, vectors[i].text);
		CHECK_INT(base64_decode(buf, n - 1, &len, (const uint8_t *)vectors[i].text, m), -ENOMEM);
		CHECK_INT(len, n);
		CHECK_INT(base64_decode(buf, n, &len, (const uint8_t *)vectors[i].text, m), 0);
		CHECK_INT(len, n);
		CHECK(memcmp(buf, vectors[i].plain, n) == 0);
	}
	CHECK_INT(base64_encode(buf, sizeof(buf), &len, buf, 0), 0);
	CHECK_INT(len, 0);
	CHECK_INT(base64_decode(buf, sizeof(buf), &len, (const uint8_t *)"Zm9v\r\nYg==\n", 11), 0);
	CHECK_INT(len, 4);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CHECK_INT(base64_decode(buf, sizeof(buf), &len, (const uint8_t *)wrong[i], strlen(wrong[i])), -EINVAL);
	}
}

int main(void)
{
	const uint8_t *text = (const uint8_t *)"123456789";

	test_base64();
	CHECK_INT(crc16_ccitt(0, text, 9), 0x2189);
	CHECK_INT(crc16_itu_t(0, text, 9), 0x31c3);
	CHECK_INT(crc16_ansi(text, 9), 0xbb3d);
	CHECK_INT(crc16_modbus(text, 9), 0x4b37);
	CHECK_INT(crc32_ieee(text, 9), 0xcbf43926);
	CHECK_INT(crc32_ieee_update(crc32_ieee(text, 4), text + 4, 5), 0xcbf43926);
	CHECK_INT(crc32_c(0, text, 9, true, true), 0xe3069283);
	CHECK_INT(crc8_ccitt(0, text, 9), 0xf4);
	CHECK_INT(crc7_be(0, text, 9) >> 1, 0x75);
	CHECK_DONE();
}
