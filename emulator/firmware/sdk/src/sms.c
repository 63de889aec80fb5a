/* Short messages, see modem/sms.h (3GPP TS 23.038 and 23.040). */
// build: if SMS
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/at_monitor.h>
#include <modem/sms.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "fields.h"
#include "on_cfun.h"

#ifndef CONFIG_SMS_SUBSCRIBERS_MAX_CNT
#define CONFIG_SMS_SUBSCRIBERS_MAX_CNT 2
#endif
#ifndef CONFIG_SMS_LOG_LEVEL
#define CONFIG_SMS_LOG_LEVEL 3
#endif

LOG_MODULE_REGISTER(sms, CONFIG_SMS_LOG_LEVEL);

#define SEPTETS 160
#define SEPTETS_OF_PART 153
#define PARTS 255
#define ESCAPE 0x1b

static struct {
	sms_callback_t fn;
	void *context;
} listeners[CONFIG_SMS_SUBSCRIBERS_MAX_CNT];
static bool registered;

/* ---- The modem's one client ---- */

static void acknowledge(struct k_work *work)
{
	ARG_UNUSED(work);
	int err = nrf_modem_at_printf("AT+CNMA=1");

	if (err != 0) {
		LOG_ERR("Unable to ACK the SMS message, err: %d", err);
	}
}

static K_WORK_DEFINE(acknowledge_work, acknowledge);

static int enter(void)
{
	int mode, mt, bm, ds, bfr;
	int n = nrf_modem_at_scanf("AT+CNMI?", "+CNMI: %d,%d,%d,%d,%d", &mode, &mt, &bm, &ds, &bfr);

	if (n < 5) {
		LOG_ERR("Unable to check if an SMS client already exists, err: %d", n);
		return n < 0 ? n : -EBADMSG;
	}
	if (mode != 0 || mt != 0 || ds != 0) {
		LOG_ERR("Only one SMS client can be registered");
		return -EBUSY;
	}
	int err = nrf_modem_at_printf("AT+CNMI=3,2,0,1");

	if (err != 0) {
		LOG_ERR("Unable to register a new SMS client, err: %d", err);
		return err < 0 ? err : -EBUSY;
	}
	registered = true;
	return 0;
}

static void enter_again(struct k_work *work)
{
	ARG_UNUSED(work);
	if (registered) {
		nrf_modem_at_printf("AT+CNMI=3,2,0,1");
	}
}

static K_WORK_DEFINE(enter_work, enter_again);

/* The registration ends with +CFUN=0, and where a message was not acknowledged in time. */
#if NCSHOST_VER >= 0x020600 || defined(CONFIG_LTE_LINK_CONTROL)
NCSH_ON_CFUN(ncsh_sms)
{
	if (mode == LTE_LC_FUNC_MODE_NORMAL || mode == LTE_LC_FUNC_MODE_ACTIVATE_LTE) {
		k_work_submit(&enter_work);
	}
}
#endif

AT_MONITOR(ncsh_sms_error, "+CMS ERROR: 524", on_error);

static void on_error(const char *notif)
{
	ARG_UNUSED(notif);
	k_work_submit(&enter_work);
}

int sms_register_listener(sms_callback_t listener, void *context)
{
	if (listener == NULL) {
		return -EINVAL;
	}
	int err = registered ? 0 : enter();

	if (err != 0) {
		return err;
	}
	for (int i = 0; i < CONFIG_SMS_SUBSCRIBERS_MAX_CNT; i++) {
		if (listeners[i].fn == NULL) {
			listeners[i].context = context;
			listeners[i].fn = listener;
			return i;
		}
	}
	return -ENOSPC;
}

void sms_unregister_listener(int handle)
{
	bool any = false;

	if (handle < 0 || handle >= CONFIG_SMS_SUBSCRIBERS_MAX_CNT) {
		return;
	}
	listeners[handle].fn = NULL;
	for (int i = 0; i < CONFIG_SMS_SUBSCRIBERS_MAX_CNT; i++) {
		any = any || listeners[i].fn != NULL;
	}
	if (registered && !any) {
		registered = false;
		nrf_modem_at_printf("AT+CNMI=0,0,0,0");
	}
}

/* ---- The alphabet: septets as ISO 8859-15; Greek letters have none ---- */

