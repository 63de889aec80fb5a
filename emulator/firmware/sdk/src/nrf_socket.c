/* Sockets of the modem, see nrf_socket.h. */
// build: if NRF_MODEM_LIB
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nrf_errno.h>
#include <nrf_modem.h>
#include <nrf_socket.h>

#include "modem.h"
#include "transport.h"
#include "wire.h"

const struct nrf_in6_addr nrf_in6addr_any;
const struct nrf_in_addr nrf_inaddr_any;

/* What is known of a socket on this side. */
static struct {
	unsigned char open;
	unsigned char nonblocking;
	struct nrf_modem_pollcb callback;
} sockets[MAX_HANDLES];

static int fail(int err)
{
	errno = -err;
	return -1;
}

static int result(int r)
{
	return r < 0 ? fail(r) : r;
}

static bool known(int fd)
{
	return fd >= 0 && fd < MAX_HANDLES;
}

/* Every call fails with ESHUTDOWN while the modem is off. */
#define NEED_MODEM()                                                                        \
	do {                                                                                \
		if (!nrf_modem_is_initialized()) {                                          \
			return fail(-NRF_ESHUTDOWN);                                        \
		}                                                                           \
	} while (0)

/* ---- addresses ---------------------------------------------------------------------- */

static int to_wire(struct ncsh_addr *to, const struct nrf_sockaddr *address, nrf_socklen_t len)
{
	memset(to, 0, sizeof(*to));
	if (address == NULL) {
		return -NRF_EFAULT;
	}
	if (address->sa_family == NRF_AF_INET && len >= sizeof(struct nrf_sockaddr_in)) {
		const struct nrf_sockaddr_in *in = (const void *)address;

		to->family = NRF_AF_INET;
		to->port = NRF_NTOHS(in->sin_port);
		memcpy(to->addr, &in->sin_addr, 4);
		return 0;
	}
	if (address->sa_family == NRF_AF_INET6 &&
	    len >= sizeof(struct nrf_sockaddr_in6) - sizeof(uint32_t)) {
		const struct nrf_sockaddr_in6 *in6 = (const void *)address;

		to->family = NRF_AF_INET6;
		to->port = NRF_NTOHS(in6->sin6_port);
		memcpy(to->addr, &in6->sin6_addr, 16);
		return 0;
	}
	if (address->sa_family != NRF_AF_INET && address->sa_family != NRF_AF_INET6) {
		return -NRF_EAFNOSUPPORT;
	}
	return -NRF_EINVAL;
}

/* Fills in as much as there is room for. */
static void from_wire(const struct ncsh_addr *from, struct nrf_sockaddr *address,
		      nrf_socklen_t *address_len)
{
	struct nrf_sockaddr_in in = {0};
	struct nrf_sockaddr_in6 in6 = {0};
	const void *full = &in;
	nrf_socklen_t size = sizeof(in);

	if (address == NULL || address_len == NULL) {
		return;
	}
	if (from->family == NRF_AF_INET6) {
		in6.sin6_family = NRF_AF_INET6;
		in6.sin6_port = NRF_HTONS(from->port);
		memcpy(&in6.sin6_addr, from->addr, 16);
		full = &in6;
		size = sizeof(in6);
	} else {
		in.sin_family = NRF_AF_INET;
		in.sin_port = NRF_HTONS(from->port);
		memcpy(&in.sin_addr, from->addr, 4);
	}
	memcpy(address, full, size < *address_len ? size : *address_len);
	*address_len = size;
}

/* ---- opening and connecting ------------------------------------------------------------ */

int nrf_socket(int family, int type, int protocol)
{
	NEED_MODEM();
	if (protocol == 0) {
		protocol = type == NRF_SOCK_STREAM  ? NRF_IPPROTO_TCP
			   : type == NRF_SOCK_DGRAM ? NRF_IPPROTO_UDP
						    : NRF_IPPROTO_IP;
	}
	if (family < 0 || family > UINT8_MAX || type < 0 || type > UINT8_MAX || protocol < 0 ||
	    protocol > UINT16_MAX) {
		return fail(-NRF_EPROTOTYPE);
	}
	int fd = ncsh_socket(family, type, protocol);

	if (known(fd)) {
		memset(&sockets[fd], 0, sizeof(sockets[fd]));
		sockets[fd].open = 1;
	}
	return result(fd);
}

int nrf_close(int fildes)
{
	NEED_MODEM();
	if (known(fildes)) {
		memset(&sockets[fildes], 0, sizeof(sockets[fildes]));
	}
	return result(ncsh_close(fildes));
}

