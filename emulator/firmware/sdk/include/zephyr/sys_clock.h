/* Time-outs and units of time. A tick is that of the nRF91: 1/32768 s. */
#ifndef NRF91EMU_ZEPHYR_SYS_CLOCK_H_
#define NRF91EMU_ZEPHYR_SYS_CLOCK_H_

#include <stdbool.h>
#include <stdint.h>
#include <zephyr/toolchain.h>

#ifndef CONFIG_SYS_CLOCK_TICKS_PER_SEC
#define CONFIG_SYS_CLOCK_TICKS_PER_SEC 32768
#endif
#define Z_HZ_ticks CONFIG_SYS_CLOCK_TICKS_PER_SEC

typedef int64_t k_ticks_t;
typedef struct {
	k_ticks_t ticks;
} k_timeout_t;

#define MSEC_PER_SEC 1000U
#define USEC_PER_MSEC 1000U
#define USEC_PER_SEC 1000000U
#define NSEC_PER_USEC 1000U
#define NSEC_PER_MSEC 1000000U
#define NSEC_PER_SEC 1000000000U
#define SEC_PER_MIN 60U
#define SEC_PER_HOUR 3600U
#define MIN_PER_HOUR 60U
#define HOUR_PER_DAY 24U
#define SEC_PER_DAY (HOUR_PER_DAY * SEC_PER_HOUR)

#define K_TICKS_FOREVER ((k_ticks_t)-1)

/* Ticks that last at least n of so many units a second; negative times are none. */
static inline k_ticks_t z_ticks_ceil(int64_t n, int64_t units)
{
	return n <= 0 ? 0
		      : n / units * Z_HZ_ticks + (n % units * Z_HZ_ticks + units - 1) / units;
}

/* The same as a constant expression, for time-outs that initialise objects. */
#define Z_TICKS_CONST(n, units)                                                                    \
	((int64_t)(n) <= 0 ? (k_ticks_t)0                                                          \
			   : (k_ticks_t)((int64_t)(n) / (units) * Z_HZ_ticks +                     \
					 ((int64_t)(n) % (units) * Z_HZ_ticks + (units) - 1) / (units)))

#define Z_TICKS(n, units)                                                                          \
	__builtin_choose_expr(__builtin_constant_p(n), Z_TICKS_CONST(n, units), z_ticks_ceil((n), (units)))

#define Z_TIMEOUT_TICKS(t) ((k_timeout_t){ .ticks = (t) })
#define K_NO_WAIT Z_TIMEOUT_TICKS(0)
#define K_FOREVER Z_TIMEOUT_TICKS(K_TICKS_FOREVER)
#define K_TICKS(t) Z_TIMEOUT_TICKS(t)
#define K_NSEC(t) Z_TIMEOUT_TICKS(Z_TICKS(t, 1000000000LL))
#define K_USEC(t) Z_TIMEOUT_TICKS(Z_TICKS(t, 1000000LL))
#define K_CYC(t) Z_TIMEOUT_TICKS(Z_TICKS(t, (int64_t)Z_HZ_ticks))
#define K_MSEC(ms) Z_TIMEOUT_TICKS(Z_TICKS(ms, 1000LL))
#define K_SECONDS(s) Z_TIMEOUT_TICKS(Z_TICKS(s, 1LL))
#define K_MINUTES(m) K_SECONDS((int64_t)(m) * 60)
#define K_HOURS(h) K_SECONDS((int64_t)(h) * 3600)
#define K_TIMEOUT_EQ(a, b) ((a).ticks == (b).ticks)
#define K_TIMEOUT_SUM(a, b) Z_TIMEOUT_TICKS((a).ticks + (b).ticks)
/* A point of the uptime, as a time-out: kept as the negative of the ticks, less two. */
#define K_TIMEOUT_ABS_TICKS(t) Z_TIMEOUT_TICKS(-2 - (k_ticks_t)(t))
#define K_TIMEOUT_ABS_MS(t) K_TIMEOUT_ABS_TICKS(Z_TICKS(t, 1000LL))
#define K_TIMEOUT_ABS_SEC(t) K_TIMEOUT_ABS_TICKS(Z_TICKS(t, 1LL))
#define SYS_FOREVER_MS (-1)
#define SYS_FOREVER_US (-1)
#define SYS_TIMEOUT_MS(ms) ((ms) == SYS_FOREVER_MS ? K_FOREVER : K_MSEC(ms))

