/* Date and time from the modem and from outside, and what is asked of it. */
#include <errno.h>
#include <stdlib.h>

#include <date_time.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <zephyr/kernel.h>
#include "check.h"
#include "fake_modem.h"
#include "modem.h"

#define NOON 1795610096000LL /* 2026-11-25 12:34:56 UTC */
#define HOUR 3600000LL

static struct nrf_modem_lib_at_cfun_cb *cfun;
static lte_lc_evt_handler_t lte;
static K_SEM_DEFINE(asked, 0, 10);
static K_SEM_DEFINE(told, 0, 10);
static enum date_time_evt_type type;

void ncsh_on_cfun(struct nrf_modem_lib_at_cfun_cb *cb)
{
	cfun = cb;
}

void lte_lc_register_handler(lte_lc_evt_handler_t handler)
{
	lte = handler;
}

static void on_asked(void)
{
	k_sem_give(&asked);
}

static void on_event(const struct date_time_evt *evt)
{
	type = evt->type;
	k_sem_give(&told);
}

#define CHECK_TOLD(want)                                                                           \
	do {                                                                                       \
		CHECK_INT(k_sem_take(&told, K_SECONDS(30)), 0);                                    \
		CHECK_INT(type, want);                                                             \
	} while (0)

/* The tests are quick, a machine under load is not. */
#define CHECK_TIME(got, want) CHECK((got) >= (want) && (got) < (want) + 60000)

static K_SEM_DEFINE(settled, 0, 1);

static void settle(struct k_work *work)
{
	ARG_UNUSED(work);
	k_sem_give(&settled);
}
static K_WORK_DEFINE(settle_work, settle);

/* Waits for what the system work queue has to do. */
static void drain(void)
{
	k_work_submit(&settle_work);
	CHECK_INT(k_sem_take(&settled, K_SECONDS(30)), 0);
}

static void test_unknown(void)
{
	int64_t t = 5;

	CHECK(!date_time_is_valid());
	CHECK(!date_time_is_valid_local());
	CHECK_INT(date_time_now(&t), -ENODATA);
	CHECK_INT(date_time_now_local(&t), -ENODATA);
	CHECK_INT(date_time_uptime_to_unix_time_ms(&t), -ENODATA);
	CHECK_INT(t, 5);
	CHECK_INT(date_time_now(NULL), -EINVAL);
	CHECK_INT(date_time_now_local(NULL), -EINVAL);
	CHECK_INT(date_time_uptime_to_unix_time_ms(NULL), -EINVAL);
	t = -1;
	CHECK_INT(date_time_uptime_to_unix_time_ms(&t), -EINVAL);
	CHECK_INT(date_time_timestamp_clear(NULL), -EINVAL);
	CHECK_INT(date_time_timestamp_clear(&t), 0);
	CHECK_INT(t, 0);

	fake_answer = "ERROR\r\n";
	CHECK_INT(date_time_update_async(NULL), 0);
	CHECK_TOLD(DATE_TIME_NOT_OBTAINED);
	CHECK_STR(fake_command, "AT+CCLK?");
	CHECK_INT(k_sem_take(&asked, K_NO_WAIT), 0);
	CHECK(!date_time_is_valid());
}

static void test_subscription(void)
{
	fake_answer = "OK\r\n";
	cfun->callback(LTE_LC_FUNC_MODE_OFFLINE, cfun->context);
	cfun->callback(LTE_LC_FUNC_MODE_NORMAL, cfun->context);
	CHECK_INT(k_sem_take(&asked, K_SECONDS(30)), 0);
	CHECK_STR(fake_command, "AT%XTIME=1");
	CHECK_INT(k_sem_take(&asked, K_NO_WAIT), -EBUSY); /* not for the flight mode */
}

