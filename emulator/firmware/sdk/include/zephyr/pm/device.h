/* Power management of devices: those of the host have none, and say so. */
#ifndef NRF91EMU_ZEPHYR_PM_DEVICE_H_
#define NRF91EMU_ZEPHYR_PM_DEVICE_H_

#include <errno.h>
#include <stdbool.h>

#include <zephyr/device.h>

enum pm_device_state {
	PM_DEVICE_STATE_ACTIVE,
	PM_DEVICE_STATE_SUSPENDED,
	PM_DEVICE_STATE_SUSPENDING,
	PM_DEVICE_STATE_OFF,
};

enum pm_device_action {
	PM_DEVICE_ACTION_SUSPEND,
	PM_DEVICE_ACTION_RESUME,
	PM_DEVICE_ACTION_TURN_OFF,
	PM_DEVICE_ACTION_TURN_ON,
};

static inline int pm_device_action_run(const struct device *dev, enum pm_device_action action)
{
	(void)dev;
	(void)action;
	return -ENOSYS;
}

static inline int pm_device_state_get(const struct device *dev, enum pm_device_state *state)
{
	(void)dev;
	(void)state;
	return -ENOSYS;
}

static inline bool pm_device_is_busy(const struct device *dev)
{
	(void)dev;
	return false;
}

#endif
