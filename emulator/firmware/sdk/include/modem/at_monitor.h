/* Monitors: several handlers for notifications, each with a filter. */
#ifndef AT_MONITOR_H_
#define AT_MONITOR_H_

#include <stdbool.h>
#include <stddef.h>

#include <ncshost.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANY NULL
#define MON_ANY NULL
#define PAUSED 1
#define MON_PAUSED 1
#define ACTIVE 0
#define MON_ACTIVE 0

typedef void (*at_monitor_handler_t)(const char *notif);

struct at_monitor_entry {
	const char *filter; /* text anywhere in the notification; NULL is any */
	const at_monitor_handler_t handler;
	struct {
		unsigned char paused : 1;
		unsigned char direct : 1; /* called in interrupt context */
	} flags;
	struct at_monitor_entry *next;
};

void ncsh_at_monitor(struct at_monitor_entry *mon);

#define NCSH_AT_MONITOR_(name, _filter, _handler, _direct, ...)                             \
	static void _handler(const char *);                                                 \
	static struct at_monitor_entry name = {                                             \
		.filter = (_filter),                                                        \
		.handler = (_handler),                                                      \
		.flags = {.paused = (__VA_ARGS__ + 0) != 0, .direct = (_direct)},           \
	};                                                                                  \
	__attribute__((constructor)) static void ncsh_monitor_##name(void)                  \
	{                                                                                   \
		ncsh_at_monitor(&name);                                                     \
	}                                                                                   \
	struct ncsh_semicolon

/* AT_MONITOR has handler called on the system work queue for notifications with
 * filter in them; a fourth argument may be PAUSED or ACTIVE. AT_MONITOR_ISR has it
 * called at once, in interrupt context. */
#define AT_MONITOR(name, filter, handler, ...)                                              \
	NCSH_AT_MONITOR_(name, filter, handler, 0, ##__VA_ARGS__)
#define AT_MONITOR_ISR(name, filter, handler, ...)                                          \
	NCSH_AT_MONITOR_(name, filter, handler, 1, ##__VA_ARGS__)

static inline void at_monitor_pause(struct at_monitor_entry *mon)
{
	mon->flags.paused = 1;
}

static inline void at_monitor_resume(struct at_monitor_entry *mon)
{
	mon->flags.paused = 0;
}

#ifdef __cplusplus
}
#endif

#endif
