/*
 * Sockets, which are the modem's. Names are zsock_*, and those of POSIX where the
 * configuration gives them (CONFIG_POSIX_API, CONFIG_NET_SOCKETS_POSIX_NAMES).
 * Functions return -1 and set errno, with the device's numbers.
 */
#ifndef NRF91EMU_ZEPHYR_NET_SOCKET_H_
#define NRF91EMU_ZEPHYR_NET_SOCKET_H_

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/time.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket_ncs.h>
#include <zephyr/net/tls_credentials.h>

struct zsock_pollfd {
	int fd;
	short events;
	short revents;
};
#define ZSOCK_POLLIN 1
#define ZSOCK_POLLPRI 2
#define ZSOCK_POLLOUT 4
#define ZSOCK_POLLERR 8
#define ZSOCK_POLLHUP 0x10
#define ZSOCK_POLLNVAL 0x20

#define ZSOCK_MSG_PEEK 0x02
#define ZSOCK_MSG_CTRUNC 0x08
#define ZSOCK_MSG_TRUNC 0x20
#define ZSOCK_MSG_DONTWAIT 0x40
#define ZSOCK_MSG_WAITALL 0x100
#define ZSOCK_SHUT_RD 0
#define ZSOCK_SHUT_WR 1
#define ZSOCK_SHUT_RDWR 2
#define ZVFS_F_GETFL 3
#define ZVFS_F_SETFL 4
#define ZVFS_O_NONBLOCK 0x4000

#define SOL_TLS 282
#define TLS_SEC_TAG_LIST 1
#define TLS_HOSTNAME 2
#define TLS_CIPHERSUITE_LIST 3
#define TLS_CIPHERSUITE_USED 4
#define TLS_PEER_VERIFY 5
#define TLS_DTLS_ROLE 6
#define TLS_ALPN_LIST 7
#define TLS_DTLS_HANDSHAKE_TIMEOUT_MIN 8
#define TLS_DTLS_HANDSHAKE_TIMEOUT_MAX 9
#define TLS_CERT_NOCOPY 10
#define TLS_NATIVE 11
#define TLS_SESSION_CACHE 12
#define TLS_SESSION_CACHE_PURGE 13
#define TLS_DTLS_CID 14
#define TLS_DTLS_CID_STATUS 15
#define TLS_DTLS_CID_VALUE 16
#define TLS_DTLS_PEER_CID_VALUE 17
#define TLS_PEER_VERIFY_NONE 0
#define TLS_PEER_VERIFY_OPTIONAL 1
#define TLS_PEER_VERIFY_REQUIRED 2
#define TLS_DTLS_ROLE_CLIENT 0
#define TLS_DTLS_ROLE_SERVER 1
#define TLS_CERT_NOCOPY_NONE 0
#define TLS_CERT_NOCOPY_OPTIONAL 1
#define TLS_SESSION_CACHE_DISABLED 0
#define TLS_SESSION_CACHE_ENABLED 1
#define TLS_DTLS_CID_DISABLED 0
#define TLS_DTLS_CID_SUPPORTED 1
#define TLS_DTLS_CID_ENABLED 2
#define TLS_DTLS_CID_STATUS_DISABLED 0
#define TLS_DTLS_CID_STATUS_DOWNLINK 1
#define TLS_DTLS_CID_STATUS_UPLINK 2
#define TLS_DTLS_CID_STATUS_BIDIRECTIONAL 3

#define SOL_SOCKET 1
#define SO_REUSEADDR 2
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_DONTROUTE 5
#define SO_BROADCAST 6
#define SO_SNDBUF 7
#define SO_RCVBUF 8
#define SO_KEEPALIVE 9
#define SO_OOBINLINE 10
#define SO_PRIORITY 12
#define SO_LINGER 13
#define SO_REUSEPORT 15
#define SO_RCVLOWAT 18
#define SO_SNDLOWAT 19
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_BINDTODEVICE 25
#define SO_ACCEPTCONN 30
#define SO_PROTOCOL 38
#define SO_DOMAIN 39
#define TCP_NODELAY 1

#define AI_PASSIVE 0x1
#define AI_CANONNAME 0x2
#define AI_NUMERICHOST 0x4
#define AI_V4MAPPED 0x8
#define AI_ALL 0x10
#define AI_ADDRCONFIG 0x20
#define AI_NUMERICSERV 0x400

