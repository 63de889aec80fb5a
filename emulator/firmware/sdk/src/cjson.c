/* JSON as a tree of values, see cJSON.h (RFC 8259). */
// build: if CJSON_LIB
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cJSON.h>
#include <cJSON_os.h>
#include <zephyr/kernel.h>

#define KIND 0xff /* of a type, without what it belongs to */

static cJSON_Hooks memory = {malloc, free};
static const char *error_at;

const char *cJSON_Version(void)
{
	return "1.7.18";
}

void cJSON_InitHooks(cJSON_Hooks *hooks)
{
	memory.malloc_fn = hooks != NULL && hooks->malloc_fn != NULL ? hooks->malloc_fn : malloc;
	memory.free_fn = hooks != NULL && hooks->free_fn != NULL ? hooks->free_fn : free;
}

void cJSON_Init(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){k_malloc, k_free});
}

void *cJSON_malloc(size_t size)
{
	return memory.malloc_fn(size);
}

void cJSON_free(void *object)
{
	if (object != NULL) {
		memory.free_fn(object);
	}
}

void cJSON_FreeString(char *ptr)
{
	cJSON_free(ptr);
}

const char *cJSON_GetErrorPtr(void)
{
	return error_at;
}

static char *copy(const char *text, size_t len)
{
	char *p = cJSON_malloc(len + 1);

	if (p != NULL) {
		memcpy(p, text, len);
		p[len] = '\0';
	}
	return p;
}

/* ---- Items ---- */

static cJSON *new_item(int type)
{
	cJSON *item = cJSON_malloc(sizeof(*item));

	if (item != NULL) {
		memset(item, 0, sizeof(*item));
		item->type = type;
	}
	return item;
}

void cJSON_Delete(cJSON *item)
{
	while (item != NULL) {
		cJSON *next = item->next;

		if ((item->type & cJSON_IsReference) == 0) {
			cJSON_Delete(item->child);
			cJSON_free(item->valuestring);
		}
		if ((item->type & cJSON_StringIsConst) == 0) {
			cJSON_free(item->string);
		}
		cJSON_free(item);
		item = next;
	}
}

static bool is(const cJSON *item, int types)
{
	return item != NULL && (item->type & KIND & types) != 0;
}

cJSON_bool cJSON_IsInvalid(const cJSON *const item)
{
	return item != NULL && (item->type & KIND) == cJSON_Invalid;
}

#define IS(name, types)                                                                      \
	cJSON_bool cJSON_Is##name(const cJSON *const item)                                  \
	{                                                                                   \
		return is(item, types);                                                     \
	}

IS(False, cJSON_False)
IS(True, cJSON_True)
IS(Bool, cJSON_True | cJSON_False)
IS(Null, cJSON_NULL)
IS(Number, cJSON_Number)
IS(String, cJSON_String)
IS(Array, cJSON_Array)
IS(Object, cJSON_Object)
IS(Raw, cJSON_Raw)

char *cJSON_GetStringValue(const cJSON *const item)
{
	return cJSON_IsString(item) ? item->valuestring : NULL;
}

double cJSON_GetNumberValue(const cJSON *const item)
{
	return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

double cJSON_SetNumberHelper(cJSON *object, double number)
{
	object->valueint = number >= INT_MAX ? INT_MAX : number <= INT_MIN ? INT_MIN : (int)number;
	return object->valuedouble = number;
}

char *cJSON_SetValuestring(cJSON *object, const char *valuestring)
{
	if (!is(object, cJSON_String) || (object->type & cJSON_IsReference) != 0 || valuestring == NULL) {
		return NULL;
	}
	char *text = copy(valuestring, strlen(valuestring));

	if (text != NULL) {
		cJSON_free(object->valuestring);
		object->valuestring = text;
	}
	return text;
}

/* ---- Parsing ---- */

struct parser {
	const char *at, *end;
	int depth;
};

static cJSON *parse_value(struct parser *p);

static char peek(struct parser *p)
{
	while (p->at < p->end && (unsigned char)*p->at <= ' ' && *p->at != '\0') {
		p->at++;
	}
	return p->at < p->end ? *p->at : '\0';
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != c) {
		return false;
	}
	p->at++;
	return true;
}

