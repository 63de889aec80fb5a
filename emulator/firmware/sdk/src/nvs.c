/* Values by number, see zephyr/fs/nvs.h. */
// build: if NVS
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/fs/nvs.h>
#include <zephyr/kernel.h>

#include "kept.h"

/* What an entry of the table at the end of a sector takes, in bytes. */
#define ENTRY 8

const struct device z_flash_device = { .name = "flash-controller@39000" };

static struct ncsh_kept kept = { .file = "nvs" };
static K_MUTEX_DEFINE(lock);

/* A file system is known by its place. */
static const char *name_of(char *buf, size_t size, const struct nvs_fs *fs, uint16_t id)
{
	snprintf(buf, size, "%lx/%u", (unsigned long)fs->offset, id);
	return buf;
}

static bool of(const struct nvs_fs *fs, const char *name)
{
	char start[24];
	int n = snprintf(start, sizeof(start), "%lx/", (unsigned long)fs->offset);

	return strncmp(name, start, (size_t)n) == 0;
}

static size_t used(const struct nvs_fs *fs)
{
	size_t sum = 0;

	for (struct ncsh_kept_entry *e = kept.entries; e != NULL; e = e->next) {
		sum += of(fs, e->name) ? e->len + ENTRY : 0;
	}
	return sum;
}

/* One sector is always free for the next collection of garbage. */
static size_t room(const struct nvs_fs *fs)
{
	return (size_t)(fs->sector_count - 1) * (fs->sector_size - ENTRY);
}

int nvs_mount(struct nvs_fs *fs)
{
	if (fs->flash_device == NULL || !device_is_ready(fs->flash_device)) {
		return -ENXIO;
	}
	if (fs->sector_count < 2 || fs->sector_size == 0 || fs->sector_size % 4096 != 0) {
		return -EINVAL;
	}
	k_mutex_lock(&lock, K_FOREVER);
	int err = ncsh_kept_load(&kept);

	k_mutex_unlock(&lock);
	fs->ready = err == 0;
	return err;
}

int nvs_clear(struct nvs_fs *fs)
{
	if (!fs->ready) {
		return -EACCES;
	}
	k_mutex_lock(&lock, K_FOREVER);
	int err = 0;

	for (struct ncsh_kept_entry *e = kept.entries, *next; e != NULL && err == 0; e = next) {
		next = e->next;
		if (of(fs, e->name)) {
			err = ncsh_kept_set(&kept, e->name, NULL, 0);
		}
	}
	k_mutex_unlock(&lock);
	fs->ready = false; /* as on the device: mount it again */
	return err;
}

ssize_t nvs_write(struct nvs_fs *fs, uint16_t id, const void *data, size_t len)
{
	char name[32];

	if (!fs->ready) {
		return -EACCES;
	}
	if (len > fs->sector_size - 4u * ENTRY || (len > 0 && data == NULL)) {
		return -EINVAL;
	}
	if (len == 0) {
		return nvs_delete(fs, id);
	}
	k_mutex_lock(&lock, K_FOREVER);
	struct ncsh_kept_entry *e = ncsh_kept_find(&kept, name_of(name, sizeof(name), fs, id));
	size_t before = e != NULL ? e->len + ENTRY : 0;
	ssize_t ret;

	if (e != NULL && e->len == len && memcmp(e->value, data, len) == 0) {
		ret = 0;
	} else if (used(fs) - before + len + ENTRY > room(fs)) {
		ret = -ENOSPC;
	} else {
		ret = ncsh_kept_set(&kept, name, data, len);
		ret = ret == 0 ? (ssize_t)len : ret;
	}
	k_mutex_unlock(&lock);
	return ret;
}

int nvs_delete(struct nvs_fs *fs, uint16_t id)
{
	char name[32];

	if (!fs->ready) {
		return -EACCES;
	}
	k_mutex_lock(&lock, K_FOREVER);
	int err = ncsh_kept_find(&kept, name_of(name, sizeof(name), fs, id)) != NULL ? ncsh_kept_set(&kept, name, NULL, 0) : 0;

	k_mutex_unlock(&lock);
	return err;
}

ssize_t nvs_read_hist(struct nvs_fs *fs, uint16_t id, void *data, size_t len, uint16_t cnt)
{
	char name[32];

	if (!fs->ready) {
		return -EACCES;
	}
	k_mutex_lock(&lock, K_FOREVER);
	struct ncsh_kept_entry *e = cnt == 0 ? ncsh_kept_find(&kept, name_of(name, sizeof(name), fs, id)) : NULL;
	ssize_t ret = -ENOENT;

	if (e != NULL) {
		memcpy(data, e->value, MIN(len, e->len));
		ret = (ssize_t)e->len;
	}
	k_mutex_unlock(&lock);
	return ret;
}

ssize_t nvs_read(struct nvs_fs *fs, uint16_t id, void *data, size_t len)
{
	return nvs_read_hist(fs, id, data, len, 0);
}

ssize_t nvs_calc_free_space(struct nvs_fs *fs)
{
	if (!fs->ready) {
		return -EACCES;
	}
	k_mutex_lock(&lock, K_FOREVER);
	ssize_t ret = (ssize_t)(room(fs) - used(fs));

	k_mutex_unlock(&lock);
	return ret;
}
