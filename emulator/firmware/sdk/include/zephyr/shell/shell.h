/*
 * The shell: commands that are typed on the console. A line is edited by the terminal, which
 * also shows it; there is no prompt, no history and no completion.
 */
#ifndef NRF91EMU_ZEPHYR_SHELL_SHELL_H_
#define NRF91EMU_ZEPHYR_SHELL_SHELL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

struct shell {
	const char *name;
};
struct shell_static_entry;

typedef int (*shell_cmd_handler)(const struct shell *sh, size_t argc, char **argv);
/* Sets entry to the command with the index idx; its syntax is NULL behind the last. */
typedef void (*shell_dynamic_get)(size_t idx, struct shell_static_entry *entry);
typedef void (*shell_bypass_cb_t)(const struct shell *sh, uint8_t *data, size_t len);

/* Commands below a command: a table, a function, or those that were added to a set. */
struct z_shell_subcmds {
	const struct shell_static_entry *entries;
	shell_dynamic_get get;
	const char *set;
};

/* Arguments with the command itself; 0 mandatory ones are any number. */
struct shell_static_args {
	uint8_t mandatory;
	uint8_t optional;
};
#define SHELL_OPT_ARG_RAW 0xFE	      /* the rest of the line is one argument, as it is */
#define SHELL_OPT_ARG_CHECK_SKIP 0xFF /* any number */

struct shell_static_entry {
	const char *syntax; /* "" is left out, NULL ends a table */
	const char *help;
	const struct z_shell_subcmds *subcmd;
	shell_cmd_handler handler;
	struct shell_static_args args;
};

#define SHELL_CMD_ARG(_syntax, _subcmd, _help, _handler, _mand, _opt)                              \
	{ .syntax = STRINGIFY(_syntax), .help = (const char *)(_help), .subcmd = (const void *)(_subcmd), \
	  .handler = (_handler), .args = { .mandatory = (_mand), .optional = (_opt) } }
#define SHELL_CMD(_syntax, _subcmd, _help, _handler) SHELL_CMD_ARG(_syntax, _subcmd, _help, _handler, 0, 0)
#define SHELL_EXPR_CMD_ARG(_expr, _syntax, _subcmd, _help, _handler, _mand, _opt)                  \
	{ .syntax = (_expr) ? STRINGIFY(_syntax) : "", .help = (const char *)(_help),              \
	  .subcmd = (const void *)((_expr) ? (_subcmd) : NULL), .handler = (shell_cmd_handler)((_expr) ? (_handler) : NULL), \
	  .args = { .mandatory = (_mand), .optional = (_opt) } }
#define SHELL_EXPR_CMD(_expr, _syntax, _subcmd, _help, _handler)                                   \
	SHELL_EXPR_CMD_ARG(_expr, _syntax, _subcmd, _help, _handler, 0, 0)
#define SHELL_COND_CMD_ARG(_flag, _syntax, _subcmd, _help, _handler, _mand, _opt)                  \
	COND_CODE_1(_flag, (SHELL_CMD_ARG(_syntax, _subcmd, _help, _handler, _mand, _opt)), ({ .syntax = "" }))
#define SHELL_COND_CMD(_flag, _syntax, _subcmd, _help, _handler)                                   \
	SHELL_COND_CMD_ARG(_flag, _syntax, _subcmd, _help, _handler, 0, 0)
#define SHELL_SUBCMD_SET_END { .syntax = NULL }

