/* The shell, see zephyr/shell/shell.h; fact sdk/shell. */
// build: if SHELL
#include <ctype.h>
#include <stdio.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/shell/shell.h>
#include <zephyr/sys/ring_buffer.h>
#include "console.h"
#include "input.h"

#ifndef CONFIG_SHELL_CMD_BUFF_SIZE
#define CONFIG_SHELL_CMD_BUFF_SIZE 256
#endif
#ifndef CONFIG_SHELL_ARGC_MAX
#define CONFIG_SHELL_ARGC_MAX 20
#endif
#ifndef CONFIG_SHELL_STACK_SIZE
#define CONFIG_SHELL_STACK_SIZE 2048
#endif

static const struct shell uart = { "shell_uart" };
static struct z_shell_added *added;
static shell_bypass_cb_t bypass_cb;
static bool stopped;
static K_MUTEX_DEFINE(running_mutex); /* one command at a time; a command may run another */
static const struct shell_static_entry *running;

void z_shell_add(struct z_shell_added *a)
{
	struct z_shell_added **p = &added;

	while (*p != NULL && strcmp((*p)->entry.syntax, a->entry.syntax) <= 0) {
		p = &(*p)->next;
	}
	a->next = *p;
	*p = a;
}

const struct shell *shell_backend_uart_get_ptr(void)
{
	return &uart;
}

/* ---- output ---- */

void shell_vfprintf(const struct shell *sh, enum shell_vt100_color color, const char *fmt, va_list args)
{
	char small[256], *text = small, set[20];
	va_list again;

	(void)sh;
	va_copy(again, args);
	int n = vsnprintf(small, sizeof(small), fmt, args);

	if (n >= (int)sizeof(small) && (text = malloc((size_t)n + 1)) != NULL) {
		vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n < 0 || text == NULL) {
		return;
	}
	bool colored = color != SHELL_VT100_COLOR_DEFAULT && IS_ENABLED(CONFIG_SHELL_VT100_COLORS);

	/* The record gets the text alone. */
	if (colored) {
		snprintf(set, sizeof(set), "\x1b[1;3%dm", (int)color - 1);
		z_console_write(set, strlen(set));
	}
	z_console_text(text, (size_t)n);
	if (colored) {
		z_console_write("\x1b[0m", 4);
	}
	if (text != small) {
		free(text);
	}
}

void shell_fprintf(const struct shell *sh, enum shell_vt100_color color, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	shell_vfprintf(sh, color, fmt, args);
	va_end(args);
}

void shell_hexdump(const struct shell *sh, const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += 16) {
		char hex[3 * 16 + 2] = "", plain[17] = "";

		for (size_t i = 0, n = 0; i < 16; i++) {
			bool there = at + i < len;

			n += (size_t)snprintf(hex + n, sizeof(hex) - n, there ? "%02x " : "   ", there ? data[at + i] : 0);
			if (i == 7) {
				hex[n++] = ' ';
			}
			plain[i] = !there ? '\0' : isprint(data[at + i]) ? (char)data[at + i] : '.';
		}
		shell_print(sh, "%08X: %s|%-16s|", (unsigned int)at, hex, plain);
	}
}

/* ---- commands ---- */

/* The commands below one, or those of the shell with NULL: calls each until it returns true. */
static bool below(const struct shell_static_entry *parent, bool (*each)(const struct shell_static_entry *entry, void *arg), void *arg)
{
	const struct z_shell_subcmds *subcmds = parent != NULL ? parent->subcmd : NULL;

	if (subcmds != NULL && subcmds->entries != NULL) {
		for (const struct shell_static_entry *e = subcmds->entries; e->syntax != NULL; e++) {
			if (e->syntax[0] != '\0' && each(e, arg)) {
				return true;
			}
		}
		return false;
	}
	if (subcmds != NULL && subcmds->get != NULL) {
		for (size_t i = 0; i < 1000; i++) {
			struct shell_static_entry e = { 0 };

			subcmds->get(i, &e);
			if (e.syntax == NULL) {
				return false;
			}
			if (each(&e, arg)) {
				return true;
			}
		}
		return false;
	}
	if (parent != NULL && (subcmds == NULL || subcmds->set == NULL)) {
		return false;
	}
	for (struct z_shell_added *a = added; a != NULL; a = a->next) {
		bool of_it = parent == NULL ? a->set == NULL : a->set != NULL && strcmp(a->set, subcmds->set) == 0;

		if (of_it && each(&a->entry, arg)) {
			return true;
		}
	}
	return false;
}

