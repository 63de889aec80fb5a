/* Semaphores, mutexes, condition variables and events. */
#include "kernel/sched.h"

/* ---- Semaphores ---- */

int k_sem_init(struct k_sem *sem, unsigned int initial, unsigned int limit)
{
	if (limit == 0 || initial > limit) {
		return -EINVAL;
	}
	*sem = (struct k_sem)Z_SEM_INIT(initial, limit);
	return 0;
}

int k_sem_take(struct k_sem *sem, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (sem->count > 0) {
		sem->count--;
	} else if (z_no_wait(timeout)) {
		err = -EBUSY;
	} else {
		err = z_pend(&sem->waitq, timeout);
	}
	z_unlock();
	return err;
}

void k_sem_give(struct k_sem *sem)
{
	z_lock();
	if (z_wake_first(&sem->waitq, 0) == NULL && sem->count < sem->limit) {
		sem->count++;
		z_poll_changed();
	}
	z_unlock();
}

void k_sem_reset(struct k_sem *sem)
{
	z_lock();
	z_wake_all(&sem->waitq, -EAGAIN);
	sem->count = 0;
	z_unlock();
}

unsigned int k_sem_count_get(struct k_sem *sem)
{
	z_lock();
	unsigned int count = sem->count;

	z_unlock();
	return count;
}

/* ---- Mutexes ---- */

int k_mutex_init(struct k_mutex *mutex)
{
	*mutex = (struct k_mutex){ .lock_count = 0 };
	return 0;
}

/* With the lock. A waiter that is more important lends the owner its priority. */
static int mutex_lock(struct k_mutex *mutex, k_timeout_t timeout)
{
	struct z_thread *self = z_self();

	if (mutex->lock_count == 0 || mutex->owner == self) {
		if (mutex->lock_count++ == 0) {
			mutex->owner = self;
			mutex->owner_orig_prio = self != NULL ? self->prio : 0;
		}
		return 0;
	}
	if (z_no_wait(timeout)) {
		return -EBUSY;
	}
	if (mutex->owner != NULL && self != NULL && self->prio < mutex->owner->prio) {
		z_thread_set_prio(mutex->owner, self->prio);
	}
	return z_pend(&mutex->waitq, timeout);
}

static int mutex_unlock(struct k_mutex *mutex)
{
	struct z_thread *self = z_self();

	if (mutex->lock_count == 0) {
		return -EINVAL;
	}
	if (mutex->owner != self) {
		return -EPERM;
	}
	if (--mutex->lock_count > 0) {
		return 0;
	}
	if (self != NULL && self->prio != mutex->owner_orig_prio) {
		z_thread_set_prio(self, mutex->owner_orig_prio);
	}
	struct z_thread *next = z_wake_first(&mutex->waitq, 0);

	mutex->owner = next;
	if (next != NULL) {
		mutex->lock_count = 1;
		mutex->owner_orig_prio = next->prio;
	}
	return 0;
}

int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout)
{
	z_lock();
	int err = mutex_lock(mutex, timeout);

	z_unlock();
	return err;
}

int k_mutex_unlock(struct k_mutex *mutex)
{
	z_lock();
	int err = mutex_unlock(mutex);

	z_unlock();
	return err;
}

/* ---- Condition variables ---- */

int k_condvar_init(struct k_condvar *condvar)
{
	condvar->waitq.head = NULL;
	return 0;
}

int k_condvar_signal(struct k_condvar *condvar)
{
	z_lock();
	z_wake_first(&condvar->waitq, 0);
	z_unlock();
	return 0;
}

int k_condvar_broadcast(struct k_condvar *condvar)
{
	int woken = 0;

	z_lock();
	while (z_wake_first(&condvar->waitq, 0) != NULL) {
		woken++;
	}
	z_unlock();
	return woken;
}

int k_condvar_wait(struct k_condvar *condvar, struct k_mutex *mutex, k_timeout_t timeout)
{
	z_lock();
	mutex_unlock(mutex);
	int err = z_no_wait(timeout) ? -EAGAIN : z_pend(&condvar->waitq, timeout);

	mutex_lock(mutex, K_FOREVER);
	z_unlock();
	return err;
}

/* ---- Events ---- */

/* What a thread waits for is in its word; its data says whether it wants all of it. */
static uint32_t event_match(uint32_t events, uint32_t wanted, bool all)
{
	uint32_t match = events & wanted;

	return all && match != wanted ? 0 : match;
}

void k_event_init(struct k_event *event)
{
	*event = (struct k_event){ .events = 0 };
}

uint32_t k_event_set_masked(struct k_event *event, uint32_t events, uint32_t mask)
{
	z_lock();
	uint32_t before = event->events & mask;

	event->events = (event->events & ~mask) | (events & mask);
	for (struct z_thread *t = event->waitq.head, *next; t != NULL; t = next) {
		uint32_t match = event_match(event->events, t->word, t->data != NULL);

		next = t->next_wait;
		if (match != 0) {
			t->word = match;
			z_wake(t, 0);
		}
	}
	z_unlock();
	return before;
}

uint32_t k_event_post(struct k_event *event, uint32_t events)
{
	return k_event_set_masked(event, events, events);
}

uint32_t k_event_set(struct k_event *event, uint32_t events)
{
	return k_event_set_masked(event, events, UINT32_MAX);
}

uint32_t k_event_clear(struct k_event *event, uint32_t events)
{
	return k_event_set_masked(event, 0, events);
}

static uint32_t event_wait(struct k_event *event, uint32_t events, bool all, bool reset, k_timeout_t timeout)
{
	z_lock();
	if (reset) {
		event->events = 0;
	}
	uint32_t match = event_match(event->events, events, all);

	if (match == 0 && !z_no_wait(timeout) && events != 0) {
		struct z_thread *self = z_self();

		if (self != NULL) {
			self->word = events;
			self->data = all ? event : NULL;
		}
		match = z_pend(&event->waitq, timeout) == 0 ? self->word : 0;
	}
	z_unlock();
	return match;
}

uint32_t k_event_wait(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)
{
	return event_wait(event, events, false, reset, timeout);
}

uint32_t k_event_wait_all(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)
{
	return event_wait(event, events, true, reset, timeout);
}
