/*
 * A bus in the program: channels with a message, and observers of three kinds that hear of a new
 * one. Listeners are called by who publishes, subscribers wait for the channel, message subscribers
 * for a copy of the message.
 */
#ifndef NRF91EMU_ZEPHYR_ZBUS_ZBUS_H_
#define NRF91EMU_ZEPHYR_ZBUS_ZBUS_H_

#include <zephyr/kernel.h>
#include <zephyr/sys/iterable_sections.h>

struct zbus_observer;
struct z_zbus_link;

struct zbus_channel_data {
	struct k_sem sem;
	/* Observers that came at run time, and what some do not want to hear. */
	struct z_zbus_link *observers, *masked;
};
struct zbus_channel {
	const char *name;
	uint32_t id;
	void *message;
	size_t message_size;
	void *user_data;
	bool (*validator)(const void *msg, size_t msg_size);
	const struct zbus_observer *const *observers; /* the last is NULL */
	struct zbus_channel_data *data;
};

enum zbus_observer_type {
	ZBUS_OBSERVER_LISTENER_TYPE,
	ZBUS_OBSERVER_SUBSCRIBER_TYPE,
	ZBUS_OBSERVER_MSG_SUBSCRIBER_TYPE,
};
struct zbus_observer_data {
	bool enabled;
};
struct zbus_observer {
	const char *name;
	enum zbus_observer_type type;
	struct zbus_observer_data *data;
	union {
		struct k_msgq *queue;
		void (*callback)(const struct zbus_channel *chan);
		struct k_fifo *message_fifo;
	};
};
struct z_zbus_observation {
	const struct zbus_channel *chan;
	const struct zbus_observer *obs;
	bool masked;
};

#define ZBUS_CHAN_ID_INVALID UINT32_MAX
#define ZBUS_OBSERVERS_EMPTY
#define ZBUS_OBSERVERS(...) __VA_ARGS__
#define ZBUS_MSG_INIT(...) { __VA_ARGS__ }

#define Z_ZBUS_OBSERVER(...) __VA_OPT__(extern const struct zbus_observer __VA_ARGS__)
#define Z_ZBUS_CHANNEL(name) extern const struct zbus_channel name
#define Z_ZBUS_REF(...) __VA_OPT__(&__VA_ARGS__,)
#define ZBUS_OBS_DECLARE(...) FOR_EACH(Z_ZBUS_OBSERVER, (;), __VA_ARGS__)
#define ZBUS_CHAN_DECLARE(...) FOR_EACH(Z_ZBUS_CHANNEL, (;), __VA_ARGS__)

