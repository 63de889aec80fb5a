/*
 * The scheduler, as the kernel's files and the transport use it.
 *
 * One lock guards all of the kernel. One thread has the CPU: application code runs
 * only in the thread that has it, so that globals are as safe, and lines of a log
 * come in the same order, as on a chip with one core. A thread gives the CPU up
 * where it waits, and at the end of a kernel call if somebody more important is
 * ready. One that computes without a kernel call loses it after a while: to an
 * interrupt or a more important thread after STEAL_NS, to others after STARVE_NS;
 * it then goes on beside them until its next kernel call.
 */
#ifndef Z_SCHED_H_
#define Z_SCHED_H_

#include <pthread.h>
#include <zephyr/kernel.h>

struct z_thread {
	struct k_thread *thread; /* NULL for an interrupt */
	pthread_t os;		 /* once it is adopted */
	bool adopted;
	pthread_cond_t cond;
	int prio;
	bool isr, pending, aborted, suspended, own_suspend, started;
	/* It is in the list of those ready or has the CPU, and the host has not let it run yet. */
	bool waiting;
	/* What it waits for outside of the kernel has come. */
	bool answered;
	int sched_locked, irq_locked;
	/* Calls of the kernel: who makes none for long computes. */
	uint64_t entries;
	struct z_thread *next_ready, *next_wait, *next_all;
	struct z_waitq *waits_on;
	/* What the waker hands over. */
	int result;
	void *data;
	uint32_t word;
	k_thread_entry_t entry;
	void *p1, *p2, *p3;
	size_t stack_size;
	struct z_timeout start;
};

/* Takes the kernel's lock, and the CPU if the caller is a thread. */
void z_lock(void);
/* Gives the lock up, and the CPU if somebody more important is ready. */
void z_unlock(void);
/* The calling thread; NULL outside of the kernel's threads. */
struct z_thread *z_self(void);

/* Waits in the queue, with the lock: what the waker gave, or -EAGAIN after the time. */
int z_pend(struct z_waitq *waitq, k_timeout_t timeout);
/* Wakes the first of a queue and returns it, or NULL. With the lock. */
struct z_thread *z_wake_first(struct z_waitq *waitq, int result);
void z_wake_all(struct z_waitq *waitq, int result);
/* Wakes a thread that waits, wherever it waits. */
void z_wake(struct z_thread *t, int result);
/* Gives the CPU to others of the same or higher priority. */
void z_yield(void);
/* Has threads in k_poll look again. */
void z_poll_changed(void);

/* A condition variable for the kernel's lock and the clock of z_now. */
void z_cond_init(pthread_cond_t *cond);
/* Waits until the deadline at the latest: whether it has passed. */
bool z_cond_wait(pthread_cond_t *cond, int64_t deadline);

/* Deadlines: fn is called with the lock held, on the clock's thread. */
void z_timeout_add(struct z_timeout *timeout, int64_t deadline, void (*fn)(struct z_timeout *timeout));
/* Whether it was still to come. */
bool z_timeout_remove(struct z_timeout *timeout);

/* Nanoseconds since the start of the program. */
int64_t z_now(void);
/* The moment at which a time-out is over, in nanoseconds; INT64_MAX for K_FOREVER. */
int64_t z_deadline(k_timeout_t timeout);
/* What is left of a moment, in ticks. */
k_ticks_t z_ticks_left(int64_t deadline);

/* Wakes the waiters of a thread that ends, and lets the OS thread end. Does not return. */
void z_thread_exit(void) FUNC_NORETURN;
void z_thread_ready(struct z_thread *t);
struct z_thread *z_thread_new(struct k_thread *thread, int prio);
/* Makes the calling OS thread a thread of the kernel. */
void z_thread_adopt(struct z_thread *t);
/* Puts it on the list of all threads, with the lock, and takes it off. */
void z_thread_remember(struct z_thread *t);
void z_thread_forget(struct z_thread *t);
/* Calls each for all threads of that list. */
void z_threads_now(void (*each)(struct z_thread *t, void *arg), void *arg);
void z_suspend(struct z_thread *t);
void z_resume(struct z_thread *t);
void z_thread_set_prio(struct z_thread *t, int prio);
/* Starts a detached OS thread. */
void z_host_thread(void *(*fn)(void *), void *arg, size_t stack_size);
/* Starts the threads of K_THREAD_DEFINE. */
void z_static_threads_start(void);
void z_run_init(void);
void z_fatal(const char *why, ...) __printf_like(1, 2) FUNC_NORETURN;

static inline bool z_no_wait(k_timeout_t timeout) { return timeout.ticks == 0; }
static inline bool z_forever(k_timeout_t timeout) { return timeout.ticks == K_TICKS_FOREVER; }

#endif
