/* The kernel: what returns what, who runs when. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/ring_buffer.h>
#include <zephyr/sys/byteorder.h>
#include "check.h"

LOG_MODULE_REGISTER(kernel_test);

/* Initialised without a call, with and without static. */
static K_SEM_DEFINE(static_sem, 1, 2);
K_SEM_DEFINE(global_sem, 0, 1);
static K_MUTEX_DEFINE(mutex);
K_MSGQ_DEFINE(msgq, sizeof(int), 2, 4);
K_FIFO_DEFINE(fifo);
K_LIFO_DEFINE(lifo);
K_EVENT_DEFINE(event);
K_CONDVAR_DEFINE(condvar);
K_HEAP_DEFINE(heap, 64);
K_MEM_SLAB_DEFINE_STATIC(slab, 16, 2, 8);
K_STACK_DEFINE(stack, 2);

static char trace[256];

static void mark(const char *what)
{
	strcat(trace, what);
}

#define CHECK_TRACE(want)                                                                          \
	do {                                                                                       \
		CHECK_STR(trace, want);                                                            \
		trace[0] = '\0';                                                                   \
	} while (0)

/* ---- SYS_INIT runs by level and priority, with either prototype ---- */

static int init_late(void)
{
	mark("late ");
	return 0;
}
static int init_with_device(const struct device *dev)
{
	mark(dev == NULL ? "device " : "? ");
	return 0;
}
static int init_early(void)
{
	mark("early ");
	return 0;
}
SYS_INIT(init_late, APPLICATION, 90);
SYS_INIT(init_with_device, APPLICATION, 10);
SYS_INIT(init_early, PRE_KERNEL_1, 0);

/* ---- Threads of K_THREAD_DEFINE ---- */

K_SEM_DEFINE(thread_go, 0, 1);
static void high_thread(void)
{
	mark("high ");
	k_sem_take(&thread_go, K_FOREVER);
	mark("woken ");
}
static void low_thread(void *p1, void *p2, void *p3)
{
	CHECK(p1 == &thread_go && p2 == NULL && p3 == NULL);
	mark("low ");
}
K_THREAD_DEFINE(high, 1024, high_thread, NULL, NULL, NULL, K_PRIO_COOP(3), 0, 0);
K_THREAD_DEFINE(low, 1024, low_thread, &thread_go, NULL, NULL, 5, 0, 0);
K_THREAD_DEFINE(never, 1024, low_thread, NULL, NULL, NULL, 5, 0, SYS_FOREVER_MS);

static void test_threads(void)
{
	CHECK_STR(k_thread_name_get(k_current_get()), "main");
	CHECK_STR(k_thread_name_get(high), "high");
	/* The cooperative thread ran at once, the one of lower priority not at all. */
	CHECK_TRACE("early device late high ");
	k_sem_give(&thread_go);
	mark("gave ");
	CHECK_TRACE("woken gave ");
	CHECK_INT(k_thread_join(low, K_FOREVER), 0);
	CHECK_TRACE("low ");
	CHECK_INT(k_thread_join(never, K_NO_WAIT), -EBUSY);
	CHECK_INT(k_thread_join(never, K_MSEC(1)), -EAGAIN);
	k_thread_abort(never);
	CHECK_INT(k_thread_join(never, K_FOREVER), 0);
	CHECK_INT(k_thread_join(k_current_get(), K_FOREVER), -EDEADLK);
}

static void test_sem(void)
{
	struct k_sem sem;

	CHECK_INT(k_sem_init(&sem, 3, 2), -EINVAL);
	CHECK_INT(k_sem_init(&sem, 0, 0), -EINVAL);
	CHECK_INT(k_sem_init(&sem, 0, 2), 0);
	CHECK_INT(k_sem_take(&sem, K_NO_WAIT), -EBUSY);
	CHECK_INT(k_sem_take(&sem, K_MSEC(2)), -EAGAIN);
	for (int i = 0; i < 3; i++) {
		k_sem_give(&sem);
	}
	CHECK_INT(k_sem_count_get(&sem), 2);
	CHECK_INT(k_sem_take(&sem, K_FOREVER), 0);
	k_sem_reset(&sem);
	CHECK_INT(k_sem_count_get(&sem), 0);
	CHECK_INT(k_sem_count_get(&static_sem), 1);
	CHECK_INT(k_sem_take(&global_sem, K_NO_WAIT), -EBUSY);
}

