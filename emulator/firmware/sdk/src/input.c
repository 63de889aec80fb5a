/* The console's input, see input.h. */
// build: if AT_HOST_LIBRARY || SHELL || SERIAL
#include <unistd.h>

#include <zephyr/kernel.h>
#include "input.h"
#include "transport.h"

#define CONSUMERS 4

static void (*consumers[CONSUMERS])(const char *bytes, size_t len);
static int count;

struct piece {
	size_t len;
	char bytes[256];
};

static void deliver(void *arg)
{
	struct piece *p = arg;

	for (int i = 0; i < count; i++) {
		consumers[i](p->bytes, p->len);
	}
	free(p);
}

static void read_on(void *arg)
{
	ARG_UNUSED(arg);
	for (;;) {
		struct piece *p = malloc(sizeof(*p));
		ssize_t n = p != NULL ? read(STDIN_FILENO, p->bytes, sizeof(p->bytes)) : -1;

		if (n <= 0) {
			free(p);
			return; /* a terminal that was unplugged */
		}
		p->len = (size_t)n;
		for (size_t i = 0; i < p->len; i++) {
			if (p->bytes[i] == '\n') {
				p->bytes[i] = '\r';
			}
		}
		ncsh_defer(deliver, p);
	}
}

void ncsh_input(void (*consumer)(const char *bytes, size_t len))
{
	if (count < CONSUMERS) {
		consumers[count++] = consumer;
	}
	if (count == 1) {
		ncsh_background(read_on, NULL);
	}
}
