/*
 * The connection to the emulator, see transport.h and emulator/libmodem/doc.go.
 *
 * A reader thread hands answers to who waits for them and events to a second
 * thread, the interrupt context, which calls handlers. When the device loses power
 * or is reset, the program is started anew in the same process, and its first
 * request waits for power.
 */
#include "transport.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <ncshost.h>

#include "hostsock.h"
#include "wire.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#define SLOTS 64
#define READ_BUFFER (32 * 1024)

/* A request that waits for its answer. */
struct slot {
	bool used;
	bool done;
	uint16_t id;
	int32_t result;
	uint8_t *buf;
	size_t size;
	size_t got; /* bytes of the payload behind the result, also those that did not fit */
	void *waiter;
	pthread_cond_t cond;
};

/* An event for the interrupt context. */
struct event {
	struct event *next;
	void (*fn)(void *arg);
	void *arg;
	uint8_t type;
	uint32_t size;
	uint8_t payload[];
};

struct ncsh_handlers ncsh_handlers;

static int fd = -1;
static pthread_once_t connected = PTHREAD_ONCE_INIT;
static uint32_t boot;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static pthread_cond_t slot_free = PTHREAD_COND_INITIALIZER;
static struct slot slots[SLOTS];
static uint8_t generation;
static struct event *first, **last = &first;
static pthread_cond_t event_cond = PTHREAD_COND_INITIALIZER;
static bool isr_started;
static pthread_t isr_thread;

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER; /* of the socket; taken before gathering */

/* Frames of sends without an answer are gathered: a thread writes what there is as soon as it runs, and
 * so does everybody who writes something else. So a program that sends a lot makes few system calls,
 * and nothing waits for more. */
static pthread_mutex_t gathering = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t gathered_some = PTHREAD_COND_INITIALIZER;
static uint8_t gather_buffers[2][GATHER];
static uint8_t *gathered = gather_buffers[0];
static size_t gathered_size;
static bool gatherer_started;

static int saved_argc;
static char **saved_argv;

/* ---- hooks of the kernel --------------------------------------------------- */

__attribute__((weak)) void *ncsh_block(void)
{
	return NULL;
}

__attribute__((weak)) void ncsh_unblock(void *waiter)
{
	(void)waiter;
}

__attribute__((weak)) void ncsh_answered(void *waiter)
{
	(void)waiter;
}

__attribute__((weak)) void ncsh_isr_enter(void)
{
}

__attribute__((weak)) void ncsh_isr_exit(void)
{
}

/* ---- beginning and end ------------------------------------------------------ */

static void die(const char *text) __attribute__((noreturn));

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0) {
		return; /* nobody is left to tell */
	}
}

static void die(const char *text)
{
	say("nrf91emu: ");
	say(text);
	say("\n");
	_exit(1);
}

#if defined(__GLIBC__) || defined(__APPLE__)
__attribute__((constructor)) static void save_arguments(int argc, char **argv, char **envp)
{
	(void)envp;
	saved_argc = argc;
	saved_argv = argv;
}
#endif

static const char *program_name(void)
{
	if (saved_argc < 1 || saved_argv[0] == NULL) {
		return "";
	}
	const char *slash = strrchr(saved_argv[0], '/');

	return slash != NULL ? slash + 1 : saved_argv[0];
}

/* Starts the program anew, as a chip does after a reset. */
static void restart(void) __attribute__((noreturn));

static void restart(void)
{
	static char *none[] = {(char *)"firmware", NULL};
	char **argv = saved_argc > 0 ? saved_argv : none;
	sigset_t all;

	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
#ifdef __APPLE__
	char path[4096];
	uint32_t size = sizeof(path);

	if (_NSGetExecutablePath(path, &size) == 0) {
		execv(path, argv);
	}
#else
	execv("/proc/self/exe", argv);
#endif
	die("the program cannot be started anew after a reset");
}

static void write_all(struct iovec *iov, int n)
{
	while (n > 0) {
		ssize_t done = writev(fd, iov, n);

		if (done < 0) {
			if (ncsh_host_interrupted()) {
				continue;
			}
			return; /* the reader learns what is wrong */
		}
		while (n > 0 && (size_t)done >= iov->iov_len) {
			done -= (ssize_t)iov->iov_len;
			iov++;
			n--;
		}
		if (n > 0) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= (size_t)done;
		}
	}
}

