/* Ways to crash, and to say where threads are. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(crash_test);

static void expired(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	k_msleep(1);
}
K_TIMER_DEFINE(timer, expired, NULL);

K_MUTEX_DEFINE(mutex);
K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_thread worker;
static volatile int deep;

static int recurses(int n)
{
	volatile char frame[200];

	frame[0] = (char)n;
	return deep ? recurses(n + 1) + frame[0] : 0;
}

static void overflows(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_thread_name_set(NULL, "worker");
	deep = 1;
	recurses(0);
}

static void locks(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_thread_name_set(NULL, "worker");
	k_mutex_lock(&mutex, K_FOREVER);
}

static void start(k_thread_entry_t entry)
{
	k_thread_create(&worker, stack, 1024, entry, NULL, NULL, NULL, -1, 0, K_NO_WAIT);
}

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
	} else if (strcmp(how, "stack") == 0) {
		start(overflows);
		k_sleep(K_FOREVER);
	} else if (strcmp(how, "heap") == 0) {
		/* Behind the block is the number of bytes that the heap has left. */
		volatile char *block = malloc(50000);

		*(volatile size_t *)(block + malloc_usable_size((void *)block)) = SIZE_MAX;
		block = malloc(60000);
		block[0] = 1;
	} else if (strcmp(how, "status") == 0) {
		return -5;
	} else if (strcmp(how, "where") == 0) {
		k_mutex_lock(&mutex, K_FOREVER);
		start(locks);
		kill(getpid(), SIGQUIT);
		_exit(0);
	} else {
		k_timer_start(&timer, K_MSEC(1), K_NO_WAIT);
		k_sleep(K_FOREVER);
	}
	return 0;
}