static const uint8_t alphabet[128] =
	"@\xa3$\xa5\xe8\xe9\xf9\xec\xf2\xc7\n\xd8\xf8\r\xc5\xe5"
	"?_?????????\x1b\xc6\xe6\xdf\xc9"
	" !\"#?%&'()*+,-./0123456789:;<=>?"
	"\xa1" "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xc4\xd6\xd1\xdc\xa7"
	"\xbf" "abcdefghijklmnopqrstuvwxyz\xe4\xf6\xf1\xfc\xe0";

/* Behind an escape. */
static const struct {
	uint8_t septet, letter;
} extension[] = {
	{0x0a, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2f, '\\'}, {0x3c, '['}, {0x3d, '~'}, {0x3e, ']'}, {0x40, '|'}, {0x65, 0xa4},
};

static size_t to_septets(const char *text, size_t len, uint8_t *septets)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];
		const uint8_t *at = c == ESCAPE ? NULL : memchr(alphabet, c, sizeof(alphabet));
		bool extended = false;

		for (size_t k = 0; k < ARRAY_SIZE(extension); k++) {
			if (extension[k].letter == c) {
				septets[n++] = ESCAPE;
				septets[n++] = extension[k].septet;
				extended = true;
			}
		}
		if (!extended) {
			septets[n++] = c == '?' || at == NULL ? 0x3f : (uint8_t)(at - alphabet);
		}
	}
	return n;
}

static int to_text(const uint8_t *septets, size_t n, uint8_t *text)
{
	int len = 0;

	for (size_t i = 0; i < n; i++) {
		if (septets[i] != ESCAPE) {
			text[len++] = alphabet[septets[i] & 0x7f];
			continue;
		}
		uint8_t letter = ' ';

		if (++i == n) {
			break;
		}
		for (size_t k = 0; k < ARRAY_SIZE(extension); k++) {
			if (extension[k].septet == septets[i]) {
				letter = extension[k].letter;
			}
		}
		text[len++] = letter;
	}
	return len;
}

/* ---- Sending ---- */

/* Appends n septets, beginning with a bit of the first octet. */
static size_t pack(uint8_t *to, size_t first_bit, const uint8_t *septets, size_t n)
{
	size_t bit = first_bit;

	for (size_t i = 0; i < n; i++, bit += 7) {
		unsigned int v = (unsigned int)(septets[i] & 0x7f) << bit % 8;

		to[bit / 8] = (uint8_t)((bit % 8 != 0 ? to[bit / 8] : 0) | v);
		if (bit % 8 > 1) {
			to[bit / 8 + 1] = (uint8_t)(v >> 8);
		}
	}
	return (bit + 7) / 8;
}

/* One part, of which there are total. */
static int send_part(const char *number, const uint8_t *septets, size_t n, uint8_t reference, size_t total, size_t part)
{
	size_t digits = strlen(number);
	uint8_t pdu[180] = {0};
	char hex[2 * sizeof(pdu) + 1];
	size_t len = 0;

	pdu[len++] = 0;                         /* the service centre of the card */
	pdu[len++] = total > 1 ? 0x61 : 0x21; /* SUBMIT, a report is wanted; with a header */
	pdu[len++] = 0;
	pdu[len++] = (uint8_t)digits;
	pdu[len++] = 0x91; /* international */
	for (size_t i = 0; i < digits; i += 2) {
		uint8_t high = i + 1 < digits ? (uint8_t)(number[i + 1] - '0') : 0xf;

		pdu[len++] = (uint8_t)(high << 4 | (number[i] - '0'));
	}
	pdu[len++] = 0;
	pdu[len++] = 0; /* septets */
	if (total > 1) {
		const uint8_t header[] = {5, 0, 3, reference, (uint8_t)total, (uint8_t)part};

		pdu[len++] = (uint8_t)(n + 7); /* the header takes seven */
		memcpy(pdu + len, header, sizeof(header));
		len += pack(pdu + len, 49, septets, n);
	} else {
		pdu[len++] = (uint8_t)n;
		len += pack(pdu + len, 0, septets, n);
	}
	for (size_t i = 0; i < len; i++) {
		snprintf(hex + 2 * i, 3, "%02X", pdu[i]);
	}
	if (total > 1) {
		nrf_modem_at_printf("AT+CMMS=%d", part < total); /* not all modems know it */
	}
	int err = nrf_modem_at_printf("AT+CMGS=%zu\r%s\x1a", len - 1, hex);

	if (err != 0) {
		LOG_ERR("Sending of SMS failed, err: %d", err);
	}
	return err;
}