static int hex4(const char *at, const char *end)
{
	int v = 0;

	if (end - at < 4) {
		return -1;
	}
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;

		if (digit < 0) {
			return -1;
		}
		v = v << 4 | digit;
	}
	return v;
}

/* \uXXXX, of which two may be one character, as UTF-8; the bytes written, or 0. */
static size_t unicode(struct parser *p, char *to)
{
	long c = hex4(p->at, p->end);

	if (c < 0 || (c >= 0xdc00 && c <= 0xdfff)) {
		return 0;
	}
	p->at += 4;
	if (c >= 0xd800 && c <= 0xdbff) {
		long low = p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u' ? hex4(p->at + 2, p->end) : -1;

		if (low < 0xdc00 || low > 0xdfff) {
			return 0;
		}
		p->at += 6;
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	}
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6) {
		to[i] = (char)(0x80 | (c & 0x3f));
	}
	to[0] = (char)((0xf00 >> n & 0xff) | c);
	return n;
}

static char *parse_string(struct parser *p)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";

	if (!take(p, '"')) {
		return NULL;
	}
	const char *close = p->at;

	while (close < p->end && *close != '"') {
		close += *close == '\\' && close + 1 < p->end ? 2 : 1;
	}
	if (close >= p->end) {
		return NULL;
	}
	char *text = cJSON_malloc((size_t)(close - p->at) + 1);
	size_t len = 0;

	while (text != NULL && p->at < close) {
		char c = *p->at++;

		if (c != '\\') {
			text[len++] = c;
			continue;
		}
		c = *p->at++;
		const char *known = strchr(from, c);
		size_t n = 0;

		if (c == 'u') {
			n = unicode(p, text + len);
		} else if (known != NULL && c != '\0') {
			text[len] = into[known - from];
			n = 1;
		}
		if (n == 0) {
			p->at--;
			cJSON_free(text);
			return NULL;
		}
		len += n;
	}
	if (text != NULL) {
		text[len] = '\0';
		p->at = close + 1;
	}
	return text;
}

static bool parse_number(struct parser *p, cJSON *item)
{
	char text[64], *end;
	size_t len = 0;

	while (p->at + len < p->end && len < sizeof(text) - 1 && p->at[len] != '\0' &&
	       strchr("+-.0123456789eE", p->at[len]) != NULL) {
		len++;
	}
	memcpy(text, p->at, len);
	text[len] = '\0';
	cJSON_SetNumberHelper(item, strtod(text, &end));
	p->at += end - text;
	return end > text;
}

static void link_last(cJSON *parent, cJSON *item)
{
	cJSON *first = parent->child;

	item->next = NULL;
	if (first == NULL) {
		parent->child = item->prev = item;
		return;
	}
	item->prev = first->prev;
	first->prev->next = item;
	first->prev = item;
}

static bool parse_members(struct parser *p, cJSON *parent, char close)
{
	p->at++;
	if (take(p, close)) {
		return true;
	}
	do {
		char *name = NULL;

		if (close == '}' && ((name = parse_string(p)) == NULL || !take(p, ':'))) {
			cJSON_free(name);
			return false;
		}
		cJSON *item = parse_value(p);

		if (item == NULL) {
			cJSON_free(name);
			return false;
		}
		item->string = name;
		link_last(parent, item);
	} while (take(p, ','));
	return take(p, close);
}

static bool word(struct parser *p, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(p->end - p->at) < len || strncmp(p->at, text, len) != 0) {
		return false;
	}
	p->at += len;
	return true;
}

static bool parse_into(struct parser *p, cJSON *item)
{
	char c = peek(p);

	switch (c) {
	case '"':
		item->type = cJSON_String;
		return (item->valuestring = parse_string(p)) != NULL;
	case '{':
	case '[':
		item->type = c == '{' ? cJSON_Object : cJSON_Array;
		if (p->depth == CJSON_NESTING_LIMIT) {
			return false;
		}
		p->depth++;
		bool well = parse_members(p, item, c == '{' ? '}' : ']');

		p->depth--;
		return well;
	case 't':
		item->type = cJSON_True;
		item->valueint = 1;
		return word(p, "true");
	case 'f':
		item->type = cJSON_False;
		return word(p, "false");
	case 'n':
		item->type = cJSON_NULL;
		return word(p, "null");
	default:
		item->type = cJSON_Number;
		return (c == '-' || (c >= '0' && c <= '9')) && parse_number(p, item);
	}
}

