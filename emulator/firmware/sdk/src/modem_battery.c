/* The supply of the modem, see modem/modem_battery.h. */
// build: if MODEM_BATTERY
#include <errno.h>
#include <stdio.h>

#include <modem/at_monitor.h>
#include <modem/modem_battery.h>
#include <modem/nrf_modem_lib.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#ifndef CONFIG_MODEM_BATTERY_LOG_LEVEL
#define CONFIG_MODEM_BATTERY_LOG_LEVEL 3
#endif
#ifndef CONFIG_MODEM_BATTERY_LOW_LEVEL
#define CONFIG_MODEM_BATTERY_LOW_LEVEL 3300
#endif
#ifndef CONFIG_MODEM_BATTERY_POFWARN_VOLTAGE
#define CONFIG_MODEM_BATTERY_POFWARN_VOLTAGE 30
#endif

LOG_MODULE_REGISTER(modem_battery, CONFIG_MODEM_BATTERY_LOG_LEVEL);

static modem_battery_low_level_handler_t low_level_handler;
static modem_battery_pofwarn_handler_t pofwarn_handler;

static void on_low_level(const char *notification)
{
	int voltage;

	if (sscanf(notification, "%%XVBATLOWLVL: %d", &voltage) == 1 && low_level_handler != NULL) {
		low_level_handler(voltage);
	}
}
AT_MONITOR(ncsh_battery_low_level, "%XVBATLOWLVL", on_low_level);

static void on_pofwarn(const char *notification)
{
	ARG_UNUSED(notification);
	if (pofwarn_handler != NULL) {
		pofwarn_handler();
	}
}
AT_MONITOR(ncsh_battery_pofwarn, "%MDMEV: ME BATTERY LOW", on_pofwarn, PAUSED);

/* What a command comes to that the modem takes or refuses. */
#define TAKEN(...) (nrf_modem_at_printf(__VA_ARGS__) == 0 ? 0 : -EFAULT)

int modem_battery_low_level_handler_set(modem_battery_low_level_handler_t handler)
{
	if (handler == NULL) {
		return -EINVAL;
	}
	low_level_handler = handler;
	return 0;
}

int modem_battery_pofwarn_handler_set(modem_battery_pofwarn_handler_t handler)
{
	if (handler == NULL) {
		return -EINVAL;
	}
	pofwarn_handler = handler;
	return 0;
}

int modem_battery_pofwarn_enable(enum pofwarn_level level)
{
	int err = TAKEN("AT%%MDMEV=1");

	if (err == 0) {
		err = TAKEN("AT%%XPOFWARN=1,%d", (int)level);
	}
	if (err == 0) {
		at_monitor_resume(&ncsh_battery_pofwarn);
	}
	return err;
}

int modem_battery_pofwarn_disable(void)
{
	at_monitor_pause(&ncsh_battery_pofwarn);
	return 0;
}

int modem_battery_low_level_enable(void)
{
	return TAKEN("AT%%XVBATLVL=1");
}

int modem_battery_low_level_disable(void)
{
	return TAKEN("AT%%XVBATLVL=0");
}

int modem_battery_low_level_set(int battery_level)
{
	return TAKEN("AT%%XVBATLOWLVL=%d", battery_level);
}

static int ask(const char *command, const char *format, int *value)
{
	int got;

	if (value == NULL) {
		return -EINVAL;
	}
	if (nrf_modem_at_scanf(command, format, &got) != 1) {
		return -EFAULT;
	}
	*value = got;
	return 0;
}

int modem_battery_low_level_get(int *battery_level)
{
	return ask("AT%XVBATLOWLVL?", "%%XVBATLOWLVL: %d", battery_level);
}

int modem_battery_voltage_get(int *battery_voltage)
{
	return ask("AT%XVBAT", "%%XVBAT: %d", battery_voltage);
}

NRF_MODEM_LIB_ON_INIT(ncsh_battery_init, on_init, NULL);
static void on_init(int ret, void *ctx)
{
	ARG_UNUSED(ctx);
	if (ret == 0 && (modem_battery_low_level_set(CONFIG_MODEM_BATTERY_LOW_LEVEL) != 0 ||
			 modem_battery_low_level_enable() != 0 ||
			 modem_battery_pofwarn_enable(CONFIG_MODEM_BATTERY_POFWARN_VOLTAGE) != 0)) {
		LOG_ERR("The modem does not watch its supply");
	}
}