static int send_septets(const char *number, const uint8_t *septets, size_t n)
{
	static uint8_t reference;

	number += number[0] == '+';
	size_t digits = strlen(number);

	if (digits == 0 || digits > SMS_MAX_ADDRESS_LEN_CHARS || strspn(number, "0123456789") != digits) {
		return -EINVAL;
	}
	bool whole = n <= SEPTETS;
	size_t total = whole ? 1 : 0;

	/* A part does not end between an escape and what it is for. */
	for (size_t at = 0; !whole && at < n; total++) {
		at += SEPTETS_OF_PART;
		if (at < n && septets[at - 1] == ESCAPE) {
			at--;
		}
	}
	if (total > PARTS) {
		return -E2BIG;
	}
	reference++;
	for (size_t part = 1, at = 0; part <= total; part++) {
		size_t len = whole ? n : MIN(n - at, SEPTETS_OF_PART);

		if (at + len < n && septets[at + len - 1] == ESCAPE) {
			len--;
		}
		int err = send_part(number, septets + at, len, reference, total, part);

		if (err != 0) {
			return err;
		}
		at += len;
	}
	return 0;
}

int sms_send_text(const char *number, const char *text)
{
	if (number == NULL || text == NULL) {
		return -EINVAL;
	}
	size_t len = strlen(text);
	uint8_t *septets = malloc(2 * len + 1);

	if (septets == NULL) {
		return -ENOMEM;
	}
	int err = send_septets(number, septets, to_septets(text, len, septets));

	free(septets);
	return err;
}

#if NCSHOST_VER >= 0x020600
int sms_send(const char *number, const uint8_t *data, uint16_t data_len, enum sms_data_type type)
{
	if (number == NULL || data == NULL) {
		return -EINVAL;
	}
	if (type == SMS_DATA_TYPE_GSM7BIT) {
		return send_septets(number, data, data_len);
	}
	uint8_t *septets = malloc(2u * data_len + 1);

	if (septets == NULL) {
		return -ENOMEM;
	}
	int err = send_septets(number, septets, to_septets((const char *)data, data_len, septets));

	free(septets);
	return err;
}
#endif

/* ---- Receiving ---- */

struct octets {
	uint8_t data[200];
	size_t len, at;
	bool wrong;
};

static uint8_t octet(struct octets *o)
{
	if (o->at >= o->len) {
		o->wrong = true;
		return 0;
	}
	return o->data[o->at++];
}

static uint8_t decimal(uint8_t swapped)
{
	return (uint8_t)(10 * (swapped & 15) + (swapped >> 4));
}

static void read_time(struct octets *o, struct sms_time *t)
{
	t->year = decimal(octet(o));
	t->month = decimal(octet(o));
	t->day = decimal(octet(o));
	t->hour = decimal(octet(o));
	t->minute = decimal(octet(o));
	t->second = decimal(octet(o));
	uint8_t zone = octet(o);
	int quarters = decimal(zone & 0xf7);

	t->timezone = (int8_t)((zone & 8) != 0 ? -quarters : quarters);
}

static size_t unpack(const struct octets *o, size_t first_bit, size_t n, uint8_t *septets)
{
	for (size_t i = 0, bit = first_bit; i < n; i++, bit += 7) {
		size_t at = o->at + bit / 8;

		if (at >= o->len) {
			return i;
		}
		unsigned int v = o->data[at] | (at + 1 < o->len ? (unsigned int)o->data[at + 1] << 8 : 0);

		septets[i] = (uint8_t)(v >> bit % 8 & 0x7f);
	}
	return n;
}

