/* zsock_*: Zephyr's sockets on the modem library's. */
// build: if NET_SOCKETS && NRF_MODEM_LIB
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <nrf_socket.h>
#include <zephyr/net/socket.h>

const struct in6_addr in6addr_any = IN6ADDR_ANY_INIT;
const struct in6_addr in6addr_loopback = IN6ADDR_LOOPBACK_INIT;

/* ---- Addresses ---- */

union address {
	struct nrf_sockaddr_in in;
	struct nrf_sockaddr_in6 in6;
};

#define NRF_ADDR(a) ((struct nrf_sockaddr *)(void *)(a))

/* The modem library's form: its length, or 0 with errno set. */
static nrf_socklen_t to_nrf(const struct sockaddr *addr, socklen_t len, union address *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (addr == NULL) {
		errno = EFAULT;
		return 0;
	}
	if (addr->sa_family == AF_INET && len >= sizeof(in)) {
		memcpy(&in, addr, sizeof(in));
		out->in = (struct nrf_sockaddr_in){ .sin_family = NRF_AF_INET,
						    .sin_port = in.sin_port,
						    .sin_addr = { .s_addr = in.sin_addr.s_addr } };
		return sizeof(out->in);
	}
	if (addr->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, addr, sizeof(in6));
		out->in6 = (struct nrf_sockaddr_in6){ .sin6_family = NRF_AF_INET6,
						      .sin6_port = in6.sin6_port,
						      .sin6_scope_id = in6.sin6_scope_id };
		memcpy(out->in6.sin6_addr.s6_addr, in6.sin6_addr.s6_addr, 16);
		return sizeof(out->in6);
	}
	errno = addr->sa_family == AF_INET || addr->sa_family == AF_INET6 ? EINVAL : EAFNOSUPPORT;
	return 0;
}

static void from_nrf(const union address *from, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (addr == NULL || len == NULL) {
		return;
	}
	if (from->in.sin_family == NRF_AF_INET) {
		in.sin_port = from->in.sin_port;
		in.sin_addr.s_addr = from->in.sin_addr.s_addr;
		memcpy(addr, &in, MIN(*len, sizeof(in)));
		*len = sizeof(in);
	} else if (from->in.sin_family == NRF_AF_INET6) {
		in6.sin6_port = from->in6.sin6_port;
		in6.sin6_scope_id = (uint8_t)from->in6.sin6_scope_id;
		memcpy(in6.sin6_addr.s6_addr, from->in6.sin6_addr.s6_addr, 16);
		memcpy(addr, &in6, MIN(*len, sizeof(in6)));
		*len = sizeof(in6);
	} else {
		*len = 0;
	}
}

char *zsock_inet_ntop(sa_family_t family, const void *src, char *dst, size_t size)
{
	return nrf_inet_ntop(family, src, dst, (nrf_socklen_t)size);
}

int zsock_inet_pton(sa_family_t family, const char *src, void *dst)
{
	return nrf_inet_pton(family, src, dst);
}

char *net_addr_ntop(sa_family_t family, const void *src, char *dst, size_t size)
{
	return zsock_inet_ntop(family, src, dst, size);
}

int net_addr_pton(sa_family_t family, const char *src, void *dst)
{
	return zsock_inet_pton(family, src, dst) == 1 ? 0 : -EINVAL;
}

/* ---- Life of a socket ---- */

static int protocol_to_nrf(int proto)
{
	switch (proto) {
	case IPPROTO_TLS_1_2:
	case IPPROTO_TLS_1_3:
		return NRF_SPROTO_TLS1v2;
	case IPPROTO_DTLS_1_2:
		return NRF_SPROTO_DTLS1v2;
	case 0:
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_RAW:
	case IPPROTO_ALL:
		return proto;
	default:
		return -1;
	}
}

int zsock_socket(int family, int type, int proto)
{
	if (type & (SOCK_NATIVE | SOCK_NATIVE_TLS)) {
		errno = EAFNOSUPPORT; /* there is no native network beside the modem's */
		return -1;
	}
	if (family != AF_INET && family != AF_INET6 && family != AF_PACKET) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (protocol_to_nrf(proto) < 0) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	return nrf_socket(family, type, protocol_to_nrf(proto));
}

