/* Random numbers, from the host's generator. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <zephyr/random/random.h>

int sys_csrand_get(void *dst, size_t len)
{
	static int fd = -1;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char *at = dst;
	int err = 0;

	pthread_mutex_lock(&lock);
	if (fd < 0) {
		fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	}
	while (len > 0 && err == 0) {
		ssize_t n = fd < 0 ? 0 : read(fd, at, len);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			err = -EIO;
		}
	}
	pthread_mutex_unlock(&lock);
	return err;
}

void sys_rand_get(void *dst, size_t len)
{
	(void)sys_csrand_get(dst, len);
}

#define RAND(bits)                                                                                 \
	uint##bits##_t sys_rand##bits##_get(void)                                                  \
	{                                                                                          \
		uint##bits##_t value = 0;                                                          \
                                                                                                   \
		sys_rand_get(&value, sizeof(value));                                               \
		return value;                                                                      \
	}
RAND(8)
RAND(16)
RAND(32)
RAND(64)
