/* Buses and state machines: who hears of what, in which order. */
#include <zephyr/kernel.h>
#include <zephyr/smf.h>
#include <zephyr/sys/timeutil.h>
#include <zephyr/zbus/zbus.h>
#include "check.h"

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

/* ---- zbus ---- */

struct sample {
	int value;
};

static bool positive(const void *msg, size_t size)
{
	return size == sizeof(struct sample) && ((const struct sample *)msg)->value >= 0;
}

ZBUS_CHAN_DEFINE(samples, struct sample, positive, NULL, ZBUS_OBSERVERS(first, second, queue, copies), ZBUS_MSG_INIT(.value = 7));
ZBUS_CHAN_DEFINE(quiet, struct sample, NULL, &trace, ZBUS_OBSERVERS_EMPTY, ZBUS_MSG_INIT(0));
ZBUS_CHAN_DEFINE_WITH_ID(numbered, 42, int, NULL, NULL, ZBUS_OBSERVERS_EMPTY, 5);

static void on_first(const struct zbus_channel *chan)
{
	const struct sample *s = zbus_chan_const_msg(chan);

	mark(s->value == 1 ? "first1 " : "first ");
	/* The channel is the publisher's: whoever wants it now waits. */
	CHECK_INT(zbus_chan_claim(chan, K_NO_WAIT), -EBUSY);
}
static void on_second(const struct zbus_channel *chan)
{
	mark(zbus_chan_name(chan));
	mark(" ");
}
static void on_third(const struct zbus_channel *chan)
{
	ARG_UNUSED(chan);
	mark("third ");
}
ZBUS_LISTENER_DEFINE(first, on_first);
ZBUS_LISTENER_DEFINE(second, on_second);
ZBUS_LISTENER_DEFINE(third, on_third);
ZBUS_SUBSCRIBER_DEFINE(queue, 2);
ZBUS_MSG_SUBSCRIBER_DEFINE(copies);
ZBUS_LISTENER_DEFINE(late, on_third);
ZBUS_CHAN_ADD_OBS(samples, third, 3);

static void test_zbus(void)
{
	struct sample s = { 0 };
	const struct zbus_channel *chan;
	bool on;

	CHECK_INT(zbus_chan_read(&samples, &s, K_NO_WAIT), 0);
	CHECK_INT(s.value, 7);
	s.value = 1;
	CHECK_INT(zbus_chan_pub(&samples, &s, K_NO_WAIT), 0);
	CHECK_TRACE("first1 samples third ");
	s.value = -1;
	CHECK_INT(zbus_chan_pub(&samples, &s, K_NO_WAIT), -ENOMSG);
	CHECK_TRACE("");

	/* The subscriber finds the channel, the message subscriber its copy, also of the message before. */
	s.value = 2;
	CHECK_INT(zbus_chan_pub(&samples, &s, K_NO_WAIT), 0);
	CHECK_TRACE("first samples third ");
	CHECK_INT(zbus_sub_wait(&queue, &chan, K_NO_WAIT), 0);
	CHECK(chan == &samples);
	CHECK_INT(zbus_sub_wait_msg(&copies, &chan, &s, K_NO_WAIT), 0);
	CHECK_INT(s.value, 1);
	CHECK_INT(zbus_sub_wait_msg(&copies, &chan, &s, K_NO_WAIT), 0);
	CHECK_INT(s.value, 2);
	CHECK_INT(zbus_sub_wait_msg(&copies, &chan, &s, K_NO_WAIT), -ENOMSG);
	CHECK_INT(zbus_sub_wait(&queue, &chan, K_NO_WAIT), 0);
	CHECK_INT(zbus_sub_wait(&queue, &chan, K_NO_WAIT), -ENOMSG);
	CHECK_INT(zbus_sub_wait(&copies, &chan, K_NO_WAIT), -EINVAL);

	/* A subscriber whose queue is full is an error, and the others hear of the message. */
	for (int i = 0; i < 2; i++) {
		CHECK_INT(zbus_chan_notify(&samples, K_NO_WAIT), 0);
	}
	trace[0] = '\0';
	CHECK_INT(zbus_chan_notify(&samples, K_NO_WAIT), -ENOMSG);
	CHECK_TRACE("first samples third ");
	k_msgq_purge(queue.queue);

	CHECK_INT(zbus_obs_set_enable(&second, false), 0);
	zbus_obs_is_enabled(&second, &on);
	CHECK(!on);
	CHECK_INT(zbus_obs_set_chan_notification_mask(&third, &samples, true), 0);
	CHECK_INT(zbus_chan_notify(&samples, K_NO_WAIT), 0);
	CHECK_TRACE("first ");
	zbus_obs_set_chan_notification_mask(&third, &samples, false);

	CHECK_INT(zbus_chan_notify(&quiet, K_NO_WAIT), 0);
	CHECK(zbus_chan_user_data(&quiet) == &trace);
	CHECK_INT(zbus_chan_add_obs(&quiet, &late, K_NO_WAIT), 0);
	CHECK_INT(zbus_chan_add_obs(&quiet, &late, K_NO_WAIT), -EALREADY);
	CHECK_INT(zbus_chan_add_obs(&samples, &first, K_NO_WAIT), -EEXIST);
	CHECK_INT(zbus_chan_notify(&quiet, K_NO_WAIT), 0);
	CHECK_TRACE("third ");
	CHECK_INT(zbus_chan_rm_obs(&quiet, &late, K_NO_WAIT), 0);
	CHECK_INT(zbus_chan_rm_obs(&quiet, &late, K_NO_WAIT), -ENODATA);
	CHECK(zbus_chan_from_id(42) == &numbered);
	CHECK_INT(zbus_chan_claim(&quiet, K_NO_WAIT), 0);
	CHECK_INT(zbus_chan_pub(&quiet, &s, K_MSEC(1)), -EAGAIN);
	zbus_chan_finish(&quiet);
}

