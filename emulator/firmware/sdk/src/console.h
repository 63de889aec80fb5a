/* The console: standard output, a line at a time for the event record. Internal. */
#ifndef Z_CONSOLE_H_
#define Z_CONSOLE_H_

#include <stddef.h>

/* Writes bytes as they are, in one piece; nothing else comes between them. */
void z_console_write(const char *text, size_t len);
/* Writes text with CR LF for LF, and hands its whole lines to the record. */
void z_console_text(const char *text, size_t len);
/* Writes bytes as they are, and hands their whole lines to the record. */
void z_console_raw(const char *text, size_t len);
/* The lines of the log that were written last, for the report of a crash. */
void z_console_last(void (*line)(const char *text));
void z_console_remember(const char *line, size_t len);

#endif
