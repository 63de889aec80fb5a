/*
 * The kernel: threads, semaphores, mutexes, condition variables, queues, events,
 * timers, work, polling, memory and time.
 *
 * As on the device one thread runs at a time, by priority; a thread is an OS
 * thread that waits for its turn. Interrupt handlers come before every thread.
 */
#ifndef NRF91EMU_ZEPHYR_KERNEL_H_
#define NRF91EMU_ZEPHYR_KERNEL_H_

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/types.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys_clock.h>
#include <zephyr/sys/util.h>
#include <zephyr/sys/atomic.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/dlist.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/__assert.h>
#include <zephyr/sys/iterable_sections.h>
#include <zephyr/init.h>
#include <zephyr/device.h>
#include <ncshost.h>

/* ---- Threads ---- */

#define K_PRIO_COOP(x) (-(CONFIG_NUM_COOP_PRIORITIES - (x)))
#define K_PRIO_PREEMPT(x) (x)
#ifndef CONFIG_NUM_COOP_PRIORITIES
#define CONFIG_NUM_COOP_PRIORITIES 16
#endif
#ifndef CONFIG_NUM_PREEMPT_PRIORITIES
#define CONFIG_NUM_PREEMPT_PRIORITIES 15
#endif
#define K_HIGHEST_THREAD_PRIO (-CONFIG_NUM_COOP_PRIORITIES)
#define K_LOWEST_THREAD_PRIO CONFIG_NUM_PREEMPT_PRIORITIES
#define K_HIGHEST_APPLICATION_THREAD_PRIO K_HIGHEST_THREAD_PRIO
#define K_LOWEST_APPLICATION_THREAD_PRIO (K_LOWEST_THREAD_PRIO - 1)
#define K_IDLE_PRIO K_LOWEST_THREAD_PRIO
#define K_ESSENTIAL BIT(0)
#define K_FP_REGS BIT(1)
#define K_FP_IDX 1
#define K_USER BIT(2)
#define K_INHERIT_PERMS BIT(3)

struct z_thread;

/* Threads that wait, in the order in which they are woken. */
struct z_waitq {
	struct z_thread *head;
};

struct k_thread {
	/* The OS thread and its place in the scheduler; NULL before the start and after the end. */
	struct z_thread *host;
	struct z_waitq joiners;
	char name[32];
	int prio;
	void *custom_data;
	bool ended;
};

typedef struct k_thread *k_tid_t;
typedef void (*k_thread_entry_t)(void *p1, void *p2, void *p3);
typedef struct {
	char bytes[1];
} k_thread_stack_t;

/* The stacks of the application are not used: a host thread needs more than a device's. */
#define K_THREAD_STACK_LEN(size) (size)
#define K_KERNEL_STACK_LEN(size) (size)
#define K_THREAD_STACK_DEFINE(sym, size) k_thread_stack_t sym[size]
#define K_THREAD_STACK_ARRAY_DEFINE(sym, n, size) k_thread_stack_t sym[n][size]
#define K_THREAD_STACK_MEMBER(sym, size) k_thread_stack_t sym[size]
#define K_THREAD_STACK_DECLARE(sym, size) extern k_thread_stack_t sym[size]
#define K_THREAD_STACK_EXTERN(sym) extern k_thread_stack_t sym[]
#define K_THREAD_STACK_SIZEOF(sym) sizeof(sym)
#define K_KERNEL_STACK_DEFINE(sym, size) K_THREAD_STACK_DEFINE(sym, size)
#define K_KERNEL_STACK_MEMBER(sym, size) K_THREAD_STACK_MEMBER(sym, size)
#define K_KERNEL_STACK_SIZEOF(sym) sizeof(sym)

k_tid_t z_thread_create(struct k_thread *thread, size_t stack_size, k_thread_entry_t entry, void *p1, void *p2,
			void *p3, int prio, uint32_t options, k_timeout_t delay);
