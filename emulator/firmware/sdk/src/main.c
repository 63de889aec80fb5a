/*
 * The start of the program: what registered itself for before main, the boot banner, the
 * threads of K_THREAD_DEFINE, the application's main. When that returns the device
 * goes on, as on the chip.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ncs_version.h>
#include <zephyr/kernel.h>
#include <zephyr/version.h>
#include <zephyr/sys/reboot.h>
#include "console.h"
#include "crash.h"
#include "kernel/sched.h"
#include "transport.h"

/* The application's main, which may take and return anything. What it returns means something
 * if the build has seen that it is an int: then z_main_returns_int of app_main.h takes the place of this one. */
__attribute__((weak)) int app_main(void)
{
	return 0; /* there is none: threads and what registers itself are all that runs */
}
__attribute__((weak)) const volatile char z_main_returns_int = 0;

void sys_reboot(int type)
{
	(void)type;
	ncsh_reset();
}

/* ---- What registered itself ---- */

static struct z_init_entry *inits;

void z_init_add(struct z_init_entry *entry)
{
	struct z_init_entry **p = &inits;

	while (*p != NULL && ((*p)->level < entry->level ||
			      ((*p)->level == entry->level && (*p)->prio <= entry->prio))) {
		p = &(*p)->next;
	}
	entry->next = *p;
	*p = entry;
}

void z_run_init(void)
{
	for (struct z_init_entry *e = inits; e != NULL; e = e->next) {
		e->fn(NULL);
	}
}

static struct z_section_item *sections;

void z_section_add(struct z_section_item *item)
{
	struct z_section_item **p = &sections;

	while (*p != NULL && strcmp((*p)->name, item->name) <= 0) {
		p = &(*p)->next;
	}
	item->next = *p;
	*p = item;
}

void *z_section_next(const char *section, const void *after)
{
	bool found = after == NULL;

	for (struct z_section_item *i = sections; i != NULL; i = i->next) {
		if (strcmp(i->section, section) != 0) {
			continue;
		}
		if (found) {
			return i->object;
		}
		found = i->object == after;
	}
	return NULL;
}

size_t z_section_count(const char *section)
{
	size_t n = 0;

	for (struct z_section_item *i = sections; i != NULL; i = i->next) {
		n += strcmp(i->section, section) == 0;
	}
	return n;
}

void *z_section_get(const char *section, size_t index)
{
	for (struct z_section_item *i = sections; i != NULL; i = i->next) {
		if (strcmp(i->section, section) == 0 && index-- == 0) {
			return i->object;
		}
	}
	return NULL;
}

/* ---- The start ---- */

#ifdef __GLIBC__
/* What printf writes goes the way of printk, so that the record has it too. */
static ssize_t stdout_write(void *cookie, const char *text, size_t len)
{
	(void)cookie;
	z_console_text(text, len);
	return (ssize_t)len;
}
#endif

static void open_stdout(void)
{
#ifdef __GLIBC__
	static const cookie_io_functions_t functions = { .write = stdout_write };
	FILE *console = fopencookie(NULL, "w", functions);

	if (console != NULL) {
		stdout = console;
	}
#endif
	setvbuf(stdout, NULL, _IONBF, 0);
}

static void banner(void)
{
#if defined(CONFIG_BOOT_BANNER) && !defined(NRF91EMU_NO_BANNER)
#if NCS_VERSION_NUMBER >= 0x20700
	z_printk("*** Booting nRF Connect SDK v%s ***\n", NCS_VERSION_STRING);
	z_printk("*** Using Zephyr OS v%s ***\n", KERNEL_VERSION_STRING);
#elif NCS_VERSION_NUMBER >= 0x20500
	z_printk("*** Booting nRF Connect SDK v%s ***\n", KERNEL_VERSION_STRING);
#else
	z_printk("*** Booting Zephyr OS build v%s ***\n", KERNEL_VERSION_STRING);
#endif
#endif
}

int main(void)
{
	static struct k_thread thread = { .name = "main" };

	open_stdout();
	z_crash_catch();
	signal(SIGPIPE, SIG_IGN);
	thread.host = z_thread_new(&thread, 0);
	thread.host->started = true;
	z_thread_remember(thread.host);
	z_thread_ready(thread.host);
	z_thread_adopt(thread.host);
	ncsh_connect();
	z_run_init();
	banner();
	z_static_threads_start();
	int returned = app_main();

	if (z_main_returns_int && returned != 0) {
		fprintf(stderr, "main() has returned %d. Zephyr passes over that: threads, timers and events go on.\n", returned);
	}
	z_lock();
	z_thread_forget(thread.host);
	thread.ended = true;
	thread.host = NULL;
	z_wake_all(&thread.joiners, 0);
	z_unlock();
	ncsh_block();
	for (;;) {
		pause();
	}
}
