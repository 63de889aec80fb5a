/* Message queues, queues of elements, stacks. */
#include "kernel/sched.h"

/* ---- Message queues ---- */

void k_msgq_init(struct k_msgq *msgq, char *buffer, size_t msg_size, uint32_t max_msgs)
{
	*msgq = (struct k_msgq){ .msg_size = msg_size, .max_msgs = max_msgs, .buffer_start = buffer };
}

int k_msgq_alloc_init(struct k_msgq *msgq, size_t msg_size, uint32_t max_msgs)
{
	char *buffer = k_calloc(max_msgs, msg_size);

	if (buffer == NULL) {
		return -ENOMEM;
	}
	k_msgq_init(msgq, buffer, msg_size, max_msgs);
	msgq->allocated = true;
	return 0;
}

int k_msgq_cleanup(struct k_msgq *msgq)
{
	if (msgq->readers.head != NULL || msgq->writers.head != NULL) {
		return -EBUSY;
	}
	if (msgq->allocated) {
		k_free(msgq->buffer_start);
		msgq->allocated = false;
	}
	return 0;
}

static char *msgq_slot(struct k_msgq *msgq, uint32_t n)
{
	return msgq->buffer_start + (size_t)((msgq->first + n) % msgq->max_msgs) * msgq->msg_size;
}

int k_msgq_put(struct k_msgq *msgq, const void *data, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (msgq->readers.head != NULL) {
		/* Somebody waits, so there is none before this one. */
		memcpy(msgq->readers.head->data, data, msgq->msg_size);
		z_wake_first(&msgq->readers, 0);
	} else if (msgq->used_msgs < msgq->max_msgs) {
		memcpy(msgq_slot(msgq, msgq->used_msgs++), data, msgq->msg_size);
		z_poll_changed();
	} else if (z_no_wait(timeout)) {
		err = -ENOMSG;
	} else {
		if (z_self() != NULL) {
			z_self()->data = (void *)(uintptr_t)data;
		}
		err = z_pend(&msgq->writers, timeout);
	}
	z_unlock();
	return err;
}

int k_msgq_get(struct k_msgq *msgq, void *data, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (msgq->used_msgs > 0) {
		memcpy(data, msgq_slot(msgq, 0), msgq->msg_size);
		msgq->first = (msgq->first + 1) % msgq->max_msgs;
		msgq->used_msgs--;
		if (msgq->writers.head != NULL) {
			memcpy(msgq_slot(msgq, msgq->used_msgs++), msgq->writers.head->data, msgq->msg_size);
			z_wake_first(&msgq->writers, 0);
		}
	} else if (z_no_wait(timeout)) {
		err = -ENOMSG;
	} else {
		if (z_self() != NULL) {
			z_self()->data = data;
		}
		err = z_pend(&msgq->readers, timeout);
	}
	z_unlock();
	return err;
}

int k_msgq_peek_at(struct k_msgq *msgq, void *data, uint32_t idx)
{
	int err = -ENOMSG;

	z_lock();
	if (idx < msgq->used_msgs) {
		memcpy(data, msgq_slot(msgq, idx), msgq->msg_size);
		err = 0;
	}
	z_unlock();
	return err;
}

int k_msgq_peek(struct k_msgq *msgq, void *data)
{
	return k_msgq_peek_at(msgq, data, 0);
}

void k_msgq_purge(struct k_msgq *msgq)
{
	z_lock();
	z_wake_all(&msgq->writers, -ENOMSG);
	msgq->used_msgs = 0;
	msgq->first = 0;
	z_unlock();
}

uint32_t k_msgq_num_used_get(struct k_msgq *msgq)
{
	z_lock();
	uint32_t used = msgq->used_msgs;

	z_unlock();
	return used;
}

uint32_t k_msgq_num_free_get(struct k_msgq *msgq)
{
	return msgq->max_msgs - k_msgq_num_used_get(msgq);
}

/* ---- Queues of elements: the first word links, its lowest bit says that the
 *      element is a node of ours which points to the data. ---- */

struct node {
	void *next;
	void *data;
};

static void **untagged(void *p)
{
	return (void **)((uintptr_t)p & ~(uintptr_t)1);
}

static void *element(void *p)
{
	void **e = untagged(p);

	return (void *)e == p ? p : ((struct node *)(void *)e)->data;
}

/* Without the lock: the heap takes it. */
static void element_done(void *p)
{
	if (p != NULL && (void *)untagged(p) != p) {
		k_free(untagged(p));
	}
}

