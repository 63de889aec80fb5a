/*
 * Date and time. They come from the network, by %XTIME and AT+CCLK, or from date_time_set; time
 * servers are not asked (fact sdk/no-time-servers). The clock of the host plays no part.
 */
#ifndef DATE_TIME_H__
#define DATE_TIME_H__

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum date_time_evt_type {
	DATE_TIME_OBTAINED_MODEM,
	DATE_TIME_OBTAINED_NTP,
	DATE_TIME_OBTAINED_EXT,
	DATE_TIME_NOT_OBTAINED,
};

struct date_time_evt {
	enum date_time_evt_type type;
};

typedef void (*date_time_evt_handler_t)(const struct date_time_evt *evt);

/* 0; -EINVAL if a field is out of its range. The time is UTC. */
int date_time_set(const struct tm *new_date_time);
/* Makes of an uptime in ms the time of then, in ms since 1970. -ENODATA if the time is not known;
 * -EINVAL if it lies ahead, as one does that was made into a time before. */
int date_time_uptime_to_unix_time_ms(int64_t *uptime);
int date_time_now(int64_t *unix_time_ms);
/* -EAGAIN if the time zone is not known. */
int date_time_now_local(int64_t *local_time_ms);
bool date_time_is_valid(void);
bool date_time_is_valid_local(void);
void date_time_register_handler(date_time_evt_handler_t evt_handler);
/* Asks the modem now; the handler, if there is one, hears what came of it. */
int date_time_update_async(date_time_evt_handler_t evt_handler);
int date_time_clear(void);
int date_time_timestamp_clear(int64_t *unix_timestamp);

#ifdef __cplusplus
}
#endif

#endif