static cJSON *parse_value(struct parser *p)
{
	cJSON *item = new_item(cJSON_Invalid);

	if (item != NULL && !parse_into(p, item)) {
		cJSON_Delete(item);
		return NULL;
	}
	return item;
}

cJSON *cJSON_ParseWithLengthOpts(const char *value, size_t buffer_length, const char **return_parse_end,
				 cJSON_bool require_null_terminated)
{
	error_at = NULL;
	if (value == NULL) {
		return NULL;
	}
	struct parser p = {value, value + buffer_length, 0};

	if (buffer_length >= 3 && memcmp(value, "\xef\xbb\xbf", 3) == 0) {
		p.at += 3;
	}
	cJSON *item = parse_value(&p);

	if (item != NULL && require_null_terminated && (peek(&p) != '\0' || p.at == p.end)) {
		cJSON_Delete(item);
		item = NULL;
	}
	if (item == NULL) {
		error_at = p.at;
	}
	if (return_parse_end != NULL) {
		*return_parse_end = p.at;
	}
	return item;
}

cJSON *cJSON_ParseWithOpts(const char *value, const char **return_parse_end, cJSON_bool require_null_terminated)
{
	return cJSON_ParseWithLengthOpts(value, value != NULL ? strlen(value) + 1 : 0, return_parse_end,
					 require_null_terminated);
}

cJSON *cJSON_ParseWithLength(const char *value, size_t buffer_length)
{
	return cJSON_ParseWithLengthOpts(value, buffer_length, NULL, 0);
}

cJSON *cJSON_Parse(const char *value)
{
	return cJSON_ParseWithOpts(value, NULL, 0);
}

/* ---- Printing ---- */

struct printer {
	char *text;
	size_t len, size;
	bool fixed, format, failed;
};

static void put(struct printer *p, const char *text, size_t len)
{
	if (!p->failed && p->len + len + 1 > p->size) {
		size_t size = 2 * p->size + len + 64;
		char *more = p->fixed ? NULL : cJSON_malloc(size);

		if (more == NULL) {
			p->failed = true;
			return;
		}
		memcpy(more, p->text, p->len);
		cJSON_free(p->text);
		p->text = more;
		p->size = size;
	}
	if (!p->failed) {
		memcpy(p->text + p->len, text, len);
		p->len += len;
		p->text[p->len] = '\0';
	}
}

static void puts_to(struct printer *p, const char *text)
{
	put(p, text, strlen(text));
}

static void print_string(struct printer *p, const char *text)
{
	static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
	char buf[8];

	puts_to(p, "\"");
	for (; text != NULL && *text != '\0'; text++) {
		const char *known = strchr(from, *text);

		if (known != NULL) {
			snprintf(buf, sizeof(buf), "\\%c", into[known - from]);
			puts_to(p, buf);
		} else if ((unsigned char)*text < ' ') {
			snprintf(buf, sizeof(buf), "\\u%04x", (unsigned char)*text);
			puts_to(p, buf);
		} else {
			put(p, text, 1);
		}
	}
	puts_to(p, "\"");
}

static void print_number(struct printer *p, const cJSON *item)
{
	double d = item->valuedouble;
	char text[32];

	if (isnan(d) || isinf(d)) {
		puts_to(p, "null");
		return;
	}
	if (d == (double)item->valueint) {
		snprintf(text, sizeof(text), "%d", item->valueint);
	} else {
		/* As few digits as tell it from others. */
		snprintf(text, sizeof(text), "%1.15g", d);
		if (strtod(text, NULL) != d) {
			snprintf(text, sizeof(text), "%1.17g", d);
		}
	}
	puts_to(p, text);
}

static void print(struct printer *p, const cJSON *item, int depth);

static void indent(struct printer *p, int depth)
{
	for (; p->format && depth > 0; depth--) {
		puts_to(p, "\t");
	}
}