int nrf_shutdown(int fildes, int how)
{
	struct ncsh_addr peer;

	NEED_MODEM();
	if (how < NRF_SHUT_RD || how > NRF_SHUT_RDWR) {
		return fail(-NRF_EINVAL);
	}
	/* The modem closes both directions only with the socket itself; what can be said before is
	 * whether there is a connection. */
	return result(ncsh_sockname(fildes, true, &peer));
}

int nrf_fcntl(int fd, int cmd, int flags)
{
	NEED_MODEM();
	if (!known(fd) || !sockets[fd].open) {
		return fail(-NRF_EBADF);
	}
	switch (cmd) {
	case NRF_F_GETFL:
		return sockets[fd].nonblocking ? NRF_O_NONBLOCK : 0;
	case NRF_F_SETFL:
		if ((flags & ~NRF_O_NONBLOCK) != 0) {
			return fail(-NRF_EINVAL);
		}
		sockets[fd].nonblocking = (flags & NRF_O_NONBLOCK) != 0;
		return 0;
	default:
		return fail(-NRF_EINVAL);
	}
}

static bool nonblocking(int fd)
{
	return known(fd) && sockets[fd].nonblocking;
}

static int with(int fd, int flags)
{
	return nonblocking(fd) ? flags | NRF_MSG_DONTWAIT : flags;
}

int nrf_connect(int socket, const struct nrf_sockaddr *address, nrf_socklen_t address_len)
{
	struct ncsh_addr to;

	NEED_MODEM();
	int err = to_wire(&to, address, address_len);

	if (err != 0) {
		return fail(err);
	}
	if (nonblocking(socket)) {
		return fail(ncsh_socket_connect_start(socket, &to));
	}
	return result(ncsh_socket_connect(socket, &to));
}

int nrf_bind(int socket, const struct nrf_sockaddr *address, nrf_socklen_t address_len)
{
	struct ncsh_addr at;

	NEED_MODEM();
	int err = to_wire(&at, address, address_len);

	return err != 0 ? fail(err) : result(ncsh_bind(socket, &at));
}

int nrf_listen(int socket, int backlog)
{
	NEED_MODEM();
	return result(ncsh_listen(socket, backlog));
}

int nrf_accept(int socket, struct nrf_sockaddr *cliaddr, nrf_socklen_t *address_len)
{
	struct ncsh_addr peer = {0};

	NEED_MODEM();
	int fd = ncsh_accept(socket, with(socket, 0), &peer);

	if (fd < 0) {
		return fail(fd);
	}
	if (known(fd)) {
		memset(&sockets[fd], 0, sizeof(sockets[fd]));
		sockets[fd].open = 1;
	}
	from_wire(&peer, cliaddr, address_len);
	return fd;
}

int nrf_getsockname(int socket, struct nrf_sockaddr *address, nrf_socklen_t *address_len)
{
	struct ncsh_addr own = {0};

	NEED_MODEM();
	int err = ncsh_sockname(socket, false, &own);

	if (err == 0) {
		from_wire(&own, address, address_len);
	}
	return result(err);
}

int nrf_getpeername(int socket, struct nrf_sockaddr *address, nrf_socklen_t *address_len)
{
	struct ncsh_addr peer = {0};

	NEED_MODEM();
	int err = ncsh_sockname(socket, true, &peer);

	if (err == 0) {
		from_wire(&peer, address, address_len);
	}
	return result(err);
}

/* ---- data ------------------------------------------------------------------------------ */

ssize_t nrf_sendto(int socket, const void *message, size_t length, int flags,
		   const struct nrf_sockaddr *dest_addr, nrf_socklen_t dest_len)
{
	struct ncsh_addr to;

	NEED_MODEM();
	if (message == NULL && length > 0) {
		return fail(-NRF_EFAULT);
	}
	if (dest_addr != NULL) {
		int err = to_wire(&to, dest_addr, dest_len);

		if (err != 0) {
			return fail(err);
		}
	}
	ssize_t n = ncsh_send(socket, message, length, with(socket, flags),
			      dest_addr != NULL ? &to : NULL);

	return n < 0 ? fail((int)n) : n;
}

ssize_t nrf_send(int socket, const void *buffer, size_t length, int flags)
{
	return nrf_sendto(socket, buffer, length, flags, NULL, 0);
}

ssize_t nrf_recvfrom(int socket, void *buffer, size_t length, int flags,
		     struct nrf_sockaddr *address, nrf_socklen_t *address_len)
{
	struct ncsh_addr from = {0};

