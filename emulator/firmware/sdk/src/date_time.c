/* Date and time, see date_time.h. */
// build: if DATE_TIME
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <date_time.h>
#include <modem/at_monitor.h>
#include <modem/lte_lc.h>
#include <nrf_modem_at.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/timeutil.h>

#include "on_cfun.h"

#ifndef CONFIG_DATE_TIME_LOG_LEVEL
#define CONFIG_DATE_TIME_LOG_LEVEL 3
#endif
#ifndef CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS
#define CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS 14400
#endif
#ifndef CONFIG_DATE_TIME_TOO_OLD_SECONDS
#define CONFIG_DATE_TIME_TOO_OLD_SECONDS 3600
#endif
#ifndef CONFIG_DATE_TIME_RETRY_COUNT
#define CONFIG_DATE_TIME_RETRY_COUNT 0
#endif
#ifndef CONFIG_DATE_TIME_RETRY_INTERVAL_SECONDS
#define CONFIG_DATE_TIME_RETRY_INTERVAL_SECONDS 60
#endif

LOG_MODULE_REGISTER(date_time, CONFIG_DATE_TIME_LOG_LEVEL);

#define QUARTER_MS (15 * 60 * 1000)
#define NO_ZONE 0xff

static struct k_work_q queue;
static K_THREAD_STACK_DEFINE(queue_stack, 1280);
static date_time_evt_handler_t handler;

static K_MUTEX_DEFINE(lock); /* of what follows */
static int64_t since_boot;   /* the time at uptime 0, in ms since 1970 */
static int64_t obtained;     /* the uptime of then, 0 for never */
static int zone = NO_ZONE;   /* in quarters of an hour */
static enum date_time_evt_type source;
static int retries;

static void update(struct k_work *work);
static K_WORK_DEFINE(update_now, update);
static K_WORK_DELAYABLE_DEFINE(update_later, update);

static void tell(enum date_time_evt_type type)
{
	struct date_time_evt evt = { .type = type };

	if (handler != NULL) {
		handler(&evt);
	}
}

static void later(int seconds)
{
	if (seconds > 0) {
		k_work_reschedule_for_queue(&queue, &update_later, K_SECONDS(seconds));
	}
}

static bool fresh(void)
{
	return obtained != 0 && k_uptime_get() - obtained < CONFIG_DATE_TIME_TOO_OLD_SECONDS * 1000LL;
}

static void store(int64_t unix_ms, enum date_time_evt_type type, int new_zone)
{
	k_mutex_lock(&lock, K_FOREVER);
	int64_t now = k_uptime_get();

	since_boot = unix_ms - now;
	obtained = now > 0 ? now : 1;
	zone = new_zone;
	source = type;
	retries = 0;
	k_mutex_unlock(&lock);
	later(CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS);
	tell(type);
}

/* ---- What the modem knows ---- */

/* Two digits, of which the modem's answers have the last two of the year. */
static int64_t unix_ms_of(struct tm *tm)
{
	tm->tm_year += 100;
	tm->tm_mon -= 1;
	return timeutil_timegm64(tm) * 1000;
}

static bool ask_modem(void)
{
	struct tm tm = { 0 };
	int new_zone = NO_ZONE;
	int n = nrf_modem_at_scanf("AT+CCLK?", "+CCLK: \"%d/%d/%d,%d:%d:%d%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
				   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &new_zone);

	if (n < 6) {
		LOG_WRN("Did not get time from cellular network (error: %d). "
			"This may be normal as some cellular networks don't provide it or "
			"time may not be available yet.", n);
		return false;
	}
	store(unix_ms_of(&tm), DATE_TIME_OBTAINED_MODEM, new_zone);
	return true;
}

static void update(struct k_work *work)
{
	ARG_UNUSED(work);
	if (fresh()) {
		later(CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS);
		tell(source);
		return;
	}
	if (ask_modem()) {
		return;
	}
	later(retries++ < CONFIG_DATE_TIME_RETRY_COUNT ? CONFIG_DATE_TIME_RETRY_INTERVAL_SECONDS
						       : CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS);
	tell(DATE_TIME_NOT_OBTAINED);
}