#define DNS_EAI_BADFLAGS -1
#define DNS_EAI_NONAME -2
#define DNS_EAI_AGAIN -3
#define DNS_EAI_FAIL -4
#define DNS_EAI_NODATA -5
#define DNS_EAI_FAMILY -6
#define DNS_EAI_SOCKTYPE -7
#define DNS_EAI_SERVICE -8
#define DNS_EAI_ADDRFAMILY -9
#define DNS_EAI_MEMORY -10
#define DNS_EAI_SYSTEM -11
#define DNS_EAI_OVERFLOW -12
#define DNS_EAI_INPROGRESS -100
#define DNS_EAI_CANCELED -101
#define DNS_EAI_NOTCANCELED -102
#define DNS_EAI_ALLDONE -103
#define DNS_EAI_IDN_ENCODE -105

struct zsock_addrinfo {
	struct zsock_addrinfo *ai_next;
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	/* What the pointers point to. */
	struct sockaddr_storage _ai_addr;
	char _ai_canonname[64];
};

#define ZSOCK_FD_SETSIZE 64
typedef struct {
	uint32_t bits[(ZSOCK_FD_SETSIZE + 31) / 32];
} zsock_fd_set;
static inline void ZSOCK_FD_ZERO(zsock_fd_set *set) { memset(set, 0, sizeof(*set)); }
static inline void ZSOCK_FD_SET(int fd, zsock_fd_set *set) { set->bits[fd / 32] |= 1U << (fd % 32); }
static inline void ZSOCK_FD_CLR(int fd, zsock_fd_set *set) { set->bits[fd / 32] &= ~(1U << (fd % 32)); }
static inline int ZSOCK_FD_ISSET(int fd, zsock_fd_set *set) { return (set->bits[fd / 32] >> (fd % 32)) & 1; }

int zsock_socket(int family, int type, int proto);
int zsock_socketpair(int family, int type, int proto, int *sv);
int zsock_close(int sock);
int zsock_shutdown(int sock, int how);
int zsock_bind(int sock, const struct sockaddr *addr, socklen_t addrlen);
int zsock_connect(int sock, const struct sockaddr *addr, socklen_t addrlen);
int zsock_listen(int sock, int backlog);
int zsock_accept(int sock, struct sockaddr *addr, socklen_t *addrlen);
ssize_t zsock_send(int sock, const void *buf, size_t len, int flags);
ssize_t zsock_sendto(int sock, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr,
		     socklen_t addrlen);
ssize_t zsock_sendmsg(int sock, const struct msghdr *msg, int flags);
ssize_t zsock_recv(int sock, void *buf, size_t max_len, int flags);
ssize_t zsock_recvfrom(int sock, void *buf, size_t max_len, int flags, struct sockaddr *src_addr,
		       socklen_t *addrlen);
ssize_t zsock_recvmsg(int sock, struct msghdr *msg, int flags);
int z_zsock_fcntl(int sock, int cmd, int flags);
#define zsock_fcntl(sock, cmd, ...) z_zsock_fcntl(sock, cmd, __VA_ARGS__ + 0)
int zsock_ioctl(int sock, unsigned long request, ...);
int zsock_poll(struct zsock_pollfd *fds, int nfds, int timeout);
int zsock_select(int nfds, zsock_fd_set *readfds, zsock_fd_set *writefds, zsock_fd_set *exceptfds,
		 struct timeval *timeout);
int zsock_getsockopt(int sock, int level, int optname, void *optval, socklen_t *optlen);
int zsock_setsockopt(int sock, int level, int optname, const void *optval, socklen_t optlen);
int zsock_getsockname(int sock, struct sockaddr *addr, socklen_t *addrlen);
int zsock_getpeername(int sock, struct sockaddr *addr, socklen_t *addrlen);
int zsock_getaddrinfo(const char *host, const char *service, const struct zsock_addrinfo *hints,
		      struct zsock_addrinfo **res);
void zsock_freeaddrinfo(struct zsock_addrinfo *ai);
const char *zsock_gai_strerror(int errcode);
char *zsock_inet_ntop(sa_family_t family, const void *src, char *dst, size_t size);
int zsock_inet_pton(sa_family_t family, const char *src, void *dst);
int zsock_gethostname(char *buf, size_t len);

#define zsock_timeval timeval /* its name in newer releases */

/*
 * The names of POSIX. Macros that take arguments touch calls only: a member or a
 * variable of that name stays what it is. Until release 2.6 close() was there in any case.
 */