int zsock_socketpair(int family, int type, int proto, int *sv)
{
	(void)family;
	(void)type;
	(void)proto;
	(void)sv;
	errno = EOPNOTSUPP;
	return -1;
}

int zsock_close(int sock)
{
	return nrf_close(sock);
}

int zsock_shutdown(int sock, int how)
{
	return nrf_shutdown(sock, how);
}

int zsock_bind(int sock, const struct sockaddr *addr, socklen_t addrlen)
{
	union address to;
	nrf_socklen_t len = to_nrf(addr, addrlen, &to);

	return len == 0 ? -1 : nrf_bind(sock, NRF_ADDR(&to), len);
}

int zsock_connect(int sock, const struct sockaddr *addr, socklen_t addrlen)
{
	union address to;
	nrf_socklen_t len = to_nrf(addr, addrlen, &to);

	return len == 0 ? -1 : nrf_connect(sock, NRF_ADDR(&to), len);
}

int zsock_listen(int sock, int backlog)
{
	return nrf_listen(sock, backlog);
}

int zsock_accept(int sock, struct sockaddr *addr, socklen_t *addrlen)
{
	union address from = { .in = { 0 } };
	nrf_socklen_t len = sizeof(from);
	int fd = nrf_accept(sock, NRF_ADDR(&from), &len);

	if (fd >= 0) {
		from_nrf(&from, addr, addrlen);
	}
	return fd;
}

int zsock_getsockname(int sock, struct sockaddr *addr, socklen_t *addrlen)
{
	union address from = { .in = { 0 } };
	nrf_socklen_t len = sizeof(from);
	int err = nrf_getsockname(sock, NRF_ADDR(&from), &len);

	if (err == 0) {
		from_nrf(&from, addr, addrlen);
	}
	return err;
}

int zsock_getpeername(int sock, struct sockaddr *addr, socklen_t *addrlen)
{
	union address from = { .in = { 0 } };
	nrf_socklen_t len = sizeof(from);
	int err = nrf_getpeername(sock, NRF_ADDR(&from), &len);

	if (err == 0) {
		from_nrf(&from, addr, addrlen);
	}
	return err;
}

int z_zsock_fcntl(int sock, int cmd, int flags)
{
	int ret;

	switch (cmd) {
	case ZVFS_F_GETFL:
		ret = nrf_fcntl(sock, NRF_F_GETFL, 0);
		return ret < 0 ? ret : ret & NRF_O_NONBLOCK ? ZVFS_O_NONBLOCK : 0;
	case ZVFS_F_SETFL:
		return nrf_fcntl(sock, NRF_F_SETFL, flags & ZVFS_O_NONBLOCK ? NRF_O_NONBLOCK : 0);
	default:
		errno = EINVAL;
		return -1;
	}
}

int zsock_ioctl(int sock, unsigned long request, ...)
{
	(void)sock;
	(void)request;
	errno = EOPNOTSUPP;
	return -1;
}

/* ---- Data ---- */

ssize_t zsock_sendto(int sock, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr,
		     socklen_t addrlen)
{
	union address to;
	nrf_socklen_t to_len;

	if (dest_addr == NULL) {
		return nrf_send(sock, buf, len, flags);
	}
	to_len = to_nrf(dest_addr, addrlen, &to);
	return to_len == 0 ? -1 : nrf_sendto(sock, buf, len, flags, NRF_ADDR(&to), to_len);
}

ssize_t zsock_send(int sock, const void *buf, size_t len, int flags)
{
	return nrf_send(sock, buf, len, flags);
}

