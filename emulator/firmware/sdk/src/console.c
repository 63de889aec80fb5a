/* printk, snprintk and the console. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include "console.h"
#include "transport.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What printk has begun and not ended with a line feed. */
static char partial[512];
static size_t partial_len;

#define LAST_LINES 5
static char last[LAST_LINES][160];
static unsigned int last_count;

static void write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0) {
			if (errno == EINTR) {
				continue;
			}
			return; /* nobody reads: the firmware does not care, as with a UART */
		}
		text += n;
		len -= (size_t)n;
	}
}

/* The CPU stays with the writer: a line of a cooperative thread is not the place where
 * another one gets its turn. */
void z_console_write(const char *text, size_t len)
{
	pthread_mutex_lock(&lock);
	write_all(text, len);
	pthread_mutex_unlock(&lock);
}

static void remember(const char *line, size_t len)
{
	char *slot = last[last_count++ % LAST_LINES];

	len = MIN(len, sizeof(last[0]) - 1);
	memcpy(slot, line, len);
	slot[len] = '\0';
}

void z_console_remember(const char *line, size_t len)
{
	pthread_mutex_lock(&lock);
	remember(line, len);
	pthread_mutex_unlock(&lock);
}

void z_console_last(void (*line)(const char *text))
{
	unsigned int first = last_count > LAST_LINES ? last_count - LAST_LINES : 0;

	for (unsigned int i = first; i < last_count; i++) {
		line(last[i % LAST_LINES]);
	}
}

/* Keeps what may be the beginning of a line, and hands whole ones to the record. */
static void record(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' || partial_len == sizeof(partial)) {
			remember(partial, partial_len);
			ncsh_console(0, partial, partial_len);
			partial_len = 0;
		}
		if (text[i] != '\n' && text[i] != '\r') {
			partial[partial_len++] = text[i];
		}
	}
}

void z_console_raw(const char *text, size_t len)
{
	pthread_mutex_lock(&lock);
	write_all(text, len);
	record(text, len);
	pthread_mutex_unlock(&lock);
}

void z_console_text(const char *text, size_t len)
{
	char out[1024];
	size_t n = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < len; i++) {
		if (n + 2 > sizeof(out)) {
			write_all(out, n);
			n = 0;
		}
		if (text[i] == '\n') {
			out[n++] = '\r';
		}
		out[n++] = text[i];
	}
	write_all(out, n);
	record(text, len);
	pthread_mutex_unlock(&lock);
}

void vprintk(const char *fmt, va_list ap)
{
#ifdef CONFIG_PRINTK
	char small[256];
	va_list again;

	va_copy(again, ap);
	int len = vsnprintf(small, sizeof(small), fmt, ap);

	if (len >= (int)sizeof(small)) {
		char *big = malloc((size_t)len + 1);

		if (big != NULL) {
			vsnprintf(big, (size_t)len + 1, fmt, again);
			z_console_text(big, (size_t)len);
			free(big);
		}
	} else if (len > 0) {
		z_console_text(small, (size_t)len);
	}
	va_end(again);
#else
	(void)fmt;
	(void)ap;
#endif
}

void z_printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

int vsnprintk(char *str, size_t size, const char *fmt, va_list ap)
{
	return vsnprintf(str, size, fmt, ap);
}

int snprintk(char *str, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(str, size, fmt, ap);

	va_end(ap);
	return len;
}