static struct k_thread helper;
static K_THREAD_STACK_DEFINE(helper_stack, 1024);

static void with_thread(k_thread_entry_t entry, int prio)
{
	k_thread_create(&helper, helper_stack, K_THREAD_STACK_SIZEOF(helper_stack), entry, NULL, NULL, NULL, prio, 0,
			K_NO_WAIT);
}

static void mutex_thread(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	CHECK_INT(k_mutex_lock(&mutex, K_NO_WAIT), -EBUSY);
	CHECK_INT(k_mutex_lock(&mutex, K_MSEC(1)), -EAGAIN);
	CHECK_INT(k_mutex_unlock(&mutex), -EPERM);
	k_sem_give(&global_sem);
	CHECK_INT(k_mutex_lock(&mutex, K_FOREVER), 0);
	mark("locked ");
	k_condvar_signal(&condvar);
	CHECK_INT(k_mutex_unlock(&mutex), 0);
}

static void test_mutex(void)
{
	CHECK_INT(k_mutex_unlock(&mutex), -EINVAL);
	CHECK_INT(k_mutex_lock(&mutex, K_FOREVER), 0);
	CHECK_INT(k_mutex_lock(&mutex, K_NO_WAIT), 0);
	CHECK_INT(k_mutex_unlock(&mutex), 0);
	with_thread(mutex_thread, -2);
	k_sem_take(&global_sem, K_FOREVER);
	mark("wait ");
	CHECK_INT(k_condvar_wait(&condvar, &mutex, K_FOREVER), 0);
	CHECK_TRACE("wait locked ");
	CHECK_INT(k_condvar_wait(&condvar, &mutex, K_MSEC(1)), -EAGAIN);
	CHECK_INT(k_mutex_unlock(&mutex), 0);
	k_thread_join(&helper, K_FOREVER);
}

static void msgq_thread(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (int i = 1; i <= 4; i++) {
		CHECK_INT(k_msgq_put(&msgq, &i, K_FOREVER), 0);
	}
}

static void test_msgq(void)
{
	int v = 7;

	CHECK_INT(k_msgq_get(&msgq, &v, K_NO_WAIT), -ENOMSG);
	CHECK_INT(k_msgq_get(&msgq, &v, K_MSEC(1)), -EAGAIN);
	with_thread(msgq_thread, -2);
	CHECK_INT(k_msgq_num_used_get(&msgq), 2);
	CHECK_INT(k_msgq_num_free_get(&msgq), 0);
	CHECK_INT(k_msgq_put(&msgq, &v, K_NO_WAIT), -ENOMSG);
	CHECK_INT(k_msgq_peek(&msgq, &v), 0);
	CHECK_INT(v, 1);
	for (int i = 1; i <= 4; i++) {
		CHECK_INT(k_msgq_get(&msgq, &v, K_SECONDS(10)), 0);
		CHECK_INT(v, i);
	}
	k_thread_join(&helper, K_FOREVER);
	CHECK_INT(k_msgq_put(&msgq, &v, K_NO_WAIT), 0);
	k_msgq_purge(&msgq);
	CHECK_INT(k_msgq_num_used_get(&msgq), 0);
}

struct element {
	void *reserved;
	int value;
};

static void fifo_thread(void *p1, void *p2, void *p3)
{
	static struct element e = { .value = 9 };

	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_fifo_put(&fifo, &e);
}

