/* Uptime, deadlines and timers. */
#include "crash.h"
#include "kernel/sched.h"
#include "transport.h"

/* By deadline, the next one first. */
static struct z_timeout *timeouts;
static bool clock_runs;
static pthread_cond_t clock_cond;

int64_t k_uptime_ticks(void)
{
	int64_t ns = z_now();

	return ns / 1000000000LL * Z_HZ_ticks + ns % 1000000000LL * Z_HZ_ticks / 1000000000LL;
}

int64_t sys_clock_tick_get(void)
{
	return k_uptime_ticks();
}

int64_t k_uptime_get(void)
{
	return (int64_t)k_ticks_to_ms_floor64((uint64_t)k_uptime_ticks());
}

k_timepoint_t sys_timepoint_calc(k_timeout_t timeout)
{
	k_timepoint_t point = { UINT64_MAX };

	if (timeout.ticks == 0) {
		point.tick = 0;
	} else if (timeout.ticks < -1) {
		point.tick = (uint64_t)(-2 - timeout.ticks);
	} else if (!z_forever(timeout)) {
		point.tick = (uint64_t)(k_uptime_ticks() + timeout.ticks);
	}
	return point;
}

k_timeout_t sys_timepoint_timeout(k_timepoint_t point)
{
	if (point.tick == UINT64_MAX) {
		return K_FOREVER;
	}
	int64_t left = (int64_t)point.tick - k_uptime_ticks();

	return K_TICKS(left > 0 ? left : 0);
}

/* ---- Deadlines ---- */

static void *clock_main(void *unused)
{
	(void)unused;
	z_crash_thread();
	z_lock();
	for (;;) {
		struct z_timeout *t = timeouts;

		if (t == NULL) {
			z_cond_wait(&clock_cond, INT64_MAX);
		} else if (t->deadline > z_now()) {
			z_cond_wait(&clock_cond, t->deadline);
		} else {
			timeouts = t->next;
			t->active = false;
			t->fn(t);
		}
	}
	return NULL;
}

void z_timeout_add(struct z_timeout *timeout, int64_t deadline, void (*fn)(struct z_timeout *timeout))
{
	struct z_timeout **p = &timeouts;

	z_timeout_remove(timeout);
	if (deadline == INT64_MAX) {
		return;
	}
	timeout->deadline = deadline;
	timeout->fn = fn;
	timeout->active = true;
	while (*p != NULL && (*p)->deadline <= deadline) {
		p = &(*p)->next;
	}
	timeout->next = *p;
	*p = timeout;
	if (!clock_runs) {
		z_cond_init(&clock_cond);
		clock_runs = true;
		z_host_thread(clock_main, NULL, 0);
	} else if (timeouts == timeout) {
		pthread_cond_signal(&clock_cond);
	}
}

bool z_timeout_remove(struct z_timeout *timeout)
{
	if (!timeout->active) {
		return false;
	}
	for (struct z_timeout **p = &timeouts; *p != NULL; p = &(*p)->next) {
		if (*p == timeout) {
			*p = timeout->next;
			break;
		}
	}
	timeout->active = false;
	return true;
}

/* ---- Timers ---- */

void k_timer_init(struct k_timer *timer, k_timer_expiry_t expiry_fn, k_timer_stop_t stop_fn)
{
	*timer = (struct k_timer){ .expiry_fn = expiry_fn, .stop_fn = stop_fn };
}

static void timer_expired(struct z_timeout *timeout)
{
	struct k_timer *timer = CONTAINER_OF(timeout, struct k_timer, timeout);

	if (timer->period.ticks > 0) {
		k_timeout_t period = timer->period;
		int64_t next = timeout->deadline + z_deadline(period) - z_now();

		z_timeout_add(timeout, next, timer_expired);
	}
	timer->status++;
	z_wake_all(&timer->waitq, 0);
	if (timer->expiry_fn != NULL) {
		k_timer_expiry_t fn = timer->expiry_fn;

		z_unlock();
		ncsh_isr_enter();
		fn(timer);
		ncsh_isr_exit();
		z_lock();
	}
}

void k_timer_start(struct k_timer *timer, k_timeout_t duration, k_timeout_t period)
{
	z_lock();
	timer->period = period;
	timer->status = 0;
	z_timeout_add(&timer->timeout, z_deadline(duration), timer_expired);
	z_unlock();
}

void k_timer_stop(struct k_timer *timer)
{
	z_lock();
	bool was_active = z_timeout_remove(&timer->timeout);

	if (was_active) {
		z_wake_all(&timer->waitq, 0);
	}
	z_unlock();
	if (was_active && timer->stop_fn != NULL) {
		timer->stop_fn(timer);
	}
}

uint32_t k_timer_status_get(struct k_timer *timer)
{
	z_lock();
	uint32_t status = timer->status;

	timer->status = 0;
	z_unlock();
	return status;
}

uint32_t k_timer_status_sync(struct k_timer *timer)
{
	z_lock();
	if (timer->status == 0 && timer->timeout.active) {
		z_pend(&timer->waitq, K_FOREVER);
	}
	uint32_t status = timer->status;

	timer->status = 0;
	z_unlock();
	return status;
}

k_ticks_t k_timer_remaining_ticks(const struct k_timer *timer)
{
	z_lock();
	k_ticks_t left = timer->timeout.active ? z_ticks_left(timer->timeout.deadline) : 0;

	z_unlock();
	return left;
}

k_ticks_t k_timer_expires_ticks(const struct k_timer *timer)
{
	return k_uptime_ticks() + k_timer_remaining_ticks(timer);
}

uint32_t k_timer_remaining_get(struct k_timer *timer)
{
	return (uint32_t)k_ticks_to_ms_floor64((uint64_t)k_timer_remaining_ticks(timer));
}
