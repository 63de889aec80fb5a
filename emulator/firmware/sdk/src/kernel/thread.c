/* Threads: their life, their names, sleeping. */
#include <stdio.h>
#include <time.h>
#include "crash.h"
#include "kernel/sched.h"

/* What a host thread gets: printf alone takes more than a device's whole stack, and a part is
 * for reports of crashes. */
#define STACK_MIN (320 * 1024)

static struct z_thread *all;
static struct z_static_thread *statics;

void z_host_thread(void *(*fn)(void *), void *arg, size_t stack_size)
{
	pthread_attr_t attr;
	pthread_t os;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Frames are larger here, and larger again with sanitizers. */
	pthread_attr_setstacksize(&attr, ROUND_UP(STACK_MIN + 8 * stack_size, 65536));
	if (pthread_create(&os, &attr, fn, arg) != 0) {
		z_fatal("the host gave no thread");
	}
	pthread_attr_destroy(&attr);
}

static void *thread_main(void *arg)
{
	struct z_thread *t = arg;

	z_crash_thread();
	z_thread_adopt(t);
	t->entry(t->p1, t->p2, t->p3);
	z_lock();
	z_thread_exit();
	return NULL;
}

static void thread_start(struct z_thread *t)
{
	if (!t->started) {
		t->started = true;
		z_thread_ready(t);
		z_host_thread(thread_main, t, t->stack_size);
	}
}

static void delayed_start(struct z_timeout *timeout)
{
	thread_start(CONTAINER_OF(timeout, struct z_thread, start));
}

void z_thread_remember(struct z_thread *t)
{
	t->next_all = all;
	all = t;
}

void z_threads_now(void (*each)(struct z_thread *t, void *arg), void *arg)
{
	for (struct z_thread *t = all; t != NULL; t = t->next_all) {
		each(t, arg);
	}
}

void z_thread_forget(struct z_thread *t)
{
	z_timeout_remove(&t->start);
	for (struct z_thread **p = &all; *p != NULL; p = &(*p)->next_all) {
		if (*p == t) {
			*p = t->next_all;
			return;
		}
	}
}

k_tid_t z_thread_create(struct k_thread *thread, size_t stack_size, k_thread_entry_t entry, void *p1, void *p2,
			void *p3, int prio, uint32_t options, k_timeout_t delay)
{
	(void)options;
	*thread = (struct k_thread){ .prio = prio };
	struct z_thread *t = z_thread_new(thread, prio);

	t->entry = entry;
	t->p1 = p1;
	t->p2 = p2;
	t->p3 = p3;
	t->stack_size = stack_size;
	z_lock();
	thread->host = t;
	z_thread_remember(t);
	if (z_no_wait(delay)) {
		thread_start(t);
	} else if (!z_forever(delay)) {
		z_timeout_add(&t->start, z_deadline(delay), delayed_start);
	}
	z_unlock();
	return thread;
}

void z_static_thread_add(struct z_static_thread *thread)
{
	struct z_static_thread **p = &statics;

	while (*p != NULL) {
		p = &(*p)->next;
	}
	*p = thread;
}

void z_static_threads_start(void)
{
	for (struct z_static_thread *s = statics; s != NULL; s = s->next) {
		z_thread_create(s->thread, s->stack_size, s->entry, s->p1, s->p2, s->p3, s->prio, s->options,
				s->delay_ms == SYS_FOREVER_MS ? K_FOREVER : K_MSEC(s->delay_ms));
		k_thread_name_set(s->thread, s->name);
	}
}

void k_thread_start(k_tid_t thread)
{
	z_lock();
	if (thread->host != NULL) {
		z_timeout_remove(&thread->host->start);
		thread_start(thread->host);
	}
	z_unlock();
}

void k_thread_abort(k_tid_t thread)
{
	z_lock();
	struct z_thread *t = thread->host;

	if (t == NULL) {
		z_unlock();
		return;
	}
	if (t == z_self()) {
		z_thread_exit();
	}
	/* The OS thread ends at its next kernel call; for the kernel it has ended now. */
	thread->host = NULL;
	thread->ended = true;
	z_wake_all(&thread->joiners, 0);
	t->aborted = true;
	t->suspended = false;
	if (!t->started) {
		z_thread_forget(t);
		pthread_cond_destroy(&t->cond);
		free(t);
	} else {
		z_wake(t, -ECANCELED);
	}
	z_unlock();
}