	NEED_MODEM();
	if (buffer == NULL) {
		return fail(-NRF_EFAULT);
	}
	ssize_t n = ncsh_recv(socket, buffer, length, with(socket, flags), &from);

	if (n < 0) {
		return fail((int)n);
	}
	from_wire(&from, address, address_len);
	return n;
}

ssize_t nrf_recv(int socket, void *buffer, size_t length, int flags)
{
	return nrf_recvfrom(socket, buffer, length, flags, NULL, NULL);
}

int nrf_poll(struct nrf_pollfd fds[], nrf_nfds_t nfds, int timeout)
{
	struct ncsh_poll list[MAX_POLL];
	nrf_nfds_t n = 0;

	NEED_MODEM();
	if (fds == NULL && nfds > 0) {
		return fail(-NRF_EFAULT);
	}
	if (nfds > MAX_POLL) {
		return fail(-NRF_EINVAL);
	}
	for (nrf_nfds_t i = 0; i < nfds; i++) {
		fds[i].revents = 0;
		if (fds[i].fd >= 0) { /* others are passed over */
			list[n].handle = fds[i].fd;
			list[n].events = (uint16_t)fds[i].events;
			n++;
		}
	}
	int ready = ncsh_poll(list, (int)n, timeout);

	if (ready < 0) {
		return fail(ready);
	}
	n = 0;
	for (nrf_nfds_t i = 0; i < nfds; i++) {
		if (fds[i].fd >= 0) {
			fds[i].revents = (short)list[n++].revents;
		}
	}
	return ready;
}

/* ---- options ------------------------------------------------------------------------------ */

static void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

void ncsh_socket_event(int handle, unsigned int events)
{
	struct nrf_pollfd fd = {.fd = handle, .revents = (short)events};

	if (!known(handle) || sockets[handle].callback.callback == NULL) {
		return;
	}
	struct nrf_modem_pollcb cb = sockets[handle].callback;

	fd.events = (short)cb.events;
	if (cb.oneshot) {
		sockets[handle].callback.callback = NULL;
	}
	cb.callback(&fd);
}

static int set_callback(int socket, const void *value, nrf_socklen_t len)
{
	const struct nrf_modem_pollcb *cb = value;
	uint8_t wire[8] = {0};

	if (!known(socket) || !sockets[socket].open) {
		return fail(-NRF_EBADF);
	}
	if (cb != NULL && len != sizeof(*cb)) {
		return fail(-NRF_EINVAL);
	}
	memset(&sockets[socket].callback, 0, sizeof(*cb));
	if (cb != NULL && cb->callback != NULL) {
		sockets[socket].callback = *cb;
		put32(wire, cb->events);
		put32(wire + 4, cb->oneshot);
	}
	return result(ncsh_setsockopt(socket, NRF_SOL_SOCKET, NRF_SO_POLLCB, wire, sizeof(wire)));
}

static bool is_time(int level, int name)
{
	return level == NRF_SOL_SOCKET && (name == NRF_SO_RCVTIMEO || name == NRF_SO_SNDTIMEO);
}

int nrf_setsockopt(int socket, int level, int option_name, const void *option_value,
		   nrf_socklen_t option_len)
{
	uint8_t wire[16];

	NEED_MODEM();
	if (level == NRF_SOL_SOCKET && option_name == NRF_SO_POLLCB) {
		return set_callback(socket, option_value, option_len);
	}
	if (option_value == NULL) {
		option_len = 0;
	}
	if (!is_time(level, option_name)) {
		return result(ncsh_setsockopt(socket, level, option_name, option_value, option_len));
	}
	const struct nrf_timeval *tv = option_value;

	if (option_len != sizeof(*tv)) {
		return fail(-NRF_EINVAL);
	}
	put64(wire, tv->tv_sec);
	put64(wire + 8, tv->tv_usec);
	int err = ncsh_setsockopt(socket, level, option_name, wire, sizeof(wire));

	if (err == 0 && option_name == NRF_SO_SNDTIMEO) {
		ncsh_send_timeout(socket, (int64_t)tv->tv_sec * 1000 + tv->tv_usec / 1000);
	}
	return result(err);
}

