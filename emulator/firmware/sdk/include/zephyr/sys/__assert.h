/* Assertions: with CONFIG_ASSERT they end the program with file, line and reason. */
#ifndef NRF91EMU_ZEPHYR_SYS_ASSERT_H_
#define NRF91EMU_ZEPHYR_SYS_ASSERT_H_

#include <stdbool.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys/printk.h>

void z_assert_failed(const char *test, const char *file, int line, const char *fmt, ...) __printf_like(4, 5)
	FUNC_NORETURN;

#ifdef CONFIG_ASSERT
#define __ASSERT_ON 1
#define __ASSERT(test, ...)                                                                        \
	do {                                                                                       \
		if (!(test)) {                                                                     \
			z_assert_failed(#test, __FILE__, __LINE__, __VA_ARGS__);                   \
		}                                                                                  \
	} while (false)
#define __ASSERT_EVAL(expr1, expr2, test, ...)                                                     \
	do {                                                                                       \
		expr2;                                                                             \
		__ASSERT(test, __VA_ARGS__);                                                       \
	} while (false)
#else
#define __ASSERT_ON 0
#define __ASSERT(test, ...)                                                                        \
	do {                                                                                       \
		if (0) {                                                                           \
			(void)(test);                                                              \
		}                                                                                  \
	} while (false)
#define __ASSERT_EVAL(expr1, expr2, test, ...) expr1
#endif
/* A line beneath that of an assertion. */
#ifdef CONFIG_ASSERT
#define __ASSERT_MSG_INFO(fmt, ...) printk("\t" fmt "\n", ##__VA_ARGS__)
#else
#define __ASSERT_MSG_INFO(fmt, ...) do { } while (false)
#endif
#define __ASSERT_NO_MSG(test) __ASSERT(test, "%s", "")

#endif