int k_thread_join(struct k_thread *thread, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (thread->host == NULL) {
		err = 0;
	} else if (thread->host == z_self()) {
		err = -EDEADLK;
	} else if (z_no_wait(timeout)) {
		err = -EBUSY;
	} else {
		err = z_pend(&thread->joiners, timeout);
	}
	z_unlock();
	return err;
}

void k_thread_suspend(k_tid_t thread)
{
	z_lock();
	struct z_thread *t = thread->host;

	if (t != NULL && !t->suspended) {
		t->suspended = true;
		if (t == z_self()) {
			t->own_suspend = true;
			z_pend(NULL, K_FOREVER);
			t->own_suspend = false;
		} else {
			z_suspend(t);
		}
	}
	z_unlock();
}

void k_thread_resume(k_tid_t thread)
{
	z_lock();
	struct z_thread *t = thread->host;

	if (t != NULL && t->suspended) {
		t->suspended = false;
		z_resume(t);
	}
	z_unlock();
}

int k_thread_name_set(k_tid_t thread, const char *name)
{
	if (thread == NULL) {
		thread = k_current_get();
	}
	snprintf(thread->name, sizeof(thread->name), "%.31s", name);
	return 0;
}

const char *k_thread_name_get(k_tid_t thread)
{
	return thread->name;
}

int k_thread_name_copy(k_tid_t thread, char *buf, size_t size)
{
	if (strlen(thread->name) >= size) {
		return -ENOSPC;
	}
	strcpy(buf, thread->name);
	return 0;
}

void k_thread_priority_set(k_tid_t thread, int prio)
{
	z_lock();
	thread->prio = prio;
	if (thread->host != NULL) {
		z_thread_set_prio(thread->host, prio);
	}
	z_unlock();
}

int k_thread_priority_get(k_tid_t thread)
{
	return thread->prio;
}

void k_thread_custom_data_set(void *value)
{
	k_current_get()->custom_data = value;
}

void *k_thread_custom_data_get(void)
{
	return k_current_get()->custom_data;
}

void k_thread_foreach(void (*cb)(const struct k_thread *thread, void *user_data), void *user_data)
{
	struct k_thread *threads[64];
	size_t n = 0;

	z_lock();
	for (struct z_thread *t = all; t != NULL && n < ARRAY_SIZE(threads); t = t->next_all) {
		if (!t->aborted) {
			threads[n++] = t->thread;
		}
	}
	z_unlock();
	while (n > 0) {
		cb(threads[--n], user_data);
	}
}

/* Code outside of the kernel's threads has a thread of its own to answer with. */
k_tid_t k_current_get(void)
{
	static struct k_thread interrupt = { .name = "interrupt" };

	return z_self() != NULL && z_self()->thread != NULL ? z_self()->thread : &interrupt;
}

int k_is_preempt_thread(void)
{
	return z_self() != NULL && !z_self()->isr && z_self()->prio >= 0 && !z_self()->sched_locked;
}

/* ---- Sleeping ---- */

static k_ticks_t sleep_until(int64_t deadline, k_timeout_t timeout)
{
	z_lock();
	if (z_no_wait(timeout)) {
		z_yield();
		z_unlock();
		return 0;
	}
	int result = z_pend(NULL, timeout);

	z_unlock();
	return result == -EAGAIN || z_forever(timeout) ? 0 : z_ticks_left(deadline);
}

int32_t k_sleep(k_timeout_t timeout)
{
	k_ticks_t left = sleep_until(z_deadline(timeout), timeout);

	return (int32_t)k_ticks_to_ms_ceil64((uint64_t)left);
}

int32_t k_msleep(int32_t ms)
{
	return k_sleep(K_MSEC(ms));
}

int32_t k_usleep(int32_t us)
{
	k_timeout_t timeout = K_USEC(us);
	k_ticks_t left = sleep_until(z_deadline(timeout), timeout);

	return (int32_t)k_ticks_to_us_ceil64((uint64_t)left);
}

/* Keeps the CPU, but lets interrupts and more important threads have it. */
void k_busy_wait(uint32_t us)
{
	int64_t end = z_now() + us * 1000LL;
	int64_t left;

	while ((left = end - z_now()) > 0) {
		struct timespec ts = { 0, MIN(left, 500000) };

		nanosleep(&ts, NULL);
		z_lock();
		z_unlock();
	}
}

void k_yield(void)
{
	z_lock();
	z_yield();
	z_unlock();
}

void k_wakeup(k_tid_t thread)
{
	z_lock();
	if (thread->host != NULL && thread->host->waits_on == NULL) {
		z_wake(thread->host, 0);
	}
	z_unlock();
}

void k_cpu_idle(void)
{
	k_sleep(K_MSEC(1));
}
