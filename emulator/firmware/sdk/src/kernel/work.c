/* Work queues: items that a thread of the queue runs one after the other. */
#include "kernel/sched.h"

#ifndef CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE
#define CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE 2048
#endif
#ifndef CONFIG_SYSTEM_WORKQUEUE_PRIORITY
#define CONFIG_SYSTEM_WORKQUEUE_PRIORITY -1
#endif

struct k_work_q k_sys_work_q;

/* Threads that wait for the end of an item: each looks again when one has ended. */
static struct z_waitq flushers;

void k_work_init(struct k_work *work, k_work_handler_t handler)
{
	*work = (struct k_work){ .handler = handler };
}

/* What the queue's thread does. */
static void queue_main(void *p1, void *p2, void *p3)
{
	struct k_work_q *queue = p1;

	(void)p2;
	(void)p3;
	z_lock();
	for (;;) {
		struct k_work *work = queue->head;

		if (work == NULL) {
			if (queue->draining) {
				queue->draining = false;
				z_wake_all(&queue->drainers, 0);
			}
			z_pend(&queue->waitq, K_FOREVER);
			continue;
		}
		queue->head = work->next;
		if (queue->head == NULL) {
			queue->tail = NULL;
		}
		work->flags = (work->flags & ~(uint32_t)K_WORK_QUEUED) | K_WORK_RUNNING;
		queue->running = work;
		k_work_handler_t handler = work->handler;

		z_unlock();
		handler(work);
		z_lock();
		work->flags &= ~(uint32_t)(K_WORK_RUNNING | K_WORK_CANCELING);
		queue->running = NULL;
		z_wake_all(&flushers, 0);
		z_yield();
	}
}

static void queue_remove(struct k_work *work)
{
	struct k_work_q *queue = work->queue;
	struct k_work *before = NULL;

	for (struct k_work *w = queue->head; w != NULL; before = w, w = w->next) {
		if (w == work) {
			if (before == NULL) {
				queue->head = w->next;
			} else {
				before->next = w->next;
			}
			if (queue->tail == w) {
				queue->tail = before;
			}
			break;
		}
	}
	work->flags &= ~(uint32_t)K_WORK_QUEUED;
}

static int work_submit(struct k_work_q *queue, struct k_work *work)
{
	if (work->flags & K_WORK_CANCELING) {
		return -EBUSY;
	}
	if (work->flags & K_WORK_QUEUED) {
		return 0;
	}
	int ret = 1;

	if (work->flags & K_WORK_RUNNING) {
		/* Never on two queues at once: it stays with the one that runs it. */
		queue = work->queue;
		ret = 2;
	}
	if (queue == NULL) {
		return -EINVAL;
	}
	if (!queue->started) {
		return -ENODEV;
	}
	bool own = z_self() != NULL && z_self() == queue->thread.host;

	if ((queue->draining && !own) || (queue->plugged && !(queue->draining && own))) {
		return -EBUSY;
	}
	work->queue = queue;
	work->flags |= K_WORK_QUEUED;
	work->next = NULL;
	if (queue->tail != NULL) {
		queue->tail->next = work;
	} else {
		queue->head = work;
	}
	queue->tail = work;
	z_wake_first(&queue->waitq, 0);
	return ret;
}

int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work)
{
	z_lock();
	int ret = work_submit(queue, work);

	z_unlock();
	return ret;
}

int k_work_submit(struct k_work *work)
{
	return k_work_submit_to_queue(&k_sys_work_q, work);
}

int k_work_busy_get(const struct k_work *work)
{
	z_lock();
	int flags = (int)work->flags;

	z_unlock();
	return flags;
}

static int work_cancel(struct k_work *work)
{
	if (work->flags & K_WORK_QUEUED) {
		queue_remove(work);
	}
	if (work->flags & K_WORK_RUNNING) {
		work->flags |= K_WORK_CANCELING;
	}
	return (int)work->flags;
}

int k_work_cancel(struct k_work *work)
{
	z_lock();
	int ret = work_cancel(work);

	z_unlock();
	return ret;
}

/* Waits until none of the flags is set, with the lock. */
static void wait_while(struct k_work *work, uint32_t flags)
{
	if (work->queue != NULL && z_self() != NULL && z_self() == work->queue->thread.host) {
		return; /* a handler that waited for its own queue would wait for ever */
	}
	while (work->flags & flags) {
		z_pend(&flushers, K_FOREVER);
	}
}

bool k_work_cancel_sync(struct k_work *work, struct k_work_sync *sync)
{
	(void)sync;
	z_lock();
	bool pending = work->flags != 0;

	work_cancel(work);
	wait_while(work, K_WORK_RUNNING);
	z_unlock();
	return pending;
}

bool k_work_flush(struct k_work *work, struct k_work_sync *sync)
{
	(void)sync;
	z_lock();
	bool pending = (work->flags & (K_WORK_QUEUED | K_WORK_RUNNING)) != 0;

	wait_while(work, K_WORK_QUEUED | K_WORK_RUNNING);
	z_unlock();
	return pending;
}

