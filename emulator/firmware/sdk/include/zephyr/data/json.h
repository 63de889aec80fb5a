/* JSON to structures and back, by descriptions of their fields. */
#ifndef NRF91EMU_ZEPHYR_DATA_JSON_H_
#define NRF91EMU_ZEPHYR_DATA_JSON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a field is, and what stands in text. */
enum json_tokens {
	JSON_TOK_NONE = '_',
	JSON_TOK_OBJECT_START = '{', /* a structure */
	JSON_TOK_OBJECT_END = '}',
	JSON_TOK_ARRAY_START = '[',
	JSON_TOK_LIST_START = '[', /* older name */
	JSON_TOK_ARRAY_END = ']',
	JSON_TOK_LIST_END = ']',
	JSON_TOK_STRING = '"',     /* char *, in the text itself */
	JSON_TOK_STRING_BUF = 's', /* char [] */
	JSON_TOK_COLON = ':',
	JSON_TOK_COMMA = ',',
	JSON_TOK_NUMBER = '0', /* int32_t */
	JSON_TOK_FLOAT = '1',  /* struct json_obj_token with a number */
	JSON_TOK_OPAQUE = '2', /* struct json_obj_token with what stands between quotation marks */
	JSON_TOK_OBJ_ARRAY = '3', /* an array of structures */
	JSON_TOK_ENCODED_OBJ = '4', /* char *, JSON itself; only to encode */
	JSON_TOK_INT64 = '5',
	JSON_TOK_UINT64 = '6',
	JSON_TOK_FLOAT_FP = '7',  /* float */
	JSON_TOK_DOUBLE_FP = '8', /* double */
	JSON_TOK_INT = 'i',       /* of 1 to 8 bytes */
	JSON_TOK_UINT = 'u',
	JSON_TOK_TRUE = 't', /* bool */
	JSON_TOK_FALSE = 'f',
	JSON_TOK_NULL = 'n',
	JSON_TOK_ERROR = '!',
	JSON_TOK_EOF = '\0',
};

struct json_obj_token {
	char *start;
	size_t length;
};

/* A field of a structure. */
struct json_obj_descr {
	const char *field_name;
	uint32_t field_name_len;
	uint32_t type;
	uint32_t offset;
	uint32_t size; /* of the field, or of an element of an array */
	union {
		struct {
			const struct json_obj_descr *sub_descr;
			size_t sub_descr_len;
		} object;
		struct {
			const struct json_obj_descr *element_descr;
			size_t n_elements;
			size_t count_offset; /* of the field with the number of elements */
		} array;
	};
};

#define NCSH_JSON_(struct_, json_name_, field_, type_, ...)                                  \
	{                                                                                   \
		.field_name = (json_name_), .field_name_len = sizeof(json_name_) - 1,       \
		.type = (type_), .offset = offsetof(struct_, field_),                       \
		.size = sizeof(((struct_ *)0)->field_), ##__VA_ARGS__                       \
	}

#define JSON_OBJ_DESCR_PRIM(struct_, field_, type_) NCSH_JSON_(struct_, #field_, field_, type_)
#define JSON_OBJ_DESCR_PRIM_NAMED(struct_, json_name_, field_, type_) NCSH_JSON_(struct_, json_name_, field_, type_)

#define JSON_OBJ_DESCR_OBJECT_NAMED(struct_, json_name_, field_, sub_descr_)                 \
	NCSH_JSON_(struct_, json_name_, field_, JSON_TOK_OBJECT_START,                      \
		   .object = {.sub_descr = (sub_descr_), .sub_descr_len = ARRAY_SIZE(sub_descr_)})
#define JSON_OBJ_DESCR_OBJECT(struct_, field_, sub_descr_)                                   \
	JSON_OBJ_DESCR_OBJECT_NAMED(struct_, #field_, field_, sub_descr_)

/* The description of an element is a compound literal, as long as what it stands in. */
#define NCSH_JSON_ELEMENTS_(struct_, json_name_, field_, max_len_, len_field_, ...)          \
	NCSH_JSON_(struct_, json_name_, field_, JSON_TOK_ARRAY_START,                       \
		   .array = {.element_descr = (const struct json_obj_descr[]){__VA_ARGS__},  \
			     .n_elements = (max_len_), .count_offset = offsetof(struct_, len_field_)})
#define JSON_OBJ_DESCR_ARRAY_NAMED(struct_, json_name_, field_, max_len_, len_field_, elem_type_) \
	NCSH_JSON_ELEMENTS_(struct_, json_name_, field_, max_len_, len_field_,              \
			    {.type = (elem_type_), .size = sizeof(((struct_ *)0)->field_[0])})
#define JSON_OBJ_DESCR_ARRAY(struct_, field_, max_len_, len_field_, elem_type_)              \
	JSON_OBJ_DESCR_ARRAY_NAMED(struct_, #field_, field_, max_len_, len_field_, elem_type_)
#define JSON_OBJ_DESCR_OBJ_ARRAY_NAMED(struct_, json_name_, field_, max_len_, len_field_, elem_descr_, elem_descr_len_) \
	NCSH_JSON_ELEMENTS_(struct_, json_name_, field_, max_len_, len_field_,              \
			    {.type = JSON_TOK_OBJECT_START, .size = sizeof(((struct_ *)0)->field_[0]), \
			     .object = {.sub_descr = (elem_descr_), .sub_descr_len = (elem_descr_len_)}})
#define JSON_OBJ_DESCR_OBJ_ARRAY(struct_, field_, max_len_, len_field_, elem_descr_, elem_descr_len_) \
	JSON_OBJ_DESCR_OBJ_ARRAY_NAMED(struct_, #field_, field_, max_len_, len_field_, elem_descr_, elem_descr_len_)

/* json_obj_parse reads an object into val; payload is changed. The result has a bit for each
 * description whose field was there, or is the negative of an errno: -EINVAL for what is no JSON, or of
 * another type; -ENOSPC for an array that is too long. Fields that are not described are left out. */
int64_t json_obj_parse(char *payload, size_t len, const struct json_obj_descr *descr, size_t descr_len, void *val);

/* json_arr_parse reads an array: descr has one field, the array. */
int json_arr_parse(char *json, size_t len, const struct json_obj_descr *descr, void *val);

/* The length of a string or of a buffer's string with what is written for special characters. */
size_t json_calc_escaped_len(const char *str, size_t len);
/* json_escape writes that into the string itself; -ENOMEM if it does not fit buf_size. */
ssize_t json_escape(char *str, size_t *len, size_t buf_size);

typedef int (*json_append_bytes_t)(const char *bytes, size_t len, void *data);

/* Each returns 0 or the negative of an errno: -ENOMEM if it does not fit, -EINVAL for a type that
 * cannot be. */
int json_obj_encode(const struct json_obj_descr *descr, size_t descr_len, const void *val,
		    json_append_bytes_t append_bytes, void *data);
int json_obj_encode_buf(const struct json_obj_descr *descr, size_t descr_len, const void *val, char *buffer,
			size_t buf_size);
int json_arr_encode(const struct json_obj_descr *descr, const void *val, json_append_bytes_t append_bytes, void *data);
int json_arr_encode_buf(const struct json_obj_descr *descr, const void *val, char *buffer, size_t buf_size);
ssize_t json_calc_encoded_len(const struct json_obj_descr *descr, size_t descr_len, const void *val);
ssize_t json_calc_encoded_arr_len(const struct json_obj_descr *descr, const void *val);

#ifdef __cplusplus
}
#endif

#endif
