/*
 * The part of the devicetree that the host has: four LEDs, four buttons, the
 * GPIO port that they are at, and the console's UART. A node that is not here stays an unknown name, and
 * the compiler's sentence shows it: z_device_DT_N_<what was asked for>.
 */
#ifndef NRF91EMU_ZEPHYR_DEVICETREE_H_
#define NRF91EMU_ZEPHYR_DEVICETREE_H_

#include <zephyr/sys/util_macro.h>

#define DT_NODELABEL(label) UTIL_CAT(DT_N_, label)
#define DT_ALIAS(alias) UTIL_CAT(DT_ALIAS_, alias)
#define DT_CHOSEN(prop) UTIL_CAT(DT_CHOSEN_, prop)
#define DT_PATH(...) DT_N_path_that_the_host_does_not_have
#define DT_NODE_EXISTS(node) IS_ENABLED(UTIL_CAT(node, _EXISTS))
#define DT_NODE_HAS_STATUS(node, status) UTIL_CAT(Z_DT_STATUS_, status)(node)
#define Z_DT_STATUS_okay(node) DT_NODE_EXISTS(node)
#define Z_DT_STATUS_disabled(node) 0
#define DT_NODE_HAS_STATUS_OKAY(node) DT_NODE_EXISTS(node)
#define DT_NODE_HAS_PROP(node, prop) IS_ENABLED(UTIL_CAT(node, _P_##prop##_EXISTS))
#define DT_HAS_CHOSEN(prop) DT_NODE_EXISTS(DT_CHOSEN(prop))
#define DT_PROP(node, prop) UTIL_CAT(node, _P_##prop)
#define DT_PROP_OR(node, prop, otherwise) COND_CODE_1(DT_NODE_HAS_PROP(node, prop), (DT_PROP(node, prop)), (otherwise))
#define DT_GPIO_PIN(node, prop) UTIL_CAT(node, _PIN)
#define DT_GPIO_FLAGS(node, prop) UTIL_CAT(node, _FLAGS)
#define DT_GPIO_CTLR(node, prop) DT_N_gpio0
#define DT_GPIO_LABEL(node, prop) "gpio@50842500"

#define DT_N_gpio0_EXISTS 1
#define DT_N_uart0_EXISTS 1
#define DT_CHOSEN_zephyr_console DT_N_uart0
#define DT_CHOSEN_zephyr_shell_uart DT_N_uart0
#define DT_CHOSEN_ncs_at_host_uart DT_N_uart0
#define DT_N_led0 DT_N_led_0
#define DT_N_led1 DT_N_led_1
#define DT_N_led2 DT_N_led_2
#define DT_N_led3 DT_N_led_3
#define DT_N_button0 DT_N_button_0
#define DT_N_button1 DT_N_button_1
#define DT_N_button2 DT_N_button_2
#define DT_N_button3 DT_N_button_3
#define DT_ALIAS_led0 DT_N_led_0
#define DT_ALIAS_led1 DT_N_led_1
#define DT_ALIAS_led2 DT_N_led_2
#define DT_ALIAS_led3 DT_N_led_3
#define DT_ALIAS_sw0 DT_N_button_0
#define DT_ALIAS_sw1 DT_N_button_1
#define DT_ALIAS_sw2 DT_N_button_2
#define DT_ALIAS_sw3 DT_N_button_3

/* The pins are those of the nRF9160 DK: LEDs 2 to 5, buttons 6 to 9. */
#define DT_N_led_0_EXISTS 1
#define DT_N_led_1_EXISTS 1
#define DT_N_led_2_EXISTS 1
#define DT_N_led_3_EXISTS 1
#define DT_N_led_0_P_gpios_EXISTS 1
#define DT_N_led_1_P_gpios_EXISTS 1
#define DT_N_led_2_P_gpios_EXISTS 1
#define DT_N_led_3_P_gpios_EXISTS 1
#define DT_N_led_0_PIN 2
#define DT_N_led_1_PIN 3
#define DT_N_led_2_PIN 4
#define DT_N_led_3_PIN 5
#define DT_N_led_0_FLAGS 0
#define DT_N_led_1_FLAGS 0
#define DT_N_led_2_FLAGS 0
#define DT_N_led_3_FLAGS 0
#define DT_N_button_0_EXISTS 1
#define DT_N_button_1_EXISTS 1
#define DT_N_button_2_EXISTS 1
#define DT_N_button_3_EXISTS 1
#define DT_N_button_0_P_gpios_EXISTS 1
#define DT_N_button_1_P_gpios_EXISTS 1
#define DT_N_button_2_P_gpios_EXISTS 1
#define DT_N_button_3_P_gpios_EXISTS 1
#define DT_N_button_0_PIN 6
#define DT_N_button_1_PIN 7
#define DT_N_button_2_PIN 8
#define DT_N_button_3_PIN 9
/* Active low with a pull-up. */
#define DT_N_button_0_FLAGS 0x11
#define DT_N_button_1_FLAGS 0x11
#define DT_N_button_2_FLAGS 0x11
#define DT_N_button_3_FLAGS 0x11

#endif
