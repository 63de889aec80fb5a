/* The identity of the device, see hw_id.h. */
// build: if HW_ID_LIBRARY && NRF_MODEM_LIB
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hw_id.h>
#include <nrf_modem_at.h>

#ifdef HW_ID_LEN
int hw_id_get(char *buf, size_t buf_len)
{
	if (buf == NULL || buf_len < HW_ID_LEN) {
		return -EINVAL;
	}
#ifdef CONFIG_HW_ID_LIBRARY_SOURCE_IMEI
	return nrf_modem_at_scanf("AT+CGSN", "%15s", buf) == 1 ? 0 : -EIO;
#else
	char uuid[37];

	if (nrf_modem_at_scanf("AT%DEVICEUUID", "%%DEVICEUUID: %36s", uuid) != 1) {
		return -EIO;
	}
#ifdef CONFIG_HW_ID_LIBRARY_SOURCE_UUID
	memcpy(buf, uuid, sizeof(uuid));
#else
	/* The chip's registers are not emulated: their 64 bits are the first of the device's UUID. */
	size_t n = 0;

	for (const char *p = uuid; *p != '\0' && n < HW_ID_LEN - 1; p++) {
		if (*p != '-') {
			buf[n++] = *p >= 'a' ? (char)(*p - 'a' + 'A') : *p;
		}
	}
	buf[n] = '\0';
#endif
	return 0;
#endif
}
#endif
