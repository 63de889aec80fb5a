/* Monitors of notifications, see modem/at_monitor.h. */
// build: if AT_MONITOR
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <nrf_modem_at.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"

LOG_MODULE_REGISTER(at_monitor, CONFIG_AT_MONITOR_LOG_LEVEL);

/* The memory for notifications that wait is that of the device: what would not fit there is lost
 * here, too. A block has a header of one word, the device's pointer another. */
struct notif {
	struct notif *next;
	size_t size;
	char text[];
};

static struct at_monitor_entry *monitors;
static struct notif *first, **last = &first;
static size_t used;
static struct k_spinlock lock;

static void run(struct k_work *work);
static K_WORK_DEFINE(monitor_work, run);

void ncsh_at_monitor(struct at_monitor_entry *mon)
{
	struct at_monitor_entry **at = &monitors;

	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = mon;
}

static bool matches(const struct at_monitor_entry *mon, const char *notif)
{
	return !mon->flags.paused && (mon->filter == NULL || strstr(notif, mon->filter) != NULL);
}

/* Called in interrupt context. */
static void dispatch(const char *notif)
{
	bool wanted = false;

	for (struct at_monitor_entry *mon = monitors; mon != NULL; mon = mon->next) {
		if (!matches(mon, notif)) {
			continue;
		}
		if (mon->flags.direct) {
			mon->handler(notif);
		} else {
			wanted = true;
		}
	}
	if (!wanted) {
		return;
	}
	size_t len = strlen(notif) + 1;
	size_t size = 4 + ROUND_UP(4 + len, 8); /* as on the device */
	struct notif *n = NULL;
	k_spinlock_key_t key = k_spin_lock(&lock);

	if (used + size <= CONFIG_AT_MONITOR_HEAP_SIZE) {
		n = malloc(sizeof(*n) + len);
	}
	if (n != NULL) {
		memcpy(n->text, notif, len);
		n->size = size;
		n->next = NULL;
		used += size;
		*last = n;
		last = &n->next;
	}
	k_spin_unlock(&lock, key);
	if (n == NULL) {
		LOG_WRN("No heap space for incoming notification: %s", notif);
		return;
	}
	k_work_submit(&monitor_work);
}

static struct notif *next_notif(void)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	struct notif *n = first;

	if (n != NULL) {
		first = n->next;
		if (first == NULL) {
			last = &first;
		}
	}
	k_spin_unlock(&lock, key);
	return n;
}

static void run(struct k_work *work)
{
	struct notif *n;

	(void)work;
	while ((n = next_notif()) != NULL) {
		for (struct at_monitor_entry *mon = monitors; mon != NULL; mon = mon->next) {
			if (!mon->flags.direct && matches(mon, n->text)) {
				mon->handler(n->text);
			}
		}
		k_spinlock_key_t key = k_spin_lock(&lock);

		used -= n->size;
		k_spin_unlock(&lock, key);
		free(n);
	}
}

static int at_monitor_sys_init(void)
{
	return nrf_modem_at_notif_handler_set(dispatch);
}

SYS_INIT(at_monitor_sys_init, APPLICATION, 0);