/* Digits are swapped; of the zone's tens the highest bit is the sign (fact clock/xtime). */
static void test_notification(void)
{
	static const struct {
		const char *text;
		int quarters;
	} zones[] = {
		{ "%XTIME: \"40\",\"62115221436540\",\"00\"\r\n", 4 },
		{ "%XTIME: ,\"62115221436540\",\r\n", 4 },
		{ "%XTIME: \"00\",\"62115221436500\",\"00\"\r\n", 0 },
		{ "%XTIME: \"22\",\"62115221436522\",\"00\"\r\n", 22 },
		{ "%XTIME: \"48\",\"62115221436548\",\"00\"\r\n", -4 },
		{ "%XTIME: \"0A\",\"6211522143650A\",\"00\"\r\n", -20 },
		{ "%XTIME: \"8C\",\"6211522143658c\",\"00\"\r\n", -48 },
	};
	static const char *const rubbish[] = {
		"%XTIME: ,,\"01\"\r\n", "%XTIME: \"40\"\r\n", "%XTIME: \"40\",\"621152214365\",\"00\"\r\n",
	};
	int64_t t;

	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		date_time_clear();
		ncsh_at_notification(zones[i].text);
		CHECK_TOLD(DATE_TIME_OBTAINED_MODEM);
		CHECK_INT(date_time_now(&t), 0);
		CHECK_TIME(t, NOON);
		CHECK(date_time_is_valid_local());
		CHECK_INT(date_time_now_local(&t), 0);
		CHECK_TIME(t, NOON + zones[i].quarters * HOUR / 4);
	}
	/* A time that is fresh stays. */
	ncsh_at_notification("%XTIME: \"40\",\"72115221436540\",\"00\"\r\n");
	drain();
	CHECK_INT(date_time_now(&t), 0);
	CHECK_TIME(t, NOON);

	date_time_clear();
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++) {
		ncsh_at_notification(rubbish[i]);
	}
	drain();
	CHECK(!date_time_is_valid());
	CHECK_INT(k_sem_take(&told, K_NO_WAIT), -EBUSY);
}

static void test_clock(void)
{
	int64_t t;

	fake_answer = "+CCLK: \"26/11/25,12:34:56-20\"\r\nOK\r\n";
	CHECK_INT(date_time_update_async(on_event), 0);
	CHECK_TOLD(DATE_TIME_OBTAINED_MODEM);
	CHECK_INT(date_time_now(&t), 0);
	CHECK_TIME(t, NOON);
	CHECK_INT(date_time_now_local(&t), 0);
	CHECK_TIME(t, NOON - 5 * HOUR);
	CHECK_INT(k_sem_take(&asked, K_NO_WAIT), 0);
	/* What is fresh is told again, and nobody is asked. */
	CHECK_INT(date_time_update_async(on_event), 0);
	CHECK_TOLD(DATE_TIME_OBTAINED_MODEM);
	CHECK_INT(k_sem_take(&asked, K_NO_WAIT), -EBUSY);

	/* A registration has the clock asked, a second later. */
	struct lte_lc_evt evt = { .type = LTE_LC_EVT_NW_REG_STATUS, .nw_reg_status = LTE_LC_NW_REG_REGISTERED_ROAMING };

	date_time_clear();
	lte(&evt);
	CHECK_TOLD(DATE_TIME_OBTAINED_MODEM);
}

static void test_set(void)
{
	static const struct tm good = { .tm_year = 126, .tm_mon = 10, .tm_mday = 25, .tm_hour = 12, .tm_min = 34, .tm_sec = 56 };
	static const struct {
		int year, mon, mday, hour, min, sec;
	} bad[] = {
		{ 114, 10, 25, 12, 34, 56 }, { 126, 12, 25, 12, 34, 56 }, { 126, -1, 25, 12, 34, 56 },
		{ 126, 10, 0, 12, 34, 56 },  { 126, 10, 32, 12, 34, 56 }, { 126, 10, 25, 24, 34, 56 },
		{ 126, 10, 25, 12, 60, 56 }, { 126, 10, 25, 12, 34, 62 },
	};
	int64_t t;

	date_time_clear();
	CHECK_INT(date_time_set(NULL), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct tm tm = { .tm_year = bad[i].year, .tm_mon = bad[i].mon, .tm_mday = bad[i].mday,
				 .tm_hour = bad[i].hour, .tm_min = bad[i].min, .tm_sec = bad[i].sec };

		CHECK_INT(date_time_set(&tm), -EINVAL);
	}
	CHECK(!date_time_is_valid());
	CHECK_INT(date_time_set(&good), 0);
	CHECK_TOLD(DATE_TIME_OBTAINED_EXT);
	CHECK_INT(date_time_now(&t), 0);
	CHECK_TIME(t, NOON);

	t = k_uptime_get();
	CHECK_INT(date_time_uptime_to_unix_time_ms(&t), 0);
	CHECK_TIME(t, NOON);
	CHECK_INT(date_time_uptime_to_unix_time_ms(&t), -EINVAL); /* it is one already */
}

int main(void)
{
	fake_asked = on_asked;
	date_time_register_handler(on_event);
	test_unknown();
	test_subscription();
	test_notification();
	test_clock();
	test_set();
	CHECK_DONE();
}