/* One piece of data from several: the modem has no such call. */
ssize_t zsock_sendmsg(int sock, const struct msghdr *msg, int flags)
{
	char small[512];
	char *all = small;
	size_t len = 0, at = 0;
	ssize_t ret;

	if (msg == NULL) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		len += msg->msg_iov[i].iov_len;
	}
	if (len > sizeof(small) && (all = malloc(len)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		if (msg->msg_iov[i].iov_len > 0) {
			memcpy(all + at, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		}
		at += msg->msg_iov[i].iov_len;
	}
	/* A stream may take less than all of it; what follows goes on from there. */
	ret = zsock_sendto(sock, all, len, flags, msg->msg_name, msg->msg_namelen);
	for (at = ret > 0 ? (size_t)ret : len; at < len && !(flags & ZSOCK_MSG_DONTWAIT); at += (size_t)ret) {
		ret = nrf_send(sock, all + at, len - at, flags);
		if (ret < 0) {
			break;
		}
	}
	if (ret >= 0) {
		ret = (ssize_t)at;
	}
	if (all != small) {
		free(all);
	}
	return ret;
}

ssize_t zsock_recvfrom(int sock, void *buf, size_t max_len, int flags, struct sockaddr *src_addr,
		       socklen_t *addrlen)
{
	union address from = { .in = { 0 } };
	nrf_socklen_t len = sizeof(from);
	ssize_t ret;

	if (src_addr == NULL) {
		return nrf_recv(sock, buf, max_len, flags);
	}
	ret = nrf_recvfrom(sock, buf, max_len, flags, NRF_ADDR(&from), &len);
	if (ret >= 0) {
		from_nrf(&from, src_addr, addrlen);
	}
	return ret;
}

ssize_t zsock_recv(int sock, void *buf, size_t max_len, int flags)
{
	return nrf_recv(sock, buf, max_len, flags);
}

ssize_t zsock_recvmsg(int sock, struct msghdr *msg, int flags)
{
	if (msg == NULL || msg->msg_iovlen != 1) {
		errno = msg == NULL ? EINVAL : EOPNOTSUPP;
		return -1;
	}
	return zsock_recvfrom(sock, msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len, flags, msg->msg_name,
			      &msg->msg_namelen);
}

/* ---- Waiting ---- */

#define POLL_MAX 32

int zsock_poll(struct zsock_pollfd *fds, int nfds, int timeout)
{
	struct nrf_pollfd list[POLL_MAX];
	int ret;

	if (nfds < 0 || nfds > POLL_MAX) {
		errno = nfds < 0 ? EINVAL : ENOMEM;
		return -1;
	}
	/* The bits are the same on both sides. */
	for (int i = 0; i < nfds; i++) {
		list[i] = (struct nrf_pollfd){ .fd = fds[i].fd, .events = fds[i].events };
	}
	ret = nrf_poll(list, (nrf_nfds_t)nfds, timeout);
	for (int i = 0; i < nfds; i++) {
		fds[i].revents = ret < 0 ? 0 : list[i].revents;
	}
	return ret;
}

int zsock_select(int nfds, zsock_fd_set *readfds, zsock_fd_set *writefds, zsock_fd_set *exceptfds,
		 struct timeval *timeout)
{
	struct zsock_pollfd list[POLL_MAX];
	int n = 0, ready = 0;

	for (int fd = 0; fd < MIN(nfds, ZSOCK_FD_SETSIZE); fd++) {
		short events = 0;

		events |= readfds != NULL && ZSOCK_FD_ISSET(fd, readfds) ? ZSOCK_POLLIN : 0;
		events |= writefds != NULL && ZSOCK_FD_ISSET(fd, writefds) ? ZSOCK_POLLOUT : 0;
		if (events == 0 && (exceptfds == NULL || !ZSOCK_FD_ISSET(fd, exceptfds))) {
			continue;
		}
		if (n == POLL_MAX) {
			errno = ENOMEM;
			return -1;
		}
		list[n++] = (struct zsock_pollfd){ .fd = fd, .events = events };
	}
	int ms = timeout == NULL ? -1 : (int)(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);

	if (zsock_poll(list, n, ms) < 0) {
		return -1;
	}
	for (int i = 0; i < n; i++) {
		zsock_fd_set *const sets[] = { readfds, writefds, exceptfds };
		static const short bits[] = { ZSOCK_POLLIN | ZSOCK_POLLHUP | ZSOCK_POLLERR,
					      ZSOCK_POLLOUT | ZSOCK_POLLERR, ZSOCK_POLLERR };

		if (list[i].revents & ZSOCK_POLLNVAL) {
			errno = EBADF;
			return -1;
		}
		for (int s = 0; s < 3; s++) {
			if (sets[s] == NULL || !ZSOCK_FD_ISSET(list[i].fd, sets[s])) {
				continue;
			}
			if (list[i].revents & bits[s]) {
				ready++;
			} else {
				ZSOCK_FD_CLR(list[i].fd, sets[s]);
			}
		}
	}
	return ready;
}

/* ---- Options ---- */

static const struct option {
	int level, name, nrf_level, nrf_name;
} options[] = {
	{ SOL_TLS, TLS_SEC_TAG_LIST, NRF_SOL_SECURE, NRF_SO_SEC_TAG_LIST },
	{ SOL_TLS, TLS_HOSTNAME, NRF_SOL_SECURE, NRF_SO_SEC_HOSTNAME },
	{ SOL_TLS, TLS_CIPHERSUITE_LIST, NRF_SOL_SECURE, NRF_SO_SEC_CIPHERSUITE_LIST },
	{ SOL_TLS, TLS_CIPHERSUITE_USED, NRF_SOL_SECURE, NRF_SO_SEC_CIPHERSUITE_USED },
	{ SOL_TLS, TLS_PEER_VERIFY, NRF_SOL_SECURE, NRF_SO_SEC_PEER_VERIFY },
	{ SOL_TLS, TLS_DTLS_ROLE, NRF_SOL_SECURE, NRF_SO_SEC_ROLE },
	{ SOL_TLS, TLS_SESSION_CACHE, NRF_SOL_SECURE, NRF_SO_SEC_SESSION_CACHE },
	{ SOL_TLS, TLS_SESSION_CACHE_PURGE, NRF_SOL_SECURE, NRF_SO_SEC_SESSION_CACHE_PURGE },
	{ SOL_TLS, TLS_DTLS_CID, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CID },
	{ SOL_TLS, TLS_DTLS_CID_STATUS, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CID_STATUS },
	{ SOL_TLS, 18, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_HANDSHAKE_TIMEO },
	{ SOL_TLS, 19, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CONN_SAVE },
	{ SOL_TLS, 20, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_CONN_LOAD },
	{ SOL_TLS, 21, NRF_SOL_SECURE, NRF_SO_SEC_HANDSHAKE_STATUS },
	{ SOL_TLS, 22, NRF_SOL_SECURE, NRF_SO_SEC_DTLS_FRAG_EXT },
	{ SOL_SOCKET, SO_REUSEADDR, NRF_SOL_SOCKET, NRF_SO_REUSEADDR },
	{ SOL_SOCKET, SO_ERROR, NRF_SOL_SOCKET, NRF_SO_ERROR },
	{ SOL_SOCKET, SO_RCVTIMEO, NRF_SOL_SOCKET, NRF_SO_RCVTIMEO },
	{ SOL_SOCKET, SO_SNDTIMEO, NRF_SOL_SOCKET, NRF_SO_SNDTIMEO },
	{ SOL_SOCKET, 30, NRF_SOL_SOCKET, NRF_SO_SILENCE_ALL },
	{ SOL_SOCKET, 31, NRF_SOL_SOCKET, NRF_SO_IP_ECHO_REPLY },
	{ SOL_SOCKET, 32, NRF_SOL_SOCKET, NRF_SO_IPV6_ECHO_REPLY },
	{ SOL_SOCKET, 33, NRF_SOL_SOCKET, NRF_SO_EXCEPTIONAL_DATA },
	{ SOL_SOCKET, 34, NRF_SOL_SOCKET, NRF_SO_KEEPOPEN },
	{ SOL_SOCKET, 40, NRF_SOL_SOCKET, NRF_SO_BINDTOPDN },
	{ SOL_SOCKET, 55, NRF_SOL_SOCKET, NRF_SO_TCP_SRV_SESSTIMEO },
	{ SOL_SOCKET, 61, NRF_SOL_SOCKET, NRF_SO_RAI },
	{ SOL_SOCKET, 62, NRF_SOL_SOCKET, NRF_SO_IPV6_DELAYED_ADDR_REFRESH },
	/* Until release 2.6 each hint was an option of its own. */
	{ SOL_SOCKET, 50, NRF_SOL_SOCKET, NRF_SO_RAI },
	{ SOL_SOCKET, 51, NRF_SOL_SOCKET, NRF_SO_RAI },
	{ SOL_SOCKET, 52, NRF_SOL_SOCKET, NRF_SO_RAI },
	{ SOL_SOCKET, 53, NRF_SOL_SOCKET, NRF_SO_RAI },
	{ SOL_SOCKET, 54, NRF_SOL_SOCKET, NRF_SO_RAI },
};

static const int rai_hints[] = { NRF_SO_RAI_LAST, NRF_SO_RAI_NO_DATA, NRF_SO_RAI_ONE_RESP, NRF_SO_RAI_ONGOING,
				 NRF_SO_RAI_WAIT_MORE };

static const struct option *find_option(int level, int name)
{
	if (name >= NET_SOCKET_NCS_BASE) {
		name -= NET_SOCKET_NCS_BASE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].level == level && options[i].name == name) {
			return &options[i];
		}
	}
	errno = ENOPROTOOPT;
	return NULL;
}