static void print_object(struct printer *p, const cJSON *item, int depth)
{
	puts_to(p, p->format ? "{\n" : "{");
	for (const cJSON *c = item->child; c != NULL; c = c->next) {
		indent(p, depth + 1);
		print_string(p, c->string);
		puts_to(p, p->format ? ":\t" : ":");
		print(p, c, depth + 1);
		if (c->next != NULL) {
			puts_to(p, ",");
		}
		puts_to(p, p->format ? "\n" : "");
	}
	indent(p, depth);
	puts_to(p, "}");
}

static void print(struct printer *p, const cJSON *item, int depth)
{
	switch (item->type & KIND) {
	case cJSON_NULL:
		puts_to(p, "null");
		break;
	case cJSON_False:
		puts_to(p, "false");
		break;
	case cJSON_True:
		puts_to(p, "true");
		break;
	case cJSON_Number:
		print_number(p, item);
		break;
	case cJSON_Raw:
		puts_to(p, item->valuestring != NULL ? item->valuestring : "");
		break;
	case cJSON_String:
		print_string(p, item->valuestring);
		break;
	case cJSON_Array:
		puts_to(p, "[");
		for (const cJSON *c = item->child; c != NULL; c = c->next) {
			print(p, c, depth + 1);
			if (c->next != NULL) {
				puts_to(p, p->format ? ", " : ",");
			}
		}
		puts_to(p, "]");
		break;
	case cJSON_Object:
		print_object(p, item, depth);
		break;
	default:
		p->failed = true;
	}
}

char *cJSON_PrintBuffered(const cJSON *item, int prebuffer, cJSON_bool fmt)
{
	struct printer p = {.size = prebuffer > 0 ? (size_t)prebuffer : 1, .format = fmt};

	p.text = prebuffer < 0 ? NULL : cJSON_malloc(p.size);
	if (p.text == NULL || item == NULL) {
		cJSON_free(p.text);
		return NULL;
	}
	print(&p, item, 0);
	if (p.failed) {
		cJSON_free(p.text);
		return NULL;
	}
	return p.text;
}

char *cJSON_Print(const cJSON *item)
{
	return cJSON_PrintBuffered(item, 256, true);
}

char *cJSON_PrintUnformatted(const cJSON *item)
{
	return cJSON_PrintBuffered(item, 256, false);
}

cJSON_bool cJSON_PrintPreallocated(cJSON *item, char *buffer, const int length, const cJSON_bool format)
{
	struct printer p = {.text = buffer, .size = length > 0 ? (size_t)length : 0, .fixed = true, .format = format};

	if (item == NULL || buffer == NULL || length < 1) {
		return false;
	}
	print(&p, item, 0);
	return !p.failed;
}

void cJSON_Minify(char *json)
{
	char *to = json;

	if (json == NULL) {
		return;
	}
	while (*json != '\0') {
		if (*json == '"') {
			do {
				if (*json == '\\' && json[1] != '\0') {
					*to++ = *json++;
				}
				*to++ = *json++;
			} while (*json != '\0' && *json != '"');
			if (*json == '"') {
				*to++ = *json++;
			}
		} else if (json[0] == '/' && json[1] == '/') {
			json += strcspn(json, "\n");
		} else if (json[0] == '/' && json[1] == '*') {
			char *close = strstr(json + 2, "*/");

			json = close != NULL ? close + 2 : json + strlen(json);
		} else if (strchr(" \t\r\n", *json) != NULL) {
			json++;
		} else {
			*to++ = *json++;
		}
	}
	*to = '\0';
}

/* ---- Looking up ---- */

int cJSON_GetArraySize(const cJSON *array)
{
	int n = 0;

	for (const cJSON *c = array != NULL ? array->child : NULL; c != NULL; c = c->next) {
		n++;
	}
	return n;
}

cJSON *cJSON_GetArrayItem(const cJSON *array, int index)
{
	cJSON *c = array != NULL && index >= 0 ? array->child : NULL;

	while (c != NULL && index-- > 0) {
		c = c->next;
	}
	return c;
}

static cJSON *find(const cJSON *object, const char *name, bool case_sensitive)
{
	if (object == NULL || name == NULL) {
		return NULL;
	}
	for (cJSON *c = object->child; c != NULL; c = c->next) {
		if (c->string != NULL &&
		    (case_sensitive ? strcmp(c->string, name) : strcasecmp(c->string, name)) == 0) {
			return c;
		}
	}
	return NULL;
}

