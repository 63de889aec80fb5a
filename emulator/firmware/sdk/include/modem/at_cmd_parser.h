/* Taking commands and notifications apart (up to 3.1). */
#ifndef AT_CMD_PARSER_H__
#define AT_CMD_PARSER_H__

#include <stddef.h>
#include <stdlib.h>

#include <modem/at_params.h>

#ifdef __cplusplus
extern "C" {
#endif

enum at_cmd_type {
	AT_CMD_TYPE_UNKNOWN,
	AT_CMD_TYPE_SET_COMMAND,
	AT_CMD_TYPE_READ_COMMAND,
	AT_CMD_TYPE_TEST_COMMAND,
};

/* at_parser_params_from_str returns 0, -EAGAIN if another line follows (at
 * *next_param_str), -E2BIG if there are more parameters than the list takes. */
int at_parser_params_from_str(const char *at_params_str, char **next_params_str,
			      struct at_param_list *const list);
int at_parser_max_params_from_str(const char *at_params_str, char **next_params_str,
				  struct at_param_list *const list, size_t max_params_count);
enum at_cmd_type at_parser_cmd_type_get(const char *at_cmd);

#ifdef __cplusplus
}
#endif

#endif
