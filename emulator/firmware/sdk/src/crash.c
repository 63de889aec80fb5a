/*
 * Reports of what must not happen: why the firmware has crashed, where, and the last lines
 * of its console. And, asked by SIGQUIT, where each thread is.
 *
 * Most of it runs in handlers of signals, perhaps while the heap is broken and its lock is
 * held: nothing here takes memory.
 */
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include "console.h"
#include "crash.h"
#include "kernel/sched.h"
#include "transport.h"

#define FRAMES 48
#define SIGNAL_STACK 65536 /* as much as resolve and snprintf need */
#define SHOWN 12
/* A report that does not come to its end, as with a broken heap, ends after this time. */
#define PATIENCE_S 5

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0) {
		return;
	}
}

static void say_line(const char *text)
{
	say("    ");
	say(text);
	say("\n");
}

/* ---- From addresses to lines ---- */

/* A place in the program. */
struct place {
	char *function; /* NULL outside of the program */
	char *file;	/* with its line */
	bool sdk, here; /* it belongs to the host SDK, to this file */
};

static struct place places[FRAMES];

#ifdef __linux__
extern char __executable_start[], etext[]; /* of the linker */

static bool in_program(const void *address)
{
	return (const char *)address >= __executable_start && (const char *)address < etext;
}

/* Starts a program whose output goes to a descriptor. fork would wait for the lock of a heap
 * that is perhaps broken. */
