/* Resets the device: the program starts again from its beginning. */
#ifndef NRF91EMU_ZEPHYR_SYS_REBOOT_H_
#define NRF91EMU_ZEPHYR_SYS_REBOOT_H_

#include <zephyr/toolchain.h>

#define SYS_REBOOT_WARM 0
#define SYS_REBOOT_COLD 1

void sys_reboot(int type) FUNC_NORETURN;

#endif
