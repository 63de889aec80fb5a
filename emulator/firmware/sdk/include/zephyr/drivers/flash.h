/* The flash, of which there is only what finds a place for NVS: pages of 4 kB. */
#ifndef NRF91EMU_ZEPHYR_DRIVERS_FLASH_H_
#define NRF91EMU_ZEPHYR_DRIVERS_FLASH_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <zephyr/device.h>

struct flash_pages_info {
	off_t start_offset;
	size_t size;
	uint32_t index;
};

extern const struct device z_flash_device;

static inline int flash_get_page_info_by_offs(const struct device *dev, off_t offset, struct flash_pages_info *info)
{
	(void)dev;
	info->size = 4096;
	info->index = (uint32_t)(offset / 4096);
	info->start_offset = offset / 4096 * 4096;
	return 0;
}

#endif