static void read_address(struct octets *o, struct sms_address *a)
{
	static const char digits[] = "0123456789*#abc";
	uint8_t len = octet(o);
	uint8_t septets[SMS_MAX_ADDRESS_LEN_CHARS];

	a->type = octet(o);
	a->length = MIN(len, SMS_MAX_ADDRESS_LEN_CHARS);
	if ((a->type & 0x70) == 0x50) { /* a name */
		size_t n = unpack(o, 0, MIN(len * 4u / 7, sizeof(septets)), septets);

		a->address_str[to_text(septets, n, (uint8_t *)a->address_str)] = '\0';
		o->at += (len + 1u) / 2;
		return;
	}
	for (uint8_t i = 0; i < len; i += 2) {
		uint8_t two = octet(o);

		for (uint8_t k = i; k < i + 2 && k < a->length; k++, two >>= 4) {
			a->address_str[k] = (two & 15) < 15 ? digits[two & 15] : '\0';
		}
	}
	a->address_str[a->length] = '\0';
}

static void read_header(struct octets *o, size_t len, struct sms_deliver_header *h)
{
	size_t end = o->at + len;

	while (o->at + 2 <= end && !o->wrong) {
		uint8_t id = octet(o), size = octet(o);
		const uint8_t *v = o->data + o->at;

		if (o->at + size > o->len) {
			o->wrong = true;
			return;
		}
		if ((id == 0 && size == 3) || (id == 8 && size == 4)) {
			h->concatenated = (struct sms_udh_concat){
				true, id == 0 ? v[0] : (uint16_t)(v[0] << 8 | v[1]), v[size - 2], v[size - 1]};
		} else if (id == 4 && size == 2) {
			h->app_port = (struct sms_udh_app_port){true, v[0], v[1]};
		} else if (id == 5 && size == 4) {
			h->app_port = (struct sms_udh_app_port){true, (uint16_t)(v[0] << 8 | v[1]), (uint16_t)(v[2] << 8 | v[3])};
		}
		o->at += size;
	}
}

static void read_deliver(struct octets *o, struct sms_data *d)
{
	struct sms_deliver_header *h = &d->header.deliver;
	uint8_t septets[SEPTETS];

	uint8_t centre = octet(o);

	o->at += centre;
	uint8_t first = octet(o);

	read_address(o, &h->originating_address);
	octet(o);
	uint8_t coding = octet(o);

	read_time(o, &h->time);
	uint8_t len = octet(o);
	size_t header = 0, start = o->at;

	if ((first & 0x40) != 0) {
		header = octet(o) + 1u;
		read_header(o, header - 1, h);
		o->at = start;
	}
	if ((coding & 0x0c) == 0) {
		size_t skip = (8 * header + 6) / 7;
		size_t n = unpack(o, 7 * skip, len > skip ? MIN(len - skip, SEPTETS) : 0, septets);

		d->payload_len = to_text(septets, n, d->payload);
	} else { /* octets as they are */
		o->at += header;
		for (size_t i = header; i < len && d->payload_len < SMS_MAX_PAYLOAD_LEN_CHARS; i++) {
			d->payload[d->payload_len++] = octet(o);
		}
	}
	d->payload[d->payload_len] = '\0';
}

static void received(const char *notif, enum sms_type type)
{
	static struct sms_data data;
	struct octets o = {.len = 0};
	const char *pdu = strchr(notif, '\n');

	if (pdu == NULL) {
		return;
	}
	for (pdu++; o.len < sizeof(o.data); pdu += 2) {
		unsigned int v;

		if (pdu[0] < ' ' || pdu[1] < ' ' || sscanf(pdu, "%2x", &v) != 1) {
			break;
		}
		o.data[o.len++] = (uint8_t)v;
	}
	memset(&data, 0, sizeof(data));
	data.type = type;
	if (type == SMS_TYPE_DELIVER) {
		read_deliver(&o, &data);
	}
	if (o.wrong) {
		LOG_ERR("Decoding of SMS failed");
	} else {
		for (int i = 0; i < CONFIG_SMS_SUBSCRIBERS_MAX_CNT; i++) {
			if (listeners[i].fn != NULL) {
				listeners[i].fn(&data, listeners[i].context);
			}
		}
	}
	k_work_submit(&acknowledge_work);
}

AT_MONITOR(ncsh_sms_cmt, "+CMT", on_cmt);

static void on_cmt(const char *notif)
{
	if (strncmp(notif, "+CMT:", 5) == 0) {
		received(notif, SMS_TYPE_DELIVER);
	}
}

AT_MONITOR(ncsh_sms_cds, "+CDS", on_cds);

static void on_cds(const char *notif)
{
	if (strncmp(notif, "+CDS:", 5) == 0) {
		received(notif, SMS_TYPE_STATUS_REPORT);
	}
}
