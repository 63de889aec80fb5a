/* Taking commands and notifications apart, see modem/at_cmd_parser.h. */
// build: if AT_CMD_PARSER
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_cmd_parser.h>

static bool at_end(char c)
{
	return c == '\0' || c == '\r' || c == '\n';
}

/* Reads a list of numbers in parentheses; returns what stands behind it. */
static const char *parse_array(const char *p, const struct at_param_list *list, size_t index)
{
	uint32_t values[32];
	size_t n = 0;

	for (p++; !at_end(*p) && *p != ')'; p++) {
		if (isdigit((unsigned char)*p) && n < 32) {
			char *end;

			values[n++] = (uint32_t)strtoul(p, &end, 10);
			p = end - 1;
		}
	}
	at_params_array_put(list, index, values, n * sizeof(values[0]));
	return *p == ')' ? p + 1 : p;
}

/* Reads a parameter; returns what stands behind it, NULL if it is malformed. */
static const char *parse_param(const char *p, const struct at_param_list *list, size_t index)
{
	while (*p == ' ') {
		p++;
	}
	if (*p == '"') {
		const char *end = strchr(p + 1, '"');

		if (end == NULL) {
			return NULL;
		}
		at_params_string_put(list, index, p + 1, (size_t)(end - p - 1));
		return end + 1;
	}
	if (*p == '(') {
		return parse_array(p, list, index);
	}
	const char *end = p;

	while (!at_end(*end) && *end != ',') {
		end++;
	}
	if (end == p) {
		at_params_empty_put(list, index);
		return end;
	}
	char *after;
	long long v = strtoll(p, &after, 10);

	if (after == end && (isdigit((unsigned char)*p) || *p == '-' || *p == '+')) {
		at_params_int_put(list, index, v);
	} else {
		at_params_string_put(list, index, p, (size_t)(end - p));
	}
	return end;
}

int at_parser_max_params_from_str(const char *at_params_str, char **next_params_str,
				  struct at_param_list *const list, size_t max_params_count)
{
	if (at_params_str == NULL || list == NULL || list->params == NULL) {
		return -EINVAL;
	}
	at_params_list_clear(list);
	if (max_params_count > list->param_count) {
		max_params_count = list->param_count;
	}
	const char *p = at_params_str;
	size_t n = 0;
	int err = 0;

	while (*p == '\r' || *p == '\n' || *p == ' ') {
		p++;
	}
	/* The name of a notification or command is the first parameter. */
	if (*p == '+' || *p == '%' || *p == '#' || strncasecmp(p, "AT", 2) == 0) {
		const char *end = p;

		while (!at_end(*end) && *end != ':' && *end != '=' && *end != '?') {
			end++;
		}
		if (n >= max_params_count) {
			return -E2BIG;
		}
		at_params_string_put(list, n++, p, (size_t)(end - p));
		p = end;
		while (*p == ':' || *p == '=' || *p == '?') {
			p++;
		}
		if (at_end(*p)) {
			goto ended;
		}
	}
	for (;;) {
		if (n >= max_params_count) {
			err = -E2BIG;
			break;
		}
		p = parse_param(p, list, n++);
		if (p == NULL) {
			return -EINVAL;
		}
		while (*p == ' ') {
			p++;
		}
		if (*p != ',') {
			break;
		}
		p++;
	}
ended:
	while (*p == '\r' || *p == '\n') {
		p++;
	}
	if (err == 0 && *p != '\0') {
		err = -EAGAIN;
	}
	if (next_params_str != NULL) {
		*next_params_str = (char *)(uintptr_t)p;
	}
	return err;
}

int at_parser_params_from_str(const char *at_params_str, char **next_params_str,
			      struct at_param_list *const list)
{
	return at_parser_max_params_from_str(at_params_str, next_params_str, list,
					     list != NULL ? list->param_count : 0);
}

enum at_cmd_type at_parser_cmd_type_get(const char *at_cmd)
{
	if (at_cmd == NULL || strncasecmp(at_cmd, "AT", 2) != 0) {
		return AT_CMD_TYPE_UNKNOWN;
	}
	const char *p = at_cmd + strcspn(at_cmd, "=?\r\n");

	if (p[0] == '=' && p[1] == '?') {
		return AT_CMD_TYPE_TEST_COMMAND;
	}
	if (p[0] == '?') {
		return AT_CMD_TYPE_READ_COMMAND;
	}
	return AT_CMD_TYPE_SET_COMMAND;
}
