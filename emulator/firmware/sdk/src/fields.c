/* See fields.h. */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

const char *ncsh_line(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	for (const char *p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		while (*p == '\r' || *p == '\n') {
			p++;
		}
		if (strncmp(p, prefix, len) == 0 && (p[len] == ':' || p[len] == '=')) {
			p += len + 1;
			while (*p == ' ') {
				p++;
			}
			return p;
		}
	}
	return NULL;
}

static bool at_end(char c)
{
	return c == '\0' || c == '\r' || c == '\n';
}

/* Returns the end of a field: a comma outside quotes and parentheses, or the end of the line. */
static const char *end_of(const char *p)
{
	bool quoted = false;
	int depth = 0;

	for (; *p != '\0' && (quoted || !at_end(*p)); p++) {
		if (*p == '"') {
			quoted = !quoted;
		} else if (!quoted && *p == '(') {
			depth++;
		} else if (!quoted && *p == ')') {
			depth--;
		} else if (!quoted && depth <= 0 && *p == ',') {
			break;
		}
	}
	return p;
}

static const char *find(const char *fields, int i, size_t *len)
{
	const char *p = fields;

	for (; p != NULL; i--) {
		const char *end = end_of(p);

		if (i == 0) {
			if (end - p >= 2 && *p == '"' && end[-1] == '"') {
				p++;
				end--;
			}
			*len = (size_t)(end - p);
			return p;
		}
		p = *end == ',' ? end + 1 : NULL;
	}
	return NULL;
}

int ncsh_text(const char *fields, int i, char *buf, size_t size)
{
	size_t len;
	const char *p = find(fields, i, &len);

	if (size > 0) {
		buf[0] = '\0';
	}
	if (p == NULL) {
		return -1;
	}
	if (len < size) {
		memcpy(buf, p, len);
		buf[len] = '\0';
	}
	return (int)len;
}

static bool number(const char *fields, int i, int base, long *value)
{
	size_t len;
	const char *p = find(fields, i, &len);
	char text[24];
	char *end;

	if (p == NULL || len == 0 || len >= sizeof(text)) {
		return false;
	}
	memcpy(text, p, len);
	text[len] = '\0';
	*value = strtol(text, &end, base);
	return *end == '\0';
}

bool ncsh_number(const char *fields, int i, long *value)
{
	return number(fields, i, 10, value);
}

bool ncsh_hex(const char *fields, int i, unsigned long *value)
{
	long v;

	if (!number(fields, i, 16, &v)) {
		return false;
	}
	*value = (unsigned long)v;
	return true;
}

int ncsh_count(const char *fields)
{
	int n = 0;

	for (const char *p = fields; p != NULL; n++) {
		const char *end = end_of(p);

		p = *end == ',' ? end + 1 : NULL;
	}
	return n;
}
