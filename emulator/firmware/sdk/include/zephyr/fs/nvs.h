/*
 * Values by number that outlive a restart, kept in a file in NRF91EMU_DATA. The wear of the flash in
 * which a device keeps them is not emulated: that of credentials is the modem's.
 */
#ifndef NRF91EMU_ZEPHYR_FS_NVS_H_
#define NRF91EMU_ZEPHYR_FS_NVS_H_

#include <stdint.h>
#include <sys/types.h>
#include <zephyr/device.h>
#include <zephyr/drivers/flash.h>
#include <zephyr/kernel.h>

struct nvs_fs {
	off_t offset;
	uint16_t sector_size;
	uint16_t sector_count;
	bool ready;
	const struct device *flash_device;
};

/* Functions return 0 or bytes, -EACCES before the mount, or another negative errno. */
int nvs_mount(struct nvs_fs *fs);
int nvs_clear(struct nvs_fs *fs);
/* 0 if that is stored already; -EINVAL if it does not fit a sector; -ENOSPC. */
ssize_t nvs_write(struct nvs_fs *fs, uint16_t id, const void *data, size_t len);
int nvs_delete(struct nvs_fs *fs, uint16_t id);
/* The size of the value, also where len is less; -ENOENT. */
ssize_t nvs_read(struct nvs_fs *fs, uint16_t id, void *data, size_t len);
/* Of what was stored before the last value nothing is kept: -ENOENT for cnt > 0. */
ssize_t nvs_read_hist(struct nvs_fs *fs, uint16_t id, void *data, size_t len, uint16_t cnt);
ssize_t nvs_calc_free_space(struct nvs_fs *fs);

#endif
