/*
 * UARTs: there is one, uart0, the console's. Bytes by hand and by interrupts; DMA
 * (CONFIG_UART_ASYNC_API) is not there.
 */
#ifndef NRF91EMU_ZEPHYR_DRIVERS_UART_H_
#define NRF91EMU_ZEPHYR_DRIVERS_UART_H_

#include <errno.h>
#include <stdint.h>
#include <zephyr/device.h>

extern const struct device z_device_DT_N_uart0;

enum uart_config_parity { UART_CFG_PARITY_NONE, UART_CFG_PARITY_ODD, UART_CFG_PARITY_EVEN, UART_CFG_PARITY_MARK, UART_CFG_PARITY_SPACE };
enum uart_config_stop_bits { UART_CFG_STOP_BITS_0_5, UART_CFG_STOP_BITS_1, UART_CFG_STOP_BITS_1_5, UART_CFG_STOP_BITS_2 };
enum uart_config_data_bits { UART_CFG_DATA_BITS_5, UART_CFG_DATA_BITS_6, UART_CFG_DATA_BITS_7, UART_CFG_DATA_BITS_8, UART_CFG_DATA_BITS_9 };
enum uart_config_flow_control { UART_CFG_FLOW_CTRL_NONE, UART_CFG_FLOW_CTRL_RTS_CTS, UART_CFG_FLOW_CTRL_DTR_DSR, UART_CFG_FLOW_CTRL_RS485 };

struct uart_config {
	uint32_t baudrate;
	uint8_t parity;
	uint8_t stop_bits;
	uint8_t data_bits;
	uint8_t flow_ctrl;
};

/* What is set is kept, and makes no difference: 0, or -EINVAL. */
int uart_configure(const struct device *dev, const struct uart_config *cfg);
int uart_config_get(const struct device *dev, struct uart_config *cfg);

/* 0, or -1 if nothing has come in. */
int uart_poll_in(const struct device *dev, unsigned char *c);
void uart_poll_out(const struct device *dev, unsigned char c);
/* Errors on the line, of which there are none. */
static inline int uart_err_check(const struct device *dev)
{
	(void)dev;
	return 0;
}

typedef void (*uart_irq_callback_user_data_t)(const struct device *dev, void *user_data);
typedef void (*uart_irq_config_func_t)(const struct device *dev);

/* The callback is called in interrupt context: again and again while there is something to read
 * and it is read, and while the transmitter is enabled. */
int uart_irq_callback_user_data_set(const struct device *dev, uart_irq_callback_user_data_t cb, void *user_data);
int uart_irq_callback_set(const struct device *dev, uart_irq_callback_user_data_t cb);
void uart_irq_rx_enable(const struct device *dev);
void uart_irq_rx_disable(const struct device *dev);
void uart_irq_tx_enable(const struct device *dev);
void uart_irq_tx_disable(const struct device *dev);
int uart_irq_update(const struct device *dev);
int uart_irq_is_pending(const struct device *dev);
int uart_irq_rx_ready(const struct device *dev);
int uart_irq_tx_ready(const struct device *dev);
int uart_irq_tx_complete(const struct device *dev);
/* How many bytes were read or written. */
int uart_fifo_read(const struct device *dev, uint8_t *data, int size);
int uart_fifo_fill(const struct device *dev, const uint8_t *data, int size);

#endif
