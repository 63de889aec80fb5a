/* JSON to structures and back, see zephyr/data/json.h (RFC 8259). */
// build: if JSON_LIBRARY
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/data/json.h>

#define DEEPEST 32

/* ---- Reading ---- */

struct reader {
	char *at, *end;
	int depth;
};

static int read_value(struct reader *r, const struct json_obj_descr *d, char *field, char *structure);

static char peek(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n')) {
		r->at++;
	}
	return r->at < r->end ? *r->at : '\0';
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c) {
		return false;
	}
	r->at++;
	return true;
}

/* A string, without its quotation marks. Nothing is changed. */
static int read_string(struct reader *r, char **start, size_t *len)
{
	if (!take(r, '"')) {
		return -EINVAL;
	}
	*start = r->at;
	for (; r->at < r->end; r->at++) {
		if (*r->at == '"') {
			*len = (size_t)(r->at++ - *start);
			return 0;
		}
		if ((unsigned char)*r->at < ' ' || (*r->at == '\\' && ++r->at == r->end)) {
			return -EINVAL;
		}
	}
	return -EINVAL;
}

static int read_number(struct reader *r, char **start, size_t *len)
{
	char c = peek(r);

	*start = r->at;
	if (c != '-' && (c < '0' || c > '9')) {
		return -EINVAL;
	}
	while (r->at < r->end && strchr("+-.0123456789eE", *r->at) != NULL && *r->at != '\0') {
		r->at++;
	}
	*len = (size_t)(r->at - *start);
	return 0;
}

static bool word(struct reader *r, const char *text)
{
	size_t len = strlen(text);

	peek(r);
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, text, len) != 0) {
		return false;
	}
	r->at += len;
	return true;
}

/* Passes over a value of any type. */
static int skip(struct reader *r)
{
	char *start;
	size_t len;
	char c = peek(r);

	if (c == '"') {
		return read_string(r, &start, &len);
	}
	if (c != '{' && c != '[') {
		return word(r, "true") || word(r, "false") || word(r, "null") ? 0 : read_number(r, &start, &len);
	}
	char close = c == '{' ? '}' : ']';

	if (++r->depth > DEEPEST) {
		return -EINVAL;
	}
	r->at++;
	if (!take(r, close)) {
		do {
			if (close == '}' && (read_string(r, &start, &len) != 0 || !take(r, ':'))) {
				return -EINVAL;
			}
			if (skip(r) != 0) {
				return -EINVAL;
			}
		} while (take(r, ','));
		if (!take(r, close)) {
			return -EINVAL;
		}
	}
	r->depth--;
	return 0;
}

static int64_t read_object(struct reader *r, const struct json_obj_descr *descr, size_t n, char *val)
{
	int64_t found = 0;

	if (!take(r, '{') || ++r->depth > DEEPEST) {
		return -EINVAL;
	}
	if (!take(r, '}')) {
		do {
			char *name;
			size_t len;
			int err = read_string(r, &name, &len);

			if (err != 0 || !take(r, ':')) {
				return -EINVAL;
			}
			size_t i = 0;

			while (i < n && ((found & (int64_t)1 << i) != 0 || len != descr[i].field_name_len ||
					 memcmp(name, descr[i].field_name, len) != 0)) {
				i++;
			}
			err = i < n ? read_value(r, &descr[i], val + descr[i].offset, val) : skip(r);
			if (err != 0) {
				return err;
			}
			if (i < n) {
				found |= (int64_t)1 << i;
			}
		} while (take(r, ','));
		if (!take(r, '}')) {
			return -EINVAL;
		}
	}
	r->depth--;
	return found;
}

/* The number of elements goes to a size_t beside the array. */
static int read_array(struct reader *r, const struct json_obj_descr *d, char *field, char *structure)
{
	const struct json_obj_descr *e = d->array.element_descr;
	size_t n = 0;

	if (!take(r, '[') || ++r->depth > DEEPEST) {
		return -EINVAL;
	}
	if (!take(r, ']')) {
		do {
			if (n == d->array.n_elements) {
				return -ENOSPC;
			}
			int err = read_value(r, e, field + n * e->size, structure);

			if (err != 0) {
				return err;
			}
			n++;
		} while (take(r, ','));
		if (!take(r, ']')) {
			return -EINVAL;
		}
	}
	r->depth--;
	memcpy(structure + d->array.count_offset, &n, sizeof(n));
	return 0;
}

