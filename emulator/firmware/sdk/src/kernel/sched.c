/* The scheduler: who has the CPU, who is ready, who waits. */
#include <stdio.h>
#include <time.h>
#include "crash.h"
#include "kernel/sched.h"
#include "transport.h"

#define STEAL_NS 1000000LL
#define STARVE_NS 100000000LL

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct z_thread *cpu;
static struct z_thread *ready;
static __thread struct z_thread *self;
static __thread struct z_thread isr_self;

struct z_thread *z_self(void)
{
	return self;
}

/* ---- Condition variables with a deadline on the clock of z_now ---- */

static int64_t start_ns;

static int64_t monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

__attribute__((__constructor__(101))) static void clock_start(void)
{
	start_ns = monotonic();
}

int64_t z_now(void)
{
	return monotonic() - start_ns;
}

void z_cond_init(pthread_cond_t *cond)
{
#ifdef __APPLE__
	pthread_cond_init(cond, NULL);
#else
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
#endif
}

bool z_cond_wait(pthread_cond_t *cond, int64_t deadline)
{
	if (deadline == INT64_MAX) {
		pthread_cond_wait(cond, &lock);
		return false;
	}
	int64_t left = deadline - z_now();

	if (left <= 0) {
		return true;
	}
#ifdef __APPLE__
	struct timespec ts = { left / 1000000000LL, left % 1000000000LL };

	return pthread_cond_timedwait_relative_np(cond, &lock, &ts) == NRF91EMU_HOST_ETIMEDOUT;
#else
	int64_t at = deadline + start_ns;
	struct timespec ts = { at / 1000000000LL, at % 1000000000LL };

	return pthread_cond_timedwait(cond, &lock, &ts) == NRF91EMU_HOST_ETIMEDOUT;
#endif
}

int64_t z_deadline(k_timeout_t timeout)
{
	if (z_forever(timeout)) {
		return INT64_MAX;
	}
	k_ticks_t ticks = timeout.ticks < -1 ? -2 - timeout.ticks : timeout.ticks;
	int64_t ns = ticks / Z_HZ_ticks * 1000000000LL +
		     (ticks % Z_HZ_ticks * 1000000000LL + Z_HZ_ticks - 1) / Z_HZ_ticks;

	if (ticks > INT64_MAX / 1000000000LL * Z_HZ_ticks / 2) {
		return INT64_MAX;
	}
	return timeout.ticks < -1 ? ns : z_now() + ns;
}

k_ticks_t z_ticks_left(int64_t deadline)
{
	int64_t left = deadline - z_now();

	return left <= 0 ? 0 : (k_ticks_t)((left / 1000 * Z_HZ_ticks + 999999) / 1000000);
}

/* ---- The CPU ---- */

static void ready_insert(struct z_thread *t, bool in_front)
{
	struct z_thread **p = &ready;

	while (*p != NULL && ((*p)->prio < t->prio || (!in_front && (*p)->prio == t->prio))) {
		p = &(*p)->next_ready;
	}
	t->next_ready = *p;
	*p = t;
}

static bool ready_remove(struct z_thread *t)
{
	for (struct z_thread **p = &ready; *p != NULL; p = &(*p)->next_ready) {
		if (*p == t) {
			*p = t->next_ready;
			return true;
		}
	}
	return false;
}

static void dispatch(void)
{
	if (cpu == NULL && ready != NULL) {
		cpu = ready;
		ready = ready->next_ready;
		pthread_cond_signal(&cpu->cond);
	}
}

void z_thread_ready(struct z_thread *t)
{
	if (!t->suspended) {
		t->waiting = true;
		ready_insert(t, false);
		dispatch();
	}
}

static void release_cpu(void)
{
	if (cpu == self) {
		cpu = NULL;
		dispatch();
	}
}

static int64_t patience(const struct z_thread *t)
{
	const struct z_thread *owner = cpu;

	if (owner == NULL || owner->irq_locked) {
		return STARVE_NS;
	}
	if (t->isr) {
		return owner->isr ? STARVE_NS : STEAL_NS;
	}
	return owner->isr || owner->prio < 0 || owner->sched_locked || t->prio >= owner->prio ? STARVE_NS
											      : STEAL_NS;
}