#define ZBUS_CHAN_DEFINE_WITH_ID(name_, id_, type, validator_, user_data_, observers_, init)       \
	FOR_EACH(Z_ZBUS_OBSERVER, (;), observers_);                                                \
	static type z_zbus_message_##name_ = init;                                                 \
	static const struct zbus_observer *const z_zbus_observers_##name_[] = { FOR_EACH(Z_ZBUS_REF, (), observers_) NULL }; \
	static struct zbus_channel_data z_zbus_data_##name_ = { .sem = Z_SEM_INIT(1, 1) };         \
	Z_ZBUS_CHANNEL(name_);                                                                     \
	Z_SECTION_ITEM(zbus_channel, zbus_channel, name_);                                         \
	const struct zbus_channel name_ = { .name = #name_,                                        \
					    .id = (id_),                                           \
					    .message = &z_zbus_message_##name_,                    \
					    .message_size = sizeof(type),                          \
					    .user_data = (user_data_),                             \
					    .validator = (validator_),                             \
					    .observers = z_zbus_observers_##name_,                 \
					    .data = &z_zbus_data_##name_ }
#define ZBUS_CHAN_DEFINE(name, type, validator, user_data, observers, init)                        \
	ZBUS_CHAN_DEFINE_WITH_ID(name, ZBUS_CHAN_ID_INVALID, type, validator, user_data,           \
				 ZBUS_OBSERVERS(observers), init)

#define Z_ZBUS_OBS_DEFINE(name_, type_, enable, ...)                                               \
	static struct zbus_observer_data z_zbus_obs_data_##name_ = { .enabled = (enable) };        \
	Z_ZBUS_OBSERVER(name_);                                                                    \
	Z_SECTION_ITEM(zbus_observer, zbus_observer, name_);                                       \
	const struct zbus_observer name_ = { .name = #name_, .type = (type_), .data = &z_zbus_obs_data_##name_, __VA_ARGS__ }
#define ZBUS_LISTENER_DEFINE_WITH_ENABLE(name, cb, enable)                                         \
	Z_ZBUS_OBS_DEFINE(name, ZBUS_OBSERVER_LISTENER_TYPE, enable, { .callback = (cb) })
#define ZBUS_LISTENER_DEFINE(name, cb) ZBUS_LISTENER_DEFINE_WITH_ENABLE(name, cb, true)
#define ZBUS_SUBSCRIBER_DEFINE_WITH_ENABLE(name, size, enable)                                     \
	static K_MSGQ_DEFINE(z_zbus_queue_##name, sizeof(const struct zbus_channel *), size, sizeof(void *)); \
	Z_ZBUS_OBS_DEFINE(name, ZBUS_OBSERVER_SUBSCRIBER_TYPE, enable, { .queue = &z_zbus_queue_##name })
#define ZBUS_SUBSCRIBER_DEFINE(name, size) ZBUS_SUBSCRIBER_DEFINE_WITH_ENABLE(name, size, true)
#define ZBUS_MSG_SUBSCRIBER_DEFINE_WITH_ENABLE(name, enable)                                       \
	static K_FIFO_DEFINE(z_zbus_fifo_##name);                                                  \
	Z_ZBUS_OBS_DEFINE(name, ZBUS_OBSERVER_MSG_SUBSCRIBER_TYPE, enable, { .message_fifo = &z_zbus_fifo_##name })
#define ZBUS_MSG_SUBSCRIBER_DEFINE(name) ZBUS_MSG_SUBSCRIBER_DEFINE_WITH_ENABLE(name, true)

/* After the observers of the channel's definition, in the order of prio. */
#define ZBUS_CHAN_ADD_OBS_WITH_MASK(chan_, obs_, masked_, prio)                                    \
	STRUCT_SECTION_ITERABLE(z_zbus_observation, chan_##zz##prio##obs_) = {                     \
		.chan = &chan_, .obs = &obs_, .masked = (masked_) }
#define ZBUS_CHAN_ADD_OBS(chan, obs, prio) ZBUS_CHAN_ADD_OBS_WITH_MASK(chan, obs, false, prio)

/* 0; -ENOMSG if the validator refuses; -EBUSY or -EAGAIN if somebody else has the channel. What
 * subscribers could not be told is an error too, and the message is published all the same. */
int zbus_chan_pub(const struct zbus_channel *chan, const void *msg, k_timeout_t timeout);
int zbus_chan_read(const struct zbus_channel *chan, void *msg, k_timeout_t timeout);
int zbus_chan_claim(const struct zbus_channel *chan, k_timeout_t timeout);
int zbus_chan_finish(const struct zbus_channel *chan);
int zbus_chan_notify(const struct zbus_channel *chan, k_timeout_t timeout);
int zbus_chan_add_obs(const struct zbus_channel *chan, const struct zbus_observer *obs, k_timeout_t timeout);
int zbus_chan_rm_obs(const struct zbus_channel *chan, const struct zbus_observer *obs, k_timeout_t timeout);
const struct zbus_channel *zbus_chan_from_id(uint32_t channel_id);
/* 0; -ENOMSG with K_NO_WAIT; -EAGAIN after the time. */
int zbus_sub_wait(const struct zbus_observer *sub, const struct zbus_channel **chan, k_timeout_t timeout);
/* 0; -ENOMSG after the time. */
int zbus_sub_wait_msg(const struct zbus_observer *sub, const struct zbus_channel **chan, void *msg, k_timeout_t timeout);
int zbus_obs_set_chan_notification_mask(const struct zbus_observer *obs, const struct zbus_channel *chan, bool masked);
int zbus_obs_is_chan_notification_masked(const struct zbus_observer *obs, const struct zbus_channel *chan, bool *masked);

static inline int zbus_obs_set_enable(const struct zbus_observer *obs, bool enabled)
{
	obs->data->enabled = enabled;
	return 0;
}
static inline int zbus_obs_is_enabled(const struct zbus_observer *obs, bool *enable)
{
	*enable = obs->data->enabled;
	return 0;
}
static inline const char *zbus_chan_name(const struct zbus_channel *chan) { return chan->name; }
static inline const char *zbus_obs_name(const struct zbus_observer *obs) { return obs->name; }
static inline void *zbus_chan_msg(const struct zbus_channel *chan) { return chan->message; }
static inline const void *zbus_chan_const_msg(const struct zbus_channel *chan) { return chan->message; }
static inline uint16_t zbus_chan_msg_size(const struct zbus_channel *chan) { return (uint16_t)chan->message_size; }
static inline void *zbus_chan_user_data(const struct zbus_channel *chan) { return chan->user_data; }

#endif
