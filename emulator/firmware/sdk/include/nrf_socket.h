/*
 * Sockets of the modem. Functions return -1 and set errno, with the numbers of
 * nrf_errno.h.
 */
#ifndef NRF_SOCKET_H__
#define NRF_SOCKET_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ncshost.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NRF_MODEM_MAX_SOCKET_COUNT 8
#define NRF_SOCKET_TLS_MAX_MESSAGE_SIZE 2048
#define NRF_SOCKET_TLS_MAX_SEC_TAG_LIST_SIZE 7
#define NRF_SOCKET_TLS_MAX_CIPHERS 15

#define NRF_HTONS(x) ((uint16_t)__builtin_bswap16((uint16_t)(x)))
#define NRF_HTONL(x) ((uint32_t)__builtin_bswap32((uint32_t)(x)))
#define NRF_NTOHS(x) NRF_HTONS(x)
#define NRF_NTOHL(x) NRF_HTONL(x)
#define nrf_htons(x) NRF_HTONS(x)
#define nrf_htonl(x) NRF_HTONL(x)
#define nrf_ntohs(x) NRF_HTONS(x)
#define nrf_ntohl(x) NRF_HTONL(x)

#define NRF_INET_ADDRSTRLEN 16
#define NRF_INET6_ADDRSTRLEN 46

/* Families, types and protocols. */
#define NRF_AF_UNSPEC 0
#define NRF_AF_INET 1
#define NRF_AF_INET6 2
#define NRF_AF_PACKET 3

#define NRF_SOCK_STREAM 1
#define NRF_SOCK_DGRAM 2
#define NRF_SOCK_RAW 3

#define NRF_IPPROTO_IP 0
#define NRF_IPPROTO_TCP 6
#define NRF_IPPROTO_UDP 17
#define NRF_IPPROTO_IPV6 41
#define NRF_IPPROTO_RAW 255
#define NRF_IPPROTO_ALL 512
#define NRF_SPROTO_TLS1v2 258
#define NRF_SPROTO_DTLS1v2 273

/* Options of level NRF_SOL_SECURE. */
#define NRF_SOL_SOCKET 1
#define NRF_SOL_SECURE 282

#define NRF_SO_SEC_TAG_LIST 1
#define NRF_SO_SEC_HOSTNAME 2
#define NRF_SO_SEC_CIPHERSUITE_LIST 3
#define NRF_SO_SEC_CIPHERSUITE_USED 4
#define NRF_SO_SEC_PEER_VERIFY 5
#define NRF_SO_SEC_ROLE 6
#define NRF_SO_SEC_SESSION_CACHE 12
#define NRF_SO_SEC_SESSION_CACHE_PURGE 13
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEO 14
#define NRF_SO_SEC_DTLS_CID 15
#define NRF_SO_SEC_DTLS_CID_STATUS 16
#define NRF_SO_SEC_DTLS_CONN_SAVE 17
#define NRF_SO_SEC_DTLS_CONN_LOAD 18
#define NRF_SO_SEC_HANDSHAKE_STATUS 19
#define NRF_SO_SEC_DTLS_FRAG_EXT 20

#define NRF_SO_SEC_ROLE_CLIENT 0
#define NRF_SO_SEC_ROLE_SERVER 1
#define NRF_SO_SEC_PEER_VERIFY_NONE 0
#define NRF_SO_SEC_PEER_VERIFY_OPTIONAL 1
#define NRF_SO_SEC_PEER_VERIFY_REQUIRED 2
#define NRF_SO_SEC_SESSION_CACHE_DISABLED 0
#define NRF_SO_SEC_SESSION_CACHE_ENABLED 1
#define NRF_SO_SEC_DTLS_CID_DISABLED 0
#define NRF_SO_SEC_DTLS_CID_SUPPORTED 1
#define NRF_SO_SEC_DTLS_CID_ENABLED 2
#define NRF_SO_SEC_DTLS_CID_STATUS_DISABLED 0
#define NRF_SO_SEC_DTLS_CID_STATUS_DOWNLINK 1
#define NRF_SO_SEC_DTLS_CID_STATUS_UPLINK 2
#define NRF_SO_SEC_DTLS_CID_STATUS_BIDIRECTIONAL 3
#define NRF_SO_SEC_HANDSHAKE_STATUS_FULL 0
#define NRF_SO_SEC_HANDSHAKE_STATUS_CACHED 1
#define NRF_SO_SEC_DTLS_FRAG_EXT_DISABLED 0
#define NRF_SO_SEC_DTLS_FRAG_EXT_512_ENABLED 1
#define NRF_SO_SEC_DTLS_FRAG_EXT_1024_ENABLED 2
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_NONE 0
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_1S 1
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_3S 3
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_7S 7
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_15S 15
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_31S 31
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_63S 63
#define NRF_SO_SEC_DTLS_HANDSHAKE_TIMEOUT_123S 123

