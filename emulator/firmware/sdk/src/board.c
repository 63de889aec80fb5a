/* LEDs and buttons over the library interface. */
#include <stdio.h>
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

static bool buttons_used;

uint32_t board_buttons(void)
{
	buttons_used = true;
	return ncsh_buttons() & BIT_MASK(BOARD_BUTTONS);
}

static void button_event(uint32_t pressed, uint32_t changed)
{
	if (watchers == NULL && !buttons_used && pressed != 0) {
		buttons_used = true;
		fprintf(stderr, "A button was pressed, and the firmware does not look at buttons: dk_buttons_init(), or a "
				"callback of the GPIO, was not there before.\n");
	}
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
	irq_unlock(key);
}

__attribute__((__constructor__)) static void hear_buttons(void)
{
	ncsh_handlers.button = button_event;
}
