/* GPIO: the pins at which the LEDs and buttons of an nRF9160 DK are. */
// build: if GPIO
#include <zephyr/drivers/gpio.h>
#include <zephyr/kernel.h>
#include "board.h"

#define FIRST_LED 2
#define FIRST_BUTTON 6

const struct device z_device_DT_N_gpio0 = { .name = "gpio@50842500" };

const struct device *device_get_binding(const char *name)
{
	return strcmp(name, z_device_DT_N_gpio0.name) == 0 ? &z_device_DT_N_gpio0 : NULL;
}

static gpio_flags_t flags_of[32];
static gpio_flags_t interrupts[32];
static sys_slist_t callbacks = SYS_SLIST_STATIC_INIT(&callbacks);

static int led_of(gpio_pin_t pin)
{
	return pin >= FIRST_LED && pin < FIRST_LED + BOARD_LEDS ? pin - FIRST_LED : -1;
}

static int button_of(gpio_pin_t pin)
{
	return pin >= FIRST_BUTTON && pin < FIRST_BUTTON + BOARD_BUTTONS ? pin - FIRST_BUTTON : -1;
}

static bool active_low(gpio_pin_t pin)
{
	return (flags_of[pin] & GPIO_ACTIVE_LOW) != 0;
}

int gpio_pin_set_raw(const struct device *port, gpio_pin_t pin, int value)
{
	ARG_UNUSED(port);
	if (led_of(pin) < 0) {
		return -ENOTSUP;
	}
	/* The LEDs of the kit shine when their pin is high. */
	board_leds_set(value ? BIT(led_of(pin)) : 0, value ? 0 : BIT(led_of(pin)));
	return 0;
}

int gpio_pin_get_raw(const struct device *port, gpio_pin_t pin)
{
	ARG_UNUSED(port);
	if (button_of(pin) >= 0) {
		return !IS_BIT_SET(board_buttons(), button_of(pin)); /* a button pulls its pin low */
	}
	return led_of(pin) >= 0 ? (int)IS_BIT_SET(board_leds(), led_of(pin)) : -ENOTSUP;
}

int gpio_pin_set(const struct device *port, gpio_pin_t pin, int value)
{
	return pin > 31 ? -EINVAL : gpio_pin_set_raw(port, pin, active_low(pin) ? !value : value);
}

int gpio_pin_get(const struct device *port, gpio_pin_t pin)
{
	int value = pin > 31 ? -EINVAL : gpio_pin_get_raw(port, pin);

	return value < 0 ? value : active_low(pin) ? !value : value;
}

int gpio_pin_toggle(const struct device *port, gpio_pin_t pin)
{
	int value = gpio_pin_get_raw(port, pin);

	return value < 0 ? value : gpio_pin_set_raw(port, pin, !value);
}

int gpio_pin_configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	if (led_of(pin) < 0 && button_of(pin) < 0) {
		return -ENOTSUP;
	}
	flags_of[pin] = flags;
	if ((flags & GPIO_OUTPUT) && (flags & (GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_HIGH))) {
		int value = (flags & GPIO_OUTPUT_INIT_HIGH) != 0;

		return flags & GPIO_OUTPUT_INIT_LOGICAL ? gpio_pin_set(port, pin, value)
							: gpio_pin_set_raw(port, pin, value);
	}
	return 0;
}

static void changed(uint32_t pressed, uint32_t changed_mask)
{
	gpio_port_pins_t pins = 0;
	struct gpio_callback *cb, *next;

	for (int i = 0; i < BOARD_BUTTONS; i++) {
		gpio_flags_t flags = interrupts[FIRST_BUTTON + i];
		bool high = !(pressed & BIT(i));

		if ((flags & GPIO_INT_LEVELS_LOGICAL) && active_low((gpio_pin_t)(FIRST_BUTTON + i))) {
			high = !high;
		}
		if ((changed_mask & BIT(i)) && (flags & GPIO_INT_ENABLE) &&
		    (flags & (high ? GPIO_INT_HIGH_1 : GPIO_INT_LOW_0))) {
			pins |= BIT(FIRST_BUTTON + i);
		}
	}
	SYS_SLIST_FOR_EACH_CONTAINER_SAFE(&callbacks, cb, next, node) {
		if (cb->pin_mask & pins) {
			cb->handler(&z_device_DT_N_gpio0, cb, cb->pin_mask & pins);
		}
	}
}
static struct board_button_watcher watcher = { .changed = changed };

int gpio_pin_interrupt_configure(const struct device *port, gpio_pin_t pin, gpio_flags_t flags)
{
	ARG_UNUSED(port);
	if (button_of(pin) < 0) {
		return -ENOTSUP;
	}
	interrupts[pin] = flags;
	board_watch_buttons(&watcher);
	return 0;
}

int gpio_add_callback(const struct device *port, struct gpio_callback *callback)
{
	ARG_UNUSED(port);
	unsigned int key = irq_lock();

	sys_slist_find_and_remove(&callbacks, &callback->node);
	sys_slist_append(&callbacks, &callback->node);
	irq_unlock(key);
	return 0;
}

int gpio_remove_callback(const struct device *port, struct gpio_callback *callback)
{
	ARG_UNUSED(port);
	unsigned int key = irq_lock();
	bool found = sys_slist_find_and_remove(&callbacks, &callback->node);

	irq_unlock(key);
	return found ? 0 : -EINVAL;
}
