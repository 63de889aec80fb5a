/* Addresses, families and the order of bytes on the network. */
#ifndef NRF91EMU_ZEPHYR_NET_NET_IP_H_
#define NRF91EMU_ZEPHYR_NET_NET_IP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/time.h>
/* Before the macros here and in socket.h, which would change what these declare. */
#include <fcntl.h>
#include <unistd.h>
#include <zephyr/sys/byteorder.h>
#include <zephyr/sys/util.h>

/*
 * The host's <sys/socket.h> must not be seen beside these: its numbers and structures are
 * other ones. Its types get another name here, so that a clash cannot pass in silence.
 */
#define PF_UNSPEC 0
#define PF_INET 1
#define PF_INET6 2
#define PF_PACKET 3
#define PF_CAN 4
#define PF_NET_MGMT 5
#define PF_LOCAL 6
#define PF_UNIX PF_LOCAL
#define AF_UNSPEC PF_UNSPEC
#define AF_INET PF_INET
#define AF_INET6 PF_INET6
#define AF_PACKET PF_PACKET
#define AF_CAN PF_CAN
#define AF_NET_MGMT PF_NET_MGMT
#define AF_LOCAL PF_LOCAL
#define AF_UNIX PF_UNIX

enum net_ip_protocol {
	IPPROTO_IP = 0,
	IPPROTO_ICMP = 1,
	IPPROTO_IGMP = 2,
	IPPROTO_TCP = 6,
	IPPROTO_UDP = 17,
	IPPROTO_IPV6 = 41,
	IPPROTO_ICMPV6 = 58,
	IPPROTO_RAW = 255,
	IPPROTO_ALL = 512,
};
enum net_ip_protocol_secure {
	IPPROTO_TLS_1_0 = 256,
	IPPROTO_TLS_1_1 = 257,
	IPPROTO_TLS_1_2 = 258,
	IPPROTO_TLS_1_3 = 259,
	IPPROTO_DTLS_1_0 = 272,
	IPPROTO_DTLS_1_2 = 273,
};
enum net_sock_type {
	SOCK_STREAM = 1,
	SOCK_DGRAM = 2,
	SOCK_RAW = 3,
};
/* Or-ed into the type: sockets of Zephyr's own network stack, which is not here. */
#define SOCK_NATIVE ((int)0x80000000)
#define SOCK_NATIVE_TLS 0x40000000

typedef unsigned short sa_family_t;
typedef size_t ncs_socklen_t;
#define socklen_t ncs_socklen_t
typedef uint16_t in_port_t;
typedef uint32_t in_addr_t;

struct in_addr {
	union {
		uint8_t s4_addr[4];
		uint16_t s4_addr16[2];
		uint32_t s4_addr32[1];
		uint32_t s_addr;
	};
};
struct in6_addr {
	union {
		uint8_t s6_addr[16];
		uint16_t s6_addr16[8];
		uint32_t s6_addr32[4];
	};
};
struct sockaddr_in {
	sa_family_t sin_family;
	uint16_t sin_port;
	struct in_addr sin_addr;
};
struct sockaddr_in6 {
	sa_family_t sin6_family;
	uint16_t sin6_port;
	struct in6_addr sin6_addr;
	uint8_t sin6_scope_id;
};
#define NET_SOCKADDR_MAX_SIZE 24
struct sockaddr {
	sa_family_t sa_family;
	char data[NET_SOCKADDR_MAX_SIZE - sizeof(sa_family_t)];
};
/* Aligned for the addresses that are read and written through it. */
struct sockaddr_storage {
	sa_family_t ss_family;
	char data[NET_SOCKADDR_MAX_SIZE - sizeof(sa_family_t)];
} __aligned(8);
struct sockaddr_ptr {
	sa_family_t family;
};

struct ncs_iovec {
	void *iov_base;
	size_t iov_len;
};
#define iovec ncs_iovec
struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	int msg_flags;
};

#define INADDR_ANY 0
#define INADDR_ANY_INIT { { { 0, 0, 0, 0 } } }
#define INADDR_LOOPBACK_INIT { { { 127, 0, 0, 1 } } }
#define IN6ADDR_ANY_INIT { { { 0 } } }
#define IN6ADDR_LOOPBACK_INIT { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }
extern const struct in6_addr in6addr_any;
extern const struct in6_addr in6addr_loopback;

#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46
#define NET_IPV4_ADDR_LEN INET_ADDRSTRLEN
#define NET_IPV6_ADDR_LEN INET6_ADDRSTRLEN
#define NET_IPV4_ADDR_SIZE 4
#define NET_IPV6_ADDR_SIZE 16

#define ntohs(x) sys_be16_to_cpu((uint16_t)(x))
#define ntohl(x) sys_be32_to_cpu((uint32_t)(x))
#define ntohll(x) sys_be64_to_cpu((uint64_t)(x))
#define htons(x) sys_cpu_to_be16((uint16_t)(x))
#define htonl(x) sys_cpu_to_be32((uint32_t)(x))
#define htonll(x) sys_cpu_to_be64((uint64_t)(x))

/* The same under the names of Zephyr 4.4. */
#define NET_AF_UNSPEC AF_UNSPEC
#define NET_AF_INET AF_INET
#define NET_AF_INET6 AF_INET6
#define NET_AF_PACKET AF_PACKET
#define NET_SOCK_STREAM SOCK_STREAM
#define NET_SOCK_DGRAM SOCK_DGRAM
#define NET_SOCK_RAW SOCK_RAW
#define NET_IPPROTO_TCP IPPROTO_TCP
#define NET_IPPROTO_UDP IPPROTO_UDP
#define NET_IPPROTO_TLS_1_2 IPPROTO_TLS_1_2
#define NET_IPPROTO_TLS_1_3 IPPROTO_TLS_1_3
#define NET_IPPROTO_DTLS_1_2 IPPROTO_DTLS_1_2
#define NET_INET_ADDRSTRLEN INET_ADDRSTRLEN
#define NET_INET6_ADDRSTRLEN INET6_ADDRSTRLEN
#define net_sockaddr sockaddr
#define net_sockaddr_in sockaddr_in
#define net_sockaddr_in6 sockaddr_in6
#define net_sockaddr_storage sockaddr_storage
#define net_in_addr in_addr
#define net_in6_addr in6_addr
#define net_socklen_t socklen_t
#define net_sa_family_t sa_family_t
#define net_htons(x) htons(x)
#define net_htonl(x) htonl(x)
#define net_ntohs(x) ntohs(x)
#define net_ntohl(x) ntohl(x)

static inline struct sockaddr_in *net_sin(const struct sockaddr *addr) { return (struct sockaddr_in *)(uintptr_t)addr; }
static inline struct sockaddr_in6 *net_sin6(const struct sockaddr *addr) { return (struct sockaddr_in6 *)(uintptr_t)addr; }

char *net_addr_ntop(sa_family_t family, const void *src, char *dst, size_t size);
int net_addr_pton(sa_family_t family, const char *src, void *dst);

/* The name of a family, for people. */
static inline const char *net_family2str(sa_family_t family)
{
	switch (family) {
	case AF_UNSPEC:
		return "AF_UNSPEC";
	case AF_INET:
		return "AF_INET";
	case AF_INET6:
		return "AF_INET6";
	case AF_PACKET:
		return "AF_PACKET";
	default:
		return NULL;
	}
}

#endif
