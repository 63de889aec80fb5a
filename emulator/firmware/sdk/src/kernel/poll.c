/* k_poll: waiting for one of several objects. Who changes one has all waiters look again. */
#include "kernel/sched.h"

static struct z_waitq pollers;

void z_poll_changed(void)
{
	z_wake_all(&pollers, 0);
}

void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *obj)
{
	*event = (struct k_poll_event){ .type = type, .mode = (uint32_t)mode, { .obj = obj } };
}

static uint32_t state_of(const struct k_poll_event *event)
{
	switch (event->type) {
	case K_POLL_TYPE_SIGNAL:
		return event->signal->signaled ? K_POLL_STATE_SIGNALED : 0;
	case K_POLL_TYPE_SEM_AVAILABLE:
		return event->sem->count > 0 ? K_POLL_STATE_SEM_AVAILABLE : 0;
	case K_POLL_TYPE_DATA_AVAILABLE:
		return event->queue->head != NULL ? K_POLL_STATE_DATA_AVAILABLE : 0;
	case K_POLL_TYPE_MSGQ_DATA_AVAILABLE:
		return event->msgq->used_msgs > 0 ? K_POLL_STATE_MSGQ_DATA_AVAILABLE : 0;
	default:
		return 0;
	}
}

int k_poll(struct k_poll_event *events, int num_events, k_timeout_t timeout)
{
	int64_t deadline = z_deadline(timeout);
	int err = -EAGAIN;

	z_lock();
	for (;;) {
		for (int i = 0; i < num_events; i++) {
			uint32_t state = state_of(&events[i]);

			events[i].state |= state;
			if (state != 0) {
				err = 0;
			}
		}
		if (err == 0 || z_no_wait(timeout)) {
			break;
		}
		if (!z_forever(timeout)) {
			timeout = K_TICKS(z_ticks_left(deadline));
			if (z_no_wait(timeout)) {
				break;
			}
		}
		if (z_pend(&pollers, timeout) != 0 && !z_forever(timeout)) {
			timeout = K_NO_WAIT;
		}
	}
	z_unlock();
	return err;
}

void k_poll_signal_init(struct k_poll_signal *sig)
{
	sig->signaled = 0;
	sig->result = 0;
}

void k_poll_signal_reset(struct k_poll_signal *sig)
{
	z_lock();
	sig->signaled = 0;
	z_unlock();
}

void k_poll_signal_check(struct k_poll_signal *sig, unsigned int *signaled, int *result)
{
	z_lock();
	*signaled = sig->signaled;
	*result = sig->result;
	z_unlock();
}

int k_poll_signal_raise(struct k_poll_signal *sig, int result)
{
	z_lock();
	sig->signaled = 1;
	sig->result = result;
	z_poll_changed();
	z_unlock();
	return 0;
}