static void test_fifo(void)
{
	struct element a = { .value = 1 }, b = { .value = 2 };
	int c = 3;
	struct element *e;

	CHECK(k_fifo_get(&fifo, K_NO_WAIT) == NULL);
	CHECK(k_fifo_is_empty(&fifo));
	k_fifo_put(&fifo, &a);
	CHECK_INT(k_fifo_alloc_put(&fifo, &c), 0);
	k_fifo_put(&fifo, &b);
	CHECK(k_fifo_peek_head(&fifo) == &a && k_fifo_peek_tail(&fifo) == &b);
	CHECK(k_fifo_get(&fifo, K_NO_WAIT) == &a);
	CHECK(k_fifo_get(&fifo, K_NO_WAIT) == &c);
	CHECK(k_fifo_get(&fifo, K_FOREVER) == &b);
	CHECK(k_fifo_is_empty(&fifo));
	with_thread(fifo_thread, 3);
	e = k_fifo_get(&fifo, K_SECONDS(10));
	CHECK(e != NULL && e->value == 9);
	k_thread_join(&helper, K_FOREVER);
	k_lifo_put(&lifo, &a);
	k_lifo_put(&lifo, &b);
	CHECK(k_lifo_get(&lifo, K_NO_WAIT) == &b);
	CHECK(k_lifo_get(&lifo, K_NO_WAIT) == &a);
	k_queue_append(&fifo._queue, &a);
	k_queue_append(&fifo._queue, &b);
	CHECK(k_queue_remove(&fifo._queue, &b));
	CHECK(!k_queue_remove(&fifo._queue, &b));
	k_queue_append(&fifo._queue, &b);
	CHECK(k_fifo_get(&fifo, K_NO_WAIT) == &a);
	CHECK(k_fifo_get(&fifo, K_NO_WAIT) == &b);

	stack_data_t word;

	CHECK_INT(k_stack_pop(&stack, &word, K_NO_WAIT), -EBUSY);
	CHECK_INT(k_stack_push(&stack, 5), 0);
	CHECK_INT(k_stack_push(&stack, 6), 0);
	CHECK_INT(k_stack_push(&stack, 7), -ENOMEM);
	CHECK_INT(k_stack_pop(&stack, &word, K_NO_WAIT), 0);
	CHECK_INT(word, 6);
}

static void event_thread(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_event_post(&event, 1);
	k_event_post(&event, 4);
}

static void test_event(void)
{
	CHECK_INT(k_event_wait(&event, 1, false, K_NO_WAIT), 0);
	CHECK_INT(k_event_wait(&event, 1, false, K_MSEC(1)), 0);
	with_thread(event_thread, 3);
	CHECK_INT(k_event_wait_all(&event, 5, false, K_SECONDS(10)), 5);
	k_thread_join(&helper, K_FOREVER);
	CHECK_INT(k_event_clear(&event, 1), 1);
	CHECK_INT(k_event_test(&event, 0xff), 4);
	CHECK_INT(k_event_wait(&event, 4, true, K_NO_WAIT), 0);
}

/* ---- Work ---- */

static int works;
static void work_fn(struct k_work *work)
{
	ARG_UNUSED(work);
	works++;
	mark("work ");
}
K_WORK_DEFINE(work, work_fn);
static K_WORK_DELAYABLE_DEFINE(dwork, work_fn);

static K_SEM_DEFINE(delayed, 0, 1);
static void delayed_fn(struct k_work *w)
{
	ARG_UNUSED(w);
	k_sem_give(&delayed);
}
static K_WORK_DELAYABLE_DEFINE(soon, delayed_fn);

/* Runs until somebody lets it end. */
static K_SEM_DEFINE(slow_end, 0, 1);
static void slow_fn(struct k_work *w)
{
	mark("slow ");
	CHECK_INT(k_work_submit(&work), 1);
	CHECK_INT(k_work_submit(&work), 0);
	CHECK_INT(k_work_busy_get(w), K_WORK_RUNNING);
	CHECK_INT(k_sem_take(&slow_end, K_SECONDS(10)), 0);
}
K_WORK_DEFINE(slow, slow_fn);

static void end_slow(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_sem_give(&slow_end);
}

static struct k_work_q own_queue;
static K_THREAD_STACK_DEFINE(own_stack, 1024);

