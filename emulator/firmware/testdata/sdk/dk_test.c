/* The library for the kits: LEDs as masks, and presses in their order. */
#include <errno.h>
#include <dk_buttons_and_leds.h>
#include "board.h"
#include "check.h"
#include "transport.h"

static uint32_t leds, leds_told, held;

void ncsh_leds(uint32_t on)
{
	leds = on;
	leds_told++;
}

uint32_t ncsh_buttons(void)
{
	return held;
}

static void test_leds(void)
{
	/* Before it is initialised an LED stays dark, and a button is heard by nobody. */
	CHECK_INT(dk_set_led_on(DK_LED1), 0);
	CHECK_INT(dk_set_leds(DK_ALL_LEDS_MSK), 0);
	CHECK_INT(leds, 0);
	ncsh_handlers.button(DK_BTN1_MSK, DK_BTN1_MSK);
	ncsh_handlers.button(0, DK_BTN1_MSK);

	CHECK_INT(dk_leds_init(), 0);
	CHECK_INT(leds_told, 0); /* they were off */
	CHECK_INT(dk_set_led_on(DK_LED2), 0);
	CHECK_INT(leds, DK_LED2_MSK);
	CHECK_INT(dk_set_led(DK_LED4, 7), 0);
	CHECK_INT(leds, DK_LED2_MSK | DK_LED4_MSK);
	CHECK_INT(dk_set_led_on(DK_LED4), 0);
	CHECK_INT(leds_told, 2); /* what is on already is no change */
	CHECK_INT(dk_set_led_off(DK_LED2), 0);
	CHECK_INT(leds, DK_LED4_MSK);
	CHECK_INT(dk_set_leds(DK_LED1_MSK | DK_LED3_MSK), 0);
	CHECK_INT(leds, DK_LED1_MSK | DK_LED3_MSK);
	CHECK_INT(dk_set_leds_state(DK_LED4_MSK, DK_LED1_MSK), 0);
	CHECK_INT(leds, DK_LED3_MSK | DK_LED4_MSK);
	CHECK_INT(dk_set_led(4, 1), -EINVAL);
	CHECK_INT(dk_set_leds(BIT(4)), -EINVAL);
	CHECK_INT(dk_set_leds_state(0, BIT(31)), -EINVAL);
	CHECK_INT(leds, DK_LED3_MSK | DK_LED4_MSK);
	CHECK_INT(dk_leds_init(), 0);
	CHECK_INT(leds, 0);
}

/* What handlers were told, as letters. */
static char trace[512];
static K_SEM_DEFINE(heard, 0, K_SEM_MAX_LIMIT);

static void note(char who, uint32_t state, uint32_t changed)
{
	size_t n = strlen(trace);

	snprintf(trace + n, sizeof(trace) - n, "%c%x/%x ", who, state, changed);
}

static void second(uint32_t state, uint32_t changed);
static void last(uint32_t state, uint32_t changed);
static struct button_handler handlers[] = { { .cb = second }, { .cb = last } };

static void first(uint32_t state, uint32_t changed)
{
	note('a', state, changed);
	k_sem_give(&heard);
}

static void second(uint32_t state, uint32_t changed)
{
	note('b', state, changed);
	CHECK_INT(dk_button_handler_remove(&handlers[0]), 0); /* once is enough */
}

static void last(uint32_t state, uint32_t changed)
{
	note('c', state, changed);
	k_sem_give(&heard);
}

/* As the emulator tells of a change. */
static void change(uint32_t mask)
{
	held ^= mask;
	ncsh_handlers.button(held, mask);
}

static void wait(int times)
{
	while (times-- > 0) {
		CHECK_INT(k_sem_take(&heard, K_SECONDS(30)), 0);
	}
}

static void test_buttons(void)
{
	uint32_t state, changed;

	held = DK_BTN3_MSK | BIT(7);
	CHECK_INT(dk_buttons_init(first), 0);
	CHECK_INT(dk_get_buttons(), DK_BTN3_MSK); /* there are no more than four */
	dk_read_buttons(&state, &changed);
	CHECK_INT(state, DK_BTN3_MSK);
	CHECK_INT(changed, 0); /* what is held at the start is no change */
	held = 0;
	dk_read_buttons(NULL, &changed);
	CHECK_INT(changed, DK_BTN3_MSK);
	dk_read_buttons(&state, NULL);
	CHECK_INT(state, 0);

	/* Both come, however quick the finger is. */
	change(DK_BTN1_MSK);
	change(DK_BTN1_MSK);
	wait(2);
	CHECK_STR(trace, "a1/1 a0/1 ");

	trace[0] = '\0';
	dk_button_handler_add(&handlers[0]);
	dk_button_handler_add(&handlers[1]);
	change(DK_BTN2_MSK);
	wait(2);
	change(DK_BTN4_MSK);
	wait(2);
	CHECK_STR(trace, "a2/2 b2/2 c2/2 aa/8 ca/8 ");
	CHECK_INT(dk_button_handler_remove(&handlers[0]), -ENOENT);
	CHECK_INT(dk_button_handler_remove(&handlers[1]), 0);

	/* To begin again is to be told once all the same. */
	trace[0] = '\0';
	CHECK_INT(dk_buttons_init(first), 0);
	change(DK_BTN2_MSK);
	change(DK_BTN4_MSK);
	wait(2);
	CHECK_STR(trace, "a8/2 a0/8 ");
}

int main(void)
{
	test_leds();
	test_buttons();
	CHECK_DONE();
}