#if defined(CONFIG_POSIX_API) || defined(CONFIG_NET_SOCKETS_POSIX_NAMES)
#define socket(family, type, proto) zsock_socket(family, type, proto)
#define socketpair(family, type, proto, sv) zsock_socketpair(family, type, proto, sv)
#define shutdown(sock, how) zsock_shutdown(sock, how)
#define bind(sock, addr, addrlen) zsock_bind(sock, addr, addrlen)
#define connect(sock, addr, addrlen) zsock_connect(sock, addr, addrlen)
#define listen(sock, backlog) zsock_listen(sock, backlog)
#define accept(sock, addr, addrlen) zsock_accept(sock, addr, addrlen)
#define send(sock, buf, len, flags) zsock_send(sock, buf, len, flags)
#define sendto(sock, buf, len, flags, addr, addrlen) zsock_sendto(sock, buf, len, flags, addr, addrlen)
#define sendmsg(sock, msg, flags) zsock_sendmsg(sock, msg, flags)
#define recv(sock, buf, len, flags) zsock_recv(sock, buf, len, flags)
#define recvfrom(sock, buf, len, flags, addr, addrlen) zsock_recvfrom(sock, buf, len, flags, addr, addrlen)
#define recvmsg(sock, msg, flags) zsock_recvmsg(sock, msg, flags)
#define poll(fds, nfds, timeout) zsock_poll(fds, nfds, timeout)
#define getsockopt(sock, level, name, value, len) zsock_getsockopt(sock, level, name, value, len)
#define setsockopt(sock, level, name, value, len) zsock_setsockopt(sock, level, name, value, len)
#define getsockname(sock, addr, addrlen) zsock_getsockname(sock, addr, addrlen)
#define getpeername(sock, addr, addrlen) zsock_getpeername(sock, addr, addrlen)
#define getaddrinfo(host, service, hints, res) zsock_getaddrinfo(host, service, hints, res)
#define freeaddrinfo(ai) zsock_freeaddrinfo(ai)
#define gai_strerror(err) zsock_gai_strerror(err)
#define inet_ntop(family, src, dst, size) zsock_inet_ntop(family, src, dst, size)
#define inet_pton(family, src, dst) zsock_inet_pton(family, src, dst)
#define fcntl(sock, ...) zsock_fcntl(sock, __VA_ARGS__)
#define gethostname(buf, len) zsock_gethostname(buf, len)
#define close(sock) zsock_close(sock)
#define addrinfo zsock_addrinfo
#define pollfd zsock_pollfd
#undef F_GETFL
#undef F_SETFL
#undef O_NONBLOCK
#define F_GETFL ZVFS_F_GETFL
#define F_SETFL ZVFS_F_SETFL
#define O_NONBLOCK ZVFS_O_NONBLOCK
#endif
#define POLLIN ZSOCK_POLLIN
#define POLLPRI ZSOCK_POLLPRI
#define POLLOUT ZSOCK_POLLOUT
#define POLLERR ZSOCK_POLLERR
#define POLLHUP ZSOCK_POLLHUP
#define POLLNVAL ZSOCK_POLLNVAL
#define MSG_PEEK ZSOCK_MSG_PEEK
#define MSG_CTRUNC ZSOCK_MSG_CTRUNC
#define MSG_TRUNC ZSOCK_MSG_TRUNC
#define MSG_DONTWAIT ZSOCK_MSG_DONTWAIT
#define MSG_WAITALL ZSOCK_MSG_WAITALL
#define SHUT_RD ZSOCK_SHUT_RD
#define SHUT_WR ZSOCK_SHUT_WR
#define SHUT_RDWR ZSOCK_SHUT_RDWR
#define EAI_BADFLAGS DNS_EAI_BADFLAGS
#define EAI_NONAME DNS_EAI_NONAME
#define EAI_AGAIN DNS_EAI_AGAIN
#define EAI_FAIL DNS_EAI_FAIL
#define EAI_NODATA DNS_EAI_NODATA
#define EAI_MEMORY DNS_EAI_MEMORY
#define EAI_SYSTEM DNS_EAI_SYSTEM
#define EAI_SERVICE DNS_EAI_SERVICE
#define EAI_SOCKTYPE DNS_EAI_SOCKTYPE
#define EAI_FAMILY DNS_EAI_FAMILY

#endif