static void test_work(void)
{
	struct k_work_sync sync;

	/* The system queue is cooperative: it runs before submit returns. */
	CHECK_INT(k_work_submit(&work), 1);
	mark("back ");
	CHECK_TRACE("work back ");
	CHECK_INT(k_work_submit(&slow), 1);
	CHECK_INT(k_work_is_pending(&slow), 1);
	/* Of lower priority than this thread: it runs when this one waits in flush. */
	with_thread(end_slow, 5);
	CHECK(k_work_flush(&slow, &sync));
	CHECK(k_work_flush(&work, &sync) || works == 2);
	CHECK_INT(k_thread_join(&helper, K_SECONDS(10)), 0);
	CHECK_TRACE("slow work ");

	works = 0;
	CHECK_INT(k_work_schedule(&dwork, K_HOURS(2)), 1);
	CHECK_INT(k_work_schedule(&dwork, K_MSEC(1)), 0);
	CHECK(k_work_delayable_is_pending(&dwork));
	CHECK(k_work_delayable_remaining_get(&dwork) > 0);
	CHECK_INT(k_work_reschedule(&dwork, K_HOURS(1)), 1);
	CHECK(k_work_flush_delayable(&dwork, &sync));
	CHECK_INT(works, 1);
	CHECK_INT(k_work_schedule(&dwork, K_HOURS(1)), 1);
	CHECK_INT(k_work_cancel_delayable(&dwork), 0);
	CHECK(!k_work_cancel_delayable_sync(&dwork, &sync));
	CHECK_INT(works, 1);
	CHECK_INT(k_work_schedule(&soon, K_MSEC(1)), 1);
	CHECK_INT(k_sem_take(&delayed, K_SECONDS(10)), 0);
	trace[0] = '\0';

	CHECK_INT(k_work_submit_to_queue(&own_queue, &work), -ENODEV);
	k_work_queue_init(&own_queue);
	k_work_queue_start(&own_queue, own_stack, K_THREAD_STACK_SIZEOF(own_stack), 5, NULL);
	CHECK_INT(k_work_submit_to_queue(&own_queue, &work), 1);
	mark("first ");
	CHECK_INT(k_work_queue_drain(&own_queue, true), 0);
	CHECK_TRACE("first work ");
	CHECK_INT(k_work_submit_to_queue(&own_queue, &work), -EBUSY);
	CHECK_INT(k_work_queue_unplug(&own_queue), 0);
	CHECK_INT(k_work_queue_unplug(&own_queue), -EALREADY);
}

/* ---- Timers run in interrupt context ---- */

static K_SEM_DEFINE(ticked, 0, 10);
static void timer_fn(struct k_timer *timer)
{
	CHECK(k_is_in_isr());
	CHECK(k_timer_user_data_get(timer) == &ticked);
	k_sem_give(&ticked);
}
static void timer_stopped(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	mark("stopped ");
}
K_TIMER_DEFINE(timer, timer_fn, timer_stopped);

static void test_timer(void)
{
	CHECK(!k_is_in_isr());
	k_timer_user_data_set(&timer, &ticked);
	k_timer_start(&timer, K_MSEC(1), K_MSEC(1));
	for (int i = 0; i < 3; i++) {
		CHECK_INT(k_sem_take(&ticked, K_SECONDS(10)), 0);
	}
	CHECK(k_timer_status_get(&timer) >= 3);
	k_timer_stop(&timer);
	CHECK_TRACE("stopped ");
	CHECK_INT(k_timer_remaining_get(&timer), 0);
	k_timer_start(&timer, K_MSEC(1), K_NO_WAIT);
	CHECK_INT(k_timer_status_sync(&timer), 1);
}

static void test_time(void)
{
	int64_t ref = k_uptime_get();

	CHECK_INT(k_sleep(K_MSEC(20)), 0);
	CHECK(k_uptime_delta(&ref) >= 20);
	CHECK_INT(K_MSEC(-5).ticks, 0);
	CHECK_INT(K_SECONDS(1).ticks, 32768);
	CHECK_INT(K_MSEC(1).ticks, 33);
	CHECK(K_TIMEOUT_EQ(K_MINUTES(60), K_HOURS(1)));
	CHECK_INT(k_ticks_to_ms_floor64(32768), 1000);
	static const k_timeout_t constant = K_MSEC(1500);
	volatile int ms = 1500;

	CHECK(K_TIMEOUT_EQ(constant, K_MSEC(ms)));
	k_timepoint_t point = sys_timepoint_calc(K_MSEC(1));

	k_msleep(2);
	CHECK(sys_timepoint_expired(point));
	CHECK(!sys_timepoint_expired(sys_timepoint_calc(K_FOREVER)));
}

/* ---- A thread that computes is interrupted, whatever its priority ---- */

static void test_preemption(void)
{
	atomic_t flag = ATOMIC_INIT(0);
	int64_t begin = k_uptime_get();

	k_sem_reset(&ticked);

	k_timer_start(&timer, K_MSEC(1), K_NO_WAIT);
	do {
		atomic_inc(&flag);
	} while (k_sem_count_get(&ticked) == 0 && k_uptime_get() < begin + 10000);
	CHECK(atomic_get(&flag) > 0);
	CHECK_INT(k_sem_take(&ticked, K_NO_WAIT), 0);
}

static volatile long spinning;
static void spin_thread(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	while (__atomic_load_n(&spinning, __ATOMIC_SEQ_CST)) {
	}
}

