/* Spinlocks: kernel.h has them. */
#ifndef NRF91EMU_ZEPHYR_SPINLOCK_H_
#define NRF91EMU_ZEPHYR_SPINLOCK_H_

#include <zephyr/kernel.h>

#endif