/* Writes what was gathered, and n pieces after it. The caller holds the lock writing, so that the
 * other buffer is not needed before this one has been written. */
static void write_after_gathered(const struct iovec *pieces, int n)
{
	struct iovec iov[4];
	int all = 0;

	pthread_mutex_lock(&gathering);
	if (gathered_size > 0) {
		iov[all++] = (struct iovec){gathered, gathered_size};
		gathered = gathered == gather_buffers[0] ? gather_buffers[1] : gather_buffers[0];
		gathered_size = 0;
	}
	pthread_mutex_unlock(&gathering);
	for (int i = 0; i < n; i++) {
		iov[all++] = pieces[i];
	}
	write_all(iov, all);
}

static void put_header(uint8_t *header, uint8_t type, uint16_t id, size_t size)
{
	put32(header, (uint32_t)size);
	header[4] = type;
	header[5] = 0;
	put16(header + 6, id);
}

static void send_frame(uint8_t type, uint16_t id, const void *head, size_t head_size,
		       const void *data, size_t data_size)
{
	uint8_t header[HEADER_SIZE];
	struct iovec iov[3] = {
		{header, sizeof(header)},
		{(void *)(uintptr_t)head, head_size},
		{(void *)(uintptr_t)data, data_size},
	};

	put_header(header, type, id, head_size + data_size);
	pthread_mutex_lock(&writing);
	write_after_gathered(iov, 3);
	pthread_mutex_unlock(&writing);
}

static void flush_gathered(void)
{
	pthread_mutex_lock(&writing);
	write_after_gathered(NULL, 0);
	pthread_mutex_unlock(&writing);
}

static void *gatherer(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_mutex_lock(&gathering);
		while (gathered_size == 0) {
			pthread_cond_wait(&gathered_some, &gathering);
		}
		pthread_mutex_unlock(&gathering);
		flush_gathered();
	}
	return NULL;
}

static void start_thread(void *(*fn)(void *), void *arg);

/* Sends a frame without an answer, soon. */
static void gather_frame(uint8_t type, const void *head, size_t head_size, const void *data,
			 size_t data_size)
{
	size_t size = HEADER_SIZE + head_size + data_size;

	pthread_mutex_lock(&gathering);
	if (gathered_size + size > GATHER) {
		pthread_mutex_unlock(&gathering);
		send_frame(type, 0, head, head_size, data, data_size);
		return;
	}
	uint8_t *at = gathered + gathered_size;

	put_header(at, type, 0, head_size + data_size);
	memcpy(at + HEADER_SIZE, head, head_size);
	memcpy(at + HEADER_SIZE + head_size, data, data_size);
	if (gathered_size == 0) {
		if (!gatherer_started) {
			gatherer_started = true;
			start_thread(gatherer, NULL);
			atexit(flush_gathered);
		}
		pthread_cond_signal(&gathered_some);
	}
	gathered_size += size;
	pthread_mutex_unlock(&gathering);
}

/* ---- requests ------------------------------------------------------------------ */

/* Sends a request and waits; waiter is what ncsh_block returned. The payload behind the result goes
 * to buf; *got, if it is not NULL, is its size, also that of what did not fit. */
static int32_t exchange(void *waiter, uint8_t type, const void *head, size_t head_size, const void *data,
			size_t data_size, void *buf, size_t size, size_t *got)
{
	struct slot *slot = NULL;

	ncsh_connect();
	pthread_mutex_lock(&lock);
	while (slot == NULL) {
		for (int i = 0; i < SLOTS; i++) {
			if (!slots[i].used) {
				slot = &slots[i];
				slot->id = (uint16_t)(++generation << 8 | (i + 1));
				break;
			}
		}
		if (slot == NULL) {
			pthread_cond_wait(&slot_free, &lock);
		}
	}
	slot->used = true;
	slot->done = false;
	slot->buf = buf;
	slot->waiter = waiter;
	slot->size = size;
	slot->got = 0;
	pthread_mutex_unlock(&lock);

	send_frame(type, slot->id, head, head_size, data, data_size);

	pthread_mutex_lock(&lock);
	while (!slot->done) {
		pthread_cond_wait(&slot->cond, &lock);
	}
	int32_t result = slot->result;

	if (got != NULL) {
		*got = slot->got;
	}
	slot->used = false;
	pthread_cond_signal(&slot_free);
	pthread_mutex_unlock(&lock);
	return result;
}