/* Waits for the turn of a thread that is in the list of those ready. */
static void wait_for_cpu(struct z_thread *t)
{
	t->waiting = true;
	while (cpu != t) {
		struct z_thread *owner = cpu;
		uint64_t entries = owner != NULL ? owner->entries : 0;

		if (t->suspended) {
			z_cond_wait(&t->cond, INT64_MAX);
		} else if (z_cond_wait(&t->cond, z_now() + patience(t)) && cpu == owner && owner != NULL &&
			   !owner->waiting && owner->entries == entries && ready_remove(t)) {
			cpu = t;
		}
	}
	t->waiting = false;
}

static void acquire_cpu(struct z_thread *t)
{
	if (cpu != t) {
		z_thread_ready(t);
		wait_for_cpu(t);
	}
}

static bool should_yield(const struct z_thread *t, const struct z_thread *other)
{
	if (t->isr || t->irq_locked) {
		return false;
	}
	if (other->isr) {
		return true;
	}
	return t->prio >= 0 && !t->sched_locked && other->prio < t->prio;
}

void z_lock(void)
{
	pthread_mutex_lock(&lock);
	if (self != NULL) {
		self->entries++;
		acquire_cpu(self);
		if (self->aborted) {
			z_thread_exit();
		}
	}
}

void z_unlock(void)
{
	if (self != NULL && cpu == self && ready != NULL && should_yield(self, ready)) {
		ready_insert(self, true);
		cpu = NULL;
		dispatch();
		wait_for_cpu(self);
		if (self->aborted) {
			z_thread_exit();
		}
	}
	pthread_mutex_unlock(&lock);
}

void z_yield(void)
{
	if (self != NULL && !self->isr && cpu == self && ready != NULL && ready->prio <= self->prio) {
		ready_insert(self, false);
		cpu = NULL;
		dispatch();
		wait_for_cpu(self);
	}
}

/* ---- Waiting ---- */

static void waitq_insert(struct z_waitq *waitq, struct z_thread *t)
{
	struct z_thread **p = &waitq->head;

	while (*p != NULL && (*p)->prio <= t->prio) {
		p = &(*p)->next_wait;
	}
	t->next_wait = *p;
	*p = t;
	t->waits_on = waitq;
}

static void waitq_remove(struct z_thread *t)
{
	if (t->waits_on == NULL) {
		return;
	}
	for (struct z_thread **p = &t->waits_on->head; *p != NULL; p = &(*p)->next_wait) {
		if (*p == t) {
			*p = t->next_wait;
			break;
		}
	}
	t->waits_on = NULL;
}

int z_pend(struct z_waitq *waitq, k_timeout_t timeout)
{
	struct z_thread *t = self;
	int64_t deadline = z_deadline(timeout);

	if (t == NULL || t->isr) {
		pthread_mutex_unlock(&lock);
		z_fatal("a function that waits was called from an interrupt handler: use K_NO_WAIT there, or "
			"leave the waiting to a work item");
	}
	t->pending = true;
	t->result = -EAGAIN;
	if (waitq != NULL) {
		waitq_insert(waitq, t);
	}
	release_cpu();
	while (t->pending) {
		if (z_cond_wait(&t->cond, deadline) && t->pending && z_now() >= deadline) {
			t->pending = false;
			waitq_remove(t);
			z_thread_ready(t);
		}
	}
	wait_for_cpu(t);
	if (t->aborted) {
		z_thread_exit();
	}
	return t->result;
}

void z_wake(struct z_thread *t, int result)
{
	if (!t->pending) {
		return;
	}
	waitq_remove(t);
	t->pending = false;
	t->result = result;
	z_thread_ready(t);
	pthread_cond_signal(&t->cond);
}

struct z_thread *z_wake_first(struct z_waitq *waitq, int result)
{
	struct z_thread *t = waitq->head;

	if (t != NULL) {
		z_wake(t, result);
	}
	return t;
}

void z_wake_all(struct z_waitq *waitq, int result)
{
	while (z_wake_first(waitq, result) != NULL) {
	}
}

/* A suspended thread that is ready leaves the list; one that waits goes on waiting
 * and is not ready afterwards; one that computes is stopped at its next kernel call. */
void z_suspend(struct z_thread *t)
{
	ready_remove(t);
}

void z_resume(struct z_thread *t)
{
	if (t == NULL || !t->started) {
		return;
	}
	if (t->own_suspend) {
		z_wake(t, 0);
	} else if (!t->pending && cpu != t) {
		z_thread_ready(t);
	}
}

