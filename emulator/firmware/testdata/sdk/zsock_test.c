/* Zephyr's sockets on the modem library's: numbers, addresses and errors on both sides. */
#include <errno.h>
#include <nrf_modem.h>
#include <nrf_socket.h>
#include <zephyr/net/socket.h>
#include "check.h"
#include "transport.h"

/* ---- An emulator that keeps what it is asked and answers as the test says ---- */

static struct {
	int calls;
	int result; /* of the next call that has nothing better */
	int family, type, protocol, handle, flags, level, name, backlog, milliseconds;
	bool peer;
	int64_t send_timeout;
	struct ncsh_addr to, from;
	bool addressed;
	uint8_t data[2048];
	size_t len, most; /* of one send */
	uint8_t value[64];
	size_t value_len;
	struct ncsh_poll polled[64];
	uint16_t ready[64];
	int polls;
	struct ncsh_addr found[8];
	char host[64];
	int lookup_errno;
} emu;

static bool modem_on = true;

bool nrf_modem_is_initialized(void)
{
	return modem_on;
}

int ncsh_socket(int family, int type, int protocol)
{
	emu.calls++;
	emu.family = family;
	emu.type = type;
	emu.protocol = protocol;
	return emu.result;
}

static int called(int handle)
{
	emu.calls++;
	emu.handle = handle;
	return emu.result;
}

int ncsh_close(int handle)
{
	return called(handle);
}

int ncsh_socket_connect(int handle, const struct ncsh_addr *addr)
{
	emu.to = *addr;
	return called(handle);
}

int ncsh_socket_connect_start(int handle, const struct ncsh_addr *addr)
{
	emu.to = *addr;
	called(handle);
	return -NRF_EINPROGRESS;
}

int ncsh_bind(int handle, const struct ncsh_addr *addr)
{
	emu.to = *addr;
	return called(handle);
}

int ncsh_listen(int handle, int backlog)
{
	emu.backlog = backlog;
	return called(handle);
}

int ncsh_accept(int handle, int flags, struct ncsh_addr *addr)
{
	emu.flags = flags;
	*addr = emu.from;
	return called(handle);
}

ssize_t ncsh_send(int handle, const void *data, size_t size, int flags, const struct ncsh_addr *addr)
{
	size_t n = emu.most > 0 ? MIN(size, emu.most) : size;

	emu.flags = flags;
	emu.addressed = addr != NULL;
	if (addr != NULL) {
		emu.to = *addr;
	}
	if (called(handle) < 0) {
		return emu.result;
	}
	memcpy(emu.data + emu.len, data, n);
	emu.len += n;
	return (ssize_t)n;
}

ssize_t ncsh_recv(int handle, void *data, size_t size, int flags, struct ncsh_addr *addr)
{
	emu.flags = flags;
	*addr = emu.from;
	if (called(handle) < 0) {
		return emu.result;
	}
	size = MIN(size, emu.len);
	memcpy(data, emu.data, size);
	return (ssize_t)size;
}

int ncsh_setsockopt(int handle, int level, int name, const void *value, size_t size)
{
	emu.level = level;
	emu.name = name;
	emu.value_len = size;
	if (size > 0) {
		memcpy(emu.value, value, MIN(size, sizeof(emu.value)));
	}
	return called(handle);
}

void ncsh_send_timeout(int handle, int64_t milliseconds)
{
	(void)handle;
	emu.send_timeout = milliseconds;
}

int ncsh_getsockopt(int handle, int level, int name, void *value, size_t size)
{
	emu.level = level;
	emu.name = name;
	if (called(handle) < 0) {
		return emu.result;
	}
	memcpy(value, emu.value, MIN(size, emu.value_len));
	return (int)emu.value_len;
}

int ncsh_sockname(int handle, bool peer, struct ncsh_addr *addr)
{
	emu.peer = peer;
	*addr = emu.from;
	return called(handle);
}

int ncsh_lookup(const char *name, int family, struct ncsh_addr *addrs, int max, int *err)
{
	emu.calls++;
	emu.family = family;
	snprintf(emu.host, sizeof(emu.host), "%s", name);
	*err = emu.lookup_errno;
	for (int i = 0; i < emu.result && i < max; i++) {
		addrs[i] = emu.found[i];
	}
	return emu.result;
}

