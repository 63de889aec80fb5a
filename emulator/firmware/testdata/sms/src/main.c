/* Short messages to and from the modem. */
#include <string.h>
#include <zephyr/kernel.h>
#include <modem/lte_lc.h>
#include <modem/nrf_modem_lib.h>
#include <modem/sms.h>
#include <nrf_modem_at.h>

static K_SEM_DEFINE(delivered, 0, 10);
static K_SEM_DEFINE(reported, 0, 10);

static void on_sms(struct sms_data *const data, void *context)
{
	const struct sms_deliver_header *h = &data->header.deliver;

	if (data->type == SMS_TYPE_STATUS_REPORT) {
		printk("report %s\n", (const char *)context);
		k_sem_give(&reported);
		return;
	}
	printk("%d of %d from %s: %d \"%s\"\n", h->concatenated.present ? h->concatenated.seq_number : 1,
	       h->concatenated.present ? h->concatenated.total_msgs : 1, h->originating_address.address_str, data->payload_len,
	       (const char *)data->payload);
	k_sem_give(&delivered);
}

int main(void)
{
	static char text[201];

	nrf_modem_lib_init();
	printk("too early: %d\n", nrf_modem_at_err(sms_send_text("+1234567890", "Moi")));
	printk("no listener: %d\n", sms_register_listener(NULL, NULL));
	int handle = sms_register_listener(on_sms, "for me");

	printk("listener: %d\n", handle);
	lte_lc_connect();
	k_sem_take(&delivered, K_FOREVER);
	printk("send: %d\n", sms_send_text("+1234567890", "Moi [\xe4]"));
	k_sem_take(&reported, K_FOREVER);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		text[i] = (char)('a' + i / 50);
	}
	printk("long: %d\n", sms_send_text("1234567890", text));
	k_sem_take(&reported, K_FOREVER);
	k_sem_take(&reported, K_FOREVER);
	printk("no number: %d\n", sms_send_text("+12x", "Moi"));
	sms_unregister_listener(handle);
	printk("unregistered: %d\n", nrf_modem_at_err(sms_send_text("+1234567890", "Moi")));
	printk("Done\n");
	return 0;
}
