/* The types that every source of a Zephyr application expects. */
#ifndef NRF91EMU_ZEPHYR_TYPES_H_
#define NRF91EMU_ZEPHYR_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <inttypes.h>
#include <stdint.h>
#include <sys/types.h>

typedef union {
	long long thelonglong;
	long double thelongdouble;
	void *thepvoid;
} z_max_align_t;

#endif
