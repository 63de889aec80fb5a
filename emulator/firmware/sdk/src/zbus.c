/* A bus in the program, see zephyr/zbus/zbus.h. */
// build: if ZBUS
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/zbus/zbus.h>

struct z_zbus_link {
	struct z_zbus_link *next;
	const struct zbus_observer *obs;
};

/* A copy of a message, for a message subscriber. */
struct copy {
	void *reserved; /* for the FIFO */
	const struct zbus_channel *chan;
	uint8_t data[];
};

static struct z_zbus_link **find(struct z_zbus_link **list, const struct zbus_observer *obs)
{
	while (*list != NULL && (*list)->obs != obs) {
		list = &(*list)->next;
	}
	return list;
}

static int add(struct z_zbus_link **list, const struct zbus_observer *obs)
{
	struct z_zbus_link **at = find(list, obs);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL) {
			return -ENOMEM;
		}
		(*at)->obs = obs;
	}
	return 0;
}

static int drop(struct z_zbus_link **list, const struct zbus_observer *obs)
{
	struct z_zbus_link **at = find(list, obs), *link = *at;

	if (link == NULL) {
		return -ENODATA;
	}
	*at = link->next;
	free(link);
	return 0;
}

/* ---- Telling ---- */

static int tell(const struct zbus_channel *chan, const struct zbus_observer *obs, k_timeout_t timeout)
{
	if (!obs->data->enabled || *find(&chan->data->masked, obs) != NULL) {
		return 0;
	}
	switch (obs->type) {
	case ZBUS_OBSERVER_LISTENER_TYPE:
		obs->callback(chan);
		return 0;
	case ZBUS_OBSERVER_SUBSCRIBER_TYPE:
		return k_msgq_put(obs->queue, &chan, timeout);
	default:
		break;
	}
	struct copy *copy = malloc(sizeof(*copy) + chan->message_size);

	if (copy == NULL) {
		return -ENOMEM;
	}
	copy->chan = chan;
	memcpy(copy->data, chan->message, chan->message_size);
	k_fifo_put(obs->message_fifo, copy);
	return 0;
}

/* The channel is the caller's. The last of the errors counts, and all are told. */
static int tell_all(const struct zbus_channel *chan, k_timeout_t timeout)
{
	int err = 0;

#define TELL(obs)                                                                                  \
	do {                                                                                       \
		int told = tell(chan, obs, timeout);                                               \
		err = told != 0 ? told : err;                                                      \
	} while (0)
	for (const struct zbus_observer *const *obs = chan->observers; *obs != NULL; obs++) {
		TELL(*obs);
	}
	STRUCT_SECTION_FOREACH(z_zbus_observation, o) {
		if (o->chan == chan && !o->masked) {
			TELL(o->obs);
		}
	}
	for (struct z_zbus_link *link = chan->data->observers; link != NULL; link = link->next) {
		TELL(link->obs);
	}
#undef TELL
	return err;
}

/* ---- The functions of the header ---- */

int zbus_chan_claim(const struct zbus_channel *chan, k_timeout_t timeout)
{
	return k_sem_take(&chan->data->sem, timeout);
}

int zbus_chan_finish(const struct zbus_channel *chan)
{
	k_sem_give(&chan->data->sem);
	return 0;
}

int zbus_chan_pub(const struct zbus_channel *chan, const void *msg, k_timeout_t timeout)
{
	if (chan->validator != NULL && !chan->validator(msg, chan->message_size)) {
		return -ENOMSG;
	}
	int err = zbus_chan_claim(chan, timeout);

	if (err != 0) {
		return err;
	}
	memcpy(chan->message, msg, chan->message_size);
	err = tell_all(chan, timeout);
	zbus_chan_finish(chan);
	return err;
}

int zbus_chan_notify(const struct zbus_channel *chan, k_timeout_t timeout)
{
	int err = zbus_chan_claim(chan, timeout);

	if (err == 0) {
		err = tell_all(chan, timeout);
		zbus_chan_finish(chan);
	}
	return err;
}

int zbus_chan_read(const struct zbus_channel *chan, void *msg, k_timeout_t timeout)
{
	int err = zbus_chan_claim(chan, timeout);

	if (err == 0) {
		memcpy(msg, chan->message, chan->message_size);
		zbus_chan_finish(chan);
	}
	return err;
}

int zbus_sub_wait(const struct zbus_observer *sub, const struct zbus_channel **chan, k_timeout_t timeout)
{
	return sub->type == ZBUS_OBSERVER_SUBSCRIBER_TYPE ? k_msgq_get(sub->queue, (void *)chan, timeout) : -EINVAL;
}

int zbus_sub_wait_msg(const struct zbus_observer *sub, const struct zbus_channel **chan, void *msg, k_timeout_t timeout)
{
	if (sub->type != ZBUS_OBSERVER_MSG_SUBSCRIBER_TYPE) {
		return -EINVAL;
	}
	struct copy *copy = k_fifo_get(sub->message_fifo, timeout);

	if (copy == NULL) {
		return -ENOMSG;
	}
	*chan = copy->chan;
	memcpy(msg, copy->data, copy->chan->message_size);
	free(copy);
	return 0;
}

int zbus_chan_add_obs(const struct zbus_channel *chan, const struct zbus_observer *obs, k_timeout_t timeout)
{
	int err = zbus_chan_claim(chan, timeout);

	if (err != 0) {
		return err;
	}
	for (const struct zbus_observer *const *o = chan->observers; *o != NULL && err == 0; o++) {
		err = *o == obs ? -EEXIST : 0;
	}
	if (err == 0 && *find(&chan->data->observers, obs) != NULL) {
		err = -EALREADY;
	}
	if (err == 0) {
		err = add(&chan->data->observers, obs);
	}
	zbus_chan_finish(chan);
	return err;
}

int zbus_chan_rm_obs(const struct zbus_channel *chan, const struct zbus_observer *obs, k_timeout_t timeout)
{
	int err = zbus_chan_claim(chan, timeout);

	if (err == 0) {
		err = drop(&chan->data->observers, obs);
		zbus_chan_finish(chan);
	}
	return err;
}

int zbus_obs_set_chan_notification_mask(const struct zbus_observer *obs, const struct zbus_channel *chan, bool masked)
{
	if (masked) {
		return add(&chan->data->masked, obs);
	}
	drop(&chan->data->masked, obs);
	return 0;
}

int zbus_obs_is_chan_notification_masked(const struct zbus_observer *obs, const struct zbus_channel *chan, bool *masked)
{
	*masked = *find(&chan->data->masked, obs) != NULL;
	return 0;
}

const struct zbus_channel *zbus_chan_from_id(uint32_t channel_id)
{
	STRUCT_SECTION_FOREACH(zbus_channel, chan) {
		if (channel_id != ZBUS_CHAN_ID_INVALID && chan->id == channel_id) {
			return chan;
		}
	}
	return NULL;
}
