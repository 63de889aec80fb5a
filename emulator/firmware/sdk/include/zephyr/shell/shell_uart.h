/* The shell on the console: shell.h has it. */
#ifndef NRF91EMU_ZEPHYR_SHELL_SHELL_UART_H_
#define NRF91EMU_ZEPHYR_SHELL_SHELL_UART_H_

#include <zephyr/shell/shell.h>

#endif
