/* SYS_INIT: functions that run before main, by level, then by priority, then as linked. */
#ifndef NRF91EMU_ZEPHYR_INIT_H_
#define NRF91EMU_ZEPHYR_INIT_H_

#include <zephyr/toolchain.h>
#include <zephyr/sys/util_macro.h>

enum z_init_level {
	Z_INIT_LEVEL_EARLY,
	Z_INIT_LEVEL_PRE_KERNEL_1,
	Z_INIT_LEVEL_PRE_KERNEL_2,
	Z_INIT_LEVEL_POST_KERNEL,
	Z_INIT_LEVEL_APPLICATION,
	Z_INIT_LEVEL_SMP,
};

struct z_init_entry {
	/* Called with one NULL: before Zephyr 3.4 a function took a device, since then nothing. */
	int (*fn)(const void *);
	enum z_init_level level;
	int prio;
	struct z_init_entry *next;
};

void z_init_add(struct z_init_entry *entry);

#ifndef CONFIG_KERNEL_INIT_PRIORITY_DEFAULT
#define CONFIG_KERNEL_INIT_PRIORITY_DEFAULT 40
#endif
#ifndef CONFIG_KERNEL_INIT_PRIORITY_DEVICE
#define CONFIG_KERNEL_INIT_PRIORITY_DEVICE 50
#endif
#ifndef CONFIG_APPLICATION_INIT_PRIORITY
#define CONFIG_APPLICATION_INIT_PRIORITY 90
#endif

#define SYS_INIT_NAMED(name, init_fn, level_, prio_)                                               \
	static struct z_init_entry z_init_entry_##name = {                                         \
		.fn = (int (*)(const void *))(void (*)(void))(init_fn),                            \
		.level = Z_INIT_LEVEL_##level_,                                                    \
		.prio = (prio_),                                                                   \
	};                                                                                         \
	__attribute__((__constructor__)) static void z_init_add_##name(void)                       \
	{                                                                                          \
		z_init_add(&z_init_entry_##name);                                                  \
	}                                                                                          \
	struct z_init_entry
#define SYS_INIT(init_fn, level, prio) SYS_INIT_NAMED(init_fn, init_fn, level, prio)

#endif
