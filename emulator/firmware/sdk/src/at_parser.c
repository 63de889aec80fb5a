/* Taking responses and notifications apart, see modem/at_parser.h. */
// build: if AT_PARSER
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_parser.h>

#define SENTINEL 0x41545021u

static const char *skip_ends(const char *p)
{
	while (*p == '\r' || *p == '\n') {
		p++;
	}
	return p;
}

static bool at_end(char c)
{
	return c == '\0' || c == '\r' || c == '\n';
}

int at_parser_init(struct at_parser *parser, const char *at)
{
	if (parser == NULL || at == NULL) {
		return -EINVAL;
	}
	memset(parser, 0, sizeof(*parser));
	parser->at = parser->cursor = skip_ends(at);
	parser->init_sentinel = SENTINEL;
	return 0;
}

static int check(const struct at_parser *parser)
{
	if (parser == NULL) {
		return -EINVAL;
	}
	return parser->init_sentinel == SENTINEL ? 0 : -EPERM;
}

/* Returns the end of the name: what stands before the colon, the equals sign or the question mark. */
static const char *name_end(const char *p)
{
	while (!at_end(*p) && *p != ':' && *p != '=' && *p != '?' && *p != ',') {
		p++;
	}
	return p;
}

/* Returns the end of a parameter that begins at p, NULL for one that is malformed. */
static const char *param_end(const char *p)
{
	const char *close;

	if (*p == '"') {
		close = strchr(p + 1, '"');
		return close != NULL ? close + 1 : NULL;
	}
	if (*p == '(') {
		close = strchr(p, ')');
		return close != NULL ? close + 1 : NULL;
	}
	while (!at_end(*p) && *p != ',') {
		p++;
	}
	return p;
}

/* Finds parameter index of the line on which the parser stands. */
static int find(struct at_parser *parser, size_t index, const char **from, size_t *len)
{
	const char *p = parser->at;
	const char *end = name_end(p);

	if (index == 0) {
		if (end == p) {
			return -EBADMSG;
		}
		*from = p;
		*len = (size_t)(end - p);
		return 0;
	}
	/* A line without a name has parameters all the same. */
	if (*end == ':' || *end == '=' || *end == '?') {
		p = end;
		while (*p == ':' || *p == '=' || *p == '?') {
			p++;
		}
	} else if (*end == ',') {
		index++;
	} else {
		p = end;
	}
	if (at_end(*p)) {
		return *skip_ends(p) != '\0' ? -EAGAIN : -EIO;
	}
	for (;;) {
		while (*p == ' ') {
			p++;
		}
		end = param_end(p);
		if (end == NULL) {
			return -EBADMSG;
		}
		if (--index == 0) {
			break;
		}
		while (*end == ' ') {
			end++;
		}
		if (at_end(*end)) {
			return *skip_ends(end) != '\0' ? -EAGAIN : -EIO;
		}
		if (*end != ',') {
			return -EBADMSG;
		}
		p = end + 1;
	}
	*from = p;
	*len = (size_t)(end - p);
	return 0;
}

int at_parser_cmd_next(struct at_parser *parser)
{
	int err = check(parser);

	if (err != 0) {
		return err;
	}
	bool quoted = false;
	const char *p = parser->at;

	for (; *p != '\0' && (quoted || !at_end(*p)); p++) {
		if (*p == '"') {
			quoted = !quoted;
		}
	}
	p = skip_ends(p);
	if (*p == '\0') {
		return -EOPNOTSUPP;
	}
	parser->at = parser->cursor = p;
	parser->count = 0;
	return 0;
}

