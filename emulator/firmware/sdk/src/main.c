/*
 * The start of the program: what registered itself for before main, the boot banner, the
 * threads of K_THREAD_DEFINE, the application's main. When that returns the device
 * goes on, as on the chip.
 */
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ncs_version.h>
#include <zephyr/kernel.h>
#include <zephyr/version.h>
#include <zephyr/sys/reboot.h>
#include "console.h"
#include "kernel/sched.h"
#include "transport.h"

/* The application's main, which may take and return anything. */
extern void app_main(void);

/* ---- Reports of what must not happen ---- */

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0) {
		return;
	}
}

static void say_line(const char *text)
{
	say("    ");
	say(text);
	say("\n");
}

static const char *signal_says(int sig)
{
	switch (sig) {
	case SIGSEGV:
		return "a pointer led to memory that is not there (SIGSEGV)";
	case SIGBUS:
		return "a pointer led to memory that cannot be used like this (SIGBUS)";
	case SIGFPE:
		return "a division by zero or an overflow (SIGFPE)";
	case SIGILL:
		return "something that is not an instruction was to be executed (SIGILL)";
	default:
		return "the program gave up (SIGABRT)";
	}
}

static void report(const char *why, bool with_stack)
{
	say("\nThe firmware has crashed: ");
	say(why);
	say("\n");
	if (k_current_get()->name[0] != '\0') {
		say("  thread: ");
		say_line(k_current_get()->name);
	}
	if (with_stack) {
		void *frames[32];
		int n = backtrace(frames, ARRAY_SIZE(frames));

		say("  stack, the innermost call first (addr2line -f -e PROGRAM shows the lines):\n");
		backtrace_symbols_fd(frames, n, STDERR_FILENO);
	}
	say("  its last lines:\n");
	z_console_last(say_line);
}

static void crashed(int sig)
{
	static volatile sig_atomic_t again;

	signal(sig, SIG_DFL);
	if (!again) {
		again = 1;
		report(signal_says(sig), true);
	}
	/* The emulator sees the connection end, the shell the signal. */
	raise(sig);
}

static void catch_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER };

	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction before;

		/* A sanitizer that has a handler says more than we could. */
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
			sigaction(signals[i], &action, NULL);
		}
	}
	signal(SIGPIPE, SIG_IGN);
}

void z_fatal(const char *why, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	report(text, true);
	ncsh_exit(128 + SIGABRT, text);
}

void z_assert_failed(const char *test, const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	z_printk("ASSERTION FAIL [%s] @ %s:%d\n%s%s%s", test, file, line, text[0] != '\0' ? "\t" : "", text,
		 text[0] != '\0' ? "\n" : "");
	z_fatal("the assertion %s failed at %s:%d", test, file, line);
}

void k_panic(void)
{
	z_fatal("k_panic() was called");
}

void k_oops(void)
{
	z_fatal("k_oops() was called");
}

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
	catch_crashes();
	thread.host = z_thread_new(&thread, 0);
	thread.host->started = true;
	z_thread_ready(thread.host);
	z_thread_adopt(thread.host);
	ncsh_connect();
	z_run_init();
	banner();
	z_static_threads_start();
	app_main();

	z_lock();
	thread.ended = true;
	thread.host = NULL;
	z_wake_all(&thread.joiners, 0);
	z_unlock();
	ncsh_block();
	for (;;) {
		pause();
	}
}
