/* The identity of the device, as a text. */
#ifndef HW_ID_H__
#define HW_ID_H__

#include <stddef.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* With the NUL. */
#if defined(CONFIG_HW_ID_LIBRARY_SOURCE_IMEI)
#define HW_ID_LEN 16
#elif defined(CONFIG_HW_ID_LIBRARY_SOURCE_UUID)
#define HW_ID_LEN 37
#elif defined(CONFIG_HW_ID_LIBRARY_SOURCE_DEVICE_ID)
#define HW_ID_LEN 17
#endif

/* 0; -EINVAL if the text does not fit; -EIO if the modem does not say it. */
int hw_id_get(char *buf, size_t buf_len);

#ifdef __cplusplus
}
#endif

#endif
