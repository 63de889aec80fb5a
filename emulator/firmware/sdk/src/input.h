/* What comes in on the console's UART: the program's standard input. Internal. */
#ifndef NCSH_INPUT_H_
#define NCSH_INPUT_H_

#include <stddef.h>

/* ncsh_input has consumer called with what comes in, in interrupt context, on a few bytes at a time. Each
 * consumer gets all of it. Who only runs the program, without an input, hears nothing. The end of a line comes
 * as a terminal program sends it, CR. */
void ncsh_input(void (*consumer)(const char *bytes, size_t len));

#endif
