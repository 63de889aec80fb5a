/* The name that zephyr/random/random.h had until nRF Connect SDK 2.5. */
#ifndef NRF91EMU_ZEPHYR_RANDOM_RAND32_H_
#define NRF91EMU_ZEPHYR_RANDOM_RAND32_H_

#include <zephyr/random/random.h>

#endif