static int store_integer(const struct json_obj_descr *d, const char *text, bool with_sign, char *field)
{
	char *end;

	errno = 0;
	long long v = with_sign ? strtoll(text, &end, 10) : (long long)strtoull(text, &end, 10);

	if (*end != '\0' || errno != 0 || (!with_sign && text[0] == '-')) {
		return -EINVAL;
	}
	size_t size = d->type == JSON_TOK_NUMBER ? sizeof(int32_t) : d->size;

	if (size < sizeof(v)) {
		int bits = (int)(8 * size);

		if (with_sign ? v < -(1LL << (bits - 1)) || v >= 1LL << (bits - 1)
			      : (unsigned long long)v >> bits != 0) {
			return -EINVAL;
		}
	}
	switch (size) {
	case 1:
		memcpy(field, &(int8_t){(int8_t)v}, 1);
		break;
	case 2:
		memcpy(field, &(int16_t){(int16_t)v}, 2);
		break;
	case 4:
		memcpy(field, &(int32_t){(int32_t)v}, 4);
		break;
	case 8:
		memcpy(field, &v, 8);
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

static int read_numeric(struct reader *r, const struct json_obj_descr *d, char *field)
{
	char text[40], *start, *end;
	size_t len;

	if (read_number(r, &start, &len) != 0 || len >= sizeof(text)) {
		return -EINVAL;
	}
	memcpy(text, start, len);
	text[len] = '\0';
	switch (d->type) {
	case JSON_TOK_NUMBER:
	case JSON_TOK_INT64:
	case JSON_TOK_INT:
		return store_integer(d, text, true, field);
	case JSON_TOK_UINT64:
	case JSON_TOK_UINT:
		return store_integer(d, text, false, field);
	case JSON_TOK_FLOAT_FP:
	case JSON_TOK_DOUBLE_FP: {
		double v = strtod(text, &end);

		if (*end != '\0') {
			return -EINVAL;
		}
		if (d->type == JSON_TOK_FLOAT_FP) {
			memcpy(field, &(float){(float)v}, sizeof(float));
		} else {
			memcpy(field, &v, sizeof(v));
		}
		return 0;
	}
	default:
		memcpy(field, &(struct json_obj_token){start, len}, sizeof(struct json_obj_token));
		return 0;
	}
}

static int read_text(struct reader *r, const struct json_obj_descr *d, char *field)
{
	char *start;
	size_t len;

	if (read_string(r, &start, &len) != 0) {
		return -EINVAL;
	}
	switch (d->type) {
	case JSON_TOK_STRING:
		start[len] = '\0'; /* where the quotation mark was */
		memcpy(field, &start, sizeof(start));
		return 0;
	case JSON_TOK_STRING_BUF:
		if (len >= d->size) {
			return -EINVAL;
		}
		memcpy(field, start, len);
		field[len] = '\0';
		return 0;
	default:
		memcpy(field, &(struct json_obj_token){start, len}, sizeof(struct json_obj_token));
		return 0;
	}
}

static int read_value(struct reader *r, const struct json_obj_descr *d, char *field, char *structure)
{
	int64_t found;

	switch (d->type) {
	case JSON_TOK_OBJECT_START:
		found = read_object(r, d->object.sub_descr, d->object.sub_descr_len, field);
		return found < 0 ? (int)found : 0;
	case JSON_TOK_ARRAY_START:
		return read_array(r, d, field, structure);
	case JSON_TOK_TRUE:
	case JSON_TOK_FALSE: {
		bool yes = word(r, "true");

		if (!yes && !word(r, "false")) {
			return -EINVAL;
		}
		memcpy(field, &yes, sizeof(yes));
		return 0;
	}
	case JSON_TOK_STRING:
	case JSON_TOK_STRING_BUF:
	case JSON_TOK_OPAQUE:
		return read_text(r, d, field);
	case JSON_TOK_NUMBER:
	case JSON_TOK_FLOAT:
	case JSON_TOK_INT64:
	case JSON_TOK_UINT64:
	case JSON_TOK_INT:
	case JSON_TOK_UINT:
	case JSON_TOK_FLOAT_FP:
	case JSON_TOK_DOUBLE_FP:
		return read_numeric(r, d, field);
	default:
		return -EINVAL;
	}
}

int64_t json_obj_parse(char *payload, size_t len, const struct json_obj_descr *descr, size_t descr_len, void *val)
{
	struct reader r = {payload, payload + len, 0};

	if (descr_len >= 63) {
		return -EINVAL;
	}
	return read_object(&r, descr, descr_len, val);
}

int json_arr_parse(char *json, size_t len, const struct json_obj_descr *descr, void *val)
{
	struct reader r = {json, json + len, 0};

	return read_array(&r, descr, (char *)val + descr->offset, val);
}

/* ---- Writing ---- */

struct writer {
	json_append_bytes_t append;
	void *data;
};

static int write_value(const struct writer *w, const struct json_obj_descr *d, const char *field, const char *structure);

static int put(const struct writer *w, const char *text)
{
	return w->append(text, strlen(text), w->data);
}

/* What is written for a character, or NULL if it is itself. */
static const char *escaped(char c, char buf[8])
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *p = c != '\0' ? strchr(from, c) : NULL;

	if (p != NULL) {
		snprintf(buf, 8, "\\%c", to[p - from]);
	} else if ((unsigned char)c < ' ') {
		snprintf(buf, 8, "\\u%04x", (unsigned char)c);
	} else {
		return NULL;
	}
	return buf;
}

size_t json_calc_escaped_len(const char *str, size_t len)
{
	char buf[8];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *e = escaped(str[i], buf);

		n += e != NULL ? strlen(e) : 1;
	}
	return n;
}

