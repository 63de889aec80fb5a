/* Random numbers, from the host's generator. */
#ifndef NRF91EMU_ZEPHYR_RANDOM_RANDOM_H_
#define NRF91EMU_ZEPHYR_RANDOM_RANDOM_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/kernel.h>

void sys_rand_get(void *dst, size_t len);
/* 0, or -EIO. */
int sys_csrand_get(void *dst, size_t len);
uint8_t sys_rand8_get(void);
uint16_t sys_rand16_get(void);
uint32_t sys_rand32_get(void);
uint64_t sys_rand64_get(void);

#endif