/* ---- State machines ---- */

#define ACTIONS(name)                                                                              \
	static void name##_entry(void *o) { ARG_UNUSED(o); mark("+" #name " "); }                  \
	static void name##_exit(void *o) { ARG_UNUSED(o); mark("-" #name " "); }                   \
	static enum smf_state_result name##_run(void *o) { ARG_UNUSED(o); mark(#name " "); return result; }

static enum smf_state_result result = SMF_EVENT_PROPAGATE;
ACTIONS(outer)
ACTIONS(inner)
ACTIONS(other)
ACTIONS(alone)

static const struct smf_state states[] = {
	[0] = SMF_CREATE_STATE(outer_entry, outer_run, outer_exit, NULL, &states[1]),
	[1] = SMF_CREATE_STATE(inner_entry, inner_run, inner_exit, &states[0], NULL),
	[2] = SMF_CREATE_STATE(other_entry, other_run, other_exit, &states[0], NULL),
	[3] = SMF_CREATE_STATE(alone_entry, alone_run, alone_exit),
};

static void test_smf(void)
{
	struct {
		struct smf_ctx ctx;
	} o;

	smf_set_initial(SMF_CTX(&o), &states[0]);
	CHECK_TRACE("+outer +inner ");
	CHECK_INT(smf_run_state(SMF_CTX(&o)), 0);
	CHECK_TRACE("inner outer ");
	result = SMF_EVENT_HANDLED;
	CHECK_INT(smf_run_state(SMF_CTX(&o)), 0);
	CHECK_TRACE("inner ");
	smf_set_state(SMF_CTX(&o), &states[2]); /* a sibling: the parent stays */
	CHECK_TRACE("-inner +other ");
	smf_set_state(SMF_CTX(&o), &states[2]);
	CHECK_TRACE("-other +other ");
	smf_set_state(SMF_CTX(&o), &states[3]);
	CHECK_TRACE("-other -outer +alone ");
	CHECK(o.ctx.previous == &states[2]);
	smf_set_state(SMF_CTX(&o), &states[0]);
	CHECK_TRACE("-alone +outer +inner ");
	smf_set_terminate(SMF_CTX(&o), -5);
	CHECK_INT(smf_run_state(SMF_CTX(&o)), -5);
	CHECK_TRACE("");
}

/* ---- Dates ---- */

static void test_timeutil(void)
{
	static const struct {
		struct tm tm;
		int64_t want;
	} dates[] = {
		{ { .tm_year = 70, .tm_mday = 1 }, 0 },
		{ { .tm_year = 69, .tm_mon = 11, .tm_mday = 31, .tm_hour = 23, .tm_min = 59, .tm_sec = 59 }, -1 },
		{ { .tm_year = 100, .tm_mon = 1, .tm_mday = 29 }, 951782400 },
		{ { .tm_year = 126, .tm_mon = 10, .tm_mday = 26, .tm_hour = 11, .tm_min = 30 }, 1795692600 },
		{ { .tm_year = 200, .tm_mon = 2, .tm_mday = 1 }, 4107542400 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		CHECK_INT(timeutil_timegm64(&dates[i].tm), dates[i].want);
	}
}

int main(void)
{
	test_zbus();
	test_smf();
	test_timeutil();
	CHECK_DONE();
}