/* k_ms_to_ticks_ceil32 and its relatives: from and to ms, us, ns, cycles, sec; floor, near, ceil. */
static inline uint64_t z_time_convert(uint64_t v, uint64_t from, uint64_t to, uint64_t add)
{
	return v / from * to + (v % from * to + add) / from;
}
#define Z_CONVERT(a, ahz, b, bhz)                                                                  \
	static inline uint64_t k_##a##_to_##b##_floor64(uint64_t v) { return z_time_convert(v, ahz, bhz, 0); } \
	static inline uint64_t k_##a##_to_##b##_near64(uint64_t v) { return z_time_convert(v, ahz, bhz, (ahz) / 2); } \
	static inline uint64_t k_##a##_to_##b##_ceil64(uint64_t v) { return z_time_convert(v, ahz, bhz, (ahz) - 1); } \
	static inline uint32_t k_##a##_to_##b##_floor32(uint32_t v) { return (uint32_t)k_##a##_to_##b##_floor64(v); } \
	static inline uint32_t k_##a##_to_##b##_near32(uint32_t v) { return (uint32_t)k_##a##_to_##b##_near64(v); } \
	static inline uint32_t k_##a##_to_##b##_ceil32(uint32_t v) { return (uint32_t)k_##a##_to_##b##_ceil64(v); }
Z_CONVERT(sec, 1, ticks, Z_HZ_ticks)
Z_CONVERT(ms, 1000, ticks, Z_HZ_ticks)
Z_CONVERT(us, 1000000, ticks, Z_HZ_ticks)
Z_CONVERT(ns, 1000000000, ticks, Z_HZ_ticks)
Z_CONVERT(ticks, Z_HZ_ticks, sec, 1)
Z_CONVERT(ticks, Z_HZ_ticks, ms, 1000)
Z_CONVERT(ticks, Z_HZ_ticks, us, 1000000)
Z_CONVERT(ticks, Z_HZ_ticks, ns, 1000000000)
/* The cycle counter of the nRF91 is the same 32768 Hz clock. */
Z_CONVERT(cyc, Z_HZ_ticks, ms, 1000)
Z_CONVERT(cyc, Z_HZ_ticks, us, 1000000)
Z_CONVERT(cyc, Z_HZ_ticks, ns, 1000000000)
Z_CONVERT(cyc, Z_HZ_ticks, ticks, Z_HZ_ticks)
Z_CONVERT(ms, 1000, cyc, Z_HZ_ticks)
Z_CONVERT(us, 1000000, cyc, Z_HZ_ticks)
Z_CONVERT(ns, 1000000000, cyc, Z_HZ_ticks)
Z_CONVERT(ticks, Z_HZ_ticks, cyc, Z_HZ_ticks)
#undef Z_CONVERT

static inline uint32_t sys_clock_hw_cycles_per_sec(void) { return Z_HZ_ticks; }

/* A deadline: sys_timepoint_calc of a time-out, and what is left of it. */
typedef struct {
	uint64_t tick;
} k_timepoint_t;
k_timepoint_t sys_timepoint_calc(k_timeout_t timeout);
k_timeout_t sys_timepoint_timeout(k_timepoint_t timepoint);
static inline bool sys_timepoint_expired(k_timepoint_t timepoint)
{
	return sys_timepoint_timeout(timepoint).ticks == 0;
}

int64_t sys_clock_tick_get(void);

#endif