static int32_t call(uint8_t type, const void *head, size_t head_size, const void *data,
		    size_t data_size, void *buf, size_t size, size_t *got)
{
	void *waiter = ncsh_block();
	int32_t result = exchange(waiter, type, head, head_size, data, data_size, buf, size, got);

	ncsh_unblock(waiter);
	return result;
}

/* A request without an answer. */
static void tell(uint8_t type, const void *head, size_t head_size, const void *data,
		 size_t data_size)
{
	ncsh_connect();
	send_frame(type, 0, head, head_size, data, data_size);
}

/* ---- streams that are sent without waiting --------------------------------------- */

struct stream {
	bool fast;      /* connected, and all has gone well so far */
	size_t largest; /* data of one send */
	size_t on_way;
	int err;
	int64_t timeout_ms; /* of a send; 0 for ever */
	bool stream;
	bool secure;
};

static struct stream streams[MAX_HANDLES];
static pthread_cond_t room = PTHREAD_COND_INITIALIZER;
static size_t max_message = 2048;

static struct stream *stream_of(int handle)
{
	return handle >= 0 && handle < MAX_HANDLES ? &streams[handle] : NULL;
}

/* The event Taken. The caller holds the lock. */
static void taken(const uint8_t *p)
{
	struct stream *s = stream_of((int)get32(p));
	size_t gone = get32(p + 4) + get32(p + 8);
	int err = -(int32_t)get32(p + 12);

	if (s == NULL) {
		return;
	}
	s->on_way -= gone < s->on_way ? gone : s->on_way;
	if (err != 0) {
		s->fast = false;
		if (get32(p + 8) > 0) {
			s->err = err;
		}
	}
	pthread_cond_broadcast(&room);
}

/* ---- the reader -------------------------------------------------------------------- */

static uint8_t in[READ_BUFFER];
static size_t in_start, in_end;

static void lost(void) __attribute__((noreturn));

static void lost(void)
{
	die("the emulator has ended the connection; what it says about that is in its record "
	    "(nrf91emu ctl events)");
}

static void read_some(uint8_t *buf, size_t size, size_t least, size_t *have)
{
	while (*have < least) {
		ssize_t n = read(fd, buf + *have, size - *have);

		if (n < 0 && ncsh_host_interrupted()) {
			continue;
		}
		if (n <= 0) {
			lost();
		}
		*have += (size_t)n;
	}
}

/* Returns the next n bytes, at most as many as the buffer has. */
static const uint8_t *next(size_t n)
{
	if (in_end - in_start < n) {
		memmove(in, in + in_start, in_end - in_start);
		in_end -= in_start;
		in_start = 0;
		read_some(in, sizeof(in), n, &in_end);
	}
	in_start += n;
	return in + in_start - n;
}

/* Takes n bytes to buf, of which there may be none. */
static void take(uint8_t *buf, size_t n)
{
	size_t have = in_end - in_start;

	have = have < n ? have : n;
	if (buf != NULL) {
		memcpy(buf, in + in_start, have);
	}
	in_start += have;
	if (buf != NULL) {
		read_some(buf, n, n, &have);
		return;
	}
	while (have < n) {
		size_t part = n - have < sizeof(in) ? n - have : sizeof(in);

		next(part);
		have += part;
	}
}

static void *isr_main(void *arg);

/* Puts an event into the queue. The caller holds the lock. */
static void queue(struct event *e)
{
	e->next = NULL;
	*last = e;
	last = &e->next;
	if (!isr_started) {
		isr_started = true;
		if (pthread_create(&isr_thread, NULL, isr_main, NULL) != 0) {
			die("there are too many threads");
		}
		pthread_detach(isr_thread);
	}
	pthread_cond_signal(&event_cond);
}

static struct event *new_event(size_t size)
{
	struct event *e = calloc(1, sizeof(*e) + size + 1);

	if (e == NULL) {
		die("there is no memory left");
	}
	e->size = (uint32_t)size;
	return e;
}