#define k_thread_create(thread, stack, size, entry, p1, p2, p3, prio, options, delay)              \
	((void)(stack), z_thread_create(thread, size, (k_thread_entry_t)(void (*)(void))(entry),   \
					(void *)(p1), (void *)(p2), (void *)(p3), prio, options, delay))

struct z_static_thread {
	struct k_thread *thread;
	const char *name;
	k_thread_entry_t entry;
	void *p1, *p2, *p3;
	size_t stack_size;
	int prio;
	uint32_t options;
	int32_t delay_ms;
	struct z_static_thread *next;
};
void z_static_thread_add(struct z_static_thread *thread);

#define K_THREAD_DEFINE(sym, size, entry_, p1_, p2_, p3_, prio_, options_, delay)                  \
	static struct k_thread z_thread_##sym;                                                     \
	static struct z_static_thread z_static_thread_##sym = {                                    \
		.thread = &z_thread_##sym,                                                         \
		.name = #sym,                                                                      \
		.entry = (k_thread_entry_t)(void (*)(void))(entry_),                               \
		.p1 = (void *)(p1_),                                                               \
		.p2 = (void *)(p2_),                                                               \
		.p3 = (void *)(p3_),                                                               \
		.stack_size = (size),                                                              \
		.prio = (prio_),                                                                   \
		.options = (options_),                                                             \
		.delay_ms = (delay),                                                               \
	};                                                                                         \
	__attribute__((__constructor__)) static void z_static_thread_add_##sym(void)               \
	{                                                                                          \
		z_static_thread_add(&z_static_thread_##sym);                                       \
	}                                                                                          \
	const k_tid_t sym = &z_thread_##sym
#define K_KERNEL_THREAD_DEFINE K_THREAD_DEFINE

void k_thread_start(k_tid_t thread);
void k_thread_abort(k_tid_t thread);
/* 0; -EBUSY with K_NO_WAIT; -EAGAIN after the time; -EDEADLK for the caller itself. */
int k_thread_join(struct k_thread *thread, k_timeout_t timeout);
void k_thread_suspend(k_tid_t thread);
void k_thread_resume(k_tid_t thread);
int k_thread_name_set(k_tid_t thread, const char *name);
const char *k_thread_name_get(k_tid_t thread);
int k_thread_name_copy(k_tid_t thread, char *buf, size_t size);
void k_thread_priority_set(k_tid_t thread, int prio);
int k_thread_priority_get(k_tid_t thread);
void k_thread_custom_data_set(void *value);
void *k_thread_custom_data_get(void);
void k_thread_foreach(void (*cb)(const struct k_thread *thread, void *user_data), void *user_data);
k_tid_t k_current_get(void);
/* The time that is left if another thread woke this one: ms, 0 after the whole time. */
int32_t k_sleep(k_timeout_t timeout);
int32_t k_msleep(int32_t ms);
int32_t k_usleep(int32_t us);
void k_busy_wait(uint32_t us);
void k_yield(void);
void k_wakeup(k_tid_t thread);
void k_sched_lock(void);
void k_sched_unlock(void);
bool k_is_in_isr(void);
int k_is_preempt_thread(void);
static inline bool k_is_pre_kernel(void) { return false; }
unsigned int z_irq_lock(void);
void z_irq_unlock(unsigned int key);
#define irq_lock() z_irq_lock()
#define irq_unlock(key) z_irq_unlock(key)
void k_cpu_idle(void);
void k_panic(void) FUNC_NORETURN;
void k_oops(void) FUNC_NORETURN;

struct k_spinlock {
	int held;
};
typedef struct {
	unsigned int key;
} k_spinlock_key_t;
k_spinlock_key_t k_spin_lock(struct k_spinlock *lock);
void k_spin_unlock(struct k_spinlock *lock, k_spinlock_key_t key);
/* 0, or -EBUSY if it is held. */
int k_spin_trylock(struct k_spinlock *lock, k_spinlock_key_t *key);
static inline bool z_spin_is_locked(struct k_spinlock *lock) { return lock->held > 0; }
#define k_spin_is_locked(lock) z_spin_is_locked(lock)

struct z_spin_guard {
	struct k_spinlock *lock;
	k_spinlock_key_t key;
	bool done;
};
static inline void z_spin_guard_end(struct z_spin_guard *guard) { k_spin_unlock(guard->lock, guard->key); }
/* The block behind it runs with the lock; break leaves it, return and goto do too. */
#define K_SPINLOCK(l)                                                                              \
	for (struct z_spin_guard z_guard __attribute__((cleanup(z_spin_guard_end))) = { (l), k_spin_lock(l), false }; \
	     !z_guard.done; z_guard.done = true)

/* ---- Time ---- */

int64_t k_uptime_get(void);
static inline uint32_t k_uptime_get_32(void) { return (uint32_t)k_uptime_get(); }
static inline uint32_t k_uptime_seconds(void) { return (uint32_t)(k_uptime_get() / 1000); }
int64_t k_uptime_ticks(void);
static inline int64_t k_uptime_delta(int64_t *reftime)
{
	int64_t now = k_uptime_get();
	int64_t delta = now - *reftime;

	*reftime = now;
	return delta;
}
static inline uint32_t k_cycle_get_32(void) { return (uint32_t)k_uptime_ticks(); }
static inline uint64_t k_cycle_get_64(void) { return (uint64_t)k_uptime_ticks(); }

/* ---- Semaphores ---- */

#define K_SEM_MAX_LIMIT UINT_MAX
struct k_sem {
	struct z_waitq waitq;
	unsigned int count;
	unsigned int limit;
};
#define Z_SEM_INIT(initial, max) { .count = (initial), .limit = (max) }
#define K_SEM_DEFINE(name, initial, max) struct k_sem name = Z_SEM_INIT(initial, max)
int k_sem_init(struct k_sem *sem, unsigned int initial, unsigned int limit);
/* 0; -EBUSY with K_NO_WAIT; -EAGAIN after the time or a reset. */
int k_sem_take(struct k_sem *sem, k_timeout_t timeout);
void k_sem_give(struct k_sem *sem);
void k_sem_reset(struct k_sem *sem);
unsigned int k_sem_count_get(struct k_sem *sem);

/* ---- Mutexes and condition variables ---- */

struct k_mutex {
	struct z_waitq waitq;
	struct z_thread *owner;
	uint32_t lock_count;
	int owner_orig_prio;
};
#define K_MUTEX_DEFINE(name) struct k_mutex name = { .lock_count = 0 }
int k_mutex_init(struct k_mutex *mutex);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
int k_mutex_unlock(struct k_mutex *mutex);

struct k_condvar {
	struct z_waitq waitq;
};
#define K_CONDVAR_DEFINE(name) struct k_condvar name = { { NULL } }
int k_condvar_init(struct k_condvar *condvar);
int k_condvar_signal(struct k_condvar *condvar);
int k_condvar_broadcast(struct k_condvar *condvar);
int k_condvar_wait(struct k_condvar *condvar, struct k_mutex *mutex, k_timeout_t timeout);

/* ---- Events ---- */

struct k_event {
	struct z_waitq waitq;
	uint32_t events;
};
#define K_EVENT_DEFINE(name) struct k_event name = { .events = 0 }
void k_event_init(struct k_event *event);
/* These return the bits that were set before. */
uint32_t k_event_post(struct k_event *event, uint32_t events);
uint32_t k_event_set(struct k_event *event, uint32_t events);
uint32_t k_event_set_masked(struct k_event *event, uint32_t events, uint32_t mask);
uint32_t k_event_clear(struct k_event *event, uint32_t events);
/* The bits that matched, 0 after the time. */
uint32_t k_event_wait(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout);
uint32_t k_event_wait_all(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout);
static inline uint32_t k_event_test(struct k_event *event, uint32_t mask)
{
	return k_event_wait(event, mask, false, K_NO_WAIT);
}

/* ---- Message queues ---- */

struct k_msgq {
	struct z_waitq readers, writers;
	size_t msg_size;
	uint32_t max_msgs;
	char *buffer_start;
	uint32_t first;
	uint32_t used_msgs;
	bool allocated;
};
#define K_MSGQ_DEFINE(name, size, max, align)                                                      \
	struct k_msgq name = { .msg_size = (size), .max_msgs = (max),                              \
			       .buffer_start = (char[(size) * (max)]){ 0 } }
void k_msgq_init(struct k_msgq *msgq, char *buffer, size_t msg_size, uint32_t max_msgs);
int k_msgq_alloc_init(struct k_msgq *msgq, size_t msg_size, uint32_t max_msgs);
int k_msgq_cleanup(struct k_msgq *msgq);
/* 0; -ENOMSG with K_NO_WAIT or after a purge; -EAGAIN after the time. */
int k_msgq_put(struct k_msgq *msgq, const void *data, k_timeout_t timeout);
int k_msgq_get(struct k_msgq *msgq, void *data, k_timeout_t timeout);
int k_msgq_peek(struct k_msgq *msgq, void *data);
int k_msgq_peek_at(struct k_msgq *msgq, void *data, uint32_t idx);
void k_msgq_purge(struct k_msgq *msgq);
uint32_t k_msgq_num_used_get(struct k_msgq *msgq);
uint32_t k_msgq_num_free_get(struct k_msgq *msgq);

/* ---- Queues of elements whose first word is the kernel's ---- */

struct k_queue {
	struct z_waitq waitq;
	void **head, **tail;
};
#define Z_QUEUE_INIT { { NULL }, NULL, NULL }
#define K_QUEUE_DEFINE(name) struct k_queue name = Z_QUEUE_INIT
void k_queue_init(struct k_queue *queue);
void k_queue_append(struct k_queue *queue, void *data);
void k_queue_prepend(struct k_queue *queue, void *data);
int32_t k_queue_alloc_append(struct k_queue *queue, void *data);
int32_t k_queue_alloc_prepend(struct k_queue *queue, void *data);
void *k_queue_get(struct k_queue *queue, k_timeout_t timeout);
bool k_queue_remove(struct k_queue *queue, void *data);
void k_queue_cancel_wait(struct k_queue *queue);
int k_queue_is_empty(struct k_queue *queue);
void *k_queue_peek_head(struct k_queue *queue);
void *k_queue_peek_tail(struct k_queue *queue);

struct k_fifo {
	struct k_queue _queue;
};
#define K_FIFO_DEFINE(name) struct k_fifo name = { Z_QUEUE_INIT }
#define k_fifo_init(fifo) k_queue_init(&(fifo)->_queue)
#define k_fifo_put(fifo, data) k_queue_append(&(fifo)->_queue, data)
#define k_fifo_alloc_put(fifo, data) k_queue_alloc_append(&(fifo)->_queue, data)
#define k_fifo_get(fifo, timeout) k_queue_get(&(fifo)->_queue, timeout)
#define k_fifo_is_empty(fifo) k_queue_is_empty(&(fifo)->_queue)
#define k_fifo_peek_head(fifo) k_queue_peek_head(&(fifo)->_queue)
#define k_fifo_peek_tail(fifo) k_queue_peek_tail(&(fifo)->_queue)
#define k_fifo_cancel_wait(fifo) k_queue_cancel_wait(&(fifo)->_queue)

struct k_lifo {
	struct k_queue _queue;
};
#define K_LIFO_DEFINE(name) struct k_lifo name = { Z_QUEUE_INIT }
#define k_lifo_init(lifo) k_queue_init(&(lifo)->_queue)
#define k_lifo_put(lifo, data) k_queue_prepend(&(lifo)->_queue, data)
#define k_lifo_alloc_put(lifo, data) k_queue_alloc_prepend(&(lifo)->_queue, data)
#define k_lifo_get(lifo, timeout) k_queue_get(&(lifo)->_queue, timeout)

/* A stack of words. */
typedef uintptr_t stack_data_t;
struct k_stack {
	struct z_waitq waitq;
	stack_data_t *base;
	uint32_t used, max;
};
#define K_STACK_DEFINE(name, entries) struct k_stack name = { .base = (stack_data_t[entries]){ 0 }, .max = (entries) }
void k_stack_init(struct k_stack *stack, stack_data_t *buffer, uint32_t entries);
int k_stack_push(struct k_stack *stack, stack_data_t data);
int k_stack_pop(struct k_stack *stack, stack_data_t *data, k_timeout_t timeout);

/* ---- Timers ---- */

struct k_timer;
typedef void (*k_timer_expiry_t)(struct k_timer *timer);
typedef void (*k_timer_stop_t)(struct k_timer *timer);

/* A deadline in the kernel's list of them. */
struct z_timeout {
	struct z_timeout *next;
	int64_t deadline;
	void (*fn)(struct z_timeout *timeout);
	bool active;
};

struct k_timer {
	struct z_timeout timeout;
	struct z_waitq waitq;
	k_timer_expiry_t expiry_fn;
	k_timer_stop_t stop_fn;
	k_timeout_t period;
	uint32_t status;
	void *user_data;
};
#define K_TIMER_DEFINE(name, expiry, stop) struct k_timer name = { .expiry_fn = (expiry), .stop_fn = (stop) }
void k_timer_init(struct k_timer *timer, k_timer_expiry_t expiry_fn, k_timer_stop_t stop_fn);
void k_timer_start(struct k_timer *timer, k_timeout_t duration, k_timeout_t period);
void k_timer_stop(struct k_timer *timer);
/* The number of expiries since the status was last read. */
uint32_t k_timer_status_get(struct k_timer *timer);
uint32_t k_timer_status_sync(struct k_timer *timer);
uint32_t k_timer_remaining_get(struct k_timer *timer);
k_ticks_t k_timer_remaining_ticks(const struct k_timer *timer);
k_ticks_t k_timer_expires_ticks(const struct k_timer *timer);
static inline void k_timer_user_data_set(struct k_timer *timer, void *data) { timer->user_data = data; }
static inline void *k_timer_user_data_get(const struct k_timer *timer) { return timer->user_data; }

/* ---- Work ---- */

struct k_work;
struct k_work_q;
typedef void (*k_work_handler_t)(struct k_work *work);

enum {
	K_WORK_RUNNING = BIT(0),
	K_WORK_CANCELING = BIT(1),
	K_WORK_QUEUED = BIT(2),
	K_WORK_DELAYED = BIT(3),
	K_WORK_FLUSHING = BIT(4),
};

struct k_work {
	struct k_work *next;
	k_work_handler_t handler;
	struct k_work_q *queue;
	uint32_t flags;
};
struct k_work_delayable {
	struct k_work work;
	struct z_timeout timeout;
	struct k_work_q *queue;
};
struct k_work_sync {
	int unused;
};
struct k_work_queue_config {
	const char *name;
	bool no_yield;
	bool essential;
	uint32_t work_timeout_ms;
};
struct k_work_q {
	struct k_thread thread;
	struct k_work *head, *tail;
	struct k_work *running;
	struct z_waitq waitq;
	struct z_waitq drainers;
	bool started, draining, plugged;
};

#define Z_WORK_INITIALIZER(work_handler) { .handler = (work_handler) }
#define K_WORK_DEFINE(name, work_handler) struct k_work name = Z_WORK_INITIALIZER(work_handler)
#define K_WORK_DELAYABLE_DEFINE(name, work_handler)                                                \
	struct k_work_delayable name = { .work = Z_WORK_INITIALIZER(work_handler) }

extern struct k_work_q k_sys_work_q;

void k_work_init(struct k_work *work, k_work_handler_t handler);
/* 0 already queued, 1 queued, 2 queued again while it runs; -EBUSY cancelling, plugged or draining; -ENODEV no such queue. */
int k_work_submit(struct k_work *work);
int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work);
/* What k_work_busy_get says afterwards. */
int k_work_cancel(struct k_work *work);
/* Whether there was something to wait for. */
bool k_work_cancel_sync(struct k_work *work, struct k_work_sync *sync);
bool k_work_flush(struct k_work *work, struct k_work_sync *sync);
int k_work_busy_get(const struct k_work *work);
static inline bool k_work_is_pending(const struct k_work *work) { return k_work_busy_get(work) != 0; }
void k_work_init_delayable(struct k_work_delayable *dwork, k_work_handler_t handler);
static inline struct k_work_delayable *k_work_delayable_from_work(struct k_work *work)
{
	return CONTAINER_OF(work, struct k_work_delayable, work);
}
int k_work_schedule(struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_schedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_reschedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay);
int k_work_cancel_delayable(struct k_work_delayable *dwork);
bool k_work_cancel_delayable_sync(struct k_work_delayable *dwork, struct k_work_sync *sync);
bool k_work_flush_delayable(struct k_work_delayable *dwork, struct k_work_sync *sync);
int k_work_delayable_busy_get(const struct k_work_delayable *dwork);
static inline bool k_work_delayable_is_pending(const struct k_work_delayable *dwork)
{
	return k_work_delayable_busy_get(dwork) != 0;
}
k_ticks_t k_work_delayable_remaining_get(const struct k_work_delayable *dwork);
k_ticks_t k_work_delayable_expires_get(const struct k_work_delayable *dwork);
void k_work_queue_init(struct k_work_q *queue);
void z_work_queue_start(struct k_work_q *queue, size_t stack_size, int prio, const struct k_work_queue_config *cfg);
#define k_work_queue_start(queue, stack, size, prio, cfg)                                          \
	((void)(stack), z_work_queue_start(queue, size, prio, cfg))