int ncsh_poll(struct ncsh_poll *fds, int n, int milliseconds)
{
	int ready = 0;

	emu.calls++;
	emu.polls = n;
	emu.milliseconds = milliseconds;
	for (int i = 0; i < n; i++) {
		emu.polled[i] = fds[i];
		fds[i].revents = emu.ready[i];
		ready += fds[i].revents != 0;
	}
	return emu.result < 0 ? emu.result : ready;
}

static void reset(int result)
{
	memset(&emu, 0, sizeof(emu));
	emu.result = result;
}

#define CHECK_FAILS(call, err)                                                                     \
	do {                                                                                       \
		errno = 0;                                                                         \
		CHECK_INT(call, -1);                                                               \
		CHECK_INT(errno, err);                                                             \
	} while (0)

/* ---- Opening and connecting ---- */

static void test_open(void)
{
	static const struct {
		int family, type, proto, nrf_proto, err;
	} cases[] = {
		{ AF_INET, SOCK_STREAM, 0, NRF_IPPROTO_TCP, 0 },
		{ AF_INET, SOCK_DGRAM, 0, NRF_IPPROTO_UDP, 0 },
		{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, NRF_IPPROTO_TCP, 0 },
		{ AF_INET, SOCK_STREAM, IPPROTO_TLS_1_2, NRF_SPROTO_TLS1v2, 0 },
		{ AF_INET, SOCK_STREAM, IPPROTO_TLS_1_3, NRF_SPROTO_TLS1v2, 0 }, /* the modem decides */
		{ AF_INET, SOCK_DGRAM, IPPROTO_DTLS_1_2, NRF_SPROTO_DTLS1v2, 0 },
		{ AF_PACKET, SOCK_RAW, IPPROTO_ALL, NRF_IPPROTO_ALL, 0 },
		{ AF_INET, SOCK_STREAM, IPPROTO_TLS_1_0, 0, EPROTONOSUPPORT },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0, EPROTONOSUPPORT },
		{ AF_UNIX, SOCK_STREAM, 0, 0, EAFNOSUPPORT },
		{ AF_UNSPEC, SOCK_STREAM, 0, 0, EAFNOSUPPORT },
		{ AF_INET, SOCK_STREAM | SOCK_NATIVE, 0, 0, EAFNOSUPPORT },
		{ AF_INET, SOCK_STREAM | SOCK_NATIVE_TLS, IPPROTO_TLS_1_2, 0, EAFNOSUPPORT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reset(5);
		errno = 0;
		int fd = zsock_socket(cases[i].family, cases[i].type, cases[i].proto);
		bool right = cases[i].err == 0 ? fd == 5 && emu.protocol == cases[i].nrf_proto && emu.family == cases[i].family &&
							 emu.type == cases[i].type
					       : fd == -1 && errno == cases[i].err && emu.calls == 0;

		if (!right) {
			fprintf(stderr, "case %zu: %d, errno %d, protocol %d\n", i, fd, errno, emu.protocol);
			check_failed = 1;
		}
	}
	reset(-NRF_ENOBUFS); /* there are eight at most */
	CHECK_FAILS(zsock_socket(AF_INET, SOCK_STREAM, 0), ENOBUFS);
	CHECK_FAILS(zsock_socketpair(AF_INET, SOCK_STREAM, 0, NULL), EOPNOTSUPP);
	reset(-NRF_EBADF);
	CHECK_FAILS(zsock_close(7), EBADF);
}

