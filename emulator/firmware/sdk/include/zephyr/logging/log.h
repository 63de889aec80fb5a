/*
 * Logging. A line is on the console when the macro returns:
 * [hh:mm:ss.mmm,uuu] <lvl> module: text
 */
#ifndef NRF91EMU_ZEPHYR_LOGGING_LOG_H_
#define NRF91EMU_ZEPHYR_LOGGING_LOG_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/sys/printk.h>

#define LOG_LEVEL_NONE 0U
#define LOG_LEVEL_ERR 1U
#define LOG_LEVEL_WRN 2U
#define LOG_LEVEL_INF 3U
#define LOG_LEVEL_DBG 4U

#ifndef CONFIG_LOG_DEFAULT_LEVEL
#define CONFIG_LOG_DEFAULT_LEVEL 3
#endif
#ifndef CONFIG_LOG_MAX_LEVEL
#define CONFIG_LOG_MAX_LEVEL 4
#endif
#ifndef CONFIG_LOG_OVERRIDE_LEVEL
#define CONFIG_LOG_OVERRIDE_LEVEL 0
#endif

struct z_log_module {
	const char *name;
};

void z_log(const struct z_log_module *module, unsigned int level, const char *func, const char *fmt, ...)
	__printf_like(4, 5);
void z_log_va(const struct z_log_module *module, unsigned int level, const char *func, const char *fmt, va_list ap);
void z_log_hexdump(const struct z_log_module *module, unsigned int level, const char *func, const void *data,
		   size_t length, const char *text);
/* Text without stamp, level and module. */
void z_log_raw(const char *fmt, ...) __printf_like(1, 2);

#define Z_LOG_FIRST(a, ...) a
#define Z_LOG_SECOND(a, b, ...) b
#define Z_LOG_NAME(...) Z_LOG_FIRST(__VA_ARGS__, 0)
#define Z_LOG_LEVEL_OF(...) Z_LOG_SECOND(__VA_ARGS__, CONFIG_LOG_DEFAULT_LEVEL, 0)

#define Z_LOG_HERE(name, level)                                                                    \
	static const struct z_log_module *const z_log_module_here __unused = &UTIL_CAT(z_log_module_, name); \
	enum { z_log_level_here = (level) }

/* LOG_MODULE_REGISTER(name) or LOG_MODULE_REGISTER(name, level), once for each module. */
#define LOG_MODULE_REGISTER(...)                                                                   \
	const struct z_log_module UTIL_CAT(z_log_module_, Z_LOG_NAME(__VA_ARGS__)) = {             \
		STRINGIFY(Z_LOG_NAME(__VA_ARGS__)) };                                              \
	Z_LOG_HERE(Z_LOG_NAME(__VA_ARGS__), Z_LOG_LEVEL_OF(__VA_ARGS__))
/* The same module in another file. */
#define LOG_MODULE_DECLARE(...)                                                                    \
	extern const struct z_log_module UTIL_CAT(z_log_module_, Z_LOG_NAME(__VA_ARGS__));         \
	Z_LOG_HERE(Z_LOG_NAME(__VA_ARGS__), Z_LOG_LEVEL_OF(__VA_ARGS__))
#define LOG_LEVEL_SET(level) enum { z_log_level_here_set = (level) }

#ifdef CONFIG_LOG
#define Z_LOG_ON(level)                                                                            \
	((level) <= CONFIG_LOG_MAX_LEVEL &&                                                        \
	 ((level) <= (unsigned int)z_log_level_here || (level) <= CONFIG_LOG_OVERRIDE_LEVEL))
#else
#define Z_LOG_ON(level) ((void)z_log_module_here, (void)z_log_level_here, 0)
#endif

#define Z_LOG(level, ...)                                                                          \
	do {                                                                                       \
		if (Z_LOG_ON(level)) {                                                             \
			z_log(z_log_module_here, level, __func__, __VA_ARGS__);                    \
		}                                                                                  \
	} while (0)
#define Z_LOG_HEXDUMP(level, data, length, text)                                                   \
	do {                                                                                       \
		if (Z_LOG_ON(level)) {                                                             \
			z_log_hexdump(z_log_module_here, level, __func__, data, length, text);     \
		}                                                                                  \
	} while (0)

#define LOG_ERR(...) Z_LOG(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WRN(...) Z_LOG(LOG_LEVEL_WRN, __VA_ARGS__)
#define LOG_INF(...) Z_LOG(LOG_LEVEL_INF, __VA_ARGS__)
#define LOG_DBG(...) Z_LOG(LOG_LEVEL_DBG, __VA_ARGS__)
#define Z_LOG_ONCE(...)                                                                            \
	do {                                                                                       \
		static bool z_logged;                                                              \
		if (!z_logged) {                                                                   \
			z_logged = true;                                                           \
			__VA_ARGS__;                                                               \
		}                                                                                  \
	} while (0)
#define LOG_WRN_ONCE(...) Z_LOG_ONCE(LOG_WRN(__VA_ARGS__))
#define LOG_HEXDUMP_ERR(data, length, text) Z_LOG_HEXDUMP(LOG_LEVEL_ERR, data, length, text)
#define LOG_HEXDUMP_WRN(data, length, text) Z_LOG_HEXDUMP(LOG_LEVEL_WRN, data, length, text)
#define LOG_HEXDUMP_INF(data, length, text) Z_LOG_HEXDUMP(LOG_LEVEL_INF, data, length, text)
#define LOG_HEXDUMP_DBG(data, length, text) Z_LOG_HEXDUMP(LOG_LEVEL_DBG, data, length, text)
#define LOG_RAW(...) z_log_raw(__VA_ARGS__)
#define LOG_PRINTK(...) z_printk(__VA_ARGS__)
#define LOG_PANIC() ((void)0)

/* Before Zephyr 3.0 a string that might change had to be copied. */
static inline const char *log_strdup(const char *str) { return str; }

#endif