int k_work_queue_drain(struct k_work_q *queue, bool plug);
int k_work_queue_unplug(struct k_work_q *queue);
static inline k_tid_t k_work_queue_thread_get(struct k_work_q *queue) { return &queue->thread; }

/* ---- Polling ---- */

enum {
	K_POLL_TYPE_IGNORE = 0,
	K_POLL_TYPE_SIGNAL = 1,
	K_POLL_TYPE_SEM_AVAILABLE = 2,
	K_POLL_TYPE_DATA_AVAILABLE = 4,
	K_POLL_TYPE_FIFO_DATA_AVAILABLE = K_POLL_TYPE_DATA_AVAILABLE,
	K_POLL_TYPE_MSGQ_DATA_AVAILABLE = 8,
};
enum {
	K_POLL_STATE_NOT_READY = 0,
	K_POLL_STATE_SIGNALED = 1,
	K_POLL_STATE_SEM_AVAILABLE = 2,
	K_POLL_STATE_DATA_AVAILABLE = 4,
	K_POLL_STATE_FIFO_DATA_AVAILABLE = K_POLL_STATE_DATA_AVAILABLE,
	K_POLL_STATE_CANCELLED = 8,
	K_POLL_STATE_MSGQ_DATA_AVAILABLE = 16,
};
enum k_poll_modes { K_POLL_MODE_NOTIFY_ONLY = 0 };