static void test_starvation(void)
{
	/* A loop without a kernel call keeps others out only for a while. */
	__atomic_store_n(&spinning, 1, __ATOMIC_SEQ_CST);
	with_thread(spin_thread, -3);
	__atomic_store_n(&spinning, 0, __ATOMIC_SEQ_CST);
	CHECK_INT(k_thread_join(&helper, K_SECONDS(10)), 0);
}

static void sleeper(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	CHECK(k_sleep(K_SECONDS(100)) > 90000);
	mark("awake ");
	k_thread_suspend(k_current_get());
	mark("resumed ");
	k_sleep(K_FOREVER);
	mark("never ");
}

static void test_suspend(void)
{
	with_thread(sleeper, -2);
	k_wakeup(&helper);
	CHECK_TRACE("awake ");
	k_thread_resume(&helper);
	CHECK_TRACE("resumed ");
	k_thread_abort(&helper);
	CHECK_INT(k_thread_join(&helper, K_FOREVER), 0);
	CHECK_TRACE("");

	/* Another thread that is suspended while it is ready does not run. */
	with_thread(spin_thread, 5);
	k_thread_suspend(&helper);
	k_msleep(2);
	CHECK_INT(k_thread_join(&helper, K_NO_WAIT), -EBUSY);
	k_thread_resume(&helper);
	CHECK_INT(k_thread_join(&helper, K_SECONDS(10)), 0);
}

/* ---- Polling ---- */

static struct k_poll_signal sig = K_POLL_SIGNAL_INITIALIZER(sig);
static void poll_thread(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	k_poll_signal_raise(&sig, 42);
}

static void test_poll(void)
{
	struct k_sem sem;
	unsigned int signaled;
	int result;

	k_sem_init(&sem, 0, 1);
	struct k_poll_event events[] = {
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem),
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &sig),
	};

	CHECK_INT(k_poll(events, 2, K_NO_WAIT), -EAGAIN);
	CHECK_INT(k_poll(events, 2, K_MSEC(2)), -EAGAIN);
	with_thread(poll_thread, 3);
	CHECK_INT(k_poll(events, 2, K_SECONDS(10)), 0);
	CHECK_INT(events[0].state, K_POLL_STATE_NOT_READY);
	CHECK_INT(events[1].state, K_POLL_STATE_SIGNALED);
	k_poll_signal_check(&sig, &signaled, &result);
	CHECK_INT(signaled, 1);
	CHECK_INT(result, 42);
	k_sem_give(&sem);
	events[1].state = 0;
	CHECK_INT(k_poll(events, 1, K_FOREVER), 0);
	k_thread_join(&helper, K_FOREVER);
}

/* ---- Memory ---- */

static void test_memory(void)
{
	void *a = k_malloc(1000), *b, *c;

	CHECK(a != NULL);
	CHECK(k_malloc(1 << 20) == NULL);
	b = k_calloc(10, 10);
	CHECK(b != NULL && ((char *)b)[99] == 0);
	b = k_realloc(b, 200);
	k_free(a);
	k_free(b);
	k_free(NULL);
	a = k_heap_alloc(&heap, 40, K_NO_WAIT);
	CHECK(a != NULL);
	CHECK(k_heap_alloc(&heap, 40, K_MSEC(1)) == NULL);
	k_heap_free(&heap, a);
	a = k_heap_aligned_alloc(&heap, 32, 8, K_NO_WAIT);
	CHECK_INT((uintptr_t)a % 32, 0);
	k_heap_free(&heap, a);
	CHECK_INT(k_mem_slab_alloc(&slab, &a, K_NO_WAIT), 0);
	CHECK_INT(k_mem_slab_alloc(&slab, &b, K_NO_WAIT), 0);
	CHECK_INT(k_mem_slab_alloc(&slab, &c, K_NO_WAIT), -ENOMEM);
	CHECK_INT(k_mem_slab_alloc(&slab, &c, K_MSEC(1)), -EAGAIN);
	k_mem_slab_free(&slab, a);
	CHECK_INT(k_mem_slab_alloc(&slab, &c, K_NO_WAIT), 0);
	CHECK(c == a);
	CHECK_INT(k_mem_slab_num_used_get(&slab), 2);
}

/* ---- Small things ---- */

struct item {
	int value;
};
STRUCT_SECTION_ITERABLE(item, item_b) = { 2 };
STRUCT_SECTION_ITERABLE(item, item_a) = { 1 };

