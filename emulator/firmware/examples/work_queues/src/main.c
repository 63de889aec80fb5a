/* Three threads of work: a timer takes samples, a queue of its own averages them, and
 * the system's queue counts how often the device has started. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/settings/settings.h>

LOG_MODULE_REGISTER(work_queues);

#define SAMPLES 8

K_MSGQ_DEFINE(samples, sizeof(int), SAMPLES, 4);
static K_SEM_DEFINE(done, 0, 2);
static K_THREAD_STACK_DEFINE(stack, 1024);
static struct k_work_q averages;
static uint32_t boots;

static void average(struct k_work *work)
{
	static int sum, count;
	int sample;

	ARG_UNUSED(work);
	while (k_msgq_get(&samples, &sample, K_NO_WAIT) == 0) {
		sum += sample;
		if (++count == SAMPLES) {
			LOG_INF("Average of %d samples: %d", count, sum / count);
			k_sem_give(&done);
		}
	}
}
static K_WORK_DEFINE(average_work, average);

static void take_sample(struct k_timer *timer)
{
	static int next;

	if (next == SAMPLES) {
		k_timer_stop(timer);
		return;
	}
	next++;
	k_msgq_put(&samples, &next, K_NO_WAIT);
	k_work_submit_to_queue(&averages, &average_work);
}
static K_TIMER_DEFINE(sampler, take_sample, NULL);

static int load(const char *key, size_t len, settings_read_cb read_cb, void *arg)
{
	if (!settings_name_steq(key, "boots", NULL) || len != sizeof(boots)) {
		return -ENOENT;
	}
	return read_cb(arg, &boots, sizeof(boots)) == sizeof(boots) ? 0 : -EIO;
}
SETTINGS_STATIC_HANDLER_DEFINE(example, "example", NULL, load, NULL, NULL);

static void count_boot(struct k_work *work)
{
	ARG_UNUSED(work);
	boots++;
	if (settings_save_one("example/boots", &boots, sizeof(boots)) != 0) {
		LOG_ERR("The number of boots is not kept");
	}
	k_sem_give(&done);
}
static K_WORK_DELAYABLE_DEFINE(count_work, count_boot);

static void watch(void)
{
	k_sem_take(&done, K_FOREVER);
	k_sem_take(&done, K_FOREVER);
	LOG_INF("Done in boot %u", boots);
}
K_THREAD_DEFINE(watcher, 1024, watch, NULL, NULL, NULL, 7, 0, 0);

int main(void)
{
	settings_subsys_init();
	settings_load();
	k_work_queue_init(&averages);
	k_work_queue_start(&averages, stack, K_THREAD_STACK_SIZEOF(stack), 5, NULL);
	k_work_schedule(&count_work, K_MSEC(50));
	k_timer_start(&sampler, K_MSEC(5), K_MSEC(5));
	return 0;
}