#ifdef CONFIG_DATE_TIME_AUTO_UPDATE
/* The digits of an octet are in the order of 3GPP TS 23.040: the low one first. */
static int swapped(const char *digits)
{
	return (digits[0] - '0') + 10 * (digits[1] - '0');
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* %XTIME: ["zone"],"yymmddhhmmsszz",["dst"], see fact clock/xtime. */
static void on_xtime(const char *notification)
{
	const char *text = strchr(notification, ',');
	struct tm tm = { 0 };

	if (fresh()) {
		return;
	}
	if (text == NULL || strspn(text + 1, "\"") != 1 || strspn(text + 2, "0123456789ABCDEFabcdef") < 14) {
		LOG_ERR("%%XTIME notification cannot be read: %s", notification);
		return;
	}
	text += 2;
	tm.tm_year = swapped(text);
	tm.tm_mon = swapped(text + 2);
	tm.tm_mday = swapped(text + 4);
	tm.tm_hour = swapped(text + 6);
	tm.tm_min = swapped(text + 8);
	tm.tm_sec = swapped(text + 10);
	/* Of the zone's tens the highest bit is the sign. */
	int tens = hex_digit(text[13]);
	int quarters = 10 * (tens & 7) + hex_digit(text[12]);

	if (tens & 8) {
		quarters = -quarters;
	}
	store(unix_ms_of(&tm), DATE_TIME_OBTAINED_MODEM, quarters);
}
AT_MONITOR(ncsh_date_time_xtime, "%XTIME", on_xtime);

static void subscribe(struct k_work *work)
{
	ARG_UNUSED(work);
	int err = nrf_modem_at_printf("AT%%XTIME=1");

	if (err) {
		LOG_ERR("Subscribing to modem AT%%XTIME notifications failed, err=%d", err);
	}
}
static K_WORK_DEFINE(subscribe_work, subscribe);

NCSH_ON_CFUN(date_time)
{
	if (mode == LTE_LC_FUNC_MODE_NORMAL || mode == LTE_LC_FUNC_MODE_ACTIVATE_LTE) {
		k_work_submit_to_queue(&queue, &subscribe_work);
	}
}

static void on_lte(const struct lte_lc_evt *const evt)
{
	if (evt->type == LTE_LC_EVT_NW_REG_STATUS && !date_time_is_valid() &&
	    (evt->nw_reg_status == LTE_LC_NW_REG_REGISTERED_HOME ||
	     evt->nw_reg_status == LTE_LC_NW_REG_REGISTERED_ROAMING)) {
		later(1);
	}
}
#endif

static int start(void)
{
	static const struct k_work_queue_config config = { .name = "date_time_work_q" };

	k_work_queue_start(&queue, queue_stack, K_THREAD_STACK_SIZEOF(queue_stack), K_LOWEST_APPLICATION_THREAD_PRIO,
			   &config);
#ifdef CONFIG_DATE_TIME_AUTO_UPDATE
	lte_lc_register_handler(on_lte);
#else
	later(CONFIG_DATE_TIME_UPDATE_INTERVAL_SECONDS);
#endif
	return 0;
}
SYS_INIT(start, APPLICATION, 90);

/* ---- The functions of the header ---- */

static bool in_range(const char *what, int value, int least, int most)
{
	if (value >= least && value <= most) {
		return true;
	}
	LOG_ERR("%s in time structure not in correct format", what);
	return false;
}

int date_time_set(const struct tm *t)
{
	if (t == NULL) {
		LOG_ERR("The passed in pointer cannot be NULL");
		return -EINVAL;
	}
	bool right = in_range("Seconds", t->tm_sec, 0, 61);

	right = in_range("Minutes", t->tm_min, 0, 59) && right;
	right = in_range("Hours", t->tm_hour, 0, 23) && right;
	right = in_range("Day", t->tm_mday, 1, 31) && right;
	right = in_range("Month", t->tm_mon, 0, 11) && right;
	right = in_range("Year", t->tm_year, 115, 1900) && right;
	if (!right) {
		return -EINVAL;
	}
	store(timeutil_timegm64(t) * 1000, DATE_TIME_OBTAINED_EXT, zone);
	return 0;
}

int date_time_now(int64_t *unix_time_ms)
{
	if (unix_time_ms == NULL) {
		LOG_ERR("The passed in pointer cannot be NULL");
		return -EINVAL;
	}
	if (!date_time_is_valid()) {
		LOG_WRN("Valid time not currently available");
		return -ENODATA;
	}
	k_mutex_lock(&lock, K_FOREVER);
	*unix_time_ms = since_boot + k_uptime_get();
	k_mutex_unlock(&lock);
	return 0;
}

int date_time_now_local(int64_t *local_time_ms)
{
	int64_t now;
	int err = local_time_ms == NULL ? -EINVAL : date_time_now(&now);

	if (err != 0) {
		return err;
	}
	if (zone == NO_ZONE) {
		return -EAGAIN;
	}
	*local_time_ms = now + (int64_t)zone * QUARTER_MS;
	return 0;
}

int date_time_uptime_to_unix_time_ms(int64_t *uptime)
{
	int64_t now;

	if (uptime == NULL) {
		LOG_ERR("The passed in pointer cannot be NULL");
		return -EINVAL;
	}
	if (*uptime < 0) {
		LOG_ERR("Uptime cannot be negative");
		return -EINVAL;
	}
	int err = date_time_now(&now);

	if (err != 0) {
		return err;
	}
	if (*uptime > k_uptime_get()) {
		LOG_WRN("Uptime too large or previously converted");
		LOG_WRN("Clear variable or set a new uptime");
		return -EINVAL;
	}
	k_mutex_lock(&lock, K_FOREVER);
	*uptime += since_boot;
	k_mutex_unlock(&lock);
	return 0;
}

bool date_time_is_valid(void)
{
	return obtained != 0;
}

bool date_time_is_valid_local(void)
{
	return zone != NO_ZONE && date_time_is_valid();
}

void date_time_register_handler(date_time_evt_handler_t evt_handler)
{
	handler = evt_handler;
}

int date_time_update_async(date_time_evt_handler_t evt_handler)
{
	if (evt_handler != NULL) {
		handler = evt_handler;
	}
	k_work_submit_to_queue(&queue, &update_now);
	return 0;
}

int date_time_clear(void)
{
	obtained = 0;
	return 0;
}

int date_time_timestamp_clear(int64_t *unix_timestamp)
{
	if (unix_timestamp == NULL) {
		LOG_ERR("The passed in pointer cannot be NULL");
		return -EINVAL;
	}
	*unix_timestamp = 0;
	return 0;
}