cJSON *cJSON_GetObjectItem(const cJSON *const object, const char *const string)
{
	return find(object, string, false);
}

cJSON *cJSON_GetObjectItemCaseSensitive(const cJSON *const object, const char *const string)
{
	return find(object, string, true);
}

cJSON_bool cJSON_HasObjectItem(const cJSON *object, const char *string)
{
	return find(object, string, false) != NULL;
}

/* ---- Making ---- */

static cJSON *new_text(int type, const char *text)
{
	cJSON *item = new_item(type);

	if (item != NULL && (text == NULL || (item->valuestring = copy(text, strlen(text))) == NULL)) {
		cJSON_Delete(item);
		return NULL;
	}
	return item;
}

cJSON *cJSON_CreateNull(void)
{
	return new_item(cJSON_NULL);
}

cJSON *cJSON_CreateTrue(void)
{
	return new_item(cJSON_True);
}

cJSON *cJSON_CreateFalse(void)
{
	return new_item(cJSON_False);
}

cJSON *cJSON_CreateBool(cJSON_bool boolean)
{
	return new_item(boolean ? cJSON_True : cJSON_False);
}

cJSON *cJSON_CreateNumber(double num)
{
	cJSON *item = new_item(cJSON_Number);

	if (item != NULL) {
		cJSON_SetNumberHelper(item, num);
	}
	return item;
}

cJSON *cJSON_CreateString(const char *string)
{
	return new_text(cJSON_String, string);
}

cJSON *cJSON_CreateRaw(const char *raw)
{
	return new_text(cJSON_Raw, raw);
}

cJSON *cJSON_CreateArray(void)
{
	return new_item(cJSON_Array);
}

cJSON *cJSON_CreateObject(void)
{
	return new_item(cJSON_Object);
}

cJSON *cJSON_CreateStringReference(const char *string)
{
	cJSON *item = new_item(cJSON_String | cJSON_IsReference);

	if (item != NULL) {
		item->valuestring = (char *)(uintptr_t)string;
	}
	return item;
}

static cJSON *reference_to(int type, const cJSON *child)
{
	cJSON *item = new_item(type | cJSON_IsReference);

	if (item != NULL) {
		item->child = (cJSON *)(uintptr_t)child;
	}
	return item;
}

cJSON *cJSON_CreateObjectReference(const cJSON *child)
{
	return reference_to(cJSON_Object, child);
}

cJSON *cJSON_CreateArrayReference(const cJSON *child)
{
	return reference_to(cJSON_Array, child);
}

#define CREATE_ARRAY(name, type, of)                                                         \
	cJSON *cJSON_Create##name##Array(type values, int count)                            \
	{                                                                                   \
		cJSON *array = count < 0 || values == NULL ? NULL : cJSON_CreateArray();    \
                                                                                            \
		for (int i = 0; array != NULL && i < count; i++) {                          \
			cJSON *item = of;                                                   \
                                                                                            \
			if (item == NULL) {                                                 \
				cJSON_Delete(array);                                        \
				return NULL;                                                \
			}                                                                   \
			link_last(array, item);                                             \
		}                                                                           \
		return array;                                                               \
	}

CREATE_ARRAY(Int, const int *, cJSON_CreateNumber(values[i]))
CREATE_ARRAY(Float, const float *, cJSON_CreateNumber((double)values[i]))
CREATE_ARRAY(Double, const double *, cJSON_CreateNumber(values[i]))
CREATE_ARRAY(String, const char *const *, cJSON_CreateString(values[i]))

/* ---- Putting together ---- */

cJSON_bool cJSON_AddItemToArray(cJSON *array, cJSON *item)
{
	if (array == NULL || item == NULL || array == item) {
		return false;
	}
	link_last(array, item);
	return true;
}

static void rename_item(cJSON *item, char *name, int constant)
{
	if ((item->type & cJSON_StringIsConst) == 0) {
		cJSON_free(item->string);
	}
	item->string = name;
	item->type = (item->type & ~cJSON_StringIsConst) | constant;
}

