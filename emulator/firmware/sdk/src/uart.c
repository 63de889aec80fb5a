/* The console's UART, see zephyr/drivers/uart.h. */
// build: if SERIAL
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/ring_buffer.h>
#include "console.h"
#include "input.h"
#include "transport.h"

const struct device z_device_DT_N_uart0 = { .name = "uart@8000" };

static uint8_t received_bytes[1024];
static struct ring_buf received = RING_BUF_INIT(received_bytes, sizeof(received_bytes));
static bool rx_enabled, tx_enabled, tx_pending;
static uart_irq_callback_user_data_t callback;
static void *callback_data;
static struct uart_config config = { 115200, UART_CFG_PARITY_NONE, UART_CFG_STOP_BITS_1, UART_CFG_DATA_BITS_8, UART_CFG_FLOW_CTRL_NONE };

int uart_configure(const struct device *dev, const struct uart_config *cfg)
{
	ARG_UNUSED(dev);
	if (cfg == NULL) {
		return -EINVAL;
	}
	config = *cfg;
	return 0;
}

int uart_config_get(const struct device *dev, struct uart_config *cfg)
{
	ARG_UNUSED(dev);
	if (cfg == NULL) {
		return -EINVAL;
	}
	*cfg = config;
	return 0;
}

/* ---- in ---- */

static void interrupt_rx(void *arg)
{
	uint32_t before;

	ARG_UNUSED(arg);
	/* A callback that reads nothing would be called for ever on the chip. */
	do {
		before = ring_buf_size_get(&received);
		if (rx_enabled && callback != NULL && before > 0) {
			callback(&z_device_DT_N_uart0, callback_data);
		}
	} while (ring_buf_size_get(&received) < before);
}

static void take(const char *bytes, size_t size)
{
	ring_buf_put(&received, (const uint8_t *)bytes, (uint32_t)size); /* what does not fit is lost */
	interrupt_rx(NULL);
}

/* The first who wants to hear begins to. */
static void listen_once(void)
{
	static atomic_t listening;

	if (atomic_set(&listening, 1) == 0) {
		ncsh_input(take);
	}
}

int uart_poll_in(const struct device *dev, unsigned char *c)
{
	ARG_UNUSED(dev);
	listen_once();
	return ring_buf_get(&received, c, 1) == 1 ? 0 : -1;
}

int uart_fifo_read(const struct device *dev, uint8_t *data, int size)
{
	ARG_UNUSED(dev);
	return size > 0 ? (int)ring_buf_get(&received, data, (uint32_t)size) : 0;
}

void uart_irq_rx_enable(const struct device *dev)
{
	ARG_UNUSED(dev);
	rx_enabled = true;
	listen_once();
	ncsh_defer(interrupt_rx, NULL);
}

void uart_irq_rx_disable(const struct device *dev)
{
	ARG_UNUSED(dev);
	rx_enabled = false;
}

/* ---- out ---- */

void uart_poll_out(const struct device *dev, unsigned char c)
{
	ARG_UNUSED(dev);
	z_console_raw((const char *)&c, 1);
}

int uart_fifo_fill(const struct device *dev, const uint8_t *data, int size)
{
	ARG_UNUSED(dev);
	if (size <= 0) {
		return 0;
	}
	z_console_raw((const char *)data, (size_t)size);
	return size;
}

/* The transmitter is always empty: it asks for more until it is disabled. */
static void interrupt_tx(void *arg)
{
	ARG_UNUSED(arg);
	tx_pending = false;
	if (tx_enabled && callback != NULL) {
		callback(&z_device_DT_N_uart0, callback_data);
	}
	if (tx_enabled && !tx_pending) {
		tx_pending = true;
		ncsh_defer(interrupt_tx, NULL);
	}
}

void uart_irq_tx_enable(const struct device *dev)
{
	ARG_UNUSED(dev);
	unsigned int key = irq_lock();
	bool defer = !tx_pending;

	tx_enabled = tx_pending = true;
	irq_unlock(key);
	if (defer) {
		ncsh_defer(interrupt_tx, NULL);
	}
}

void uart_irq_tx_disable(const struct device *dev)
{
	ARG_UNUSED(dev);
	tx_enabled = false;
}

/* ---- interrupts ---- */

int uart_irq_callback_user_data_set(const struct device *dev, uart_irq_callback_user_data_t cb, void *user_data)
{
	ARG_UNUSED(dev);
	callback_data = user_data;
	callback = cb;
	return 0;
}

int uart_irq_callback_set(const struct device *dev, uart_irq_callback_user_data_t cb)
{
	return uart_irq_callback_user_data_set(dev, cb, NULL);
}

int uart_irq_update(const struct device *dev)
{
	ARG_UNUSED(dev);
	return 1;
}

int uart_irq_rx_ready(const struct device *dev)
{
	ARG_UNUSED(dev);
	return rx_enabled && !ring_buf_is_empty(&received);
}

int uart_irq_tx_ready(const struct device *dev)
{
	ARG_UNUSED(dev);
	return tx_enabled;
}

int uart_irq_tx_complete(const struct device *dev)
{
	ARG_UNUSED(dev);
	return 1;
}

int uart_irq_is_pending(const struct device *dev)
{
	return uart_irq_rx_ready(dev) || uart_irq_tx_ready(dev);
}
