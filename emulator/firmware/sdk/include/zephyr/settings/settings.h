/* Settings: values by name that outlive a restart, kept in a file in NRF91EMU_DATA. */
#ifndef NRF91EMU_ZEPHYR_SETTINGS_SETTINGS_H_
#define NRF91EMU_ZEPHYR_SETTINGS_SETTINGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <zephyr/sys/iterable_sections.h>
#include <zephyr/sys/slist.h>

#define SETTINGS_MAX_DIR_DEPTH 8
#define SETTINGS_MAX_NAME_LEN 64
#define SETTINGS_MAX_VAL_LEN 256
#define SETTINGS_NAME_SEPARATOR '/'
#define SETTINGS_NAME_END '='

/* Reads the value: bytes, or a negative errno. */
typedef ssize_t (*settings_read_cb)(void *cb_arg, void *data, size_t len);
typedef int (*settings_load_direct_cb)(const char *key, size_t len, settings_read_cb read_cb, void *cb_arg,
				       void *param);

struct settings_handler_static {
	const char *name;
	int (*h_get)(const char *key, char *val, int val_len_max);
	int (*h_set)(const char *key, size_t len, settings_read_cb read_cb, void *cb_arg);
	int (*h_commit)(void);
	int (*h_export)(int (*export_func)(const char *name, const void *val, size_t val_len));
};
struct settings_handler {
	const char *name;
	int (*h_get)(const char *key, char *val, int val_len_max);
	int (*h_set)(const char *key, size_t len, settings_read_cb read_cb, void *cb_arg);
	int (*h_commit)(void);
	int (*h_export)(int (*export_func)(const char *name, const void *val, size_t val_len));
	sys_snode_t node;
};

#define SETTINGS_STATIC_HANDLER_DEFINE(hname, tree, get, set, commit, export)                      \
	STRUCT_SECTION_ITERABLE(settings_handler_static, settings_handler_##hname) = {             \
		.name = (tree), .h_get = (get), .h_set = (set), .h_commit = (commit), .h_export = (export) }

int settings_subsys_init(void);
int settings_register(struct settings_handler *handler);
/* Every value goes to the handler whose name begins its own. */
int settings_load(void);
int settings_load_subtree(const char *subtree);
int settings_load_subtree_direct(const char *subtree, settings_load_direct_cb cb, void *param);
ssize_t settings_load_one(const char *name, void *buf, size_t buf_len);
ssize_t settings_get_val_len(const char *name);
/* Writes what the handlers export. */
int settings_save(void);
int settings_save_subtree(const char *subtree);
/* Nothing is written if the value is the same. */
int settings_save_one(const char *name, const void *value, size_t val_len);
int settings_delete(const char *name);
int settings_commit(void);
int settings_commit_subtree(const char *subtree);
int settings_runtime_set(const char *name, const void *data, size_t len);
int settings_runtime_get(const char *name, void *data, size_t len);
/* Whether name is key, or begins with it and a separator; *next is what follows then, or NULL. */
int settings_name_steq(const char *name, const char *key, const char **next);
/* The length of the first part; *next is what follows the separator, or NULL. */
int settings_name_next(const char *name, const char **next);

#endif
