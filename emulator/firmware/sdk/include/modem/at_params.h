/* Parameters of commands and notifications (up to 3.1). */
#ifndef AT_PARAMS_H__
#define AT_PARAMS_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ncshost.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

enum at_param_type {
	AT_PARAM_TYPE_INVALID,
	AT_PARAM_TYPE_NUM_INT,
	AT_PARAM_TYPE_STRING,
	AT_PARAM_TYPE_ARRAY,
	AT_PARAM_TYPE_EMPTY,
};

union at_param_value {
	int64_t int_val;
	char *str_val;
	uint32_t *array_val;
};

struct at_param {
	enum at_param_type type;
	size_t size; /* bytes */
	union at_param_value value;
};

struct at_param_list {
	size_t param_count;
	struct at_param *params;
};

int at_params_list_init(struct at_param_list *list, size_t max_params_count);
void at_params_list_clear(struct at_param_list *list);
void at_params_list_free(struct at_param_list *list);
int at_params_empty_put(const struct at_param_list *list, size_t index);
int at_params_int_put(const struct at_param_list *list, size_t index, int64_t value);
int at_params_string_put(const struct at_param_list *list, size_t index, const char *str,
			 size_t str_len);
int at_params_array_put(const struct at_param_list *list, size_t index, const uint32_t *array,
			size_t array_len);
int at_params_size_get(const struct at_param_list *list, size_t index, size_t *len);
int at_params_short_get(const struct at_param_list *list, size_t index, int16_t *value);
int at_params_unsigned_short_get(const struct at_param_list *list, size_t index, uint16_t *value);
int at_params_int_get(const struct at_param_list *list, size_t index, int32_t *value);
int at_params_unsigned_int_get(const struct at_param_list *list, size_t index, uint32_t *value);
int at_params_int64_get(const struct at_param_list *list, size_t index, int64_t *value);

/* at_params_string_get copies a text without adding a NUL; *len is the room in
 * value, then the length. */
int at_params_string_get(const struct at_param_list *list, size_t index, char *value, size_t *len);
int at_params_string_ptr_get(const struct at_param_list *list, size_t index, const char **at_param,
			     size_t *len);
int at_params_array_get(const struct at_param_list *list, size_t index, uint32_t *array,
			size_t *len);
uint32_t at_params_valid_count_get(const struct at_param_list *list);
enum at_param_type at_params_type_get(const struct at_param_list *list, size_t index);

#ifdef __cplusplus
}
#endif

#endif