struct k_poll_signal {
	unsigned int signaled;
	int result;
};
struct k_poll_event {
	uint32_t tag;
	uint32_t type;
	uint32_t state;
	uint32_t mode;
	union {
		void *obj;
		struct k_poll_signal *signal;
		struct k_sem *sem;
		struct k_fifo *fifo;
		struct k_queue *queue;
		struct k_msgq *msgq;
	};
};
#define K_POLL_SIGNAL_INITIALIZER(obj) { 0, 0 }
#define K_POLL_EVENT_INITIALIZER(type_, mode_, obj_)                                               \
	{ .type = (type_), .mode = (mode_), { .obj = (void *)(obj_) } }
#define K_POLL_EVENT_STATIC_INITIALIZER(type_, mode_, obj_, tag_)                                  \
	{ .tag = (tag_), .type = (type_), .mode = (mode_), { .obj = (void *)(obj_) } }
void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *obj);
/* 0 with the states set; -EAGAIN after the time; -EINTR if a wait was cancelled. */
int k_poll(struct k_poll_event *events, int num_events, k_timeout_t timeout);
void k_poll_signal_init(struct k_poll_signal *sig);
void k_poll_signal_reset(struct k_poll_signal *sig);
void k_poll_signal_check(struct k_poll_signal *sig, unsigned int *signaled, int *result);
int k_poll_signal_raise(struct k_poll_signal *sig, int result);