struct search {
	const char *name;
	struct shell_static_entry found;
};

static bool is_named(const struct shell_static_entry *entry, void *arg)
{
	struct search *s = arg;

	if (strcmp(entry->syntax, s->name) != 0) {
		return false;
	}
	s->found = *entry;
	return true;
}

static bool longest(const struct shell_static_entry *entry, void *arg)
{
	*(int *)arg = MAX(*(int *)arg, (int)strlen(entry->syntax));
	return false;
}

static bool list(const struct shell_static_entry *entry, void *arg)
{
	shell_print(&uart, "  %-*s%s%s", *(int *)arg, entry->syntax, entry->help != NULL ? " : " : "", entry->help != NULL ? entry->help : "");
	return false;
}

static void list_below(const struct shell_static_entry *parent, const char *heading)
{
	int width = 0;

	below(parent, longest, &width);
	if (width > 0) {
		shell_print(&uart, "%s", heading);
		below(parent, list, &width);
	}
}

void shell_help(const struct shell *sh)
{
	if (running == NULL) {
		return;
	}
	shell_print(sh, "%s%s%s", running->syntax, running->help != NULL ? " - " : "", running->help != NULL ? running->help : "");
	list_below(running, "Subcommands:");
}

static int help(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	list_below(NULL, "Available commands:");
	(void)sh;
	return 0;
}
SHELL_CMD_ARG_REGISTER(help, NULL, "Prints the help message.", help, 1, SHELL_OPT_ARG_CHECK_SKIP);

/* ---- a line ---- */

/* Takes the next word off a line, in place: quotes keep it together, and a backslash the character
 * behind it. NULL if there is none. */
static char *word(char **rest)
{
	char *in = *rest, *out, *begin, quote = '\0';

	while (isspace((unsigned char)*in)) {
		in++;
	}
	if (*in == '\0') {
		*rest = in;
		return NULL;
	}
	for (begin = out = in; *in != '\0' && (quote != '\0' || !isspace((unsigned char)*in)); in++) {
		if (*in == '\\' && in[1] != '\0') {
			*out++ = *++in;
		} else if (quote == '\0' && (*in == '"' || *in == '\'')) {
			quote = *in;
		} else if (quote != '\0' && *in == quote) {
			quote = '\0';
		} else {
			*out++ = *in;
		}
	}
	*rest = *in != '\0' ? in + 1 : in;
	*out = '\0';
	return begin;
}

static bool fits(const struct shell_static_args *args, size_t argc)
{
	return args->mandatory == 0 || (argc >= args->mandatory &&
					(args->optional >= SHELL_OPT_ARG_RAW || argc <= (size_t)args->mandatory + args->optional));
}

static int run_line(const struct shell *sh, char *line)
{
	char *argv[CONFIG_SHELL_ARGC_MAX + 1], *rest = line, *name = word(&rest);
	struct search at = { 0 };
	struct shell_static_entry entry;
	size_t argc = 1;

	if (name == NULL) {
		return 0;
	}
	at.name = name;
	if (!below(NULL, is_named, &at)) {
		shell_error(sh, "%s: command not found", name);
		return -ENOEXEC;
	}
	entry = at.found;
	argv[0] = name;
	/* Down to the command that is meant; what is no command any more is its argument. */
	while (argc < CONFIG_SHELL_ARGC_MAX) {
		if (entry.args.optional == SHELL_OPT_ARG_RAW && argc >= entry.args.mandatory && *rest != '\0') {
			argv[argc++] = rest;
			break;
		}
		char *next = word(&rest);

		if (next == NULL) {
			break;
		}
		at.name = next;
		if (argc == 1 && below(&entry, is_named, &at)) {
			entry = at.found;
			argv[0] = next;
			continue;
		}
		argv[argc++] = next;
	}
	argv[argc] = NULL;
	const struct shell_static_entry *before = running;
	int result;

	running = &entry;
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		shell_help(sh);
		result = SHELL_CMD_HELP_PRINTED;
	} else if (entry.handler == NULL) {
		if (argc > 1) {
			shell_error(sh, "%s: command not found", argv[1]);
		}
		shell_help(sh);
		result = argc > 1 ? -ENOEXEC : SHELL_CMD_HELP_PRINTED;
	} else if (!fits(&entry.args, argc)) {
		shell_error(sh, "%s: wrong parameter count", argv[0]);
		shell_help(sh);
		result = -EINVAL;
	} else {
		result = entry.handler(sh, argc, argv);
	}
	running = before;
	return result;
}

