/* Seconds since 1970 of a date in UTC. */
#ifndef NRF91EMU_ZEPHYR_SYS_TIMEUTIL_H_
#define NRF91EMU_ZEPHYR_SYS_TIMEUTIL_H_

#include <errno.h>
#include <stdint.h>
#include <time.h>

static inline int64_t timeutil_timegm64(const struct tm *tm)
{
	/* Years begin in March here, so that a leap day is the last of one. */
	int64_t year = 1900LL + tm->tm_year - (tm->tm_mon < 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t day = (153 * (tm->tm_mon + (tm->tm_mon < 2 ? 10 : -2)) + 2) / 5 + tm->tm_mday - 1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;

	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

/* -1 and errno ERANGE if it does not fit. */
static inline time_t timeutil_timegm(const struct tm *tm)
{
	int64_t seconds = timeutil_timegm64(tm);
	time_t fits = (time_t)seconds;

	if (fits != seconds) {
		errno = ERANGE;
		return -1;
	}
	return fits;
}

#endif
