/*
 * The SDK's end of the library interface: one connection to the emulator, requests
 * and answers, and a thread that runs callbacks. Internal to the SDK, never
 * included by an application. The protocol stands in emulator/libmodem/doc.go.
 *
 * Errors are the negative of the device's errno (nrf_errno.h) everywhere; numbers
 * of the host never leave transport.c.
 */
#ifndef NCSH_TRANSPORT_H_
#define NCSH_TRANSPORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <nrf_errno.h>

/* ---- the connection ------------------------------------------------------ */

/* ncsh_connect connects to the emulator that NRF91EMU_LIBRARY names and waits for
 * power. The first call that needs the connection does so by itself. Without an
 * emulator the program ends with a sentence on standard error. */
void ncsh_connect(void);

/* ncsh_boot returns the number of the boot, from 1. */
uint32_t ncsh_boot(void);

/* ncsh_reset resets the device: the program begins again. It does not return. */
void ncsh_reset(void) __attribute__((noreturn));

/* ncsh_exit ends the program and says why in the record. It may be called from the handler of a
 * signal; the status of a crash is 128 and the signal's number. */
void ncsh_exit(int status, const char *why) __attribute__((noreturn));

/* ncsh_last_words does the same and leaves the ending to the caller, which must follow at once:
 * nothing else can be told any more. */
void ncsh_last_words(int status, const char *why);

/* ---- what the kernel provides --------------------------------------------- */

/* The transport calls these around anything that may wait and around callbacks in
 * interrupt context. There are empty weak ones. ncsh_unblock restores what
 * ncsh_block returned, which is NULL if the caller has given nothing up. */
void *ncsh_block(void);
void ncsh_unblock(void *waiter);
/* ncsh_answered says that what a waiter waits for has come: it is ready from now on, so that
 * threads go on in the order of answers and priorities and not in that of the host. */
void ncsh_answered(void *waiter);
void ncsh_isr_enter(void);
void ncsh_isr_exit(void);

/* ---- AT commands ---------------------------------------------------------- */

/* ncsh_at sends a command of len bytes and copies the response, with a NUL, to buf
 * of size bytes. It returns the length of the response, which may be more than
 * what was copied, or the negative of an errno. It waits for the end of other
 * threads' commands. */
ssize_t ncsh_at(const char *cmd, size_t len, char *buf, size_t size);

/* ---- callbacks ------------------------------------------------------------ */

/* Handlers of events. They are called in interrupt context: on one thread, one
 * after the other. They may make requests. Set them before the modem is started;
 * NULL is none. Texts end with a NUL. */
struct ncsh_handlers {
	void (*notification)(const char *text);
	void (*fault)(uint32_t reason, uint32_t program_counter);
	void (*button)(uint32_t pressed, uint32_t changed);
	void (*socket)(int handle, uint32_t events);
	void (*gnss)(uint32_t event);
};

extern struct ncsh_handlers ncsh_handlers;

/* ncsh_in_isr reports whether the caller is such a handler. */
bool ncsh_in_isr(void);

/* ncsh_defer runs fn in interrupt context. */
void ncsh_defer(void (*fn)(void *arg), void *arg);

/* ncsh_background runs fn on a thread that is none of the kernel's. */
void ncsh_background(void (*fn)(void *arg), void *arg);

/* ---- sockets -------------------------------------------------------------- */

/* A struct ncsh_addr is an address on the wire. */
struct ncsh_addr {
	uint8_t family; /* 1 IPv4, 2 IPv6, 0 none */
	uint16_t port;  /* in the host's byte order */
	uint8_t addr[16];
};

/* Each returns 0 or more, or the negative of an errno. Options have the levels,
 * names and values of nrf_socket.h. */
int ncsh_socket(int family, int type, int protocol);
int ncsh_close(int handle);
int ncsh_socket_connect(int handle, const struct ncsh_addr *addr);
/* ncsh_socket_connect_start begins to connect and returns -NRF_EINPROGRESS; what came of it tells
 * NRF_SO_ERROR. */
int ncsh_socket_connect_start(int handle, const struct ncsh_addr *addr);
int ncsh_bind(int handle, const struct ncsh_addr *addr);
int ncsh_listen(int handle, int backlog);
int ncsh_accept(int handle, int flags, struct ncsh_addr *addr);
ssize_t ncsh_send(int handle, const void *data, size_t size, int flags,
		  const struct ncsh_addr *addr);
ssize_t ncsh_recv(int handle, void *data, size_t size, int flags, struct ncsh_addr *addr);
int ncsh_setsockopt(int handle, int level, int name, const void *value, size_t size);
/* ncsh_send_timeout goes with the option NRF_SO_SNDTIMEO; 0 is for ever. */
void ncsh_send_timeout(int handle, int64_t milliseconds);
int ncsh_getsockopt(int handle, int level, int name, void *value, size_t size);
int ncsh_sockname(int handle, bool peer, struct ncsh_addr *addr);

/* ncsh_lookup returns how many addresses it has found, at most max, or one of
 * NRF_EAI_; with NRF_EAI_SYSTEM *err is an errno. */
int ncsh_lookup(const char *name, int family, struct ncsh_addr *addrs, int max, int *err);

struct ncsh_poll {
	int handle;
	uint16_t events;
	uint16_t revents;
};

/* ncsh_poll returns how many are ready within milliseconds, -1 being for ever. */
int ncsh_poll(struct ncsh_poll *fds, int n, int milliseconds);

/* ---- GNSS ----------------------------------------------------------------- */

int ncsh_gnss_set(uint32_t what, uint32_t value);
int ncsh_gnss_start(void);
int ncsh_gnss_stop(void);
/* ncsh_gnss_read returns the size of the frame, as it is on the wire. */
int ncsh_gnss_read(uint32_t type, void *buf, size_t size);

/* ---- modem, board and console --------------------------------------------- */

int ncsh_modem_init(int mode);
int ncsh_modem_shutdown(void);

/* ncsh_leds switches LEDs on, bit 0 being the first; ncsh_buttons returns those
 * that are pressed. */
void ncsh_leds(uint32_t on);
uint32_t ncsh_buttons(void);

/* ncsh_console hands a line of the console, without its end and without colours, to
 * the record: level 1 error, 2 warning, 3 info, 4 debug, 0 plain. What is on the
 * screen is up to the caller. */
void ncsh_console(int level, const char *line, size_t len);

#endif
