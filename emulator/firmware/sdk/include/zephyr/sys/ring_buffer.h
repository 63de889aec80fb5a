/* A ring of bytes for one writer and one reader. */
#ifndef NRF91EMU_ZEPHYR_SYS_RING_BUFFER_H_
#define NRF91EMU_ZEPHYR_SYS_RING_BUFFER_H_

#include <stdbool.h>
#include <stdint.h>
#include <zephyr/sys/util.h>

struct ring_buf {
	uint8_t *buffer;
	uint32_t size;
	/* Counters that only grow; a position is the counter modulo size. */
	uint64_t put, put_claimed;
	uint64_t got, get_claimed;
};

#define RING_BUF_INIT(buf, size8) { .buffer = (buf), .size = (size8) }
#define RING_BUF_DECLARE(name, size8)                                                              \
	static uint8_t z_ring_data_##name[size8];                                                  \
	struct ring_buf name = RING_BUF_INIT(z_ring_data_##name, size8)

void ring_buf_init(struct ring_buf *buf, uint32_t size, uint8_t *data);
void ring_buf_reset(struct ring_buf *buf);
bool ring_buf_is_empty(struct ring_buf *buf);
uint32_t ring_buf_capacity_get(struct ring_buf *buf);
uint32_t ring_buf_space_get(struct ring_buf *buf);
uint32_t ring_buf_size_get(struct ring_buf *buf);
/* Claims a part that lies in one piece; finish says how much of it was used: 0, or -EINVAL. */
uint32_t ring_buf_put_claim(struct ring_buf *buf, uint8_t **data, uint32_t size);
int ring_buf_put_finish(struct ring_buf *buf, uint32_t size);
uint32_t ring_buf_get_claim(struct ring_buf *buf, uint8_t **data, uint32_t size);
int ring_buf_get_finish(struct ring_buf *buf, uint32_t size);
/* Copies at most size bytes; returns how many. */
uint32_t ring_buf_put(struct ring_buf *buf, const uint8_t *data, uint32_t size);
uint32_t ring_buf_get(struct ring_buf *buf, uint8_t *data, uint32_t size);
uint32_t ring_buf_peek(struct ring_buf *buf, uint8_t *data, uint32_t size);

#endif