/* Options of level NRF_SOL_SOCKET. */
#define NRF_SO_REUSEADDR 2
#define NRF_SO_ERROR 4
#define NRF_SO_RCVTIMEO 20
#define NRF_SO_SNDTIMEO 21
#define NRF_SO_SILENCE_ALL 30
#define NRF_SO_IP_ECHO_REPLY 31
#define NRF_SO_IPV6_ECHO_REPLY 32
#define NRF_SO_EXCEPTIONAL_DATA 33
#define NRF_SO_KEEPOPEN 34
#define NRF_SO_BINDTOPDN 40
#define NRF_SO_TCP_SRV_SESSTIMEO 55
#define NRF_SO_POLLCB 60
#define NRF_SO_RAI 61
#define NRF_SO_IPV6_DELAYED_ADDR_REFRESH 62

#define NRF_SO_RAI_NO_DATA 1
#define NRF_SO_RAI_LAST 2
#define NRF_SO_RAI_ONE_RESP 3
#define NRF_SO_RAI_ONGOING 4
#define NRF_SO_RAI_WAIT_MORE 5
#define NRF_RAI_NO_DATA NRF_SO_RAI_NO_DATA
#define NRF_RAI_LAST NRF_SO_RAI_LAST
#define NRF_RAI_ONE_RESP NRF_SO_RAI_ONE_RESP
#define NRF_RAI_ONGOING NRF_SO_RAI_ONGOING
#define NRF_RAI_WAIT_MORE NRF_SO_RAI_WAIT_MORE

/* Flags of send and receive, of fcntl and of poll. */
#define NRF_MSG_PEEK 0x02
#define NRF_MSG_TRUNC 0x20
#define NRF_MSG_DONTWAIT 0x40
#define NRF_MSG_WAITALL 0x100
#define NRF_MSG_WAITACK 0x200

#define NRF_F_GETFL 3
#define NRF_F_SETFL 4
#define NRF_O_NONBLOCK 0x01

#define NRF_POLLIN 0x1
#define NRF_POLLOUT 0x4
#define NRF_POLLERR 0x8
#define NRF_POLLHUP 0x10
#define NRF_POLLNVAL 0x20

#define NRF_SHUT_RD 0
#define NRF_SHUT_WR 1
#define NRF_SHUT_RDWR 2

/* Looking up names. */
#define NRF_AI_CANONNAME 0x2
#define NRF_AI_NUMERICHOST 0x4
#define NRF_AI_NUMERICSERV 0x400
#define NRF_AI_PDNSERV 0x1000

#define NRF_EAI_BADFLAGS -1
#define NRF_EAI_NONAME -2
#define NRF_EAI_AGAIN -3
#define NRF_EAI_FAIL -4
#define NRF_EAI_NODATA -5
#define NRF_EAI_FAMILY -6
#define NRF_EAI_SOCKTYPE -7
#define NRF_EAI_SERVICE -8
#define NRF_EAI_ADDRFAMILY -9
#define NRF_EAI_MEMORY -10
#define NRF_EAI_SYSTEM -11
#define NRF_EAI_INPROGRESS -100

typedef uint32_t nrf_socklen_t;
typedef uint32_t nrf_nfds_t;
typedef uint16_t nrf_in_port_t;
typedef uint16_t nrf_sa_family_t;
typedef uint32_t nrf_in_addr_t;
typedef uint32_t nrf_sec_tag_t;
/* Tags from here on have the modem show its TLS keys; they are not the user's. */
#define NRF_SEC_TAG_TLS_DECRYPT_BASE 2147483648u
typedef int nrf_sec_role_t;
typedef int nrf_sec_session_cache_t;
typedef int nrf_sec_peer_verify_t;
typedef int nrf_sec_cipher_t;