void z_thread_set_prio(struct z_thread *t, int prio)
{
	struct z_waitq *waitq = t->waits_on;

	t->prio = prio;
	if (ready_remove(t)) {
		ready_insert(t, false);
	}
	if (waitq != NULL) {
		waitq_remove(t);
		waitq_insert(waitq, t);
	}
}

/* ---- Threads of the host ---- */

struct z_thread *z_thread_new(struct k_thread *thread, int prio)
{
	struct z_thread *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		z_fatal("no memory for a thread");
	}
	z_cond_init(&t->cond);
	t->thread = thread;
	t->prio = prio;
	return t;
}

void z_thread_adopt(struct z_thread *t)
{
	self = t;
	t->os = pthread_self();
	t->adopted = true;
	pthread_mutex_lock(&lock);
	wait_for_cpu(t);
	if (t->aborted) {
		z_thread_exit();
	}
	pthread_mutex_unlock(&lock);
}

void z_thread_exit(void)
{
	struct z_thread *t = self;

	if (t->thread != NULL && t->thread->host == t) {
		t->thread->host = NULL;
		t->thread->ended = true;
		z_wake_all(&t->thread->joiners, 0);
	}
	ready_remove(t);
	release_cpu();
	self = NULL;
	z_thread_forget(t);
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&t->cond);
	free(t);
	pthread_exit(NULL);
}

/* ---- What the transport calls ---- */

void *ncsh_block(void)
{
	if (self == NULL || self->isr) {
		return NULL;
	}
	pthread_mutex_lock(&lock);
	self->entries++;
	release_cpu();
	pthread_mutex_unlock(&lock);
	return self;
}

void ncsh_answered(void *waiter)
{
	struct z_thread *t = waiter;

	if (t != NULL) {
		pthread_mutex_lock(&lock);
		t->answered = true;
		z_thread_ready(t);
		pthread_mutex_unlock(&lock);
	}
}

void ncsh_unblock(void *waiter)
{
	struct z_thread *t = waiter;

	if (t == NULL) {
		return;
	}
	pthread_mutex_lock(&lock);
	t->entries++;
	if (t->answered) {
		t->answered = false;
		wait_for_cpu(t);
	} else {
		acquire_cpu(t);
	}
	if (t->aborted) {
		z_thread_exit();
	}
	pthread_mutex_unlock(&lock);
}

void ncsh_isr_enter(void)
{
	if (self != NULL) {
		self->irq_locked++;
		return;
	}
	if (!isr_self.isr) {
		z_cond_init(&isr_self.cond);
		isr_self.isr = true;
		isr_self.prio = INT_MIN;
		z_crash_thread();
	}
	self = &isr_self;
	pthread_mutex_lock(&lock);
	acquire_cpu(self);
	pthread_mutex_unlock(&lock);
}

void ncsh_isr_exit(void)
{
	if (self->irq_locked > 0) {
		self->irq_locked--;
		return;
	}
	pthread_mutex_lock(&lock);
	release_cpu();
	ready_remove(self);
	self = NULL;
	pthread_mutex_unlock(&lock);
}

bool k_is_in_isr(void)
{
	return self == NULL || self->isr || ncsh_in_isr();
}

void k_sched_lock(void)
{
	z_lock();
	if (self != NULL) {
		self->sched_locked++;
	}
	z_unlock();
}

void k_sched_unlock(void)
{
	z_lock();
	if (self != NULL && self->sched_locked > 0) {
		self->sched_locked--;
	}
	z_unlock();
}

unsigned int z_irq_lock(void)
{
	z_lock();
	if (self != NULL) {
		self->irq_locked++;
	}
	z_unlock();
	return 0;
}

void z_irq_unlock(unsigned int key)
{
	(void)key;
	z_lock();
	if (self != NULL && self->irq_locked > 0) {
		self->irq_locked--;
	}
	z_unlock();
}

k_spinlock_key_t k_spin_lock(struct k_spinlock *l)
{
	k_spinlock_key_t key = { z_irq_lock() };

	l->held++;
	return key;
}

int k_spin_trylock(struct k_spinlock *l, k_spinlock_key_t *key)
{
	unsigned int locked = z_irq_lock();

	if (l->held > 0) {
		z_irq_unlock(locked);
		return -EBUSY;
	}
	l->held++;
	key->key = locked;
	return 0;
}

void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t key)
{
	l->held--;
	z_irq_unlock(key.key);
}