cJSON_bool cJSON_AddItemToObject(cJSON *object, const char *string, cJSON *item)
{
	if (object == NULL || string == NULL || item == NULL || object == item) {
		return false;
	}
	char *name = copy(string, strlen(string));

	if (name == NULL) {
		return false;
	}
	rename_item(item, name, 0);
	return cJSON_AddItemToArray(object, item);
}

cJSON_bool cJSON_AddItemToObjectCS(cJSON *object, const char *string, cJSON *item)
{
	if (object == NULL || string == NULL || item == NULL || object == item) {
		return false;
	}
	rename_item(item, (char *)(uintptr_t)string, cJSON_StringIsConst);
	return cJSON_AddItemToArray(object, item);
}

static cJSON *reference(const cJSON *item)
{
	cJSON *r = item != NULL ? new_item(0) : NULL;

	if (r != NULL) {
		*r = *item;
		r->string = NULL;
		r->type = (item->type & ~cJSON_StringIsConst) | cJSON_IsReference;
		r->next = r->prev = NULL;
	}
	return r;
}

cJSON_bool cJSON_AddItemReferenceToArray(cJSON *array, cJSON *item)
{
	return cJSON_AddItemToArray(array, reference(item));
}

cJSON_bool cJSON_AddItemReferenceToObject(cJSON *object, const char *string, cJSON *item)
{
	return cJSON_AddItemToObject(object, string, reference(item));
}

static cJSON *add(cJSON *object, const char *name, cJSON *item)
{
	if (!cJSON_AddItemToObject(object, name, item)) {
		cJSON_Delete(item);
		return NULL;
	}
	return item;
}

#define ADD(what, params, item)                                                              \
	cJSON *cJSON_Add##what##ToObject params                                             \
	{                                                                                   \
		return add(object, name, item);                                             \
	}

ADD(Null, (cJSON *const object, const char *const name), cJSON_CreateNull())
ADD(True, (cJSON *const object, const char *const name), cJSON_CreateTrue())
ADD(False, (cJSON *const object, const char *const name), cJSON_CreateFalse())
ADD(Bool, (cJSON *const object, const char *const name, const cJSON_bool boolean), cJSON_CreateBool(boolean))
ADD(Number, (cJSON *const object, const char *const name, const double number), cJSON_CreateNumber(number))
ADD(String, (cJSON *const object, const char *const name, const char *const string), cJSON_CreateString(string))
ADD(Raw, (cJSON *const object, const char *const name, const char *const raw), cJSON_CreateRaw(raw))
ADD(Object, (cJSON *const object, const char *const name), cJSON_CreateObject())
ADD(Array, (cJSON *const object, const char *const name), cJSON_CreateArray())

/* ---- Taking apart ---- */

cJSON *cJSON_DetachItemViaPointer(cJSON *parent, cJSON *const item)
{
	if (parent == NULL || item == NULL) {
		return NULL;
	}
	if (item == parent->child) {
		parent->child = item->next;
	} else {
		item->prev->next = item->next;
	}
	if (item->next != NULL) {
		item->next->prev = item->prev;
	} else if (parent->child != NULL) {
		parent->child->prev = item->prev;
	}
	item->next = item->prev = NULL;
	return item;
}

cJSON *cJSON_DetachItemFromArray(cJSON *array, int which)
{
	return cJSON_DetachItemViaPointer(array, cJSON_GetArrayItem(array, which));
}

void cJSON_DeleteItemFromArray(cJSON *array, int which)
{
	cJSON_Delete(cJSON_DetachItemFromArray(array, which));
}

cJSON *cJSON_DetachItemFromObject(cJSON *object, const char *string)
{
	return cJSON_DetachItemViaPointer(object, find(object, string, false));
}

cJSON *cJSON_DetachItemFromObjectCaseSensitive(cJSON *object, const char *string)
{
	return cJSON_DetachItemViaPointer(object, find(object, string, true));
}

void cJSON_DeleteItemFromObject(cJSON *object, const char *string)
{
	cJSON_Delete(cJSON_DetachItemFromObject(object, string));
}

void cJSON_DeleteItemFromObjectCaseSensitive(cJSON *object, const char *string)
{
	cJSON_Delete(cJSON_DetachItemFromObjectCaseSensitive(object, string));
}