static bool is_timeout(const struct option *o)
{
	return o->level == SOL_SOCKET && (o->nrf_name == NRF_SO_RCVTIMEO || o->nrf_name == NRF_SO_SNDTIMEO);
}

int zsock_setsockopt(int sock, int level, int optname, const void *optval, socklen_t optlen)
{
	const struct option *o = find_option(level, optname);

	if (o == NULL) {
		return -1;
	}
	if (is_timeout(o)) {
		struct timeval tv;

		if (optval == NULL || optlen != sizeof(tv)) {
			errno = EINVAL;
			return -1;
		}
		memcpy(&tv, optval, sizeof(tv));
		struct nrf_timeval value = { (uint32_t)tv.tv_sec, (uint32_t)tv.tv_usec };

		return nrf_setsockopt(sock, o->nrf_level, o->nrf_name, &value, sizeof(value));
	}
	if (o->level == SOL_SOCKET && o->name >= 50 && o->name <= 54) {
		return nrf_setsockopt(sock, o->nrf_level, o->nrf_name, &rai_hints[o->name - 50], sizeof(int));
	}
	return nrf_setsockopt(sock, o->nrf_level, o->nrf_name, optval, (nrf_socklen_t)optlen);
}

int zsock_getsockopt(int sock, int level, int optname, void *optval, socklen_t *optlen)
{
	const struct option *o = find_option(level, optname);
	nrf_socklen_t len;
	int err;

	if (o == NULL) {
		return -1;
	}
	if (optval == NULL || optlen == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (is_timeout(o)) {
		struct nrf_timeval value;
		struct timeval tv;

		len = sizeof(value);
		if (*optlen < sizeof(tv)) {
			errno = EINVAL;
			return -1;
		}
		err = nrf_getsockopt(sock, o->nrf_level, o->nrf_name, &value, &len);
		if (err == 0) {
			tv = (struct timeval){ .tv_sec = value.tv_sec, .tv_usec = value.tv_usec };
			memcpy(optval, &tv, sizeof(tv));
			*optlen = sizeof(tv);
		}
		return err;
	}
	len = (nrf_socklen_t)*optlen;
	err = nrf_getsockopt(sock, o->nrf_level, o->nrf_name, optval, &len);
	if (err == 0) {
		*optlen = len;
	}
	return err;
}

/* ---- Names ---- */

static struct zsock_addrinfo *info_from_nrf(const struct nrf_addrinfo *from, const struct zsock_addrinfo *hints,
					    uint16_t port)
{
	struct zsock_addrinfo *ai = calloc(1, sizeof(*ai));
	union address addr = { .in = { 0 } };
	socklen_t len = sizeof(ai->_ai_addr);

	if (ai == NULL) {
		return NULL;
	}
	memcpy(&addr, from->ai_addr, MIN(from->ai_addrlen, sizeof(addr)));
	if (port != 0) {
		addr.in.sin_port = htons(port); /* at the same place in both forms */
	}
	ai->ai_addr = (struct sockaddr *)&ai->_ai_addr;
	from_nrf(&addr, ai->ai_addr, &len);
	ai->ai_addrlen = len;
	ai->ai_family = from->ai_family;
	ai->ai_socktype = hints != NULL && hints->ai_socktype != 0 ? hints->ai_socktype
			  : from->ai_socktype != 0			   ? from->ai_socktype
									   : SOCK_STREAM;
	ai->ai_protocol = hints != NULL && hints->ai_protocol != 0 ? hints->ai_protocol
			  : ai->ai_socktype == SOCK_DGRAM	   ? IPPROTO_UDP
								   : IPPROTO_TCP;
	if (from->ai_canonname != NULL) {
		strncpy(ai->_ai_canonname, from->ai_canonname, sizeof(ai->_ai_canonname) - 1);
		ai->ai_canonname = ai->_ai_canonname;
	}
	return ai;
}

int zsock_getaddrinfo(const char *host, const char *service, const struct zsock_addrinfo *hints,
		      struct zsock_addrinfo **res)
{
	struct nrf_addrinfo nrf_hints = { 0 }, *found = NULL;
	struct zsock_addrinfo **last = res;
	bool pdn = hints != NULL && (hints->ai_flags & AI_PDNSERV);
	long port = 0;
	int err;

	*res = NULL;
	if (service != NULL && !pdn) {
		char *end;

		port = strtol(service, &end, 10);
		if (*service == '\0' || *end != '\0' || port < 0 || port > UINT16_MAX) {
			return DNS_EAI_SERVICE;
		}
	}
	if (hints != NULL) {
		nrf_hints.ai_flags = hints->ai_flags &
				     (NRF_AI_CANONNAME | NRF_AI_NUMERICHOST | NRF_AI_NUMERICSERV | NRF_AI_PDNSERV);
		nrf_hints.ai_family = hints->ai_family;
		nrf_hints.ai_socktype = hints->ai_socktype;
	}
	err = nrf_getaddrinfo(host, service, hints != NULL ? &nrf_hints : NULL, &found);
	if (err != 0) {
		return err;
	}
	for (struct nrf_addrinfo *f = found; f != NULL; f = f->ai_next) {
		*last = info_from_nrf(f, hints, (uint16_t)port);
		if (*last == NULL) {
			err = DNS_EAI_MEMORY;
			break;
		}
		last = &(*last)->ai_next;
	}
	nrf_freeaddrinfo(found);
	if (err != 0) {
		zsock_freeaddrinfo(*res);
		*res = NULL;
	}
	return err;
}

void zsock_freeaddrinfo(struct zsock_addrinfo *ai)
{
	while (ai != NULL) {
		struct zsock_addrinfo *next = ai->ai_next;

		free(ai);
		ai = next;
	}
}

const char *zsock_gai_strerror(int errcode)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ DNS_EAI_BADFLAGS, "invalid value for ai_flags" },
		{ DNS_EAI_NONAME, "the name is not known" },
		{ DNS_EAI_AGAIN, "temporary failure of the name server" },
		{ DNS_EAI_FAIL, "failure of the name server" },
		{ DNS_EAI_NODATA, "the name has no address" },
		{ DNS_EAI_FAMILY, "ai_family is not supported" },
		{ DNS_EAI_SOCKTYPE, "ai_socktype is not supported" },
		{ DNS_EAI_SERVICE, "the service is not known" },
		{ DNS_EAI_ADDRFAMILY, "the name has no address of this family" },
		{ DNS_EAI_MEMORY, "out of memory" },
		{ DNS_EAI_SYSTEM, "system error, see errno" },
		{ DNS_EAI_OVERFLOW, "a buffer is too small" },
		{ DNS_EAI_INPROGRESS, "in progress" },
		{ DNS_EAI_CANCELED, "cancelled" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].code == errcode) {
			return texts[i].text;
		}
	}
	return errcode == 0 ? "no error" : "unknown error";
}

int zsock_gethostname(char *buf, size_t len)
{
	if (len < sizeof("zephyr")) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(buf, "zephyr");
	return 0;
}
