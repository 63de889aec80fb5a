/* Devices: a name and whether it is ready. */
#ifndef NRF91EMU_ZEPHYR_DEVICE_H_
#define NRF91EMU_ZEPHYR_DEVICE_H_

#include <stdbool.h>
#include <stddef.h>
#include <zephyr/toolchain.h>
#include <zephyr/init.h>
#include <zephyr/devicetree.h>

struct device {
	const char *name;
	const void *config;
	const void *api;
	void *data;
};

/* Devices that are there are ready. */
static inline bool device_is_ready(const struct device *dev)
{
	return dev != NULL;
}
/* The device of that name, or NULL. */
const struct device *device_get_binding(const char *name);

#define DEVICE_DT_NAME_GET(node) UTIL_CAT(z_device_, node)
#define DEVICE_DT_GET(node) (&DEVICE_DT_NAME_GET(node))
#define DEVICE_DT_GET_OR_NULL(node) COND_CODE_1(DT_NODE_EXISTS(node), (DEVICE_DT_GET(node)), (NULL))

extern const struct device z_device_DT_N_gpio0;
extern const struct device z_device_DT_N_uart0;

#endif