ssize_t json_escape(char *str, size_t *len, size_t buf_size)
{
	char buf[8];
	size_t all = json_calc_escaped_len(str, *len);

	if (all >= buf_size) {
		return -ENOMEM;
	}
	/* From the end, so that nothing is overwritten before it was read. */
	char *to = str + all;

	str[all] = '\0';
	for (size_t i = *len; i > 0; i--) {
		const char *e = escaped(str[i - 1], buf);

		if (e == NULL) {
			*--to = str[i - 1];
			continue;
		}
		to -= strlen(e);
		memcpy(to, e, strlen(e));
	}
	*len = all;
	return 0;
}

static int write_string(const struct writer *w, const char *text, size_t len)
{
	char buf[8];
	int err = put(w, "\"");

	for (size_t i = 0; i < len && err == 0; i++) {
		const char *e = escaped(text[i], buf);

		err = e != NULL ? put(w, e) : w->append(text + i, 1, w->data);
	}
	return err != 0 ? err : put(w, "\"");
}

static int write_object(const struct writer *w, const struct json_obj_descr *descr, size_t n, const char *val)
{
	int err = put(w, "{");

	for (size_t i = 0; i < n && err == 0; i++) {
		if (i > 0) {
			err = put(w, ",");
		}
		if (err == 0) {
			err = write_string(w, descr[i].field_name, descr[i].field_name_len);
		}
		if (err == 0) {
			err = put(w, ":");
		}
		if (err == 0) {
			err = write_value(w, &descr[i], val + descr[i].offset, val);
		}
	}
	return err != 0 ? err : put(w, "}");
}

static int write_array(const struct writer *w, const struct json_obj_descr *d, const char *field, const char *structure)
{
	const struct json_obj_descr *e = d->array.element_descr;
	size_t n;
	int err = put(w, "[");

	memcpy(&n, structure + d->array.count_offset, sizeof(n));
	if (n > d->array.n_elements) {
		return -EINVAL;
	}
	for (size_t i = 0; i < n && err == 0; i++) {
		if (i > 0) {
			err = put(w, ",");
		}
		if (err == 0) {
			err = write_value(w, e, field + i * e->size, structure);
		}
	}
	return err != 0 ? err : put(w, "]");
}

static long long signed_of(const struct json_obj_descr *d, const char *field)
{
	size_t size = d->type == JSON_TOK_NUMBER ? sizeof(int32_t) : d->size;
	int8_t v8;
	int16_t v16;
	int32_t v32;
	long long v = 0;

	switch (size) {
	case 1:
		memcpy(&v8, field, size);
		return v8;
	case 2:
		memcpy(&v16, field, size);
		return v16;
	case 4:
		memcpy(&v32, field, size);
		return v32;
	default:
		memcpy(&v, field, sizeof(v));
		return v;
	}
}

