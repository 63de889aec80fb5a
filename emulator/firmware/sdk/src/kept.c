/*
 * Values in a file, see kept.h. A change writes a new file beside it and renames it, so that after
 * a cut there is the old or the new one. A record is its sizes (16 and 32 bits, little endian), its
 * name and its value.
 */
// build: if SETTINGS || NVS
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/logging/log.h>
#include <zephyr/sys/byteorder.h>

#include "kept.h"

LOG_MODULE_REGISTER(kept);

static bool path(char *buf, size_t size, const struct ncsh_kept *kept, const char *suffix)
{
	const char *dir = getenv("NRF91EMU_DATA");

	/* Without a place to keep them values last as long as the process. */
	return dir != NULL && dir[0] != '\0' && snprintf(buf, size, "%s/%s%s", dir, kept->file, suffix) < (int)size;
}

static struct ncsh_kept_entry **find(struct ncsh_kept *kept, const char *name)
{
	struct ncsh_kept_entry **p = &kept->entries;

	while (*p != NULL && strcmp((*p)->name, name) != 0) {
		p = &(*p)->next;
	}
	return p;
}

static void drop(struct ncsh_kept_entry **p)
{
	struct ncsh_kept_entry *e = *p;

	*p = e->next;
	free(e->name);
	free(e->value);
	free(e);
}

static int keep(struct ncsh_kept *kept, const char *name, size_t name_len, const void *value, size_t len)
{
	struct ncsh_kept_entry *e = calloc(1, sizeof(*e));

	if (e != NULL) {
		e->name = strndup(name, name_len);
		e->value = malloc(len + 1);
	}
	if (e == NULL || e->name == NULL || e->value == NULL) {
		return -ENOMEM;
	}
	memcpy(e->value, value, len);
	e->len = len;
	struct ncsh_kept_entry **p = find(kept, e->name);

	if (*p != NULL) {
		drop(p);
		p = find(kept, e->name);
	}
	*p = e;
	return 0;
}

int ncsh_kept_load(struct ncsh_kept *kept)
{
	char file[512];
	uint8_t head[6];
	int err = 0;

	if (kept->loaded) {
		return 0;
	}
	kept->loaded = true;
	FILE *f = path(file, sizeof(file), kept, "") ? fopen(file, "rb") : NULL;

	while (f != NULL && err == 0 && fread(head, sizeof(head), 1, f) == 1) {
		size_t name_len = sys_get_le16(head), len = sys_get_le32(head + 2);
		uint8_t *data = len <= 1 << 20 ? malloc(name_len + len + 1) : NULL;

		if (data == NULL || fread(data, 1, name_len + len, f) != name_len + len) {
			LOG_ERR("%s is damaged after %ld bytes: delete it to start without what it keeps", file, ftell(f));
			err = -EIO;
		} else {
			err = keep(kept, (char *)data, name_len, data + name_len, len);
		}
		free(data);
	}
	if (f != NULL) {
		fclose(f);
	}
	return err;
}

static int store(const struct ncsh_kept *kept)
{
	char file[512], temporary[512];
	bool ok = true;

	if (!path(file, sizeof(file), kept, "") || !path(temporary, sizeof(temporary), kept, ".new")) {
		return 0;
	}
	FILE *f = fopen(temporary, "wb");

	if (f == NULL) {
		LOG_ERR("%s cannot be written", temporary);
		return -EIO;
	}
	for (struct ncsh_kept_entry *e = kept->entries; e != NULL; e = e->next) {
		uint8_t head[6];
		size_t name_len = strlen(e->name);

		sys_put_le16((uint16_t)name_len, head);
		sys_put_le32((uint32_t)e->len, head + 2);
		ok = ok && fwrite(head, sizeof(head), 1, f) == 1 && fwrite(e->name, 1, name_len, f) == name_len &&
		     fwrite(e->value, 1, e->len, f) == e->len;
	}
	ok = fclose(f) == 0 && ok;
	if (!ok || rename(temporary, file) != 0) {
		LOG_ERR("%s cannot be written", file);
		return -EIO;
	}
	return 0;
}

struct ncsh_kept_entry *ncsh_kept_find(struct ncsh_kept *kept, const char *name)
{
	return *find(kept, name);
}

int ncsh_kept_set(struct ncsh_kept *kept, const char *name, const void *value, size_t len)
{
	struct ncsh_kept_entry **p = find(kept, name);

	if (value == NULL) {
		if (*p != NULL) {
			drop(p);
		}
	} else {
		int err = keep(kept, name, strlen(name), value, len);

		if (err != 0) {
			return err;
		}
	}
	return store(kept);
}

int ncsh_kept_clear(struct ncsh_kept *kept)
{
	while (kept->entries != NULL) {
		drop(&kept->entries);
	}
	return store(kept);
}
