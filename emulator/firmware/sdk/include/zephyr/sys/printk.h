/* Text on the console. */
#ifndef NRF91EMU_ZEPHYR_SYS_PRINTK_H_
#define NRF91EMU_ZEPHYR_SYS_PRINTK_H_

#include <stdarg.h>
#include <stddef.h>
#include <zephyr/toolchain.h>

/* Writes text to the console; a line feed goes out as CR LF. Nothing without CONFIG_PRINTK. */
void z_printk(const char *fmt, ...) __printf_like(1, 2);
void vprintk(const char *fmt, va_list ap);
/* As snprintf: the length that the whole text has. */
int snprintk(char *str, size_t size, const char *fmt, ...) __printf_like(3, 4);
int vsnprintk(char *str, size_t size, const char *fmt, va_list ap);

#define printk(...) z_printk(__VA_ARGS__)

#endif