static void test_connect(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(8883), .sin_addr = { { { 192, 0, 2, 7 } } } };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct sockaddr other = { .sa_family = AF_PACKET }, back;
	socklen_t len = sizeof(back);

	in6.sin6_addr.s6_addr[0] = 0x20;
	in6.sin6_addr.s6_addr[15] = 9;
	reset(4);
	CHECK_INT(zsock_socket(AF_INET, SOCK_STREAM, 0), 4);
	emu.result = 0;
	CHECK_INT(zsock_connect(4, (struct sockaddr *)&in, sizeof(in)), 0);
	CHECK_INT(emu.handle, 4);
	CHECK_INT(emu.to.family, 1);
	CHECK_INT(emu.to.port, 8883);
	CHECK(memcmp(emu.to.addr, (uint8_t[]){ 192, 0, 2, 7 }, 4) == 0);
	CHECK_INT(zsock_bind(4, (struct sockaddr *)&in6, sizeof(in6)), 0);
	CHECK_INT(emu.to.family, 2);
	CHECK_INT(emu.to.port, 443);
	CHECK(emu.to.addr[0] == 0x20 && emu.to.addr[15] == 9);

	int calls = emu.calls;

	CHECK_FAILS(zsock_connect(4, NULL, sizeof(in)), EFAULT);
	CHECK_FAILS(zsock_connect(4, (struct sockaddr *)&in, sizeof(in) - 1), EINVAL);
	CHECK_FAILS(zsock_connect(4, (struct sockaddr *)&in6, sizeof(in)), EINVAL);
	CHECK_FAILS(zsock_connect(4, &other, sizeof(other)), EAFNOSUPPORT);
	CHECK_INT(emu.calls, calls);
	emu.result = -NRF_ECONNREFUSED;
	CHECK_FAILS(zsock_connect(4, (struct sockaddr *)&in, sizeof(in)), ECONNREFUSED);

	/* Who does not want to wait. */
	emu.result = 0;
	CHECK_INT(zsock_fcntl(4, ZVFS_F_GETFL), 0);
	CHECK_INT(zsock_fcntl(4, ZVFS_F_SETFL, ZVFS_O_NONBLOCK), 0);
	CHECK_INT(zsock_fcntl(4, ZVFS_F_GETFL), ZVFS_O_NONBLOCK);
	CHECK_FAILS(zsock_connect(4, (struct sockaddr *)&in, sizeof(in)), EINPROGRESS);
	emu.result = -NRF_EAGAIN;
	CHECK_FAILS(zsock_recv(4, &back, 1, 0), EAGAIN);
	CHECK_INT(emu.flags, NRF_MSG_DONTWAIT);
	CHECK_FAILS(zsock_fcntl(4, 99), EINVAL);
	CHECK_FAILS(zsock_fcntl(60, ZVFS_F_GETFL), EBADF);
	CHECK_INT(zsock_fcntl(4, ZVFS_F_SETFL, 0), 0);

	/* Who listens. */
	reset(6);
	emu.from = (struct ncsh_addr){ .family = 1, .port = 5000, .addr = { 10, 0, 0, 1 } };
	CHECK_INT(zsock_accept(4, &back, &len), 6);
	CHECK_INT(len, sizeof(in));
	CHECK_INT(net_sin(&back)->sin_family, AF_INET);
	CHECK_INT(net_sin(&back)->sin_port, htons(5000));
	CHECK_INT(net_sin(&back)->sin_addr.s4_addr[3], 1);
	CHECK_INT(zsock_accept(4, NULL, NULL), 6);
	emu.result = 0;
	len = sizeof(back);
	CHECK_INT(zsock_getpeername(4, &back, &len), 0);
	CHECK(emu.peer);
	len = sizeof(back);
	CHECK_INT(zsock_getsockname(4, &back, &len), 0);
	CHECK(!emu.peer);
	CHECK_INT(zsock_listen(4, 3), 0);
	CHECK_INT(emu.backlog, 3);
	emu.result = -NRF_ENOTCONN;
	CHECK_FAILS(zsock_getpeername(4, &back, &len), ENOTCONN);
	CHECK_FAILS(zsock_shutdown(4, ZSOCK_SHUT_RDWR), ENOTCONN);
	CHECK_FAILS(zsock_shutdown(4, 3), EINVAL);
}

/* ---- Data ---- */

