/* cJSON with the kernel's memory. */
#ifndef CJSON_OS_H__
#define CJSON_OS_H__

void cJSON_Init(void);
void cJSON_FreeString(char *ptr);

#endif
