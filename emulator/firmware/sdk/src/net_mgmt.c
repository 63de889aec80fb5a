/* Events of the network, see zephyr/net/net_mgmt.h. */
// build: if NET_MGMT_EVENT
#include <zephyr/net/net_mgmt.h>

#ifndef CONFIG_NET_MGMT_EVENT_STACK_SIZE
#define CONFIG_NET_MGMT_EVENT_STACK_SIZE 768
#endif

struct event {
	z_net_event_t event;
	struct net_if *iface;
};
K_MSGQ_DEFINE(net_mgmt_events, sizeof(struct event), 32, 8);

static sys_slist_t callbacks = SYS_SLIST_STATIC_INIT(&callbacks);
static struct z_net_handler *handlers;
static K_MUTEX_DEFINE(callbacks_mutex);

static bool in_mask(z_net_event_t event, z_net_event_t mask)
{
	return event >> 16 == mask >> 16 && (event & mask & 0xffff) != 0;
}

void z_net_handler_add(struct z_net_handler *handler)
{
	handler->next = handlers;
	handlers = handler;
}

void net_mgmt_add_event_callback(struct net_mgmt_event_callback *cb)
{
	k_mutex_lock(&callbacks_mutex, K_FOREVER);
	sys_slist_find_and_remove(&callbacks, &cb->node);
	sys_slist_prepend(&callbacks, &cb->node);
	k_mutex_unlock(&callbacks_mutex);
}

void net_mgmt_del_event_callback(struct net_mgmt_event_callback *cb)
{
	k_mutex_lock(&callbacks_mutex, K_FOREVER);
	sys_slist_find_and_remove(&callbacks, &cb->node);
	k_mutex_unlock(&callbacks_mutex);
}

void net_mgmt_event_notify(z_net_event_t mgmt_event, struct net_if *iface)
{
	struct event e = { mgmt_event, iface };

	/* A full queue loses events, as on the chip. */
	(void)k_msgq_put(&net_mgmt_events, &e, K_NO_WAIT);
}

static void net_mgmt_main(void *p1, void *p2, void *p3)
{
	struct event e;

	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	while (k_msgq_get(&net_mgmt_events, &e, K_FOREVER) == 0) {
		struct net_mgmt_event_callback *cb, *next;

		k_mutex_lock(&callbacks_mutex, K_FOREVER);
		SYS_SLIST_FOR_EACH_CONTAINER_SAFE(&callbacks, cb, next, node) {
			if (in_mask(e.event, cb->event_mask)) {
				cb->handler(cb, e.event, e.iface);
			}
		}
		k_mutex_unlock(&callbacks_mutex);
		for (struct z_net_handler *h = handlers; h != NULL; h = h->next) {
			if (in_mask(e.event, h->mask)) {
				h->fn(e.event, e.iface, NULL, 0, h->user_data);
			}
		}
	}
}
K_THREAD_DEFINE(net_mgmt, CONFIG_NET_MGMT_EVENT_STACK_SIZE, net_mgmt_main, NULL, NULL, NULL, -1, 0, 0);

/* ---- waiting for an event ---- */

struct waiter {
	struct net_mgmt_event_callback cb;
	struct k_sem raised;
	struct net_if *wanted, *iface;
	z_net_event_t event;
};

static void raise_waiter(struct net_mgmt_event_callback *cb, z_net_event_t event, struct net_if *iface)
{
	struct waiter *w = CONTAINER_OF(cb, struct waiter, cb);

	if (w->event == 0 && (w->wanted == NULL || w->wanted == iface)) {
		w->event = event;
		w->iface = iface;
		k_sem_give(&w->raised);
	}
}

static int wait(struct waiter *w, z_net_event_t mask, z_net_event_t *raised_event, const void **info, size_t *info_length,
		k_timeout_t timeout)
{
	k_sem_init(&w->raised, 0, 1);
	net_mgmt_init_event_callback(&w->cb, raise_waiter, mask);
	net_mgmt_add_event_callback(&w->cb);
	int err = k_sem_take(&w->raised, timeout);

	net_mgmt_del_event_callback(&w->cb);
	if (err != 0) {
		return -ETIMEDOUT;
	}
	if (raised_event != NULL) {
		*raised_event = w->event;
	}
	if (info != NULL) {
		*info = NULL;
	}
	if (info_length != NULL) {
		*info_length = 0;
	}
	return 0;
}

int net_mgmt_event_wait_on_iface(struct net_if *iface, z_net_event_t mgmt_event_mask, z_net_event_t *raised_event,
				 const void **info, size_t *info_length, k_timeout_t timeout)
{
	struct waiter w = { .wanted = iface };

	return wait(&w, mgmt_event_mask, raised_event, info, info_length, timeout);
}

int net_mgmt_event_wait(z_net_event_t mgmt_event_mask, z_net_event_t *raised_event, struct net_if **iface, const void **info,
			size_t *info_length, k_timeout_t timeout)
{
	struct waiter w = { .wanted = NULL };
	int err = wait(&w, mgmt_event_mask, raised_event, info, info_length, timeout);

	if (err == 0 && iface != NULL) {
		*iface = w.iface;
	}
	return err;
}