static pid_t start(char **argv, int output)
{
	pid_t child = vfork();

	if (child == 0) {
		dup2(output, STDOUT_FILENO);
		close(STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	return child;
}

/* Asks addr2line, which comes with the compiler: whether it has answered, in text. */
static bool ask_addr2line(char **argv, char *text, size_t size)
{
	int ends[2], status = -1;
	size_t len = 0;
	ssize_t n;

	if (pipe(ends) != 0) {
		return false;
	}
	pid_t child = start(argv, ends[1]);

	close(ends[1]);
	while (child > 0 && len < size - 1 && ((n = read(ends[0], text + len, size - 1 - len)) > 0 || (n < 0 && errno == EINTR))) {
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	close(ends[0]);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Cuts off what a file has in common with the program: both are in the application's folder. */
static char *shorter(char *file, const char *program)
{
	size_t same = 0;

	for (size_t i = 0; file[i] != '\0' && file[i] == program[i]; i++) {
		if (file[i] == '/') {
			same = i + 1;
		}
	}
	return same > 1 ? file + same : file;
}

/* Finds the places of addresses; those from the one with index exact on where the processor
 * was, others are where calls return to. */
static bool resolve(void **frames, int n, int exact)
{
	static char program[4096], text[32768], numbers[FRAMES][20];
	static char *argv[FRAMES + 5] = { "addr2line", "-f", "-e", program };
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	bool moved = *(uint16_t *)(__executable_start + 16) == 3; /* ET_DYN of the ELF header */
	int argc = 4;

	if (len <= 0) {
		return false;
	}
	program[len] = '\0';
	for (int i = 0; i < n; i++) {
		places[i] = (struct place){ 0 };
		if (in_program(frames[i])) {
			uintptr_t at = (uintptr_t)frames[i] - (i == exact ? 0 : 1);

			snprintf(numbers[i], sizeof(numbers[i]), "%lx",
				 (unsigned long)(moved ? at - (uintptr_t)__executable_start : at));
			argv[argc++] = numbers[i];
		}
	}
	argv[argc] = NULL;
	if (argc == 4 || !ask_addr2line(argv, text, sizeof(text))) {
		return argc == 4;
	}
	const char *name = __FILE__;
	int folder = (int)(strrchr(name, '/') - name) + 1;
	static char folder_text[4096];
	char *rest = text;

	snprintf(folder_text, sizeof(folder_text), "%.*s", folder, name);
	for (int i = 0; i < n; i++) {
		if (!in_program(frames[i])) {
			continue;
		}
		char *function = strsep(&rest, "\n"), *file = strsep(&rest, "\n");

		if (file == NULL || strcmp(function, "??") == 0) {
			continue;
		}
		char *more = strstr(file, " (discriminator");

		if (more != NULL) {
			*more = '\0';
		}
		places[i].function = function;
		places[i].sdk = strstr(file, folder_text) != NULL;
		places[i].here = strstr(file, name) != NULL;
		places[i].file = shorter(file, program);
	}
	return true;
}
#else
static bool in_program(const void *address)
{
	(void)address;
	return true;
}

static bool resolve(void **frames, int n, int exact)
{
	(void)frames;
	(void)n;
	(void)exact;
	return false;
}
#endif

/* Whether a place is where the SDK starts a thread: nothing above it is of interest. */
static bool is_start(const struct place *p)
{
	static const char *const starts[] = { "main", "thread_main", "isr_main", "clock_main" };

	for (size_t i = 0; p->sdk && i < ARRAY_SIZE(starts); i++) {
		if (strcmp(p->function, starts[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* What the application calls it. */
static const char *named(const struct place *p)
{
	return strcmp(p->function, "app_main") == 0 ? "main" : p->function;
}

static void place_text(char *text, size_t size, const struct place *p)
{
	if (p->function == NULL) {
		snprintf(text, size, "the C library");
	} else if (p->sdk) {
		snprintf(text, size, "%s() of the host SDK", p->function);
	} else {
		snprintf(text, size, "%s in %s()", p->file, named(p));
	}
}

/* The first frame that is the firmware's: after those of this file and, in the handler of a
 * signal, after the one that the system has put in between. */
static int skip_handler(void **frames, int n, bool signal)
{
	int i = 0;

	while (i < n && places[i].here) {
		i++;
	}
	return signal && i < n && !in_program(frames[i]) ? i + 1 : i;
}

static int exact_frame(void **frames, int n, bool signal)
{
	for (int i = 0; signal && i < n; i++) {
		if (!in_program(frames[i])) {
			return i + 1;
		}
	}
	return -1;
}

static bool is_foreign(const struct place *p)
{
	return p->function == NULL || p->sdk;
}

static void say_stack(bool signal)
{
	static char text[2][600];
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);
	int same = 0, shown = 0;

	say("  stack, the innermost call first:\n");
	if (!resolve(frames, n, exact_frame(frames, n, signal))) {
		say("    (without addr2line, which shows the lines: addr2line -f -e PROGRAM)\n");
		backtrace_symbols_fd(frames, n, STDERR_FILENO);
		return;
	}
	for (int i = skip_handler(frames, n, signal); i <= n; i++) {
		bool over = i == n || is_start(&places[i]) || shown == SHOWN;

		/* Of what is not the firmware's own, what it has called tells enough. */
		if (!over && is_foreign(&places[i]) && i + 1 < n && is_foreign(&places[i + 1])) {
			continue;
		}
		if (!over) {
			place_text(text[0], sizeof(text[0]), &places[i]);
		}
		if (!over && strcmp(text[0], text[1]) == 0) {
			same++;
			continue;
		}
		if (same > 0) {
			char again[60];

			snprintf(again, sizeof(again), "the same again, %s%d times", i == n ? "at least " : "", same);
			say_line(again);
		}
		if (over) {
			return;
		}
		same = 0;
		shown++;
		say_line(text[0]);
		strcpy(text[1], text[0]);
	}
}

/* ---- Crashes ---- */

/* The end of the stack of the calling thread. */
static __thread char *stack_end;

static bool is_overflow(const char *address)
{
	/* An array may reach far beyond the end. */
	const size_t beyond = 8 << 20, guard = 65536;

	return stack_end != NULL && address < stack_end + guard && address > stack_end - beyond;
}

static void why_signal(char *text, size_t size, int sig, const char *address)
{
	switch (sig) {
	case SIGSEGV:
	case SIGBUS:
		if (is_overflow(address)) {
			snprintf(text, size, "its stack is full: a recursion without an end, or too large an array in a function");
		} else {
			snprintf(text, size, "a pointer led to memory that is not there: address 0x%lx%s (%s)", (unsigned long)address,
				 address == NULL	    ? ", a NULL pointer"
				 : address < (char *)0x1000 ? ", a NULL pointer or a number in place of one"
							    : "",
				 sig == SIGBUS ? "SIGBUS" : "SIGSEGV");
		}
		break;
	case SIGFPE:
		snprintf(text, size, "a division by zero or an overflow (SIGFPE)");
		break;
	case SIGILL:
		snprintf(text, size, "something that is not an instruction was to be executed (SIGILL)");
		break;
	default:
		snprintf(text, size, "the program gave up (SIGABRT)");
	}
}

static void report(const char *why, bool signal)
{
	alarm(PATIENCE_S);
	say("\nThe firmware has crashed: ");
	say(why);
	say("\n");
	if (k_current_get()->name[0] != '\0') {
		say("  thread: ");
		say(k_current_get()->name);
		say("\n");
	}
	say_stack(signal);
	say("  its last lines:\n");
	z_console_last(say_line);
}

static void crashed(int sig, siginfo_t *info, void *context)
{
	static volatile sig_atomic_t crashing;
	static __thread volatile sig_atomic_t here;
	char why[200];

	(void)context;
	if (crashing && !here) {
		pause(); /* another thread reports, and ends the program */
	}
	signal(sig, SIG_DFL);
	if (!here) {
		crashing = here = 1;
		why_signal(why, sizeof(why), sig, info->si_addr);
		report(why, true);
		if ((sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT) && !is_overflow(info->si_addr)) {
			say("  firmware build --cflags=-fsanitize=address,undefined makes a program that says more.\n");
		}
		ncsh_last_words(128 + sig, why);
	}
	raise(sig); /* the shell sees it */
}

void z_fatal(const char *why, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	report(text, false);
	ncsh_exit(128 + SIGABRT, text);
}

void z_assert_failed(const char *test, const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	z_printk("ASSERTION FAIL [%s] @ %s:%d\n%s%s%s", test, file, line, text[0] != '\0' ? "\t" : "", text,
		 text[0] != '\0' ? "\n" : "");
	z_fatal("the assertion %s failed at %s:%d", test, file, line);
}

void k_panic(void)
{
	z_fatal("k_panic() was called");
}

void k_oops(void)
{
	z_fatal("k_oops() was called");
}

/* ---- Where the threads are ---- */

#define THREADS 64

static struct where {
	struct z_thread *thread;
	void *frames[FRAMES];
	volatile int n;
} where[THREADS];
static volatile int where_count;

static void note_thread(struct z_thread *t, void *arg)
{
	(void)arg;
	if (t->adopted && where_count < THREADS) {
		where[where_count++] = (struct where){ .thread = t };
	}
}

/* Notes where the calling thread is. */
static void note_here(void)
{
	for (int i = 0; i < where_count; i++) {
		if (where[i].n == 0 && pthread_equal(where[i].thread->os, pthread_self())) {
			where[i].n = backtrace(where[i].frames, FRAMES);
		}
	}
}

/* One write for all threads: what they print meanwhile does not come in between. */
static char answer[8192];

static void __printf_like(1, 2) add(const char *fmt, ...)
{
	size_t len = strlen(answer);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(answer + len, sizeof(answer) - len, fmt, ap);
	va_end(ap);
}

static void add_where(struct where *w)
{
	const char *in = NULL;
	int i;

	if (!resolve(w->frames, w->n, exact_frame(w->frames, w->n, true))) {
		return;
	}
	for (i = skip_handler(w->frames, w->n, true); i < w->n && !is_start(&places[i]); i++) {
		if (places[i].function != NULL && !places[i].sdk) {
			break;
		}
		in = places[i].sdk ? places[i].function : in;
	}
	const char *name = w->thread->thread != NULL && w->thread->thread->name[0] != '\0' ? w->thread->thread->name
											      : "a thread without a name";

	if (w->n == 0) {
		add("    %s does not say where it is\n", name);
	} else if (i == w->n || is_start(&places[i])) {
		add("    %s has nothing to do\n", name);
	} else if (in != NULL) {
		add("    %s is in %s(), called from %s in %s()\n", name, in, places[i].file, named(&places[i]));
	} else {
		add("    %s computes at %s in %s()\n", name, places[i].file, named(&places[i]));
	}
}

static void asked_where(int sig)
{
	static volatile sig_atomic_t asked;
	int saved = errno;

	if (asked) {
		note_here();
	} else {
		asked = 1;
		where_count = 0;
		z_threads_now(note_thread, NULL);
		note_here();
		for (int i = 0; i < where_count; i++) {
			if (where[i].n == 0) {
				pthread_kill(where[i].thread->os, sig);
			}
			for (int ms = 0; where[i].n == 0 && ms < 100; ms++) {
				usleep(1000);
			}
		}
		strcpy(answer, "Where the threads of the firmware are:\n");
		for (int i = where_count; i-- > 0;) {
			add_where(&where[i]);
		}
		say(answer);
		asked = 0;
	}
	errno = saved;
}

/* ---- The handlers ---- */

/* A sanitizer that has a handler, or memory for one, says more than we could. */
static void catch(int sig, const struct sigaction *action)
{
	struct sigaction before;

	if (sigaction(sig, NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
		sigaction(sig, action, NULL);
	}
}

static void alternate_stack(char *memory, size_t size)
{
	stack_t before, alternate = { .ss_sp = memory, .ss_size = size };

	if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE)) {
		sigaltstack(&alternate, NULL);
	}
}

static void prepare(char *end)
{
	static __thread char memory[SIGNAL_STACK];

	stack_end = end;
	alternate_stack(memory, sizeof(memory));
}

void z_crash_thread(void)
{
#ifdef __APPLE__
	prepare((char *)pthread_get_stackaddr_np(pthread_self()) - pthread_get_stacksize_np(pthread_self()));
#else
	pthread_attr_t attr;
	void *end = NULL;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		pthread_attr_getstack(&attr, &end, &size);
		pthread_attr_destroy(&attr);
	}
	prepare(end);
#endif
}

void z_crash_catch(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	const struct sigaction crash = { .sa_sigaction = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER | SA_SIGINFO };
	const struct sigaction ask = { .sa_handler = asked_where, .sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESTART };
	struct rlimit limit;
	void *first[1];

	/* What the system would say of the first thread takes long. */
	prepare((char *)&limit - (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < (1UL << 40) ? limit.rlim_cur : 8 << 20));
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		catch (signals[i], &crash);
	}
	catch (SIGQUIT, &ask);
	backtrace(first, 1); /* the first time it loads a library, which needs the heap */
}
