/* The fields of a line that the modem has sent, such as +CEREG: 1,"00FF","0012BEEF",7. */
#ifndef NCSH_FIELDS_H_
#define NCSH_FIELDS_H_

#include <stdbool.h>
#include <stddef.h>

/* ncsh_line returns the beginning of the fields of the first line of text that begins with prefix and
 * a colon or an equals sign; NULL if there is none. */
const char *ncsh_line(const char *text, const char *prefix);

/* ncsh_text copies field i, from 0, without quotation marks; the length, or -1 if it is not there.
 * Nothing is copied of what does not fit. */
int ncsh_text(const char *fields, int i, char *buf, size_t size);

/* ncsh_number and ncsh_hex read a field as a number; false if it is none. */
bool ncsh_number(const char *fields, int i, long *value);
bool ncsh_hex(const char *fields, int i, unsigned long *value);

/* ncsh_count counts the fields. */
int ncsh_count(const char *fields);

#endif
