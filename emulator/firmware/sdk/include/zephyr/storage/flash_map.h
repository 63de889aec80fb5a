/* Partitions: each name has the place of the storage partition of a development kit. */
#ifndef NRF91EMU_ZEPHYR_STORAGE_FLASH_MAP_H_
#define NRF91EMU_ZEPHYR_STORAGE_FLASH_MAP_H_

#include <zephyr/drivers/flash.h>

#define FIXED_PARTITION_EXISTS(label) 1
#define FIXED_PARTITION_ID(label) 0
#define FIXED_PARTITION_OFFSET(label) 0xfa000
#define FIXED_PARTITION_SIZE(label) 0x6000
#define FIXED_PARTITION_DEVICE(label) (&z_flash_device)

#endif