#define CONFIG_YES 1
#define LISTED(i, _) i
#define TWICE(x) (2 * (x))
BUILD_ASSERT(IS_ENABLED(CONFIG_YES) && !IS_ENABLED(CONFIG_NO), "a reason");
BUILD_ASSERT(COND_CODE_1(CONFIG_YES, (1), (0)) == 1);
BUILD_ASSERT(COND_CODE_1(CONFIG_NO, (1), (0)) == 0);
BUILD_ASSERT(sizeof((char[]){ IF_ENABLED(CONFIG_YES, (1, 2)) }) == 2);
BUILD_ASSERT(FOR_EACH(TWICE, (+), 1, 2, 3) == 12);
BUILD_ASSERT(ROUND_UP(5, 4) == 8 && GENMASK(3, 1) == 0xe && DIV_ROUND_UP(7, 2) == 4);
BUILD_ASSERT(ETIMEDOUT == 116 && ENOTCONN == 128 && EAGAIN == 11 && ENOTSUP != EOPNOTSUPP);

static void test_small_things(void)
{
	char hex[9];
	uint8_t bin[4];
	int values = 0;
	RING_BUF_DECLARE(ring, 4);
	uint8_t *claimed;

	STRUCT_SECTION_FOREACH(item, i) {
		values = values * 10 + i->value;
	}
	CHECK_INT(values, 12);
	CHECK_INT(bin2hex((const uint8_t *)"\x01\xab", 2, hex, sizeof(hex)), 4);
	CHECK_STR(hex, "01ab");
	CHECK_INT(bin2hex((const uint8_t *)"12345", 5, hex, sizeof(hex)), 0);
	CHECK_INT(hex2bin("1ab", 3, bin, sizeof(bin)), 2);
	CHECK_INT(bin[0], 1);
	CHECK_INT(bin[1], 0xab);
	CHECK_INT(hex2bin("xy", 2, bin, sizeof(bin)), 0);
	CHECK_INT(u8_to_dec(hex, sizeof(hex), 205), 3);
	CHECK_STR(hex, "205");
	CHECK_INT(ring_buf_put(&ring, (const uint8_t *)"abcde", 5), 4);
	CHECK_INT(ring_buf_get(&ring, bin, 3), 3);
	CHECK_INT(ring_buf_put(&ring, (const uint8_t *)"fg", 2), 2);
	CHECK_INT(ring_buf_get_claim(&ring, &claimed, 4), 1);
	CHECK_INT(ring_buf_get_finish(&ring, 2), -EINVAL);
	CHECK_INT(ring_buf_get_finish(&ring, 0), 0);
	CHECK_INT(ring_buf_peek(&ring, bin, 4), 3);
	CHECK(memcmp(bin, "dfg", 3) == 0);
	CHECK_INT(ring_buf_size_get(&ring), 3);
	sys_put_be24(0x123456, bin);
	CHECK_INT(sys_get_le24(bin), 0x563412);
	CHECK_INT(sys_get_be16(bin), 0x1234);

	ATOMIC_DEFINE(bits, 100);
	memset(bits, 0, sizeof(bits));
	CHECK(!atomic_test_and_set_bit(bits, 70));
	CHECK(atomic_test_bit(bits, 70));
	CHECK(!atomic_test_bit(bits, 6));

	sys_slist_t list = SYS_SLIST_STATIC_INIT(&list);
	sys_snode_t n1, n2;

	sys_slist_append(&list, &n1);
	sys_slist_prepend(&list, &n2);
	CHECK(sys_slist_find_and_remove(&list, &n1));
	CHECK(sys_slist_peek_tail(&list) == &n2);
	sys_dlist_t ring_list;
	sys_dnode_t d1, d2;

	sys_dlist_init(&ring_list);
	sys_dlist_append(&ring_list, &d1);
	sys_dlist_append(&ring_list, &d2);
	sys_dlist_remove(&d1);
	CHECK(sys_dlist_get(&ring_list) == &d2);
	CHECK(sys_dlist_is_empty(&ring_list));
}

int main(void)
{
	test_threads();
	test_sem();
	test_mutex();
	test_msgq();
	test_fifo();
	test_event();
	test_work();
	test_timer();
	test_time();
	test_preemption();
	test_starvation();
	test_suspend();
	test_poll();
	test_memory();
	test_small_things();
	LOG_INF("done");
	CHECK_DONE();
}
