/* Buttons and LEDs of a development kit, four of each. */
#ifndef NRF91EMU_DK_BUTTONS_AND_LEDS_H_
#define NRF91EMU_DK_BUTTONS_AND_LEDS_H_

#include <stdint.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/util.h>

#define DK_NO_LEDS_MSK 0
#define DK_LED1 0
#define DK_LED2 1
#define DK_LED3 2
#define DK_LED4 3
#define DK_LED1_MSK BIT(DK_LED1)
#define DK_LED2_MSK BIT(DK_LED2)
#define DK_LED3_MSK BIT(DK_LED3)
#define DK_LED4_MSK BIT(DK_LED4)
#define DK_ALL_LEDS_MSK (DK_LED1_MSK | DK_LED2_MSK | DK_LED3_MSK | DK_LED4_MSK)

#define DK_NO_BTNS_MSK 0
#define DK_BTN1 0
#define DK_BTN2 1
#define DK_BTN3 2
#define DK_BTN4 3
#define DK_BTN1_MSK BIT(DK_BTN1)
#define DK_BTN2_MSK BIT(DK_BTN2)
#define DK_BTN3_MSK BIT(DK_BTN3)
#define DK_BTN4_MSK BIT(DK_BTN4)
#define DK_ALL_BTNS_MSK (DK_BTN1_MSK | DK_BTN2_MSK | DK_BTN3_MSK | DK_BTN4_MSK)

/* Called on the system work queue: masks of the buttons that are down and of those that changed. */
typedef void (*button_handler_t)(uint32_t button_state, uint32_t has_changed);

struct button_handler {
	button_handler_t cb;
	sys_snode_t node;
};

/* Each returns 0; -EINVAL for an LED that is not there. */
int dk_leds_init(void);
int dk_buttons_init(button_handler_t handler);
void dk_button_handler_add(struct button_handler *handler);
/* -ENOENT if it was not added. */
int dk_button_handler_remove(struct button_handler *handler);
void dk_read_buttons(uint32_t *button_state, uint32_t *has_changed);
uint32_t dk_get_buttons(void);
int dk_set_leds(uint32_t leds);
int dk_set_leds_state(uint32_t leds_on_mask, uint32_t leds_off_mask);
int dk_set_led(uint8_t led_idx, uint32_t val);
int dk_set_led_on(uint8_t led_idx);
int dk_set_led_off(uint8_t led_idx);

#endif