#define SHELL_STATIC_SUBCMD_SET_CREATE(name, ...)                                                  \
	static const struct shell_static_entry z_shell_entries_##name[] = { __VA_ARGS__ };         \
	static const struct z_shell_subcmds name = { .entries = z_shell_entries_##name }
#define SHELL_DYNAMIC_CMD_CREATE(name, get_fn) static const struct z_shell_subcmds name = { .get = (get_fn) }

struct z_shell_added {
	const char *set; /* NULL for a command of the shell itself */
	struct shell_static_entry entry;
	struct z_shell_added *next;
};
void z_shell_add(struct z_shell_added *added);
#define Z_SHELL_ADD_SECOND(id, in_set, ...) Z_SHELL_ADD_THIRD(id, in_set, __VA_ARGS__)
#define Z_SHELL_ADD_THIRD(id, in_set, ...)                                                         \
	static struct z_shell_added z_shell_added_##id = { .set = (in_set), .entry = __VA_ARGS__ }; \
	__attribute__((__constructor__)) static void z_shell_add_##id(void)                        \
	{                                                                                          \
		z_shell_add(&z_shell_added_##id);                                                  \
	}                                                                                          \
	struct z_shell_added

#define SHELL_CMD_ARG_REGISTER(syntax, subcmd, help, handler, mandatory, optional)                 \
	Z_SHELL_ADD_SECOND(UTIL_CAT(syntax##_, __COUNTER__), NULL, SHELL_CMD_ARG(syntax, subcmd, help, handler, mandatory, optional))
#define SHELL_CMD_REGISTER(syntax, subcmd, help, handler) SHELL_CMD_ARG_REGISTER(syntax, subcmd, help, handler, 0, 0)
#define SHELL_COND_CMD_ARG_REGISTER(flag, syntax, subcmd, help, handler, mandatory, optional)      \
	COND_CODE_1(flag, (SHELL_CMD_ARG_REGISTER(syntax, subcmd, help, handler, mandatory, optional)), \
		    (static const shell_cmd_handler UTIL_CAT(z_shell_unused_, __COUNTER__) __attribute__((unused)) = (handler)))
#define SHELL_COND_CMD_REGISTER(flag, syntax, subcmd, help, handler)                               \
	SHELL_COND_CMD_ARG_REGISTER(flag, syntax, subcmd, help, handler, 0, 0)

/* A set that several files add to; parent is a list in parentheses, such as (section, net). */
#define SHELL_SUBCMD_SET_CREATE(name, parent) static const struct z_shell_subcmds name = { .set = STRINGIFY(parent) }
#define SHELL_SUBCMD_ADD(parent, syntax, subcmd, help, handler, mand, opt)                         \
	Z_SHELL_ADD_SECOND(UTIL_CAT(syntax##_, __COUNTER__), STRINGIFY(parent), SHELL_CMD_ARG(syntax, subcmd, help, handler, mand, opt))

/* What a handler returns that has printed help. */
#define SHELL_CMD_HELP_PRINTED 1

enum shell_vt100_color {
	SHELL_VT100_COLOR_DEFAULT,
	SHELL_VT100_COLOR_BLACK,
	SHELL_VT100_COLOR_RED,
	SHELL_VT100_COLOR_GREEN,
	SHELL_VT100_COLOR_YELLOW,
	SHELL_VT100_COLOR_BLUE,
	SHELL_VT100_COLOR_MAGENTA,
	SHELL_VT100_COLOR_CYAN,
	SHELL_VT100_COLOR_WHITE,
};
#define SHELL_NORMAL SHELL_VT100_COLOR_DEFAULT
#define SHELL_INFO SHELL_VT100_COLOR_GREEN
#define SHELL_OPTION SHELL_VT100_COLOR_CYAN
#define SHELL_WARNING SHELL_VT100_COLOR_YELLOW
#define SHELL_ERROR SHELL_VT100_COLOR_RED

void shell_fprintf(const struct shell *sh, enum shell_vt100_color color, const char *fmt, ...) __printf_like(3, 4);
void shell_vfprintf(const struct shell *sh, enum shell_vt100_color color, const char *fmt, va_list args);
#define shell_print(sh, fmt, ...) shell_fprintf(sh, SHELL_NORMAL, fmt "\n", ##__VA_ARGS__)
#define shell_info(sh, fmt, ...) shell_fprintf(sh, SHELL_INFO, fmt "\n", ##__VA_ARGS__)
#define shell_warn(sh, fmt, ...) shell_fprintf(sh, SHELL_WARNING, fmt "\n", ##__VA_ARGS__)
#define shell_error(sh, fmt, ...) shell_fprintf(sh, SHELL_ERROR, fmt "\n", ##__VA_ARGS__)
#define shell_fprintf_normal(sh, fmt, ...) shell_fprintf(sh, SHELL_NORMAL, fmt, ##__VA_ARGS__)
#define shell_fprintf_error(sh, fmt, ...) shell_fprintf(sh, SHELL_ERROR, fmt, ##__VA_ARGS__)
void shell_hexdump(const struct shell *sh, const uint8_t *data, size_t len);

/* The help of the command that runs. */
void shell_help(const struct shell *sh);
/* Runs a line: what its handler returns, -ENOEXEC if there is no such command, -EINVAL for the
 * wrong number of arguments. sh may be NULL. */
int shell_execute_cmd(const struct shell *sh, const char *cmd);
/* What comes in goes to bypass as it is, until it is set to NULL. */
void shell_set_bypass(const struct shell *sh, shell_bypass_cb_t bypass);

/* The shell on the console. */
const struct shell *shell_backend_uart_get_ptr(void);
/* Whether lines are run: 0. */
int shell_start(const struct shell *sh);
int shell_stop(const struct shell *sh);

/* The number of a text; *err becomes -EINVAL or -ERANGE, and is left alone otherwise. */
long shell_strtol(const char *str, int base, int *err);
unsigned long shell_strtoul(const char *str, int base, int *err);
unsigned long long shell_strtoull(const char *str, int base, int *err);
/* on, enable, true, or a number that is not 0. */
bool shell_strtobool(const char *str, int base, int *err);

#endif
