/* What transport.c needs of the host and other parts of the SDK must not see. */
#ifndef NCSH_HOSTSOCK_H_
#define NCSH_HOSTSOCK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* ncsh_host_connect connects to a place as NRF91EMU_LIBRARY names it; -1 if nobody listens. */
int ncsh_host_connect(const char *place);

/* ncsh_host_interrupted reports whether the last system call has to be made again. */
bool ncsh_host_interrupted(void);

/* ncsh_host_deadline returns a time for pthread_cond_timedwait. */
void ncsh_host_deadline(struct timespec *t, int64_t milliseconds);

#endif
