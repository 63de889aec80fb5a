/*
 * The numbers of errno as the device has them: newlib's, so that a line of a
 * log prints -116 where hardware prints -116.
 *
 * The C library below keeps its own numbers. Up to 34 they are the same; the
 * enumerators NRF91EMU_HOST_* hold those of the host that the SDK's sources
 * need, taken before the names get the device's values.
 */
#ifndef NRF91EMU_ERRNO_H_
#define NRF91EMU_ERRNO_H_

#include_next <errno.h>

enum {
	NRF91EMU_HOST_ETIMEDOUT = ETIMEDOUT,
	NRF91EMU_HOST_EINPROGRESS = EINPROGRESS,
	NRF91EMU_HOST_ECONNREFUSED = ECONNREFUSED,
	NRF91EMU_HOST_ECONNRESET = ECONNRESET,
};

#undef ENOMSG
#undef EIDRM
#undef EDEADLK
#undef ENOLCK
#undef ENOSTR
#undef ENODATA
#undef ETIME
#undef ENOSR
#undef EPROTO
#undef EBADMSG
#undef ENOSYS
#undef ENOTEMPTY
#undef ENAMETOOLONG
#undef ELOOP
#undef EOPNOTSUPP
#undef EPFNOSUPPORT
#undef ECONNRESET
#undef ENOBUFS
#undef EAFNOSUPPORT
#undef EPROTOTYPE
#undef ENOTSOCK
#undef ENOPROTOOPT
#undef ESHUTDOWN
#undef ECONNREFUSED
#undef EADDRINUSE
#undef ECONNABORTED
#undef ENETUNREACH
#undef ENETDOWN
#undef ETIMEDOUT
#undef EHOSTDOWN
#undef EHOSTUNREACH
#undef EINPROGRESS
#undef EALREADY
#undef EDESTADDRREQ
#undef EMSGSIZE
#undef EPROTONOSUPPORT
#undef ESOCKTNOSUPPORT
#undef EADDRNOTAVAIL
#undef ENETRESET
#undef EISCONN
#undef ENOTCONN
#undef ETOOMANYREFS
#undef ENOTSUP
#undef EILSEQ
#undef EOVERFLOW
#undef ECANCELED
#undef EWOULDBLOCK

#define EWOULDBLOCK EAGAIN
#define ENOMSG 35
#define EIDRM 36
#define EDEADLK 45
#define ENOLCK 46
#define ENOSTR 60
#define ENODATA 61
#define ETIME 62
#define ENOSR 63
#define EPROTO 71
#define EBADMSG 77
#define ENOSYS 88
#define ENOTEMPTY 90
#define ENAMETOOLONG 91
#define ELOOP 92
#define EOPNOTSUPP 95
#define EPFNOSUPPORT 96
#define ECONNRESET 104
#define ENOBUFS 105
#define EAFNOSUPPORT 106
#define EPROTOTYPE 107
#define ENOTSOCK 108
#define ENOPROTOOPT 109
#define ESHUTDOWN 110
#define ECONNREFUSED 111
#define EADDRINUSE 112
#define ECONNABORTED 113
#define ENETUNREACH 114
#define ENETDOWN 115
#define ETIMEDOUT 116
#define EHOSTDOWN 117
#define EHOSTUNREACH 118
#define EINPROGRESS 119
#define EALREADY 120
#define EDESTADDRREQ 121
#define EMSGSIZE 122
#define EPROTONOSUPPORT 123
#define ESOCKTNOSUPPORT 124
#define EADDRNOTAVAIL 125
#define ENETRESET 126
#define EISCONN 127
#define ENOTCONN 128
#define ETOOMANYREFS 129
#define ENOTSUP 134
#define EILSEQ 138
#define EOVERFLOW 139
#define ECANCELED 140

#endif