static int write_number(const struct writer *w, const struct json_obj_descr *d, const char *field)
{
	char text[48];
	float f;
	double v;

	switch (d->type) {
	case JSON_TOK_UINT64:
	case JSON_TOK_UINT: {
		unsigned long long u = (unsigned long long)signed_of(d, field);

		if (d->size < sizeof(u)) {
			u &= (1ULL << (8 * d->size)) - 1;
		}
		snprintf(text, sizeof(text), "%llu", u);
		break;
	}
	case JSON_TOK_FLOAT_FP:
		memcpy(&f, field, sizeof(f));
		snprintf(text, sizeof(text), "%.9g", (double)f);
		break;
	case JSON_TOK_DOUBLE_FP:
		memcpy(&v, field, sizeof(v));
		snprintf(text, sizeof(text), "%.17g", v);
		break;
	default:
		snprintf(text, sizeof(text), "%lld", signed_of(d, field));
	}
	return put(w, text);
}

static int write_value(const struct writer *w, const struct json_obj_descr *d, const char *field, const char *structure)
{
	struct json_obj_token token;
	const char *text;
	bool yes;

	switch (d->type) {
	case JSON_TOK_OBJECT_START:
		return write_object(w, d->object.sub_descr, d->object.sub_descr_len, field);
	case JSON_TOK_ARRAY_START:
		return write_array(w, d, field, structure);
	case JSON_TOK_TRUE:
	case JSON_TOK_FALSE:
		memcpy(&yes, field, sizeof(yes));
		return put(w, yes ? "true" : "false");
	case JSON_TOK_STRING:
		memcpy(&text, field, sizeof(text));
		return text != NULL ? write_string(w, text, strlen(text)) : put(w, "\"\"");
	case JSON_TOK_STRING_BUF:
		return write_string(w, field, strnlen(field, d->size));
	case JSON_TOK_ENCODED_OBJ:
		memcpy(&text, field, sizeof(text));
		return put(w, text);
	case JSON_TOK_OPAQUE:
		memcpy(&token, field, sizeof(token));
		return write_string(w, token.start, token.length);
	case JSON_TOK_FLOAT:
		memcpy(&token, field, sizeof(token));
		return w->append(token.start, token.length, w->data);
	case JSON_TOK_NUMBER:
	case JSON_TOK_INT64:
	case JSON_TOK_UINT64:
	case JSON_TOK_INT:
	case JSON_TOK_UINT:
	case JSON_TOK_FLOAT_FP:
	case JSON_TOK_DOUBLE_FP:
		return write_number(w, d, field);
	default:
		return -EINVAL;
	}
}

int json_obj_encode(const struct json_obj_descr *descr, size_t descr_len, const void *val,
		    json_append_bytes_t append_bytes, void *data)
{
	return write_object(&(struct writer){append_bytes, data}, descr, descr_len, val);
}

int json_arr_encode(const struct json_obj_descr *descr, const void *val, json_append_bytes_t append_bytes, void *data)
{
	return write_array(&(struct writer){append_bytes, data}, descr, (const char *)val + descr->offset, val);
}

struct space {
	char *at;
	size_t left;
};

static int append_to_space(const char *bytes, size_t len, void *data)
{
	struct space *s = data;

	if (len >= s->left) { /* the NUL must fit, too */
		return -ENOMEM;
	}
	memcpy(s->at, bytes, len);
	s->at += len;
	s->left -= len;
	*s->at = '\0';
	return 0;
}

static int count(const char *bytes, size_t len, void *data)
{
	(void)bytes;
	*(size_t *)data += len;
	return 0;
}

int json_obj_encode_buf(const struct json_obj_descr *descr, size_t descr_len, const void *val, char *buffer,
			size_t buf_size)
{
	return json_obj_encode(descr, descr_len, val, append_to_space, &(struct space){buffer, buf_size});
}

int json_arr_encode_buf(const struct json_obj_descr *descr, const void *val, char *buffer, size_t buf_size)
{
	return json_arr_encode(descr, val, append_to_space, &(struct space){buffer, buf_size});
}

ssize_t json_calc_encoded_len(const struct json_obj_descr *descr, size_t descr_len, const void *val)
{
	size_t n = 0;
	int err = json_obj_encode(descr, descr_len, val, count, &n);

	return err != 0 ? err : (ssize_t)n;
}

ssize_t json_calc_encoded_arr_len(const struct json_obj_descr *descr, const void *val)
{
	size_t n = 0;
	int err = json_arr_encode(descr, val, count, &n);

	return err != 0 ? err : (ssize_t)n;
}
