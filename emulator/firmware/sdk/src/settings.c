/*
 * Settings in a file. A change writes a new file beside it and renames it, so that after
 * a cut there is the old or the new one. A record is its sizes (16 and 32 bits, little
 * endian), its name and its value.
 */
// build: if SETTINGS
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/settings/settings.h>
#include <zephyr/sys/byteorder.h>

LOG_MODULE_REGISTER(settings);

struct entry {
	char *name;
	uint8_t *value;
	size_t len;
	struct entry *next;
};

static struct entry *entries;
static bool loaded;
static sys_slist_t handlers = SYS_SLIST_STATIC_INIT(&handlers);
static K_MUTEX_DEFINE(lock);

/* ---- The file ---- */

static bool path(char *buf, size_t size, const char *suffix)
{
	const char *dir = getenv("NRF91EMU_DATA");

	/* Without a place to keep them settings last as long as the process. */
	return dir != NULL && dir[0] != '\0' && snprintf(buf, size, "%s/settings%s", dir, suffix) < (int)size;
}

static struct entry **find(const char *name)
{
	struct entry **p = &entries;

	while (*p != NULL && strcmp((*p)->name, name) != 0) {
		p = &(*p)->next;
	}
	return p;
}

static void drop(struct entry **p)
{
	struct entry *e = *p;

	*p = e->next;
	free(e->name);
	free(e->value);
	free(e);
}

static int keep(const char *name, size_t name_len, const void *value, size_t len)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e != NULL) {
		e->name = strndup(name, name_len);
		e->value = malloc(len + 1);
	}
	if (e == NULL || e->name == NULL || e->value == NULL) {
		return -ENOMEM;
	}
	memcpy(e->value, value, len);
	e->len = len;
	struct entry **p = find(e->name);

	if (*p != NULL) {
		drop(p);
		p = find(e->name);
	}
	*p = e;
	return 0;
}

static int load_file(void)
{
	char file[512];
	uint8_t head[6];
	int err = 0;

	if (loaded) {
		return 0;
	}
	loaded = true;
	FILE *f = path(file, sizeof(file), "") ? fopen(file, "rb") : NULL;

	while (f != NULL && err == 0 && fread(head, sizeof(head), 1, f) == 1) {
		size_t name_len = sys_get_le16(head), len = sys_get_le32(head + 2);
		uint8_t *data = len <= 1 << 20 ? malloc(name_len + len + 1) : NULL;

		if (data == NULL || fread(data, 1, name_len + len, f) != name_len + len) {
			LOG_ERR("%s is damaged after %ld bytes: delete it to start without settings", file, ftell(f));
			err = -EIO;
		} else {
			err = keep((char *)data, name_len, data + name_len, len);
		}
		free(data);
	}
	if (f != NULL) {
		fclose(f);
	}
	return err;
}

