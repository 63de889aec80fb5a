/* Taking responses and notifications apart (2.8 and newer). */
#ifndef AT_PARSER_H__
#define AT_PARSER_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

enum at_parser_cmd_type {
	AT_PARSER_CMD_TYPE_UNKNOWN,
	AT_PARSER_CMD_TYPE_SET,
	AT_PARSER_CMD_TYPE_READ,
	AT_PARSER_CMD_TYPE_TEST,
};

/* A parser stands on one line of a text, which it does not change. */
struct at_parser {
	const char *at;
	const char *cursor;
	size_t count;
	bool is_next_empty;
	uint32_t init_sentinel;
};

int at_parser_init(struct at_parser *parser, const char *at);

/* at_parser_cmd_next goes on to the next line. */
int at_parser_cmd_next(struct at_parser *parser);
int at_parser_cmd_type_get(struct at_parser *parser, enum at_parser_cmd_type *type);

/* at_parser_cmd_count_get counts the parameters of the line, its name included. */
int at_parser_cmd_count_get(struct at_parser *parser, size_t *count);

/* Index 0 is the name, such as +CEREG. */
int at_parser_int16_get(struct at_parser *parser, size_t index, int16_t *val);
int at_parser_uint16_get(struct at_parser *parser, size_t index, uint16_t *val);
int at_parser_int32_get(struct at_parser *parser, size_t index, int32_t *val);
int at_parser_uint32_get(struct at_parser *parser, size_t index, uint32_t *val);
int at_parser_int64_get(struct at_parser *parser, size_t index, int64_t *val);
int at_parser_uint64_get(struct at_parser *parser, size_t index, uint64_t *val);
int at_parser_string_get(struct at_parser *parser, size_t index, char *str, size_t *len);
int at_parser_string_ptr_get(struct at_parser *parser, size_t index, const char **str, size_t *len);

#define at_parser_num_get(parser, index, val)                                               \
	_Generic((val),                                                                     \
		int16_t *: at_parser_int16_get,                                             \
		uint16_t *: at_parser_uint16_get,                                           \
		int32_t *: at_parser_int32_get,                                             \
		uint32_t *: at_parser_uint32_get,                                           \
		int64_t *: at_parser_int64_get,                                             \
		uint64_t *: at_parser_uint64_get)((parser), (index), (val))

#ifdef __cplusplus
}
#endif

#endif