int at_parser_cmd_type_get(struct at_parser *parser, enum at_parser_cmd_type *type)
{
	int err = check(parser);

	if (err != 0 || type == NULL) {
		return err != 0 ? err : -EINVAL;
	}
	const char *end = name_end(parser->at);

	*type = AT_PARSER_CMD_TYPE_UNKNOWN;
	if (strncasecmp(parser->at, "AT", 2) != 0) {
		return 0;
	}
	if (end[0] == '=' && end[1] == '?') {
		*type = AT_PARSER_CMD_TYPE_TEST;
	} else if (end[0] == '?') {
		*type = AT_PARSER_CMD_TYPE_READ;
	} else {
		*type = AT_PARSER_CMD_TYPE_SET;
	}
	return 0;
}

int at_parser_cmd_count_get(struct at_parser *parser, size_t *count)
{
	const char *from;
	size_t len;
	int err = check(parser);

	if (err != 0 || count == NULL) {
		return err != 0 ? err : -EINVAL;
	}
	for (size_t i = 0;; i++) {
		err = find(parser, i, &from, &len);
		if (err == -EIO || err == -EAGAIN) {
			*count = i;
			return 0;
		}
		if (err != 0) {
			return err;
		}
	}
}

static int number(struct at_parser *parser, size_t index, long long min, long long max,
		  long long *val)
{
	const char *from;
	size_t len;
	char text[24];
	char *end;
	int err = check(parser);

	if (err == 0) {
		err = find(parser, index, &from, &len);
	}
	if (err != 0) {
		return err;
	}
	if (len == 0) {
		return -ENODATA;
	}
	if (*from == '"' || *from == '(' || (!isdigit((unsigned char)*from) && *from != '-' && *from != '+')) {
		return -EOPNOTSUPP;
	}
	if (len >= sizeof(text)) {
		return -ERANGE;
	}
	memcpy(text, from, len);
	text[len] = '\0';
	long long v = strtoll(text, &end, 10);

	if (*end != '\0') {
		return -EOPNOTSUPP;
	}
	if (v < min || v > max) {
		return -ERANGE;
	}
	*val = v;
	return 0;
}

#define GETTER(name, type, min, max)                                                        \
	int name(struct at_parser *parser, size_t index, type *val)                         \
	{                                                                                   \
		long long v;                                                                \
		int err = val == NULL ? -EINVAL : number(parser, index, min, max, &v);      \
                                                                                            \
		if (err == 0) {                                                             \
			*val = (type)v;                                                     \
		}                                                                           \
		return err;                                                                 \
	}

GETTER(at_parser_int16_get, int16_t, INT16_MIN, INT16_MAX)
GETTER(at_parser_uint16_get, uint16_t, 0, UINT16_MAX)
GETTER(at_parser_int32_get, int32_t, INT32_MIN, INT32_MAX)
GETTER(at_parser_uint32_get, uint32_t, 0, UINT32_MAX)
GETTER(at_parser_int64_get, int64_t, LLONG_MIN, LLONG_MAX)
GETTER(at_parser_uint64_get, uint64_t, 0, LLONG_MAX)

int at_parser_string_ptr_get(struct at_parser *parser, size_t index, const char **str, size_t *len)
{
	const char *from;
	size_t n;
	int err = check(parser);

	if (err != 0 || str == NULL || len == NULL) {
		return err != 0 ? err : -EINVAL;
	}
	err = find(parser, index, &from, &n);
	if (err != 0) {
		return err;
	}
	if (n == 0) {
		return -ENODATA;
	}
	if (*from == '"') {
		from++;
		n -= 2;
	} else if (index != 0 && *from != '(' && (isdigit((unsigned char)*from) || *from == '-')) {
		return -EOPNOTSUPP; /* a number */
	}
	*str = from;
	*len = n;
	return 0;
}

int at_parser_string_get(struct at_parser *parser, size_t index, char *str, size_t *len)
{
	const char *from;
	size_t n;

	if (str == NULL || len == NULL) {
		return -EINVAL;
	}
	int err = at_parser_string_ptr_get(parser, index, &from, &n);

	if (err != 0) {
		return err;
	}
	if (n >= *len) {
		return -ENOMEM;
	}
	memcpy(str, from, n);
	str[n] = '\0';
	*len = n;
	return 0;
}