static void read_event(uint8_t type, size_t size)
{
	struct event *e = new_event(size);

	take(e->payload, size);
	e->type = type;
	if (type == EVENT_POWER) {
		restart();
	}
	pthread_mutex_lock(&lock);
	if (type == EVENT_TAKEN && size >= 16) {
		taken(e->payload);
		free(e);
	} else {
		queue(e);
	}
	pthread_mutex_unlock(&lock);
}

static void *reader(void *arg)
{
	(void)arg;
	for (;;) {
		const uint8_t *header = next(HEADER_SIZE);
		size_t size = get32(header);
		uint8_t type = header[4];
		uint16_t id = get16(header + 6);
		unsigned int i = (id & 0xff) - 1u;

		if (size > MAX_PAYLOAD) {
			die("the emulator does not speak this SDK's protocol");
		}
		if (id == 0) {
			read_event(type, size);
			continue;
		}
		if (i >= SLOTS || size < 4) {
			take(NULL, size);
			continue;
		}
		struct slot *slot = &slots[i];
		int32_t result = (int32_t)get32(next(4));

		if (!slot->used || slot->done || slot->id != id) {
			die("the emulator has answered a request that was not made");
		}

		/* The slot is its waiter's until done is set. */
		size -= 4;
		size_t fits = size < slot->size ? size : slot->size;

		take(slot->buf, slot->buf != NULL ? fits : 0);
		take(NULL, slot->buf != NULL ? size - fits : size);
		ncsh_answered(slot->waiter);
		pthread_mutex_lock(&lock);
		slot->result = result;
		slot->got = size;
		slot->done = true;
		pthread_cond_signal(&slot->cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

/* ---- the interrupt context ------------------------------------------------------------ */

static void handle(const struct event *e)
{
	const struct ncsh_handlers *h = &ncsh_handlers;
	const uint8_t *p = e->payload;

	if (e->fn != NULL) {
		e->fn(e->arg);
		return;
	}
	switch (e->type) {
	case EVENT_NOTIFICATION:
		if (h->notification != NULL) {
			h->notification((const char *)p);
		}
		break;
	case EVENT_FAULT:
		if (h->fault != NULL && e->size >= 8) {
			h->fault(get32(p), get32(p + 4));
		}
		break;
	case EVENT_BUTTON:
		if (h->button != NULL && e->size >= 8) {
			h->button(get32(p), get32(p + 4));
		}
		break;
	case EVENT_SOCKET:
		if (h->socket != NULL && e->size >= 8) {
			h->socket((int)get32(p), get32(p + 4));
		}
		break;
	case EVENT_GNSS:
		if (h->gnss != NULL && e->size >= 4) {
			h->gnss(get32(p));
		}
		break;
	default: /* of a later version */
		break;
	}
}

static void *isr_main(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_mutex_lock(&lock);
		while (first == NULL) {
			pthread_cond_wait(&event_cond, &lock);
		}
		struct event *e = first;

		first = e->next;
		if (first == NULL) {
			last = &first;
		}
		pthread_mutex_unlock(&lock);
		ncsh_isr_enter();
		handle(e);
		ncsh_isr_exit();
		free(e);
	}
	return NULL;
}

bool ncsh_in_isr(void)
{
	return isr_started && pthread_equal(pthread_self(), isr_thread);
}

void ncsh_defer(void (*fn)(void *arg), void *arg)
{
	struct event *e = new_event(0);

	e->fn = fn;
	e->arg = arg;
	pthread_mutex_lock(&lock);
	queue(e);
	pthread_mutex_unlock(&lock);
}

/* ---- connecting -------------------------------------------------------------------------- */

/* Says Hello and waits for power. The reader does not run yet. */
static void hello(void)
{
	uint8_t head[12];
	uint8_t answer[256];
	const char *name = program_name();

	put16(head, PROTOCOL_VERSION);
	put16(head + 2, 0);
	put32(head + 4, NCSHOST_VER);
	put32(head + 8, (uint32_t)getpid());
	send_frame(TYPE_HELLO, 1, head, sizeof(head), name, strlen(name));
	for (;;) {
		const uint8_t *header = next(HEADER_SIZE);
		size_t size = get32(header);
		uint8_t type = header[4];

		if (size > MAX_PAYLOAD || (type == TYPE_HELLO && size < 4)) {
			die("the emulator does not speak this SDK's protocol");
		}
		if (type != TYPE_HELLO) {
			take(NULL, size);
			continue;
		}
		size_t fits = size < sizeof(answer) - 1 ? size : sizeof(answer) - 1;

		memset(answer, 0, sizeof(answer));
		take(answer, fits);
		take(NULL, size - fits);
		if ((int32_t)get32(answer) < 0) {
			die((const char *)answer + 4);
		}
		boot = get32(answer + 8);
		max_message = get32(answer + 12);
		return;
	}
}

static void start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;
	sigset_t all, before;

	/* Signals are for the program's own threads. */
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, fn, arg) != 0) {
		die("there are too many threads");
	}
	pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct background {
	void (*fn)(void *arg);
	void *arg;
};

