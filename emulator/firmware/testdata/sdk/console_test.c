/* Lines of the log and of printk. */
#include <stdio.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include "check.h"

LOG_MODULE_REGISTER(console_test, LOG_LEVEL_DBG);

int main(void)
{
	char text[8];
	char long_text[1500];

	LOG_ERR("error %d", -116);
	LOG_WRN("warning");
	LOG_INF("a line feed at the end\n");
	LOG_INF("two\nlines");
	LOG_DBG("with its function");
	LOG_HEXDUMP_INF("0123456789abcdef\x01\xff", 18, "bytes");
	printk("printk %s, ", "in");
	printk("two pieces\n");
	printf("printf\n");
	LOG_RAW("raw %d\n", 1);
	CHECK_INT(snprintk(text, sizeof(text), "%s", "0123456789"), 10);
	CHECK_STR(text, "0123456");
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	/* Longer than any buffer here: all of it comes. */
	LOG_INF("%s", long_text);
	printk("%s\n", long_text + 1000);
	LOG_INF("%.*s!", 3, "abcdef");
	CHECK_DONE();
}