/* ---- Delayable work ---- */

void k_work_init_delayable(struct k_work_delayable *dwork, k_work_handler_t handler)
{
	*dwork = (struct k_work_delayable){ .work = Z_WORK_INITIALIZER(handler) };
}

static void delay_over(struct z_timeout *timeout)
{
	struct k_work_delayable *dwork = CONTAINER_OF(timeout, struct k_work_delayable, timeout);

	dwork->work.flags &= ~(uint32_t)K_WORK_DELAYED;
	work_submit(dwork->queue, &dwork->work);
}

/* With the lock. */
static int schedule(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay)
{
	if (z_no_wait(delay)) {
		return work_submit(queue, &dwork->work);
	}
	if (dwork->work.flags & K_WORK_CANCELING) {
		return -EBUSY;
	}
	dwork->queue = queue;
	dwork->work.flags |= K_WORK_DELAYED;
	z_timeout_add(&dwork->timeout, z_deadline(delay), delay_over);
	return 1;
}

static bool unschedule(struct k_work_delayable *dwork)
{
	if (!(dwork->work.flags & K_WORK_DELAYED)) {
		return false;
	}
	dwork->work.flags &= ~(uint32_t)K_WORK_DELAYED;
	z_timeout_remove(&dwork->timeout);
	return true;
}

int k_work_schedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay)
{
	int ret = 0;

	z_lock();
	if ((dwork->work.flags & ~(uint32_t)K_WORK_RUNNING) == 0) {
		ret = schedule(queue, dwork, delay);
	}
	z_unlock();
	return ret;
}

int k_work_schedule(struct k_work_delayable *dwork, k_timeout_t delay)
{
	return k_work_schedule_for_queue(&k_sys_work_q, dwork, delay);
}

int k_work_reschedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay)
{
	z_lock();
	unschedule(dwork);
	int ret = schedule(queue, dwork, delay);

	z_unlock();
	return ret;
}

int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay)
{
	return k_work_reschedule_for_queue(&k_sys_work_q, dwork, delay);
}

int k_work_cancel_delayable(struct k_work_delayable *dwork)
{
	z_lock();
	unschedule(dwork);
	int ret = work_cancel(&dwork->work);

	z_unlock();
	return ret;
}

bool k_work_cancel_delayable_sync(struct k_work_delayable *dwork, struct k_work_sync *sync)
{
	(void)sync;
	z_lock();
	bool pending = dwork->work.flags != 0;

	unschedule(dwork);
	work_cancel(&dwork->work);
	wait_while(&dwork->work, K_WORK_RUNNING);
	z_unlock();
	return pending;
}

bool k_work_flush_delayable(struct k_work_delayable *dwork, struct k_work_sync *sync)
{
	z_lock();
	bool pending = dwork->work.flags != 0;

	if (unschedule(dwork)) {
		work_submit(dwork->queue, &dwork->work);
	}
	z_unlock();
	return k_work_flush(&dwork->work, sync) || pending;
}

int k_work_delayable_busy_get(const struct k_work_delayable *dwork)
{
	return k_work_busy_get(&dwork->work);
}

k_ticks_t k_work_delayable_remaining_get(const struct k_work_delayable *dwork)
{
	z_lock();
	k_ticks_t left = dwork->timeout.active ? z_ticks_left(dwork->timeout.deadline) : 0;

	z_unlock();
	return left;
}

k_ticks_t k_work_delayable_expires_get(const struct k_work_delayable *dwork)
{
	return k_uptime_ticks() + k_work_delayable_remaining_get(dwork);
}

/* ---- Queues ---- */

void k_work_queue_init(struct k_work_q *queue)
{
	memset(queue, 0, sizeof(*queue));
}

void z_work_queue_start(struct k_work_q *queue, size_t stack_size, int prio, const struct k_work_queue_config *cfg)
{
	z_lock();
	queue->started = true;
	z_unlock();
	z_thread_create(&queue->thread, stack_size, queue_main, queue, NULL, NULL, prio, 0, K_NO_WAIT);
	if (cfg != NULL && cfg->name != NULL) {
		k_thread_name_set(&queue->thread, cfg->name);
	}
}

int k_work_queue_drain(struct k_work_q *queue, bool plug)
{
	z_lock();
	queue->plugged |= plug;
	if (queue->head != NULL || queue->running != NULL) {
		queue->draining = true;
		z_pend(&queue->drainers, K_FOREVER);
	}
	z_unlock();
	return 0;
}

int k_work_queue_unplug(struct k_work_q *queue)
{
	z_lock();
	int ret = queue->plugged ? 0 : -EALREADY;

	queue->plugged = false;
	z_unlock();
	return ret;
}

static int system_queue_init(void)
{
	static const struct k_work_queue_config config = { .name = "sysworkq" };

	z_work_queue_start(&k_sys_work_q, CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE, CONFIG_SYSTEM_WORKQUEUE_PRIORITY,
			   &config);
	return 0;
}
SYS_INIT(system_queue_init, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