static void *run_background(void *arg)
{
	struct background b = *(struct background *)arg;

	free(arg);
	b.fn(b.arg);
	return NULL;
}

void ncsh_background(void (*fn)(void *arg), void *arg)
{
	struct background *b = malloc(sizeof(*b));

	if (b == NULL) {
		die("there is no memory left");
	}
	b->fn = fn;
	b->arg = arg;
	start_thread(run_background, b);
}

static void do_connect(void)
{
	const char *place = getenv("NRF91EMU_LIBRARY");

	if (place == NULL || *place == '\0') {
		die("NRF91EMU_LIBRARY is not set, so there is no modem: run the program with\n"
		    "  nrf91emu exec -- PROGRAM\n"
		    "or start a modem with nrf91emu run and set the variable that it prints.");
	}
	fd = ncsh_host_connect(place);
	if (fd < 0) {
		char text[512];

		snprintf(text, sizeof(text),
			 "no modem answers at %s (NRF91EMU_LIBRARY); is nrf91emu still running?",
			 place);
		die(text);
	}
	for (int i = 0; i < SLOTS; i++) {
		pthread_cond_init(&slots[i].cond, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	hello();
	start_thread(reader, NULL);
}

void ncsh_connect(void)
{
	pthread_once(&connected, do_connect);
}

uint32_t ncsh_boot(void)
{
	ncsh_connect();
	return boot;
}

void ncsh_reset(void)
{
	tell(TYPE_RESET, NULL, 0, NULL, 0);
	for (;;) {
		pause(); /* the reader starts the program anew */
	}
}

void ncsh_exit(int status, const char *why)
{
	ncsh_last_words(status, why);
	_exit(status);
}

void ncsh_last_words(int status, const char *why)
{
	uint8_t frame[HEADER_SIZE + 4];
	size_t len = strlen(why);
	struct iovec iov[3] = {{NULL, 0}, {frame, sizeof(frame)}, {(void *)(uintptr_t)why, len}};

	/* A frame that another thread has begun and does not end cannot be ended here. */
	for (int i = 0; fd >= 0 && i < 100; i++) {
		if (pthread_mutex_trylock(&writing) == 0) {
			if (pthread_mutex_trylock(&gathering) == 0) {
				iov[0] = (struct iovec){gathered, gathered_size};
			}
			put_header(frame, TYPE_EXIT, 0, 4 + len);
			put32(frame + HEADER_SIZE, (uint32_t)status);
			write_all(iov, 3);
			break;
		}
		usleep(1000);
	}
}

/* ---- AT commands -------------------------------------------------------------------------- */

static pthread_mutex_t at_lock = PTHREAD_MUTEX_INITIALIZER;

ssize_t ncsh_at(const char *cmd, size_t len, char *buf, size_t size)
{
	size_t got = 0;
	void *waiter = ncsh_block();

	pthread_mutex_lock(&at_lock);
	int32_t result = exchange(waiter, TYPE_AT, NULL, 0, cmd, len, buf, size > 0 ? size - 1 : 0, &got);

	pthread_mutex_unlock(&at_lock);
	ncsh_unblock(waiter);
	if (size > 0) {
		buf[result < 0 ? 0 : got < size - 1 ? got : size - 1] = '\0';
	}
	return result < 0 ? result : (ssize_t)got;
}

/* ---- sockets -------------------------------------------------------------------------------- */

static void put_addr(uint8_t *p, const struct ncsh_addr *addr)
{
	memset(p, 0, ADDR_SIZE);
	if (addr != NULL) {
		p[0] = addr->family;
		put16(p + 2, addr->port);
		memcpy(p + 4, addr->addr, sizeof(addr->addr));
	}
}

static void get_addr(struct ncsh_addr *addr, const uint8_t *p)
{
	if (addr != NULL) {
		addr->family = p[0];
		addr->port = get16(p + 2);
		memcpy(addr->addr, p + 4, sizeof(addr->addr));
	}
}

int ncsh_socket(int family, int type, int protocol)
{
	uint8_t head[4] = {(uint8_t)family, (uint8_t)type};

	put16(head + 2, (uint16_t)protocol);
	int handle = call(TYPE_SOCKET, head, sizeof(head), NULL, 0, NULL, 0, NULL);
	struct stream *s = stream_of(handle);

	if (s != NULL) {
		pthread_mutex_lock(&lock);
		memset(s, 0, sizeof(*s));
		s->secure = protocol == 258;
		s->stream = type == 1;
		pthread_mutex_unlock(&lock);
	}
	return handle;
}

/* Forgets how data was sent on a handle, or begins to send without waiting. */
static void set_fast(int handle, bool fast)
{
	struct stream *s = stream_of(handle);

	if (s != NULL) {
		pthread_mutex_lock(&lock);
		s->fast = fast && s->stream;
		s->largest = s->secure ? max_message : LARGEST_SEND;
		pthread_cond_broadcast(&room);
		pthread_mutex_unlock(&lock);
	}
}

static int32_t call_handle(uint8_t type, int handle)
{
	uint8_t head[4];

	put32(head, (uint32_t)handle);
	return call(type, head, sizeof(head), NULL, 0, NULL, 0, NULL);
}

int ncsh_close(int handle)
{
	set_fast(handle, false);
	return call_handle(TYPE_CLOSE, handle);
}

int ncsh_socket_connect(int handle, const struct ncsh_addr *addr)
{
	uint8_t head[4 + ADDR_SIZE];

	put32(head, (uint32_t)handle);
	put_addr(head + 4, addr);
	int err = call(TYPE_CONNECT, head, sizeof(head), NULL, 0, NULL, 0, NULL);

	if (err == 0) {
		set_fast(handle, true);
	}
	return err;
}

int ncsh_socket_connect_start(int handle, const struct ncsh_addr *addr)
{
	uint8_t head[4 + ADDR_SIZE];

	put32(head, (uint32_t)handle);
	put_addr(head + 4, addr);
	tell(TYPE_CONNECT, head, sizeof(head), NULL, 0);
	return -NRF_EINPROGRESS;
}

int ncsh_bind(int handle, const struct ncsh_addr *addr)
{
	uint8_t head[4 + ADDR_SIZE];

	put32(head, (uint32_t)handle);
	put_addr(head + 4, addr);
	return call(TYPE_BIND, head, sizeof(head), NULL, 0, NULL, 0, NULL);
}

int ncsh_listen(int handle, int backlog)
{
	uint8_t head[8];

	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)backlog);
	return call(TYPE_LISTEN, head, sizeof(head), NULL, 0, NULL, 0, NULL);
}

