/*
 * Events of the network, and who is told of them: on a thread of its own, one after the other.
 *
 * The numbers are this SDK's (fact sdk/net-events): a group of events in the upper half, one bit for each event below,
 * so that a mask is the events of one group, or-ed.
 */
#ifndef NRF91EMU_ZEPHYR_NET_NET_MGMT_H_
#define NRF91EMU_ZEPHYR_NET_NET_MGMT_H_

#include <zephyr/kernel.h>
#include <zephyr/sys/slist.h>

/* Events have 64 bits since Zephyr 4.2. */
#if NCSHOST_VER >= 0x030100
typedef uint64_t z_net_event_t;
#else
typedef uint32_t z_net_event_t;
#endif

#define Z_NET_EVENT(group, bit) (((z_net_event_t)(group) << 16) | BIT(bit))

struct net_if;
struct net_mgmt_event_callback;

typedef void (*net_mgmt_event_handler_t)(struct net_mgmt_event_callback *cb, z_net_event_t mgmt_event, struct net_if *iface);

struct net_mgmt_event_callback {
	sys_snode_t node;
	net_mgmt_event_handler_t handler;
	z_net_event_t event_mask;
	/* Of the event that is told: nothing, for all that there are. */
	const void *info;
	size_t info_length;
};

static inline void net_mgmt_init_event_callback(struct net_mgmt_event_callback *cb, net_mgmt_event_handler_t handler,
						z_net_event_t mgmt_event_mask)
{
	cb->handler = handler;
	cb->event_mask = mgmt_event_mask;
}
void net_mgmt_add_event_callback(struct net_mgmt_event_callback *cb);
void net_mgmt_del_event_callback(struct net_mgmt_event_callback *cb);

/* Tells of an event; the application has some of its own perhaps. */
void net_mgmt_event_notify(z_net_event_t mgmt_event, struct net_if *iface);

/* Waits for one of the events: 0, or -ETIMEDOUT. raised_event, iface, info and info_length may be
 * NULL. Not from a callback. */
int net_mgmt_event_wait(z_net_event_t mgmt_event_mask, z_net_event_t *raised_event, struct net_if **iface, const void **info,
			size_t *info_length, k_timeout_t timeout);
int net_mgmt_event_wait_on_iface(struct net_if *iface, z_net_event_t mgmt_event_mask, z_net_event_t *raised_event,
				 const void **info, size_t *info_length, k_timeout_t timeout);

/* A handler that is there from the start. */
struct z_net_handler {
	z_net_event_t mask;
	void (*fn)(z_net_event_t mgmt_event, struct net_if *iface, void *info, size_t info_length, void *user_data);
	void *user_data;
	struct z_net_handler *next;
};
void z_net_handler_add(struct z_net_handler *handler);
#define NET_MGMT_REGISTER_EVENT_HANDLER(name, event_mask, func, data)                              \
	static struct z_net_handler name = { .mask = (event_mask), .fn = (func), .user_data = (data) }; \
	__attribute__((__constructor__)) static void z_net_handler_add_##name(void)                \
	{                                                                                          \
		z_net_handler_add(&name);                                                          \
	}                                                                                          \
	struct z_net_handler

#endif
