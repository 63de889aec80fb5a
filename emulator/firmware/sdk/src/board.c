/* LEDs and buttons over the library interface. */
#include <zephyr/kernel.h>
#include "board.h"
#include "transport.h"

static uint32_t leds;
static struct board_button_watcher *watchers;

void board_leds_set(uint32_t on, uint32_t off)
{
	unsigned int key = irq_lock();
	uint32_t before = leds;

	leds = (leds | on) & ~off;
	uint32_t now = leds;

	irq_unlock(key);
	if (now != before) {
		ncsh_leds(now);
	}
}

uint32_t board_leds(void)
{
	return leds;
}

uint32_t board_buttons(void)
{
	return ncsh_buttons() & BIT_MASK(BOARD_BUTTONS);
}

static void button_event(uint32_t pressed, uint32_t changed)
{
	for (struct board_button_watcher *w = watchers; w != NULL; w = w->next) {
		w->changed(pressed, changed);
	}
}

void board_watch_buttons(struct board_button_watcher *watcher)
{
	unsigned int key = irq_lock();
	bool known = false;

	for (struct board_button_watcher *w = watchers; w != NULL; w = w->next) {
		known |= w == watcher;
	}
	if (!known) {
		watcher->next = watchers;
		watchers = watcher;
	}
	ncsh_handlers.button = button_event;
	irq_unlock(key);
}