void k_queue_init(struct k_queue *queue)
{
	*queue = (struct k_queue)Z_QUEUE_INIT;
}

static void queue_insert(struct k_queue *queue, void *p, bool in_front)
{
	void *delivered = NULL;

	z_lock();
	struct z_thread *waiter = queue->waitq.head;

	if (waiter != NULL) {
		waiter->data = element(p);
		z_wake(waiter, 0);
		delivered = p;
	} else {
		void **e = untagged(p);

		if (in_front) {
			*e = queue->head;
			queue->head = p;
			if (queue->tail == NULL) {
				queue->tail = p;
			}
		} else {
			*e = NULL;
			if (queue->tail != NULL) {
				*untagged(queue->tail) = p;
			} else {
				queue->head = p;
			}
			queue->tail = p;
		}
		z_poll_changed();
	}
	z_unlock();
	element_done(delivered);
}

static int32_t queue_alloc_insert(struct k_queue *queue, void *data, bool in_front)
{
	struct node *node = k_malloc(sizeof(*node));

	if (node == NULL) {
		return -ENOMEM;
	}
	node->data = data;
	queue_insert(queue, (void *)((uintptr_t)node | 1), in_front);
	return 0;
}

void k_queue_append(struct k_queue *queue, void *data)
{
	queue_insert(queue, data, false);
}

void k_queue_prepend(struct k_queue *queue, void *data)
{
	queue_insert(queue, data, true);
}

int32_t k_queue_alloc_append(struct k_queue *queue, void *data)
{
	return queue_alloc_insert(queue, data, false);
}

int32_t k_queue_alloc_prepend(struct k_queue *queue, void *data)
{
	return queue_alloc_insert(queue, data, true);
}

void *k_queue_get(struct k_queue *queue, k_timeout_t timeout)
{
	void *data = NULL, *p = NULL;

	z_lock();
	if (queue->head != NULL) {
		p = queue->head;

		queue->head = *untagged(p);
		if (queue->head == NULL) {
			queue->tail = NULL;
		}
		data = element(p);
	} else if (!z_no_wait(timeout)) {
		if (z_self() != NULL) {
			z_self()->data = NULL;
		}
		data = z_pend(&queue->waitq, timeout) == 0 ? z_self()->data : NULL;
	}
	z_unlock();
	element_done(p);
	return data;
}

bool k_queue_remove(struct k_queue *queue, void *data)
{
	bool found = false;

	z_lock();
	for (void **p = (void **)&queue->head, *before = NULL; *p != NULL; before = *p, p = untagged(*p)) {
		if (*p == data) {
			*p = *untagged(data);
			if ((void *)queue->tail == data) {
				queue->tail = before;
			}
			found = true;
			break;
		}
	}
	z_unlock();
	return found;
}

void k_queue_cancel_wait(struct k_queue *queue)
{
	z_lock();
	z_wake_first(&queue->waitq, -ECANCELED);
	z_poll_changed();
	z_unlock();
}

int k_queue_is_empty(struct k_queue *queue)
{
	z_lock();
	int empty = queue->head == NULL;

	z_unlock();
	return empty;
}

void *k_queue_peek_head(struct k_queue *queue)
{
	z_lock();
	void *data = queue->head != NULL ? element(queue->head) : NULL;

	z_unlock();
	return data;
}

void *k_queue_peek_tail(struct k_queue *queue)
{
	z_lock();
	void *data = queue->tail != NULL ? element(queue->tail) : NULL;

	z_unlock();
	return data;
}

/* ---- Stacks ---- */

void k_stack_init(struct k_stack *stack, stack_data_t *buffer, uint32_t entries)
{
	*stack = (struct k_stack){ .base = buffer, .max = entries };
}

int k_stack_push(struct k_stack *stack, stack_data_t data)
{
	int err = 0;

	z_lock();
	if (stack->waitq.head != NULL) {
		*(stack_data_t *)stack->waitq.head->data = data;
		z_wake_first(&stack->waitq, 0);
	} else if (stack->used < stack->max) {
		stack->base[stack->used++] = data;
	} else {
		err = -ENOMEM;
	}
	z_unlock();
	return err;
}

int k_stack_pop(struct k_stack *stack, stack_data_t *data, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (stack->used > 0) {
		*data = stack->base[--stack->used];
	} else if (z_no_wait(timeout)) {
		err = -EBUSY;
	} else {
		if (z_self() != NULL) {
			z_self()->data = data;
		}
		err = z_pend(&stack->waitq, timeout);
	}
	z_unlock();
	return err;
}