int nrf_getsockopt(int socket, int level, int option_name, void *option_value,
		   nrf_socklen_t *option_len)
{
	uint8_t wire[16] = {0};

	NEED_MODEM();
	if (option_value == NULL || option_len == NULL) {
		return fail(-NRF_EFAULT);
	}
	if (!is_time(level, option_name)) {
		int n = ncsh_getsockopt(socket, level, option_name, option_value, *option_len);

		if (n < 0) {
			return fail(n);
		}
		*option_len = (nrf_socklen_t)n;
		return 0;
	}
	if (*option_len < sizeof(struct nrf_timeval)) {
		return fail(-NRF_EINVAL);
	}
	int n = ncsh_getsockopt(socket, level, option_name, wire, sizeof(wire));

	if (n < 0) {
		return fail(n);
	}
	struct nrf_timeval tv = {(uint32_t)get64(wire), (uint32_t)get64(wire + 8)};

	memcpy(option_value, &tv, sizeof(tv));
	*option_len = sizeof(tv);
	return 0;
}

/* ---- names and addresses ------------------------------------------------------------------- */

/* One address and what belongs to it. */
struct entry {
	struct nrf_addrinfo info;
	union {
		struct nrf_sockaddr_in in;
		struct nrf_sockaddr_in6 in6;
	} addr;
	char name[];
};

static struct nrf_addrinfo *new_entry(const struct ncsh_addr *addr, uint16_t port,
				      const struct nrf_addrinfo *hints, const char *canonical)
{
	size_t len = canonical != NULL ? strlen(canonical) + 1 : 0;
	struct entry *e = calloc(1, sizeof(*e) + len);

	if (e == NULL) {
		return NULL;
	}
	struct ncsh_addr full = *addr;
	nrf_socklen_t size = sizeof(e->addr);

	full.port = port;
	e->info.ai_addr = (struct nrf_sockaddr *)(void *)&e->addr;
	from_wire(&full, e->info.ai_addr, &size);
	e->info.ai_addrlen = size;
	e->info.ai_family = addr->family;
	e->info.ai_socktype = hints != NULL && hints->ai_socktype != 0 ? hints->ai_socktype
								       : NRF_SOCK_STREAM;
	e->info.ai_protocol = hints != NULL && hints->ai_protocol != 0 ? hints->ai_protocol
			      : e->info.ai_socktype == NRF_SOCK_DGRAM ? NRF_IPPROTO_UDP
								      : NRF_IPPROTO_TCP;
	if (len > 0) {
		memcpy(e->name, canonical, len);
		e->info.ai_canonname = e->name;
	}
	return &e->info;
}

/* Reads the port of a service; with NRF_AI_PDNSERV it is followed by the PDN, or is the PDN. */
static int port_of(const char *service, int flags, uint16_t *port)
{
	*port = 0;
	if (service == NULL) {
		return 0;
	}
	char *end;
	unsigned long v = strtoul(service, &end, 10);

	if (end == service || v > UINT16_MAX) {
		return NRF_EAI_SERVICE;
	}
	if ((flags & NRF_AI_PDNSERV) != 0) {
		if ((flags & NRF_AI_NUMERICSERV) != 0) {
			if (*end != ':') {
				return NRF_EAI_SERVICE;
			}
			*port = (uint16_t)v;
		}
		return 0;
	}
	if (*end != '\0') {
		return NRF_EAI_SERVICE;
	}
	*port = (uint16_t)v;
	return 0;
}

int nrf_getaddrinfo(const char *nodename, const char *servname, const struct nrf_addrinfo *hints,
		    struct nrf_addrinfo **res)
{
	struct ncsh_addr addrs[8];
	uint16_t port;
	int flags = hints != NULL ? hints->ai_flags : 0;
	int family = hints != NULL ? hints->ai_family : NRF_AF_UNSPEC;
	int err = 0;

	if (res == NULL) {
		errno = NRF_EFAULT;
		return NRF_EAI_SYSTEM;
	}
	*res = NULL;
	if (!nrf_modem_is_initialized()) {
		errno = NRF_ESHUTDOWN;
		return NRF_EAI_SYSTEM;
	}
	if (nodename == NULL) {
		return NRF_EAI_NONAME;
	}
	if (family < NRF_AF_UNSPEC || family > NRF_AF_INET6) {
		return NRF_EAI_FAMILY;
	}
	int eai = port_of(servname, flags, &port);

	if (eai != 0) {
		return eai;
	}
	int n = ncsh_lookup(nodename, family, addrs, 8, &err);

	if (n < 0) {
		if (n == NRF_EAI_SYSTEM) {
			errno = err;
		}
		return n;
	}
	struct nrf_addrinfo **at = res;

	for (int i = 0; i < n; i++) {
		*at = new_entry(&addrs[i], port, hints,
				i == 0 && (flags & NRF_AI_CANONNAME) != 0 ? nodename : NULL);
		if (*at == NULL) {
			nrf_freeaddrinfo(*res);
			*res = NULL;
			return NRF_EAI_MEMORY;
		}
		at = &(*at)->ai_next;
	}
	return n > 0 ? 0 : NRF_EAI_NONAME;
}