static void test_data(void)
{
	static uint8_t one[700], two[300];
	struct iovec parts[] = { { one, sizeof(one) }, { NULL, 0 }, { two, sizeof(two) } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 3 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7) };
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	char buf[16];

	for (size_t i = 0; i < sizeof(one); i++) {
		one[i] = (uint8_t)i;
	}
	memset(two, 'x', sizeof(two));
	/* A stream takes what it can; a message goes on until all is gone. */
	reset(0);
	emu.most = 256;
	CHECK_INT(zsock_sendmsg(4, &msg, 0), 1000);
	CHECK_INT(emu.calls, 4);
	CHECK_INT(emu.len, 1000);
	CHECK(memcmp(emu.data, one, 700) == 0 && memcmp(emu.data + 700, two, 300) == 0);
	reset(0);
	emu.most = 256;
	CHECK_INT(zsock_sendmsg(4, &msg, ZSOCK_MSG_DONTWAIT), 256);
	CHECK_INT(emu.calls, 1);
	CHECK_INT(zsock_send(4, one, 700, 0), 256);
	CHECK(!emu.addressed);
	CHECK_FAILS(zsock_sendmsg(4, NULL, 0), EINVAL);

	reset(0);
	CHECK_INT(zsock_sendto(4, "hi", 2, ZSOCK_MSG_WAITACK, (struct sockaddr *)&to, sizeof(to)), 2);
	CHECK_INT(emu.flags, NRF_MSG_WAITACK);
	CHECK(emu.addressed);
	CHECK_INT(emu.to.port, 7);
	emu.result = -NRF_EMSGSIZE;
	CHECK_FAILS(zsock_send(4, "hi", 2, 0), EMSGSIZE);
	CHECK_FAILS(zsock_send(4, NULL, 2, 0), EFAULT);

	reset(0);
	memcpy(emu.data, "hello", 5);
	emu.len = 5;
	emu.from = (struct ncsh_addr){ .family = 2, .port = 443, .addr = { 0x20, 1 } };
	CHECK_INT(zsock_recvfrom(4, buf, sizeof(buf), ZSOCK_MSG_PEEK, (struct sockaddr *)&from, &len), 5);
	CHECK_INT(emu.flags, NRF_MSG_PEEK);
	CHECK(memcmp(buf, "hello", 5) == 0);
	CHECK_INT(len, sizeof(from));
	CHECK_INT(from.sin6_family, AF_INET6);
	CHECK_INT(from.sin6_port, htons(443));
	CHECK_INT(from.sin6_addr.s6_addr[1], 1);
	CHECK_INT(zsock_recv(4, buf, 2, 0), 2);
	CHECK_FAILS(zsock_recv(4, NULL, 2, 0), EFAULT);

	struct iovec into[] = { { buf, sizeof(buf) }, { buf, 1 } };

	msg = (struct msghdr){ .msg_iov = into, .msg_iovlen = 1 };
	CHECK_INT(zsock_recvmsg(4, &msg, 0), 5);
	msg.msg_iovlen = 2;
	CHECK_FAILS(zsock_recvmsg(4, &msg, 0), EOPNOTSUPP);
	emu.result = -NRF_ECONNRESET;
	CHECK_FAILS(zsock_recv(4, buf, 2, 0), ECONNRESET);
}

/* Without the modem nothing works, and everything says why. */
static void test_modem_off(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct zsock_pollfd fd = { .fd = 1, .events = ZSOCK_POLLIN };
	struct zsock_addrinfo *found = NULL;
	int v = 1;
	socklen_t len = sizeof(v);

	reset(0);
	modem_on = false;
	CHECK_FAILS(zsock_socket(AF_INET, SOCK_STREAM, 0), ESHUTDOWN);
	CHECK_FAILS(zsock_connect(1, (struct sockaddr *)&in, sizeof(in)), ESHUTDOWN);
	CHECK_FAILS(zsock_send(1, "x", 1, 0), ESHUTDOWN);
	CHECK_FAILS(zsock_recv(1, &v, 1, 0), ESHUTDOWN);
	CHECK_FAILS(zsock_poll(&fd, 1, 0), ESHUTDOWN);
	CHECK_FAILS(zsock_setsockopt(1, SOL_TLS, TLS_PEER_VERIFY, &v, sizeof(v)), ESHUTDOWN);
	CHECK_FAILS(zsock_getsockopt(1, SOL_SOCKET, SO_ERROR, &v, &len), ESHUTDOWN);
	CHECK_FAILS(zsock_close(1), ESHUTDOWN);
	errno = 0;
	CHECK_INT(zsock_getaddrinfo("a", NULL, NULL, &found), DNS_EAI_SYSTEM);
	CHECK_INT(errno, ESHUTDOWN);
	CHECK(found == NULL);
	CHECK_INT(emu.calls, 0);
	modem_on = true;
}

/* ---- Options ---- */