struct nrf_timeval {
	uint32_t tv_sec;
	uint32_t tv_usec;
};

struct nrf_in_addr {
	nrf_in_addr_t s_addr;
};

struct nrf_in6_addr {
	uint8_t s6_addr[16];
};

struct nrf_sockaddr_in {
	nrf_sa_family_t sin_family;
	nrf_in_port_t sin_port;
	struct nrf_in_addr sin_addr;
};

struct nrf_sockaddr_in6 {
	nrf_sa_family_t sin6_family;
	nrf_in_port_t sin6_port;
	struct nrf_in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

struct nrf_sockaddr {
	nrf_sa_family_t sa_family;
	char sa_data[];
};

struct nrf_addrinfo {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	nrf_socklen_t ai_addrlen;
	struct nrf_sockaddr *ai_addr;
	char *ai_canonname;
	struct nrf_addrinfo *ai_next;
};

struct nrf_pollfd {
	int fd;
	short events;
	short revents;
};

struct nrf_ifaddrs {
	struct nrf_ifaddrs *ifa_next;
	char *ifa_name;
	unsigned int ifa_flags;
	struct nrf_sockaddr *ifa_addr;
	struct nrf_sockaddr *ifa_netmask;
	struct nrf_sockaddr *ifa_dstaddr;
	void *ifa_data;
};

/* The value of NRF_SO_POLLCB: a callback, in interrupt context, for events. */
struct nrf_modem_pollcb {
	void (*callback)(struct nrf_pollfd *pollfd);
	uint32_t events;
	bool oneshot;
};

extern const struct nrf_in6_addr nrf_in6addr_any;
extern const struct nrf_in_addr nrf_inaddr_any;

int nrf_socket(int family, int type, int protocol);
int nrf_close(int fildes);
int nrf_shutdown(int fildes, int how);
int nrf_fcntl(int fd, int cmd, int flags);
int nrf_connect(int socket, const struct nrf_sockaddr *address, nrf_socklen_t address_len);
int nrf_listen(int socket, int backlog);
int nrf_accept(int socket, struct nrf_sockaddr *cliaddr, nrf_socklen_t *address_len);
int nrf_bind(int socket, const struct nrf_sockaddr *address, nrf_socklen_t address_len);
ssize_t nrf_send(int socket, const void *buffer, size_t length, int flags);
ssize_t nrf_sendto(int socket, const void *message, size_t length, int flags,
		   const struct nrf_sockaddr *dest_addr, nrf_socklen_t dest_len);
ssize_t nrf_recv(int socket, void *buffer, size_t length, int flags);
ssize_t nrf_recvfrom(int socket, void *buffer, size_t length, int flags,
		     struct nrf_sockaddr *address, nrf_socklen_t *address_len);
int nrf_poll(struct nrf_pollfd fds[], nrf_nfds_t nfds, int timeout);
int nrf_setsockopt(int socket, int level, int option_name, const void *option_value,
		   nrf_socklen_t option_len);
int nrf_getsockopt(int socket, int level, int option_name, void *option_value,
		   nrf_socklen_t *option_len);
int nrf_getsockname(int socket, struct nrf_sockaddr *address, nrf_socklen_t *address_len);
int nrf_getpeername(int socket, struct nrf_sockaddr *address, nrf_socklen_t *address_len);

/* nrf_getaddrinfo returns 0, or one of NRF_EAI_; with NRF_EAI_SYSTEM errno says
 * more. */
int nrf_getaddrinfo(const char *nodename, const char *servname, const struct nrf_addrinfo *hints,
		    struct nrf_addrinfo **res);
void nrf_freeaddrinfo(struct nrf_addrinfo *ai);

int nrf_inet_pton(int family, const char *src, void *dst);
char *nrf_inet_ntop(int family, const void *src, char *dst, nrf_socklen_t size);

/* nrf_setdnsaddr sets a secondary DNS server; the emulated modem asks the host. */
int nrf_setdnsaddr(int family, const void *in_addr, nrf_socklen_t in_size);

int nrf_getifaddrs(struct nrf_ifaddrs **ifap);
void nrf_freeifaddrs(struct nrf_ifaddrs *ifa);

#ifdef __cplusplus
}
#endif

#endif
