/* The supply of the modem: its voltage, and warnings. Voltages are in mV. */
#ifndef MODEM_BATTERY_H__
#define MODEM_BATTERY_H__

#ifdef __cplusplus
extern "C" {
#endif

enum pofwarn_level {
	POFWARN_3000 = 30,
	POFWARN_3100 = 31,
	POFWARN_3200 = 32,
	POFWARN_3300 = 33,
};

typedef void (*modem_battery_low_level_handler_t)(int battery_voltage);
typedef void (*modem_battery_pofwarn_handler_t)(void);

/* Handlers run on the system work queue. -EINVAL for NULL. */
int modem_battery_low_level_handler_set(modem_battery_low_level_handler_t handler);
int modem_battery_pofwarn_handler_set(modem_battery_pofwarn_handler_t handler);
/* 0, or -EFAULT if the modem refuses. */
int modem_battery_pofwarn_enable(enum pofwarn_level level);
int modem_battery_pofwarn_disable(void);
int modem_battery_low_level_enable(void);
int modem_battery_low_level_disable(void);
int modem_battery_low_level_set(int battery_level);
int modem_battery_low_level_get(int *battery_level);
int modem_battery_voltage_get(int *battery_voltage);

#ifdef __cplusplus
}
#endif

#endif
