/* The log is written at once: there is nothing to flush, to start or to wait for. */
#ifndef NRF91EMU_ZEPHYR_LOGGING_LOG_CTRL_H_
#define NRF91EMU_ZEPHYR_LOGGING_LOG_CTRL_H_

#include <stdbool.h>
#include <stdint.h>
#include <zephyr/logging/log.h>

static inline void log_init(void) {}
static inline void log_panic(void) {}
static inline bool log_process(void) { return false; }
static inline uint32_t log_buffered_cnt(void) { return 0; }
static inline bool log_data_pending(void) { return false; }
static inline void log_flush(void) {}

#endif
