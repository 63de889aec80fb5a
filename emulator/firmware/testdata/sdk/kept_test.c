/* Settings and NVS: what is there in the next boot. Without an argument it is the first. */
#include <zephyr/fs/nvs.h>
#include <zephyr/kernel.h>
#include <zephyr/settings/settings.h>
#include <zephyr/storage/flash_map.h>
#include "check.h"

static uint32_t number;
static char text[16];
static int commits;

static int set(const char *key, size_t len, settings_read_cb read_cb, void *cb_arg)
{
	const char *next;

	if (settings_name_steq(key, "number", &next) && next == NULL) {
		return len == sizeof(number) && read_cb(cb_arg, &number, len) == (ssize_t)len ? 0 : -EINVAL;
	}
	if (settings_name_steq(key, "deep", &next) && next != NULL && strcmp(next, "text") == 0) {
		return read_cb(cb_arg, text, sizeof(text)) >= 0 ? 0 : -EIO;
	}
	return -ENOENT;
}
static int commit(void)
{
	commits++;
	return 0;
}
static int export(int (*export_func)(const char *name, const void *val, size_t val_len))
{
	return export_func("app/number", &number, sizeof(number));
}
SETTINGS_STATIC_HANDLER_DEFINE(app, "app", NULL, set, commit, export);

static int count(const char *key, size_t len, settings_read_cb read_cb, void *cb_arg, void *param)
{
	ARG_UNUSED(key);
	ARG_UNUSED(len);
	ARG_UNUSED(read_cb);
	ARG_UNUSED(cb_arg);
	(*(int *)param)++;
	return 0;
}

static void test_settings(bool again)
{
	struct settings_handler same = { .name = "later" };
	const char *next;
	int n = 0;

	CHECK_INT(settings_subsys_init(), 0);
	CHECK_INT(settings_load(), 0);
	CHECK_INT(commits, 1);
	CHECK_INT(number, again ? 17 : 0);
	CHECK_STR(text, again ? "deep" : "");
	number = 17;
	CHECK_INT(settings_save(), 0);
	CHECK_INT(settings_save_one("app/deep/text", "deep", 5), 0);
	CHECK_INT(settings_save_one("app/gone", "x", 1), 0);
	CHECK_INT(settings_delete("app/gone"), 0);
	CHECK_INT(settings_delete("app/never"), 0);
	CHECK_INT(settings_save_one("", "x", 1), -EINVAL);
	CHECK_INT(settings_load_subtree_direct("app", count, &n), 0);
	CHECK_INT(n, 2);
	CHECK_INT(settings_get_val_len("app/number"), 4);
	number = 0;
	CHECK_INT(settings_load_one("app/number", &number, sizeof(number)), 4);
	CHECK_INT(number, 17);
	CHECK_INT(settings_runtime_set("app/number", &n, sizeof(n)), 0);
	CHECK_INT(number, 2);
	CHECK_INT(settings_runtime_set("nobody/x", &n, sizeof(n)), -EINVAL);
	CHECK_INT(settings_register(&same), 0);
	CHECK_INT(settings_register(&same), -EEXIST);
	CHECK_INT(settings_name_next("a/b/c", &next), 1);
	CHECK_STR(next, "b/c");
	CHECK(!settings_name_steq("application", "app", NULL));
	number = 17;
}

static void test_nvs(bool again)
{
	struct nvs_fs fs = { .flash_device = FIXED_PARTITION_DEVICE(storage), .offset = FIXED_PARTITION_OFFSET(storage) };
	struct flash_pages_info page;
	static char big[5000];
	uint32_t boots = 0;

	CHECK_INT(nvs_read(&fs, 1, &boots, sizeof(boots)), -EACCES);
	CHECK_INT(flash_get_page_info_by_offs(fs.flash_device, fs.offset, &page), 0);
	fs.sector_size = (uint16_t)page.size;
	fs.sector_count = 1;
	CHECK_INT(nvs_mount(&fs), -EINVAL);
	fs.sector_count = 3;
	CHECK_INT(nvs_mount(&fs), 0);
	CHECK_INT(nvs_read(&fs, 1, &boots, sizeof(boots)), again ? 4 : -ENOENT);
	CHECK_INT(boots, again ? 1 : 0);
	boots++;
	CHECK_INT(nvs_write(&fs, 1, &boots, sizeof(boots)), 4);
	CHECK_INT(nvs_write(&fs, 1, &boots, sizeof(boots)), 0);
	CHECK_INT(nvs_write(&fs, 2, "a longer value", 14), again ? 0 : 14);
	CHECK_INT(nvs_read(&fs, 2, big, 4), 14);
	CHECK(memcmp(big, "a lo\0", 5) == 0);
	CHECK_INT(nvs_read_hist(&fs, 2, big, 4, 1), -ENOENT);
	CHECK_INT(nvs_write(&fs, 3, big, sizeof(big)), -EINVAL);
	CHECK_INT(nvs_write(&fs, 3, big, 4000), 4000);
	CHECK_INT(nvs_write(&fs, 4, big, 4000), 4000);
	CHECK_INT(nvs_write(&fs, 5, big, 4000), -ENOSPC);
	CHECK_INT(nvs_delete(&fs, 3), 0);
	CHECK_INT(nvs_delete(&fs, 3), 0);
	CHECK_INT(nvs_delete(&fs, 4), 0);
	CHECK_INT(nvs_read(&fs, 3, big, 1), -ENOENT);
	CHECK_INT(nvs_calc_free_space(&fs), 2 * (4096 - 8) - (4 + 8) - (14 + 8));

	/* Another place is another file system. */
	struct nvs_fs elsewhere = fs;

	elsewhere.offset += 0x3000;
	CHECK_INT(nvs_write(&elsewhere, 1, "x", 1), 1);
	CHECK_INT(nvs_clear(&elsewhere), 0);
	CHECK_INT(nvs_read(&elsewhere, 1, big, 1), -EACCES);
	CHECK_INT(nvs_mount(&elsewhere), 0);
	CHECK_INT(nvs_read(&elsewhere, 1, big, 1), -ENOENT);
	CHECK_INT(nvs_read(&fs, 1, &boots, sizeof(boots)), 4);
}

int main(void)
{
	bool again = getenv("AGAIN") != NULL;

	test_settings(again);
	test_nvs(again);
	CHECK_DONE();
}
