/* What the compiler offers, under Zephyr's names. */
#ifndef NRF91EMU_ZEPHYR_TOOLCHAIN_H_
#define NRF91EMU_ZEPHYR_TOOLCHAIN_H_

/* A function that the SDK does not have must not turn into a call of something
 * that returns int: the compiler's sentence names it. */
#pragma GCC diagnostic error "-Wimplicit-function-declaration"

#ifndef __weak
#define __weak __attribute__((__weak__))
#endif
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef __aligned
#define __aligned(x) __attribute__((__aligned__(x)))
#endif
#ifndef __used
#define __used __attribute__((__used__))
#endif
#ifndef __unused
#define __unused __attribute__((__unused__))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif
#ifndef __deprecated
#define __deprecated __attribute__((__deprecated__))
#endif
#ifndef __must_check
#define __must_check __attribute__((__warn_unused_result__))
#endif
#ifndef __noinline
#define __noinline __attribute__((__noinline__))
#endif
#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE inline __attribute__((__always_inline__))
#endif
#define FUNC_NORETURN __attribute__((__noreturn__))
#define FUNC_ALIAS(real, alias, type) type alias(void) __attribute__((alias(#real)))
#define __printf_like(f, a) __attribute__((__format__(__printf__, f, a)))
#define __noinit
#define __ramfunc
#define __isr
#define __syscall static inline
#ifndef __fallthrough
#define __fallthrough __attribute__((__fallthrough__))
#endif
#define CODE_UNREACHABLE __builtin_unreachable()
#define compiler_barrier() __asm__ volatile("" ::: "memory")
#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#define popcount(x) __builtin_popcount(x)
#define UNALIGNED_GET(p) \
	__extension__({ struct __attribute__((__packed__)) { __typeof__(*(p)) v; } *z_p = (void *)(p); z_p->v; })
#define UNALIGNED_PUT(v_, p) \
	do { struct __attribute__((__packed__)) { __typeof__(*(p)) v; } *z_p = (void *)(p); z_p->v = (v_); } while (0)

/* BUILD_ASSERT(condition) or BUILD_ASSERT(condition, "why"). */
#define BUILD_ASSERT(cond, ...) _Static_assert(cond, "" __VA_ARGS__)

#define TOOLCHAIN_PRAGMA(x) _Pragma(#x)

#endif
