/* Lists of parameters, see modem/at_params.h. */
// build: if AT_CMD_PARSER
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_params.h>

int at_params_list_init(struct at_param_list *list, size_t max_params_count)
{
	if (list == NULL) {
		return -EINVAL;
	}
	list->params = calloc(max_params_count, sizeof(*list->params));
	if (list->params == NULL) {
		return -ENOMEM;
	}
	list->param_count = max_params_count;
	return 0;
}

static void clear(struct at_param *p)
{
	if (p->type == AT_PARAM_TYPE_STRING) {
		free(p->value.str_val);
	} else if (p->type == AT_PARAM_TYPE_ARRAY) {
		free(p->value.array_val);
	}
	memset(p, 0, sizeof(*p));
}

void at_params_list_clear(struct at_param_list *list)
{
	for (size_t i = 0; list != NULL && list->params != NULL && i < list->param_count; i++) {
		clear(&list->params[i]);
	}
}

void at_params_list_free(struct at_param_list *list)
{
	if (list == NULL || list->params == NULL) {
		return;
	}
	at_params_list_clear(list);
	free(list->params);
	list->params = NULL;
	list->param_count = 0;
}

static struct at_param *param(const struct at_param_list *list, size_t index)
{
	return list != NULL && list->params != NULL && index < list->param_count
		       ? &list->params[index]
		       : NULL;
}

int at_params_empty_put(const struct at_param_list *list, size_t index)
{
	struct at_param *p = param(list, index);

	if (p == NULL) {
		return -EINVAL;
	}
	clear(p);
	p->type = AT_PARAM_TYPE_EMPTY;
	return 0;
}

int at_params_int_put(const struct at_param_list *list, size_t index, int64_t value)
{
	struct at_param *p = param(list, index);

	if (p == NULL) {
		return -EINVAL;
	}
	clear(p);
	p->type = AT_PARAM_TYPE_NUM_INT;
	p->size = sizeof(value);
	p->value.int_val = value;
	return 0;
}

int at_params_string_put(const struct at_param_list *list, size_t index, const char *str,
			 size_t str_len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || str == NULL) {
		return -EINVAL;
	}
	char *copy = malloc(str_len + 1);

	if (copy == NULL) {
		return -ENOMEM;
	}
	memcpy(copy, str, str_len);
	copy[str_len] = '\0';
	clear(p);
	p->type = AT_PARAM_TYPE_STRING;
	p->size = str_len;
	p->value.str_val = copy;
	return 0;
}

int at_params_array_put(const struct at_param_list *list, size_t index, const uint32_t *array,
			size_t array_len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || array == NULL) {
		return -EINVAL;
	}
	uint32_t *copy = malloc(array_len > 0 ? array_len : 1);

	if (copy == NULL) {
		return -ENOMEM;
	}
	memcpy(copy, array, array_len);
	clear(p);
	p->type = AT_PARAM_TYPE_ARRAY;
	p->size = array_len;
	p->value.array_val = copy;
	return 0;
}

int at_params_size_get(const struct at_param_list *list, size_t index, size_t *len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || len == NULL) {
		return -EINVAL;
	}
	*len = p->size;
	return 0;
}

static int number(const struct at_param_list *list, size_t index, int64_t min, int64_t max,
		  int64_t *value)
{
	struct at_param *p = param(list, index);

	if (p == NULL || p->type != AT_PARAM_TYPE_NUM_INT || p->value.int_val < min ||
	    p->value.int_val > max) {
		return -EINVAL;
	}
	*value = p->value.int_val;
	return 0;
}

#define GETTER(name, type, min, max)                                                        \
	int name(const struct at_param_list *list, size_t index, type *value)               \
	{                                                                                   \
		int64_t v;                                                                  \
		int err = value == NULL ? -EINVAL : number(list, index, min, max, &v);      \
                                                                                            \
		if (err == 0) {                                                             \
			*value = (type)v;                                                   \
		}                                                                           \
		return err;                                                                 \
	}

GETTER(at_params_short_get, int16_t, INT16_MIN, INT16_MAX)
GETTER(at_params_unsigned_short_get, uint16_t, 0, UINT16_MAX)
GETTER(at_params_int_get, int32_t, INT32_MIN, INT32_MAX)
GETTER(at_params_unsigned_int_get, uint32_t, 0, UINT32_MAX)
GETTER(at_params_int64_get, int64_t, INT64_MIN, INT64_MAX)

int at_params_string_get(const struct at_param_list *list, size_t index, char *value, size_t *len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || value == NULL || len == NULL || p->type != AT_PARAM_TYPE_STRING) {
		return -EINVAL;
	}
	if (*len < p->size) {
		return -ENOMEM;
	}
	memcpy(value, p->value.str_val, p->size);
	*len = p->size;
	return 0;
}

int at_params_string_ptr_get(const struct at_param_list *list, size_t index, const char **at_param,
			     size_t *len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || at_param == NULL || len == NULL || p->type != AT_PARAM_TYPE_STRING) {
		return -EINVAL;
	}
	*at_param = p->value.str_val;
	*len = p->size;
	return 0;
}

int at_params_array_get(const struct at_param_list *list, size_t index, uint32_t *array,
			size_t *len)
{
	struct at_param *p = param(list, index);

	if (p == NULL || array == NULL || len == NULL || p->type != AT_PARAM_TYPE_ARRAY) {
		return -EINVAL;
	}
	if (*len < p->size) {
		return -ENOMEM;
	}
	memcpy(array, p->value.array_val, p->size);
	*len = p->size;
	return 0;
}

uint32_t at_params_valid_count_get(const struct at_param_list *list)
{
	uint32_t n = 0;

	while (param(list, n) != NULL && list->params[n].type != AT_PARAM_TYPE_INVALID) {
		n++;
	}
	return n;
}

enum at_param_type at_params_type_get(const struct at_param_list *list, size_t index)
{
	struct at_param *p = param(list, index);

	return p != NULL ? p->type : AT_PARAM_TYPE_INVALID;
}