void nrf_freeaddrinfo(struct nrf_addrinfo *ai)
{
	while (ai != NULL) {
		struct nrf_addrinfo *next = ai->ai_next;

		free(ai); /* it is the first member of its entry */
		ai = next;
	}
}

static int parse4(const char *src, uint8_t *to)
{
	for (int i = 0; i < 4; i++) {
		unsigned int v = 0;
		int digits = 0;

		while (*src >= '0' && *src <= '9' && digits < 4) {
			v = 10 * v + (unsigned int)(*src++ - '0');
			digits++;
		}
		if (digits == 0 || v > 255 || (i < 3 && *src++ != '.')) {
			return 0;
		}
		to[i] = (uint8_t)v;
	}
	return *src == '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse6(const char *src, uint8_t *to)
{
	uint8_t out[16] = {0};
	int n = 0, gap = -1;

	if (src[0] == ':' && src[1] != ':') {
		return 0;
	}
	while (*src != '\0') {
		if (src[0] == ':' && src[1] == ':' && gap < 0) {
			gap = n;
			src += 2;
			continue;
		}
		if (n > 0 && gap != n && *src++ != ':') {
			return 0;
		}
		if (n <= 12 && strchr(src, '.') != NULL && strchr(src, ':') == NULL) {
			if (!parse4(src, out + n)) {
				return 0;
			}
			n += 4;
			break;
		}
		unsigned int v = 0;
		int digits = 0;

		while (hex_digit(*src) >= 0 && digits < 5) {
			v = v << 4 | (unsigned int)hex_digit(*src++);
			digits++;
		}
		if (digits == 0 || digits > 4 || n > 14) {
			return 0;
		}
		out[n++] = (uint8_t)(v >> 8);
		out[n++] = (uint8_t)v;
	}
	if (gap < 0 ? n != 16 : n > 14) {
		return 0;
	}
	if (gap >= 0) {
		memmove(out + 16 - (n - gap), out + gap, (size_t)(n - gap));
		memset(out + gap, 0, (size_t)(16 - n));
	}
	memcpy(to, out, 16);
	return 1;
}

int nrf_inet_pton(int family, const char *src, void *dst)
{
	if (family != NRF_AF_INET && family != NRF_AF_INET6) {
		return fail(-NRF_EAFNOSUPPORT);
	}
	if (src == NULL || dst == NULL) {
		return 0;
	}
	return family == NRF_AF_INET ? parse4(src, dst) : parse6(src, dst);
}

char *nrf_inet_ntop(int family, const void *src, char *dst, nrf_socklen_t size)
{
	char text[NRF_INET6_ADDRSTRLEN];
	const uint8_t *a = src;

	if (family == NRF_AF_INET) {
		snprintf(text, sizeof(text), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	} else if (family == NRF_AF_INET6) {
		int best = -1, longest = 1;

		for (int i = 0; i < 8; i++) { /* the longest run of zeros, of two at least */
			int n = 0;

			while (i + n < 8 && a[2 * (i + n)] == 0 && a[2 * (i + n) + 1] == 0) {
				n++;
			}
			if (n > longest) {
				best = i;
				longest = n;
			}
		}
		size_t len = 0;

		text[0] = '\0';
		for (int i = 0; i < 8; i++) {
			if (i == best) {
				len += (size_t)snprintf(text + len, sizeof(text) - len, "::");
				i += longest - 1;
				continue;
			}
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%x",
						len > 0 && text[len - 1] != ':' ? ":" : "",
						a[2 * i] << 8 | a[2 * i + 1]);
		}
	} else {
		errno = NRF_EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(text) >= size) {
		errno = NRF_ENOSPC;
		return NULL;
	}
	return strcpy(dst, text);
}

int nrf_setdnsaddr(int family, const void *in_addr, nrf_socklen_t in_size)
{
	if ((family != NRF_AF_INET && family != NRF_AF_INET6) ||
	    (in_addr != NULL && in_size != (family == NRF_AF_INET ? 4u : 16u))) {
		return fail(-NRF_EINVAL);
	}
	return 0; /* names are looked up by the host */
}

int nrf_getifaddrs(struct nrf_ifaddrs **ifap)
{
	NEED_MODEM();
	if (ifap == NULL) {
		return fail(-NRF_EFAULT);
	}
	*ifap = NULL; /* no interface of the modem is known to the host */
	return 0;
}

void nrf_freeifaddrs(struct nrf_ifaddrs *ifa)
{
	(void)ifa;
}
