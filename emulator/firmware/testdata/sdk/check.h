/* What the C tests use: a failed check is a line with its place, and the exit status. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_failed;

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #cond);        \
			__atomic_store_n(&check_failed, 1, __ATOMIC_SEQ_CST);                      \
		}                                                                                  \
	} while (0)
#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long check_got = (long long)(got), check_want = (long long)(want);            \
		if (check_got != check_want) {                                                     \
			fprintf(stderr, "%s:%d: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, check_got, \
				check_want);                                                       \
			__atomic_store_n(&check_failed, 1, __ATOMIC_SEQ_CST);                      \
		}                                                                                  \
	} while (0)
#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		if (strcmp(got, want) != 0) {                                                      \
			fprintf(stderr, "%s:%d: %s is \"%s\", want \"%s\"\n", __FILE__, __LINE__, #got, got, \
				want);                                                             \
			__atomic_store_n(&check_failed, 1, __ATOMIC_SEQ_CST);                      \
		}                                                                                  \
	} while (0)
#define CHECK_DONE() _exit(__atomic_load_n(&check_failed, __ATOMIC_SEQ_CST))

#endif
