/* Buttons and LEDs of a development kit. */
// build: if DK_LIBRARY
#include <stdio.h>
#include <dk_buttons_and_leds.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include "board.h"

LOG_MODULE_REGISTER(dk_buttons_and_leds);

static button_handler_t first_handler;
static sys_slist_t handlers = SYS_SLIST_STATIC_INIT(&handlers);
static K_MUTEX_DEFINE(lock);

/* Presses on their way from the interrupt to the work queue: none is lost, and each is
 * told of by itself. */
struct change {
	uint32_t pressed, changed;
};
K_MSGQ_DEFINE(dk_button_changes, sizeof(struct change), 32, 4);

static uint32_t last_read;

static void report(struct k_work *work)
{
	struct change c;

	ARG_UNUSED(work);
	while (k_msgq_get(&dk_button_changes, &c, K_NO_WAIT) == 0) {
		struct button_handler *h, *next;

		if (first_handler != NULL) {
			first_handler(c.pressed, c.changed);
		}
		k_mutex_lock(&lock, K_FOREVER);
		SYS_SLIST_FOR_EACH_CONTAINER_SAFE(&handlers, h, next, node) {
			h->cb(c.pressed, c.changed);
		}
		k_mutex_unlock(&lock);
	}
}
static K_WORK_DEFINE(report_work, report);

static void changed(uint32_t pressed, uint32_t changed_mask)
{
	struct change c = { pressed, changed_mask };

	if (k_msgq_put(&dk_button_changes, &c, K_NO_WAIT) == 0) {
		k_work_submit(&report_work);
	}
}
static struct board_button_watcher watcher = { .changed = changed };

/* A pin that is no output yet lights nothing. */
static bool leds_ready;

static void leds_set(uint32_t on, uint32_t off)
{
	static bool told;

	if (leds_ready) {
		board_leds_set(on, off);
	} else if (on != 0 && !told) {
		told = true;
		fprintf(stderr, "An LED was switched on before dk_leds_init(): it stays dark.\n");
	}
}

int dk_leds_init(void)
{
	leds_ready = true;
	return dk_set_leds(DK_NO_LEDS_MSK);
}

int dk_buttons_init(button_handler_t handler)
{
	first_handler = handler;
	last_read = dk_get_buttons();
	board_watch_buttons(&watcher);
	return 0;
}

void dk_button_handler_add(struct button_handler *handler)
{
	k_mutex_lock(&lock, K_FOREVER);
	sys_slist_append(&handlers, &handler->node);
	k_mutex_unlock(&lock);
}

int dk_button_handler_remove(struct button_handler *handler)
{
	k_mutex_lock(&lock, K_FOREVER);
	bool found = sys_slist_find_and_remove(&handlers, &handler->node);

	k_mutex_unlock(&lock);
	return found ? 0 : -ENOENT;
}

uint32_t dk_get_buttons(void)
{
	return board_buttons();
}

void dk_read_buttons(uint32_t *button_state, uint32_t *has_changed)
{
	uint32_t now = dk_get_buttons();

	if (button_state != NULL) {
		*button_state = now;
	}
	if (has_changed != NULL) {
		*has_changed = now ^ last_read;
	}
	last_read = now;
}

int dk_set_leds_state(uint32_t leds_on_mask, uint32_t leds_off_mask)
{
	if ((leds_on_mask & ~DK_ALL_LEDS_MSK) != 0 || (leds_off_mask & ~DK_ALL_LEDS_MSK) != 0) {
		return -EINVAL;
	}
	leds_set(leds_on_mask, leds_off_mask);
	return 0;
}

int dk_set_leds(uint32_t leds)
{
	return dk_set_leds_state(leds, DK_ALL_LEDS_MSK & ~leds);
}

int dk_set_led(uint8_t led_idx, uint32_t val)
{
	if (led_idx >= BOARD_LEDS) {
		LOG_ERR("LED index out of the range");
		return -EINVAL;
	}
	leds_set(val ? BIT(led_idx) : 0, val ? 0 : BIT(led_idx));
	return 0;
}

int dk_set_led_on(uint8_t led_idx)
{
	return dk_set_led(led_idx, 1);
}

int dk_set_led_off(uint8_t led_idx)
{
	return dk_set_led(led_idx, 0);
}