static void test_options(void)
{
	static const struct {
		int level, name, nrf_level, nrf_name, want;
	} cases[] = {
		{ SOL_TLS, TLS_SEC_TAG_LIST, NRF_SOL_SECURE, NRF_SO_SEC_TAG_LIST, 77 },
		{ SOL_TLS, TLS_HOSTNAME, NRF_SOL_SECURE, NRF_SO_SEC_HOSTNAME, 77 },
		{ SOL_TLS, TLS_PEER_VERIFY, NRF_SOL_SECURE, NRF_SO_SEC_PEER_VERIFY, 77 },
		{ SOL_TLS, TLS_SESSION_CACHE, NRF_SOL_SECURE, NRF_SO_SEC_SESSION_CACHE, 77 },
		{ SOL_TLS, TLS_DTLS_CID, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CID, 77 },
		{ SOL_TLS, TLS_DTLS_HANDSHAKE_TIMEO, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_HANDSHAKE_TIMEO, 77 },
		{ SOL_TLS, 18, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_HANDSHAKE_TIMEO, 77 }, /* its number before 3.0 */
		{ SOL_TLS, TLS_DTLS_CONN_SAVE, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CONN_SAVE, 77 },
		{ SOL_SOCKET, SO_REUSEADDR, NRF_SOL_SOCKET, NRF_SO_REUSEADDR, 77 },
		{ SOL_SOCKET, SO_KEEPOPEN, NRF_SOL_SOCKET, NRF_SO_KEEPOPEN, 77 },
		{ SOL_SOCKET, SO_BINDTOPDN, NRF_SOL_SOCKET, NRF_SO_BINDTOPDN, 77 },
		{ SOL_SOCKET, SO_RAI, NRF_SOL_SOCKET, NRF_SO_RAI, 77 },
		{ SOL_SOCKET, SO_RAI_LAST, NRF_SOL_SOCKET, NRF_SO_RAI, NRF_SO_RAI_LAST },
		{ SOL_SOCKET, SO_RAI_NO_DATA, NRF_SOL_SOCKET, NRF_SO_RAI, NRF_SO_RAI_NO_DATA },
		{ SOL_SOCKET, SO_RAI_WAIT_MORE, NRF_SOL_SOCKET, NRF_SO_RAI, NRF_SO_RAI_WAIT_MORE },
	};
	int v = 77;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reset(0);
		int err = zsock_setsockopt(4, cases[i].level, cases[i].name, &v, sizeof(v)), got = 0;

		memcpy(&got, emu.value, sizeof(got));
		if (err != 0 || emu.level != cases[i].nrf_level || emu.name != cases[i].nrf_name || got != cases[i].want) {
			fprintf(stderr, "option %zu: %d, level %d, name %d, value %d\n", i, err, emu.level, emu.name, got);
			check_failed = 1;
		}
	}
	reset(0);
	CHECK_FAILS(zsock_setsockopt(4, SOL_TLS, TLS_ALPN_LIST, &v, sizeof(v)), ENOPROTOOPT);
	CHECK_FAILS(zsock_setsockopt(4, SOL_SOCKET, SO_LINGER, &v, sizeof(v)), ENOPROTOOPT);
	CHECK_FAILS(zsock_setsockopt(4, SOL_SOCKET, SO_RCVTIMEO, &v, sizeof(v)), EINVAL);
	CHECK_INT(emu.calls, 0);
	emu.result = -NRF_EINVAL;
	CHECK_FAILS(zsock_setsockopt(4, SOL_TLS, TLS_PEER_VERIFY, &v, sizeof(v)), EINVAL);

	/* Times have the host's size above and two numbers of 8 bytes below. */
	struct timeval tv = { .tv_sec = 1, .tv_usec = 500000 }, back = { 0 };
	static const uint8_t wire[16] = { 1, 0, 0, 0, 0, 0, 0, 0, 0x20, 0xa1, 7 };
	socklen_t len = sizeof(back);

	reset(0);
	CHECK_INT(zsock_setsockopt(4, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	CHECK_INT(emu.name, NRF_SO_SNDTIMEO);
	CHECK_INT(emu.value_len, sizeof(wire));
	CHECK(memcmp(emu.value, wire, sizeof(wire)) == 0);
	CHECK_INT(emu.send_timeout, 1500);
	emu.value_len = 16;
	CHECK_INT(zsock_getsockopt(4, SOL_SOCKET, SO_RCVTIMEO, &back, &len), 0);
	CHECK_INT(emu.name, NRF_SO_RCVTIMEO);
	CHECK_INT(len, sizeof(back));
	CHECK(back.tv_sec == 1 && back.tv_usec == 500000);
	len = 4;
	CHECK_FAILS(zsock_getsockopt(4, SOL_SOCKET, SO_RCVTIMEO, &back, &len), EINVAL);

	int error = 0;

	len = sizeof(error);
	emu.value_len = sizeof(error);
	memcpy(emu.value, (int[]){ NRF_ETIMEDOUT }, sizeof(error));
	CHECK_INT(zsock_getsockopt(4, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	CHECK_INT(error, ETIMEDOUT);
	CHECK_INT(len, sizeof(error));
	CHECK_FAILS(zsock_getsockopt(4, SOL_SOCKET, SO_ERROR, NULL, &len), EINVAL);
	CHECK_FAILS(zsock_getsockopt(4, SOL_SOCKET, SO_LINGER, &error, &len), ENOPROTOOPT);
}

/* ---- Waiting ---- */

static void test_poll(void)
{
	struct zsock_pollfd fds[40] = { { .fd = 3, .events = ZSOCK_POLLIN }, { .fd = -1, .events = ZSOCK_POLLIN, .revents = 9 },
					{ .fd = 5, .events = ZSOCK_POLLOUT } };
	zsock_fd_set in, out;
	struct timeval tv = { .tv_sec = 2, .tv_usec = 1 };

	reset(0);
	emu.ready[1] = ZSOCK_POLLOUT | ZSOCK_POLLHUP;
	CHECK_INT(zsock_poll(fds, 3, 250), 1);
	CHECK_INT(emu.polls, 2); /* without the one that is none */
	CHECK_INT(emu.milliseconds, 250);
	CHECK_INT(emu.polled[1].handle, 5);
	CHECK_INT(emu.polled[1].events, ZSOCK_POLLOUT);
	CHECK_INT(fds[0].revents, 0);
	CHECK_INT(fds[1].revents, 0);
	CHECK_INT(fds[2].revents, ZSOCK_POLLOUT | ZSOCK_POLLHUP);
	CHECK_FAILS(zsock_poll(fds, 40, 0), ENOMEM);
	CHECK_FAILS(zsock_poll(fds, -1, 0), EINVAL);

	reset(0);
	ZSOCK_FD_ZERO(&in);
	ZSOCK_FD_ZERO(&out);
	ZSOCK_FD_SET(3, &in);
	ZSOCK_FD_SET(40, &in);
	ZSOCK_FD_SET(40, &out);
	emu.ready[1] = ZSOCK_POLLIN;
	CHECK_INT(zsock_select(41, &in, &out, NULL, &tv), 1);
	CHECK_INT(emu.milliseconds, 2001); /* never less than what was asked for */
	CHECK_INT(emu.polled[1].events, ZSOCK_POLLIN | ZSOCK_POLLOUT);
	CHECK(!ZSOCK_FD_ISSET(3, &in) && ZSOCK_FD_ISSET(40, &in) && !ZSOCK_FD_ISSET(40, &out));
	emu.ready[0] = ZSOCK_POLLNVAL;
	CHECK_FAILS(zsock_select(41, &in, NULL, NULL, NULL), EBADF);
	CHECK_INT(emu.milliseconds, -1);
}

/* ---- Names ---- */

static void test_names(void)
{
	struct zsock_addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME }, *found;

	reset(2);
	emu.found[0] = (struct ncsh_addr){ .family = 1, .addr = { 192, 0, 2, 1 } };
	emu.found[1] = (struct ncsh_addr){ .family = 2, .addr = { 0x20, 1 } };
	CHECK_INT(zsock_getaddrinfo("broker.lab", "8883", &hints, &found), 0);
	CHECK_STR(emu.host, "broker.lab");
	CHECK_INT(emu.family, AF_INET);
	CHECK_INT(found->ai_family, AF_INET);
	CHECK_INT(found->ai_socktype, SOCK_STREAM);
	CHECK_INT(found->ai_protocol, IPPROTO_TCP);
	CHECK_INT(found->ai_addrlen, sizeof(struct sockaddr_in));
	CHECK_INT(net_sin(found->ai_addr)->sin_port, htons(8883));
	CHECK_INT(net_sin(found->ai_addr)->sin_addr.s4_addr[0], 192);
	CHECK_STR(found->ai_canonname, "broker.lab");
	CHECK_INT(found->ai_next->ai_family, AF_INET6);
	CHECK_INT(net_sin6(found->ai_next->ai_addr)->sin6_port, htons(8883));
	CHECK(found->ai_next->ai_next == NULL);
	zsock_freeaddrinfo(found);
	zsock_freeaddrinfo(NULL);

	reset(1);
	emu.found[0].family = 1;
	hints = (struct zsock_addrinfo){ .ai_socktype = SOCK_DGRAM };
	CHECK_INT(zsock_getaddrinfo("a", NULL, &hints, &found), 0);
	CHECK_INT(found->ai_protocol, IPPROTO_UDP);
	CHECK_INT(net_sin(found->ai_addr)->sin_port, 0);
	zsock_freeaddrinfo(found);

	reset(1);
	CHECK_INT(zsock_getaddrinfo("a", "mqtt", NULL, &found), DNS_EAI_SERVICE);
	CHECK_INT(zsock_getaddrinfo("a", "65536", NULL, &found), DNS_EAI_SERVICE);
	CHECK_INT(zsock_getaddrinfo(NULL, "1", NULL, &found), DNS_EAI_NONAME);
	hints.ai_family = 9;
	CHECK_INT(zsock_getaddrinfo("a", NULL, &hints, &found), DNS_EAI_FAMILY);
	CHECK_INT(emu.calls, 0);
	emu.result = DNS_EAI_NONAME;
	CHECK_INT(zsock_getaddrinfo("a", NULL, NULL, &found), DNS_EAI_NONAME);
	emu.result = DNS_EAI_SYSTEM;
	emu.lookup_errno = NRF_ENETUNREACH;
	CHECK_INT(zsock_getaddrinfo("a", NULL, NULL, &found), DNS_EAI_SYSTEM);
	CHECK_INT(errno, ENETUNREACH);
	CHECK(found == NULL);
	CHECK_STR(zsock_gai_strerror(DNS_EAI_NONAME), "the name is not known");
	CHECK_STR(zsock_gai_strerror(0), "no error");
	CHECK_STR(zsock_gai_strerror(-999), "unknown error");
}

static void test_addresses(void)
{
	static const struct {
		sa_family_t family;
		const char *text, *back; /* NULL for none */
	} cases[] = {
		{ AF_INET, "192.0.2.255", "192.0.2.255" },
		{ AF_INET, "0.0.0.0", "0.0.0.0" },
		{ AF_INET, "192.0.2", NULL },
		{ AF_INET, "192.0.2.256", NULL },
		{ AF_INET, "192.0.2.1 ", NULL },
		{ AF_INET, "", NULL },
		{ AF_INET6, "::", "::" },
		{ AF_INET6, "::1", "::1" },
		{ AF_INET6, "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ AF_INET6, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6" },
		{ AF_INET6, "2001:db8::", "2001:db8::" },
		{ AF_INET6, "::ffff:192.0.2.1", "::ffff:c000:201" },
		{ AF_INET6, "1:2:3:4:5:6:7", NULL },
		{ AF_INET6, "1:2:3:4:5:6:7:8:9", NULL },
		{ AF_INET6, "1::2::3", NULL },
		{ AF_INET6, ":1::2", NULL },
		{ AF_INET6, "12345::", NULL },
		{ AF_INET6, "1:2:3:4:5:6:7::8", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t addr[16];
		char text[INET6_ADDRSTRLEN] = "";
		int n = zsock_inet_pton(cases[i].family, cases[i].text, addr);

		if (n == 1) {
			zsock_inet_ntop(cases[i].family, addr, text, sizeof(text));
		}
		if (cases[i].back == NULL ? n != 0 : n != 1 || strcmp(text, cases[i].back) != 0) {
			fprintf(stderr, "%s: %d, \"%s\"\n", cases[i].text, n, text);
			check_failed = 1;
		}
	}
	char small[8];
	struct in_addr in = { { { 192, 0, 2, 1 } } };

	CHECK_FAILS(zsock_inet_pton(AF_UNIX, "x", small), EAFNOSUPPORT);
	CHECK(zsock_inet_ntop(AF_INET, &in, small, sizeof(small)) == NULL);
	CHECK_INT(errno, ENOSPC);
	CHECK_INT(net_addr_pton(AF_INET, "1.2.3.4", &in), 0);
	CHECK_INT(in.s4_addr[3], 4);
	CHECK_INT(net_addr_pton(AF_INET, "1.2.3", &in), -EINVAL);
}

int main(void)
{
	test_open();
	test_connect();
	test_data();
	test_modem_off();
	test_options();
	test_poll();
	test_names();
	test_addresses();
	CHECK_DONE();
}