static int store_file(void)
{
	char file[512], temporary[512];
	bool ok = true;

	if (!path(file, sizeof(file), "") || !path(temporary, sizeof(temporary), ".new")) {
		return 0;
	}
	FILE *f = fopen(temporary, "wb");

	if (f == NULL) {
		LOG_ERR("%s cannot be written", temporary);
		return -EIO;
	}
	for (struct entry *e = entries; e != NULL; e = e->next) {
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

/* ---- Names ---- */

int settings_name_steq(const char *name, const char *key, const char **next)
{
	size_t len = key != NULL ? strlen(key) : 0;

	if (next != NULL) {
		*next = NULL;
	}
	if (name == NULL || key == NULL || strncmp(name, key, len) != 0) {
		return 0;
	}
	if (name[len] == SETTINGS_NAME_SEPARATOR) {
		if (next != NULL) {
			*next = name + len + 1;
		}
		return 1;
	}
	return name[len] == '\0' || name[len] == SETTINGS_NAME_END;
}

int settings_name_next(const char *name, const char **next)
{
	int n = 0;

	if (next != NULL) {
		*next = NULL;
	}
	if (name == NULL) {
		return 0;
	}
	while (name[n] != '\0' && name[n] != SETTINGS_NAME_END && name[n] != SETTINGS_NAME_SEPARATOR) {
		n++;
	}
	if (next != NULL && name[n] == SETTINGS_NAME_SEPARATOR) {
		*next = name + n + 1;
	}
	return n;
}

static bool within(const char *name, const char *subtree)
{
	return subtree == NULL || settings_name_steq(name, subtree, NULL);
}

/* ---- Handlers ---- */

/* The handler with the longest name that begins the given one. */
static const struct settings_handler_static *handler_of(const char *name, const char **key)
{
	const struct settings_handler_static *best = NULL;
	const char *rest;

	*key = NULL;
	STRUCT_SECTION_FOREACH(settings_handler_static, h) {
		if (settings_name_steq(name, h->name, &rest) && (best == NULL || strlen(h->name) > strlen(best->name))) {
			best = h;
			*key = rest;
		}
	}
	struct settings_handler *dynamic;

	SYS_SLIST_FOR_EACH_CONTAINER(&handlers, dynamic, node) {
		/* Both kinds begin with the same members. */
		const struct settings_handler_static *h = (const struct settings_handler_static *)dynamic;

		if (settings_name_steq(name, h->name, &rest) && (best == NULL || strlen(h->name) > strlen(best->name))) {
			best = h;
			*key = rest;
		}
	}
	return best;
}

int settings_subsys_init(void)
{
	k_mutex_lock(&lock, K_FOREVER);
	int err = load_file();

	k_mutex_unlock(&lock);
	return err;
}

int settings_register(struct settings_handler *handler)
{
	struct settings_handler *h;
	int err = 0;

	k_mutex_lock(&lock, K_FOREVER);
	SYS_SLIST_FOR_EACH_CONTAINER(&handlers, h, node) {
		if (strcmp(h->name, handler->name) == 0) {
			err = -EEXIST;
		}
	}
	if (err == 0) {
		sys_slist_append(&handlers, &handler->node);
	}
	k_mutex_unlock(&lock);
	return err;
}

struct reading {
	const uint8_t *data;
	size_t len;
};

static ssize_t read_value(void *cb_arg, void *data, size_t len)
{
	const struct reading *r = cb_arg;

	len = MIN(len, r->len);
	memcpy(data, r->data, len);
	return (ssize_t)len;
}

int settings_load_subtree_direct(const char *subtree, settings_load_direct_cb cb, void *param)
{
	int err;

	k_mutex_lock(&lock, K_FOREVER);
	err = load_file();
	for (struct entry *e = entries; e != NULL && err == 0; e = e->next) {
		const char *key = e->name;
		struct reading r = { e->value, e->len };

		if (subtree != NULL && !settings_name_steq(e->name, subtree, &key)) {
			continue;
		}
		err = cb(key, e->len, read_value, &r, param);
	}
	k_mutex_unlock(&lock);
	return err;
}

int settings_load_subtree(const char *subtree)
{
	int err;

	k_mutex_lock(&lock, K_FOREVER);
	err = load_file();
	for (struct entry *e = entries; e != NULL; e = e->next) {
		const char *key;
		const struct settings_handler_static *h = handler_of(e->name, &key);
		struct reading r = { e->value, e->len };

		if (within(e->name, subtree) && h != NULL && h->h_set != NULL) {
			int set = h->h_set(key != NULL ? key : "", e->len, read_value, &r);

			if (set != 0) {
				LOG_ERR("set-value failure. key: %s error(%d)", e->name, set);
			}
		}
	}
	k_mutex_unlock(&lock);
	return err != 0 ? err : settings_commit_subtree(subtree);
}

int settings_load(void)
{
	return settings_load_subtree(NULL);
}

ssize_t settings_load_one(const char *name, void *buf, size_t buf_len)
{
	ssize_t ret;

	k_mutex_lock(&lock, K_FOREVER);
	ret = load_file();
	struct entry *e = *find(name);

	if (ret == 0 && e != NULL) {
		ret = (ssize_t)MIN(buf_len, e->len);
		memcpy(buf, e->value, (size_t)ret);
	}
	k_mutex_unlock(&lock);
	return ret;
}

ssize_t settings_get_val_len(const char *name)
{
	k_mutex_lock(&lock, K_FOREVER);
	ssize_t ret = load_file();
	struct entry *e = *find(name);

	if (ret == 0 && e != NULL) {
		ret = (ssize_t)e->len;
	}
	k_mutex_unlock(&lock);
	return ret;
}

int settings_save_one(const char *name, const void *value, size_t val_len)
{
	int err;

	if (name == NULL || name[0] == '\0' || strlen(name) > UINT16_MAX) {
		return -EINVAL;
	}
	k_mutex_lock(&lock, K_FOREVER);
	err = load_file();
	struct entry *e = *find(name);

	if (err == 0 && (val_len == 0 || value == NULL)) {
		if (e != NULL) {
			drop(find(name));
			err = store_file();
		}
	} else if (err == 0 && (e == NULL || e->len != val_len || memcmp(e->value, value, val_len) != 0)) {
		err = keep(name, strlen(name), value, val_len);
		if (err == 0) {
			err = store_file();
		}
	}
	k_mutex_unlock(&lock);
	return err;
}

int settings_delete(const char *name)
{
	return settings_save_one(name, NULL, 0);
}

int settings_save_subtree(const char *subtree)
{
	int ret = 0;
	struct settings_handler *dynamic;

	k_mutex_lock(&lock, K_FOREVER);
	STRUCT_SECTION_FOREACH(settings_handler_static, h) {
		if (h->h_export != NULL && within(h->name, subtree)) {
			int err = h->h_export(settings_save_one);

			ret = ret != 0 ? ret : err;
		}
	}
	SYS_SLIST_FOR_EACH_CONTAINER(&handlers, dynamic, node) {
		if (dynamic->h_export != NULL && within(dynamic->name, subtree)) {
			int err = dynamic->h_export(settings_save_one);

			ret = ret != 0 ? ret : err;
		}
	}
	k_mutex_unlock(&lock);
	return ret;
}

int settings_save(void)
{
	return settings_save_subtree(NULL);
}

int settings_commit_subtree(const char *subtree)
{
	int ret = 0;
	struct settings_handler *dynamic;

	STRUCT_SECTION_FOREACH(settings_handler_static, h) {
		if (h->h_commit != NULL && within(h->name, subtree)) {
			int err = h->h_commit();

			ret = ret != 0 ? ret : err;
		}
	}
	SYS_SLIST_FOR_EACH_CONTAINER(&handlers, dynamic, node) {
		if (dynamic->h_commit != NULL && within(dynamic->name, subtree)) {
			int err = dynamic->h_commit();

			ret = ret != 0 ? ret : err;
		}
	}
	return ret;
}

int settings_commit(void)
{
	return settings_commit_subtree(NULL);
}

int settings_runtime_set(const char *name, const void *data, size_t len)
{
	const char *key;
	const struct settings_handler_static *h = handler_of(name, &key);
	struct reading r = { data, len };

	return h == NULL || h->h_set == NULL ? -EINVAL : h->h_set(key != NULL ? key : "", len, read_value, &r);
}

int settings_runtime_get(const char *name, void *data, size_t len)
{
	const char *key;
	const struct settings_handler_static *h = handler_of(name, &key);

	return h == NULL || h->h_get == NULL ? -EINVAL : h->h_get(key != NULL ? key : "", data, (int)len);
}
