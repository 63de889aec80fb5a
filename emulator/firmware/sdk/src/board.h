/* The LEDs and buttons, which the library for the kits and the GPIO driver share. Internal. */
#ifndef Z_BOARD_H_
#define Z_BOARD_H_

#include <stdint.h>
#include <zephyr/sys/slist.h>

#define BOARD_LEDS 4
#define BOARD_BUTTONS 4

/* Switches some LEDs on and some off; the emulator hears of a change only. */
void board_leds_set(uint32_t on, uint32_t off);
uint32_t board_leds(void);
uint32_t board_buttons(void);

struct board_button_watcher {
	void (*changed)(uint32_t pressed, uint32_t changed);
	struct board_button_watcher *next;
};
/* Has changed called in interrupt context when a button is pressed or let go. */
void board_watch_buttons(struct board_button_watcher *watcher);

#endif