int ncsh_accept(int handle, int flags, struct ncsh_addr *addr)
{
	uint8_t head[8];
	uint8_t from[ADDR_SIZE] = {0};

	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)flags);
	int peer = call(TYPE_ACCEPT, head, sizeof(head), NULL, 0, from, sizeof(from), NULL);
	struct stream *s = stream_of(peer);

	if (s != NULL) {
		get_addr(addr, from);
		pthread_mutex_lock(&lock);
		memset(s, 0, sizeof(*s));
		s->stream = true;
		pthread_mutex_unlock(&lock);
		set_fast(peer, true);
	}
	return peer;
}

/* Waits until n bytes more may be on the way. The caller holds the lock; the result is false if that
 * has taken too long. */
static bool wait_for_room(const struct stream *s, size_t n)
{
	struct timespec until;
	bool in_time = true;

	ncsh_host_deadline(&until, s->timeout_ms);
	while (s->fast && s->on_way + n > WINDOW && in_time) {
		if (s->timeout_ms > 0) {
			in_time = pthread_cond_timedwait(&room, &lock, &until) == 0;
		} else {
			pthread_cond_wait(&room, &lock);
		}
	}
	return in_time;
}

/* Sends data of a stream without waiting for an answer, if that may be done here: returns 0 if
 * not. */