cJSON_bool cJSON_InsertItemInArray(cJSON *array, int which, cJSON *newitem)
{
	cJSON *before = cJSON_GetArrayItem(array, which);

	if (which < 0 || newitem == NULL) {
		return false;
	}
	if (before == NULL) {
		return cJSON_AddItemToArray(array, newitem);
	}
	newitem->next = before;
	newitem->prev = before->prev;
	before->prev = newitem;
	if (before == array->child) {
		array->child = newitem;
	} else {
		newitem->prev->next = newitem;
	}
	return true;
}

cJSON_bool cJSON_ReplaceItemViaPointer(cJSON *const parent, cJSON *const item, cJSON *replacement)
{
	if (parent == NULL || parent->child == NULL || item == NULL || replacement == NULL) {
		return false;
	}
	if (replacement == item) {
		return true;
	}
	int which = 0;

	for (cJSON *c = parent->child; c != NULL && c != item; c = c->next) {
		which++;
	}
	cJSON_InsertItemInArray(parent, which, replacement);
	cJSON_Delete(cJSON_DetachItemViaPointer(parent, item));
	return true;
}

cJSON_bool cJSON_ReplaceItemInArray(cJSON *array, int which, cJSON *newitem)
{
	return which >= 0 && cJSON_ReplaceItemViaPointer(array, cJSON_GetArrayItem(array, which), newitem);
}

static bool replace(cJSON *object, const char *string, cJSON *newitem, bool case_sensitive)
{
	cJSON *old = find(object, string, case_sensitive);
	char *name = old != NULL && newitem != NULL ? copy(string, strlen(string)) : NULL;

	if (name == NULL) {
		return false;
	}
	rename_item(newitem, name, 0);
	return cJSON_ReplaceItemViaPointer(object, old, newitem);
}

cJSON_bool cJSON_ReplaceItemInObject(cJSON *object, const char *string, cJSON *newitem)
{
	return replace(object, string, newitem, false);
}

cJSON_bool cJSON_ReplaceItemInObjectCaseSensitive(cJSON *object, const char *string, cJSON *newitem)
{
	return replace(object, string, newitem, true);
}

cJSON *cJSON_Duplicate(const cJSON *item, cJSON_bool recurse)
{
	cJSON *r = item != NULL ? new_item(item->type & ~cJSON_IsReference) : NULL;

	if (r == NULL) {
		return NULL;
	}
	r->valueint = item->valueint;
	r->valuedouble = item->valuedouble;
	if (item->valuestring != NULL) {
		r->valuestring = copy(item->valuestring, strlen(item->valuestring));
	}
	if (item->string != NULL) {
		r->string = (item->type & cJSON_StringIsConst) != 0 ? item->string : copy(item->string, strlen(item->string));
	}
	bool well = (item->valuestring == NULL) == (r->valuestring == NULL) && (item->string == NULL) == (r->string == NULL);

	for (const cJSON *c = recurse ? item->child : NULL; c != NULL && well; c = c->next) {
		cJSON *child = cJSON_Duplicate(c, true);

		well = child != NULL;
		if (well) {
			link_last(r, child);
		}
	}
	if (!well) {
		cJSON_Delete(r);
		return NULL;
	}
	return r;
}

cJSON_bool cJSON_Compare(const cJSON *const a, const cJSON *const b, const cJSON_bool case_sensitive)
{
	if (a == NULL || b == NULL || (a->type & KIND) != (b->type & KIND) || (a->type & KIND) == cJSON_Invalid) {
		return false;
	}
	switch (a->type & KIND) {
	case cJSON_Number:
		return a->valuedouble == b->valuedouble;
	case cJSON_String:
	case cJSON_Raw:
		return a->valuestring != NULL && b->valuestring != NULL && strcmp(a->valuestring, b->valuestring) == 0;
	case cJSON_Array:
	case cJSON_Object:
		break;
	default:
		return true;
	}
	if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) {
		return false;
	}
	const cJSON *y = b->child;

	for (const cJSON *x = a->child; x != NULL; x = x->next, y = y->next) {
		const cJSON *other = is(a, cJSON_Object) ? find(b, x->string, case_sensitive) : y;

		if (!cJSON_Compare(x, other, case_sensitive)) {
			return false;
		}
	}
	return true;
}