int shell_execute_cmd(const struct shell *sh, const char *cmd)
{
	char line[CONFIG_SHELL_CMD_BUFF_SIZE];

	if (strlen(cmd) >= sizeof(line)) {
		return -ENOMEM;
	}
	strcpy(line, cmd);
	k_mutex_lock(&running_mutex, K_FOREVER);
	int result = run_line(sh != NULL ? sh : &uart, line);

	k_mutex_unlock(&running_mutex);
	return result;
}

/* ---- input ---- */

static uint8_t input_bytes[4096];
static struct ring_buf input = RING_BUF_INIT(input_bytes, sizeof(input_bytes));
static K_THREAD_STACK_DEFINE(stack, CONFIG_SHELL_STACK_SIZE);
static struct k_work_q queue;

static void run_input(struct k_work *work)
{
	static char line[CONFIG_SHELL_CMD_BUFF_SIZE];
	static size_t len;
	uint8_t byte;

	ARG_UNUSED(work);
	while (!stopped && ring_buf_get(&input, &byte, 1) == 1) {
		if (bypass_cb != NULL) {
			bypass_cb(&uart, &byte, 1);
		} else if (byte != '\r') {
			if (len + 1 < sizeof(line)) {
				line[len++] = (char)byte;
			}
		} else {
			line[len] = '\0';
			len = 0;
			(void)shell_execute_cmd(&uart, line);
		}
	}
}
static K_WORK_DEFINE(run_work, run_input);

static void take(const char *bytes, size_t size)
{
	ring_buf_put(&input, (const uint8_t *)bytes, (uint32_t)size); /* what does not fit is lost */
	k_work_submit_to_queue(&queue, &run_work);
}

void shell_set_bypass(const struct shell *sh, shell_bypass_cb_t bypass)
{
	(void)sh;
	bypass_cb = bypass;
}

int shell_start(const struct shell *sh)
{
	(void)sh;
	stopped = false;
	k_work_submit_to_queue(&queue, &run_work);
	return 0;
}

int shell_stop(const struct shell *sh)
{
	(void)sh;
	stopped = true;
	return 0;
}

static int begin(void)
{
	k_work_queue_start(&queue, stack, K_THREAD_STACK_SIZEOF(stack), K_LOWEST_APPLICATION_THREAD_PRIO,
			   &(struct k_work_queue_config){ .name = "shell_uart" });
	ncsh_input(take);
	return 0;
}
SYS_INIT(begin, APPLICATION, CONFIG_APPLICATION_INIT_PRIORITY);

/* ---- numbers ---- */

static int number_error(const char *str, const char *end)
{
	if (errno == ERANGE) {
		return -ERANGE;
	}
	return end == str || *end != '\0' ? -EINVAL : 0;
}

#define DEFINE_NUMBER(type, name, fn)                                                              \
	type name(const char *str, int base, int *err)                                             \
	{                                                                                          \
		char *end;                                                                         \
		errno = 0;                                                                         \
		type value = fn(str, &end, base);                                                  \
		int wrong = number_error(str, end);                                                \
		if (wrong != 0) {                                                                  \
			*err = wrong;                                                              \
			return 0;                                                                  \
		}                                                                                  \
		return value;                                                                      \
	}
DEFINE_NUMBER(long, shell_strtol, strtol)
DEFINE_NUMBER(unsigned long, shell_strtoul, strtoul)
DEFINE_NUMBER(unsigned long long, shell_strtoull, strtoull)

bool shell_strtobool(const char *str, int base, int *err)
{
	static const char *const yes[] = { "on", "enable", "true" }, *const no[] = { "off", "disable", "false" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(str, yes[i]) == 0 || strcmp(str, no[i]) == 0) {
			return strcmp(str, yes[i]) == 0;
		}
	}
	return shell_strtoul(str, base, err) != 0;
}
