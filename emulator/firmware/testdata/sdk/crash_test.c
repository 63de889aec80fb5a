/* Ways to crash. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(crash_test);

static void expired(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	k_msleep(1);
}
K_TIMER_DEFINE(timer, expired, NULL);

int main(void)
{
	const char *how = getenv("CRASH");

	LOG_INF("about to crash");
	if (strcmp(how, "null") == 0) {
		*(volatile int *)4 = 1;
	} else if (strcmp(how, "assert") == 0) {
		z_assert_failed("never", __FILE__, __LINE__, "%s", "a reason");
	} else if (strcmp(how, "panic") == 0) {
		k_panic();
	} else {
		k_timer_start(&timer, K_MSEC(1), K_NO_WAIT);
		k_sleep(K_FOREVER);
	}
	return 0;
}