/* ---- Memory ---- */

/* From a heap of CONFIG_HEAP_MEM_POOL_SIZE bytes: NULL when they are used up. */
void *k_malloc(size_t size);
void *k_calloc(size_t nmemb, size_t size);
void *k_realloc(void *ptr, size_t size);
void *k_aligned_alloc(size_t align, size_t size);
void k_free(void *ptr);

/* A heap counts its bytes, so that it runs out as on the device; the memory is the host's. */
struct k_heap {
	struct z_waitq waitq;
	size_t size;
	size_t used;
};
#define K_HEAP_DEFINE(name, bytes) struct k_heap name = { .size = (bytes) }
#define K_HEAP_DEFINE_NOCACHE K_HEAP_DEFINE
void k_heap_init(struct k_heap *heap, void *mem, size_t bytes);
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout);
void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout);
void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout);
void k_heap_free(struct k_heap *heap, void *mem);

struct k_mem_slab {
	struct z_waitq waitq;
	size_t block_size;
	uint32_t num_blocks;
	char *buffer;
	/* Blocks never given out lie behind unused; returned ones are in the list. */
	uint32_t unused;
	void *free_list;
	uint32_t num_used;
};
#define K_MEM_SLAB_DEFINE(name, size, num, align)                                                  \
	char z_mem_slab_##name[(num) * WB_UP(size)] __aligned(WB_UP(align));                       \
	struct k_mem_slab name = { .block_size = WB_UP(size), .num_blocks = (num), .buffer = z_mem_slab_##name }
#define K_MEM_SLAB_DEFINE_STATIC(name, size, num, align)                                           \
	static char z_mem_slab_##name[(num) * WB_UP(size)] __aligned(WB_UP(align));                \
	static struct k_mem_slab name = { .block_size = WB_UP(size), .num_blocks = (num), .buffer = z_mem_slab_##name }
int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks);
int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout);
void z_mem_slab_free(struct k_mem_slab *slab, void *mem);
/* Before Zephyr 3.6 the second argument was a pointer to the pointer. */
#if NCSHOST_VER >= 0x020500
static inline void k_mem_slab_free(struct k_mem_slab *slab, void *mem) { z_mem_slab_free(slab, mem); }
#else
static inline void k_mem_slab_free(struct k_mem_slab *slab, void **mem) { z_mem_slab_free(slab, *mem); }
#endif
static inline uint32_t k_mem_slab_num_used_get(struct k_mem_slab *slab) { return slab->num_used; }
static inline uint32_t k_mem_slab_num_free_get(struct k_mem_slab *slab) { return slab->num_blocks - slab->num_used; }

#include <zephyr/logging/log.h>

#endif
