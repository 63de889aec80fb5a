/* The host's sockets and clock, for transport.c. */
#include "hostsock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_tcp(const char *addr)
{
	char host[256];
	const char *colon = strrchr(addr, ':');
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int fd = -1;

	if (colon == NULL || (size_t)(colon - addr) >= sizeof(host)) {
		return -1;
	}
	memcpy(host, addr, (size_t)(colon - addr));
	host[colon - addr] = '\0';
	char *name = host;

	if (*name == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		name++;
	}
	if (getaddrinfo(name, colon + 1, &hints, &list) != 0) {
		return -1;
	}
	for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		int one = 1;

		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
		if (fd >= 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		}
	}
	freeaddrinfo(list);
	return fd;
}

int ncsh_host_connect(const char *place)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd;

	if (strncmp(place, "tcp:", 4) == 0) {
		fd = connect_tcp(place + 4);
	} else {
		if (strlen(place) >= sizeof(un.sun_path)) {
			return -1;
		}
		memcpy(un.sun_path, place, strlen(place));
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

bool ncsh_host_interrupted(void)
{
	return errno == EINTR;
}

void ncsh_host_deadline(struct timespec *t, int64_t milliseconds)
{
	clock_gettime(CLOCK_REALTIME, t);
	t->tv_sec += (time_t)(milliseconds / 1000);
	t->tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_sec++;
		t->tv_nsec -= 1000000000;
	}
}
