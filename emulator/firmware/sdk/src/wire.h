/* The protocol of the library interface, see emulator/libmodem/doc.go. */
#ifndef NCSH_WIRE_H_
#define NCSH_WIRE_H_

#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 1
#define HEADER_SIZE 8
#define ADDR_SIZE 20
#define MAX_PAYLOAD (1u << 20)

/* Limits of this end. */
#define MAX_HANDLES 64
#define MAX_POLL 64
#define LARGEST_SEND (16 * 1024)
#define LARGEST_RECV (64 * 1024)

/* Streams: data from SMALL_SEND bytes on is sent without waiting for an answer, as long as no more
 * than WINDOW bytes are on the way. Up to GATHER bytes of such frames are written together. */
#define SEND_NOW (1u << 31)
#define SMALL_SEND 512
#define WINDOW (128 * 1024)
#define GATHER (64 * 1024)
#define NCSH_WAITACK 0x200

enum {
	TYPE_HELLO = 1,
	TYPE_INIT = 2,
	TYPE_SHUTDOWN = 3,
	TYPE_AT = 4,
	TYPE_SOCKET = 16,
	TYPE_CLOSE = 17,
	TYPE_CONNECT = 18,
	TYPE_BIND = 19,
	TYPE_LISTEN = 20,
	TYPE_ACCEPT = 21,
	TYPE_SEND = 22,
	TYPE_RECV = 23,
	TYPE_SETOPT = 24,
	TYPE_GETOPT = 25,
	TYPE_NAME = 26,
	TYPE_LOOKUP = 27,
	TYPE_POLL = 28,
	TYPE_GNSS_SET = 32,
	TYPE_GNSS_START = 33,
	TYPE_GNSS_STOP = 34,
	TYPE_GNSS_READ = 35,
	TYPE_LEDS = 48,
	TYPE_BUTTONS = 49,
	TYPE_LOG = 50,
	TYPE_RESET = 51,
	TYPE_EXIT = 52,
	EVENT_NOTIFICATION = 128,
	EVENT_FAULT = 129,
	EVENT_POWER = 130,
	EVENT_BUTTON = 131,
	EVENT_SOCKET = 132,
	EVENT_GNSS = 133,
	EVENT_TAKEN = 134,
};

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

#endif
