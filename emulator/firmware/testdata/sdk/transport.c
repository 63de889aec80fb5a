/* A transport without an emulator: for tests of what needs no modem. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "transport.h"

struct ncsh_handlers ncsh_handlers;

void ncsh_connect(void)
{
}

void ncsh_reset(void)
{
	_exit(75);
}

void ncsh_last_words(int status, const char *why)
{
	fprintf(stderr, "exit %d: %s\n", status, why);
}

void ncsh_exit(int status, const char *why)
{
	ncsh_last_words(status, why);
	_exit(status);
}

bool ncsh_in_isr(void)
{
	return false;
}

__attribute__((weak)) void ncsh_leds(uint32_t on)
{
	dprintf(2, "leds %x\n", on);
}

__attribute__((weak)) uint32_t ncsh_buttons(void)
{
	return 0;
}

/* What the event record would get, when the test asks for it on descriptor 3. */
void ncsh_console(int level, const char *line, size_t len)
{
	dprintf(3, "%d %.*s\n", level, (int)len, line);
}