static ssize_t send_now(int handle, const void *data, size_t size)
{
	struct stream *s = stream_of(handle);
	uint8_t head[8 + ADDR_SIZE] = {0};

	if (s == NULL || size < SMALL_SEND) {
		return 0;
	}
	bool in_time = true;

	pthread_mutex_lock(&lock);
	size_t n = size < s->largest ? size : s->largest;

	if (s->fast && s->err == 0 && s->on_way + n > WINDOW) {
		pthread_mutex_unlock(&lock);
		void *waiter = ncsh_block();

		pthread_mutex_lock(&lock);
		in_time = wait_for_room(s, n);
		pthread_mutex_unlock(&lock);
		ncsh_unblock(waiter);
		pthread_mutex_lock(&lock);
	}
	ssize_t result = (ssize_t)n;

	if (s->err != 0) {
		result = -s->err;
		s->err = 0;
	} else if (!s->fast) {
		result = 0;
	} else if (!in_time) {
		result = -NRF_EAGAIN;
	} else {
		s->on_way += n; /* by several threads it may be a little more than the window */
	}
	pthread_mutex_unlock(&lock);
	if (result > 0) {
		put32(head, (uint32_t)handle);
		put32(head + 4, SEND_NOW);
		gather_frame(TYPE_SEND, head, sizeof(head), data, n);
	}
	return result;
}

ssize_t ncsh_send(int handle, const void *data, size_t size, int flags,
		  const struct ncsh_addr *addr)
{
	uint8_t head[8 + ADDR_SIZE];
	struct stream *s = stream_of(handle);

	if ((flags & ~NCSH_WAITACK) == 0 && addr == NULL) {
		ssize_t sent = send_now(handle, data, size);

		if (sent != 0) {
			return sent;
		}
	}
	if (s != NULL && s->err != 0) {
		pthread_mutex_lock(&lock);
		int err = s->err;

		s->err = 0;
		pthread_mutex_unlock(&lock);
		return -err;
	}
	if (size > LARGEST_SEND && s != NULL && s->stream) {
		size = LARGEST_SEND;
	}
	if (size > MAX_PAYLOAD - sizeof(head)) {
		return -NRF_EMSGSIZE;
	}
	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)flags);
	put_addr(head + 8, addr);
	return call(TYPE_SEND, head, sizeof(head), data, size, NULL, 0, NULL);
}

ssize_t ncsh_recv(int handle, void *data, size_t size, int flags, struct ncsh_addr *addr)
{
	uint8_t head[12];
	uint8_t small[ADDR_SIZE + 2048];
	uint8_t *buf = small;
	size_t got = 0;

	size = size < LARGEST_RECV ? size : LARGEST_RECV;
	if (ADDR_SIZE + size > sizeof(small)) {
		buf = malloc(ADDR_SIZE + size);
		if (buf == NULL) {
			return -NRF_ENOMEM;
		}
	}
	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)flags);
	put32(head + 8, (uint32_t)size);
	int32_t n = call(TYPE_RECV, head, sizeof(head), NULL, 0, buf, ADDR_SIZE + size, &got);

	if (n >= 0 && got >= ADDR_SIZE) {
		get_addr(addr, buf);
		n = n < (int32_t)size ? n : (int32_t)size;
		memcpy(data, buf + ADDR_SIZE, (size_t)n);
	}
	if (buf != small) {
		free(buf);
	}
	return n;
}

int ncsh_setsockopt(int handle, int level, int name, const void *value, size_t size)
{
	uint8_t head[12];

	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)level);
	put32(head + 8, (uint32_t)name);
	return call(TYPE_SETOPT, head, sizeof(head), value, size, NULL, 0, NULL);
}

void ncsh_send_timeout(int handle, int64_t milliseconds)
{
	struct stream *s = stream_of(handle);

	if (s != NULL) {
		pthread_mutex_lock(&lock);
		s->timeout_ms = milliseconds;
		pthread_mutex_unlock(&lock);
	}
}

