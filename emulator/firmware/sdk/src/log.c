/* The log: one line, one system call. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include "console.h"
#include "transport.h"

#define STAMP_LEN 19 /* [hh:mm:ss.mmm,uuu] and a blank */
#define LOG_RED "\x1b[1;31m"
#define LOG_YELLOW "\x1b[1;33m"
#define LOG_NORMAL "\x1b[0m"

/* Bytes that become as long as they must, on the stack where that is enough. */
struct line {
	char small[512];
	char *text;
	size_t len, size;
};

static void line_init(struct line *l)
{
	l->text = l->small;
	l->len = 0;
	l->size = sizeof(l->small);
}

static void line_room(struct line *l, size_t more)
{
	if (l->len + more <= l->size) {
		return;
	}
	size_t size = (l->len + more) * 2;
	char *text = malloc(size);

	if (text == NULL) {
		return;
	}
	memcpy(text, l->text, l->len);
	if (l->text != l->small) {
		free(l->text);
	}
	l->text = text;
	l->size = size;
}

static void line_add(struct line *l, const char *text, size_t len)
{
	line_room(l, len);
	len = MIN(len, l->size - l->len);
	memcpy(l->text + l->len, text, len);
	l->len += len;
}

static void line_text(struct line *l, const char *text)
{
	line_add(l, text, strlen(text));
}

static void line_vprintf(struct line *l, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int len = vsnprintf(l->text + l->len, l->size - l->len, fmt, ap);

	if (len > 0 && l->len + (size_t)len >= l->size) {
		line_room(l, (size_t)len + 1);
		vsnprintf(l->text + l->len, l->size - l->len, fmt, again);
	}
	va_end(again);
	if (len > 0) {
		l->len = MIN(l->len + (size_t)len, l->size - 1);
	}
}

static void __printf_like(2, 3) line_printf(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_vprintf(l, fmt, ap);
	va_end(ap);
}

static void line_free(struct line *l)
{
	if (l->text != l->small) {
		free(l->text);
	}
}

/* Line feeds from the given place on go out as CR LF. */
static void line_crlf(struct line *l, size_t from)
{
	size_t feeds = 0;

	for (size_t i = from; i < l->len; i++) {
		feeds += l->text[i] == '\n';
	}
	if (feeds == 0) {
		return;
	}
	line_room(l, feeds);
	if (l->len + feeds > l->size) {
		return;
	}
	size_t to = l->len + feeds;

	for (size_t i = l->len; i-- > from;) {
		l->text[--to] = l->text[i];
		if (l->text[i] == '\n') {
			l->text[--to] = '\r';
		}
	}
	l->len += feeds;
}

static void line_begin(struct line *l, unsigned int level)
{
	uint64_t us = k_ticks_to_us_floor64((uint64_t)k_uptime_ticks());
	uint64_t s = us / 1000000;

	line_init(l);
	line_printf(l, "[%02u:%02u:%02u.%03u,%03u] ", (unsigned int)(s / 3600), (unsigned int)(s / 60 % 60),
		    (unsigned int)(s % 60), (unsigned int)(us / 1000 % 1000), (unsigned int)(us % 1000));
	if (IS_ENABLED(CONFIG_LOG_BACKEND_SHOW_COLOR)) {
		line_text(l, level == LOG_LEVEL_ERR ? LOG_RED : level == LOG_LEVEL_WRN ? LOG_YELLOW : LOG_NORMAL);
	}
}

static void line_head(struct line *l, const struct z_log_module *module, unsigned int level, const char *func)
{
	static const char *const names[] = { "", "err", "wrn", "inf", "dbg" };

	line_printf(l, "<%s> %s", names[MIN(level, LOG_LEVEL_DBG)], module->name);
	if (level == LOG_LEVEL_DBG) {
		line_printf(l, ".%s", func);
	}
	line_text(l, ": ");
}

static void line_end(struct line *l)
{
	line_text(l, IS_ENABLED(CONFIG_LOG_BACKEND_SHOW_COLOR) ? LOG_NORMAL "\r\n" : "\r\n");
}

/* Puts a line on the screen and, from the given place on, into the record. */
static void line_out(struct line *l, unsigned int level, size_t from, size_t to)
{
	while (to > from && (l->text[to - 1] == '\n' || l->text[to - 1] == '\r')) {
		to--;
	}
	z_console_write(l->text, l->len);
	z_console_remember(l->text + from, to - from);
	ncsh_console((int)level, l->text + from, to - from);
	line_free(l);
}

void z_log_va(const struct z_log_module *module, unsigned int level, const char *func, const char *fmt, va_list ap)
{
	struct line l;

	line_begin(&l, level);
	size_t from = l.len;

	line_head(&l, module, level, func);
	line_vprintf(&l, fmt, ap);
	line_crlf(&l, from);
	size_t to = l.len;

	line_end(&l);
	line_out(&l, level, from, to);
}

void z_log(const struct z_log_module *module, unsigned int level, const char *func, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	z_log_va(module, level, func, fmt, ap);
	va_end(ap);
}

/* Sixteen bytes a line, under the text. */
void z_log_hexdump(const struct z_log_module *module, unsigned int level, const char *func, const void *data,
		   size_t length, const char *text)
{
	const uint8_t *bytes = data;
	struct line l;

	line_begin(&l, level);
	size_t from = l.len;

	line_head(&l, module, level, func);
	int indent = (int)(STAMP_LEN + l.len - from);

	line_text(&l, text);
	for (size_t at = 0; at < length; at += 16) {
		line_text(&l, "\r\n");
		line_printf(&l, "%*s", indent, "");
		for (size_t i = at; i < at + 16; i++) {
			if (i > at && i % 8 == 0) {
				line_text(&l, " ");
			}
			if (i < length) {
				line_printf(&l, "%02x ", bytes[i]);
			} else {
				line_text(&l, "   ");
			}
		}
		line_text(&l, "|");
		for (size_t i = at; i < at + 16; i++) {
			if (i > at && i % 8 == 0) {
				line_text(&l, " ");
			}
			char c = i < length ? (char)bytes[i] : ' ';

			line_add(&l, c >= ' ' && c < 0x7f ? &c : ".", 1);
		}
		line_text(&l, "|");
	}
	size_t to = l.len;

	line_end(&l);
	line_out(&l, level, from, to);
}

void z_log_raw(const char *fmt, ...)
{
	struct line l;
	va_list ap;

	line_init(&l);
	va_start(ap, fmt);
	line_vprintf(&l, fmt, ap);
	va_end(ap);
	z_console_text(l.text, l.len);
	line_free(&l);
}
