/* Settings, kept in a file, see zephyr/settings/settings.h. */
// build: if SETTINGS
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/settings/settings.h>

#include "kept.h"

LOG_MODULE_REGISTER(settings);

static struct ncsh_kept kept = { .file = "settings" };
static sys_slist_t handlers = SYS_SLIST_STATIC_INIT(&handlers);
static K_MUTEX_DEFINE(lock);

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
	int err = ncsh_kept_load(&kept);

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
	err = ncsh_kept_load(&kept);
	for (struct ncsh_kept_entry *e = kept.entries; e != NULL && err == 0; e = e->next) {
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
	err = ncsh_kept_load(&kept);
	for (struct ncsh_kept_entry *e = kept.entries; e != NULL; e = e->next) {
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
	ret = ncsh_kept_load(&kept);
	struct ncsh_kept_entry *e = ncsh_kept_find(&kept, name);

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
	ssize_t ret = ncsh_kept_load(&kept);
	struct ncsh_kept_entry *e = ncsh_kept_find(&kept, name);

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
	err = ncsh_kept_load(&kept);
	struct ncsh_kept_entry *e = ncsh_kept_find(&kept, name);

	if (err == 0 && (val_len == 0 || value == NULL)) {
		err = e != NULL ? ncsh_kept_set(&kept, name, NULL, 0) : 0;
	} else if (err == 0 && (e == NULL || e->len != val_len || memcmp(e->value, value, val_len) != 0)) {
		err = ncsh_kept_set(&kept, name, value, val_len);
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