int ncsh_getsockopt(int handle, int level, int name, void *value, size_t size)
{
	uint8_t head[16];

	put32(head, (uint32_t)handle);
	put32(head + 4, (uint32_t)level);
	put32(head + 8, (uint32_t)name);
	put32(head + 12, (uint32_t)size);
	return call(TYPE_GETOPT, head, sizeof(head), NULL, 0, value, size, NULL);
}

int ncsh_sockname(int handle, bool peer, struct ncsh_addr *addr)
{
	uint8_t head[8];
	uint8_t buf[ADDR_SIZE] = {0};

	put32(head, (uint32_t)handle);
	put32(head + 4, peer ? 1 : 0);
	int err = call(TYPE_NAME, head, sizeof(head), NULL, 0, buf, sizeof(buf), NULL);

	if (err == 0) {
		get_addr(addr, buf);
	}
	return err;
}

int ncsh_lookup(const char *name, int family, struct ncsh_addr *addrs, int max, int *err)
{
	uint8_t head[4];
	uint8_t buf[ADDR_SIZE * 8] = {0};

	put32(head, (uint32_t)family);
	int n = call(TYPE_LOOKUP, head, sizeof(head), name, strlen(name), buf, sizeof(buf), NULL);

	if (n < 0) {
		*err = (int32_t)get32(buf);
		return n;
	}
	n = n < max ? n : max;
	n = n < 8 ? n : 8;
	for (int i = 0; i < n; i++) {
		get_addr(&addrs[i], buf + (size_t)i * ADDR_SIZE);
	}
	return n;
}

int ncsh_poll(struct ncsh_poll *fds, int n, int milliseconds)
{
	uint8_t head[4 + 8 * MAX_POLL] = {0};
	uint8_t revents[2 * MAX_POLL] = {0};

	if (n < 0 || n > MAX_POLL) {
		return -NRF_EINVAL;
	}
	put32(head, (uint32_t)milliseconds);
	for (int i = 0; i < n; i++) {
		put32(head + 4 + 8 * i, (uint32_t)fds[i].handle);
		put16(head + 8 + 8 * i, fds[i].events);
	}
	int ready = call(TYPE_POLL, head, 4 + 8 * (size_t)n, NULL, 0, revents, sizeof(revents), NULL);

	for (int i = 0; i < n; i++) {
		fds[i].revents = get16(revents + 2 * i);
	}
	return ready;
}

/* ---- GNSS, modem and board --------------------------------------------------------------------- */

int ncsh_gnss_set(uint32_t what, uint32_t value)
{
	uint8_t head[8];

	put32(head, what);
	put32(head + 4, value);
	return call(TYPE_GNSS_SET, head, sizeof(head), NULL, 0, NULL, 0, NULL);
}

int ncsh_gnss_start(void)
{
	return call(TYPE_GNSS_START, NULL, 0, NULL, 0, NULL, 0, NULL);
}

int ncsh_gnss_stop(void)
{
	return call(TYPE_GNSS_STOP, NULL, 0, NULL, 0, NULL, 0, NULL);
}

int ncsh_gnss_read(uint32_t type, void *buf, size_t size)
{
	uint8_t head[4];

	put32(head, type);
	return call(TYPE_GNSS_READ, head, sizeof(head), NULL, 0, buf, size, NULL);
}

int ncsh_modem_init(int mode)
{
	uint8_t head[1] = {(uint8_t)mode};

	return call(TYPE_INIT, head, sizeof(head), NULL, 0, NULL, 0, NULL);
}

int ncsh_modem_shutdown(void)
{
	for (int i = 0; i < MAX_HANDLES; i++) {
		set_fast(i, false);
	}
	return call(TYPE_SHUTDOWN, NULL, 0, NULL, 0, NULL, 0, NULL);
}

void ncsh_leds(uint32_t on)
{
	uint8_t head[4];

	put32(head, on);
	tell(TYPE_LEDS, head, sizeof(head), NULL, 0);
}

uint32_t ncsh_buttons(void)
{
	return (uint32_t)call(TYPE_BUTTONS, NULL, 0, NULL, 0, NULL, 0, NULL);
}

void ncsh_console(int level, const char *line, size_t len)
{
	uint8_t head[1] = {(uint8_t)level};

	tell(TYPE_LOG, head, sizeof(head), line, len);
}
