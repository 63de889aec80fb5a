/*
 * Credentials in the modem, see modem/modem_key_mgmt.h. Commands, comparing and error numbers are
 * those of the SDK version: compare has changed with 2.5 and 2.8, the numbers with 2.9 and 3.0.
 */
// build: if MODEM_KEY_MGMT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modem/modem_key_mgmt.h>
#include <nrf_modem_at.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#include "defaults.h"

LOG_MODULE_REGISTER(modem_key_mgmt, CONFIG_MODEM_KEY_MGMT_LOG_LEVEL);

/* Responses that are longer fail with -E2BIG, as on the device. */
static char response[4096]; /* fact key-mgmt/buffer */

static K_MUTEX_DEFINE(response_mutex);

/* What a command that the modem has refused makes of the functions. */
static const struct {
	int cme;
	int err;
	int since; /* SDK version */
	const char *warning;
} refusals[] = {
	{513, -ENOENT, 0, "Key not found"},
	{514, -EACCES, 0, "Key access refused"},
	{515, -ENOMEM, 0, "Key storage memory full"},
	{518, -EPERM, 0, "Not allowed when LTE connection is active"},
	{519, -EALREADY, 0, "Key already exists"},
	{528, -ECANCELED, 0, "Not allowed when power off warning is active"},
	{0, -EIO, 0x020900, "Phone failure"},
	{23, -E2BIG, 0x020900, "Memory failure"},
	{50, -EINVAL, 0x020900, "Incorrect parameters in command"},
	{60, -ENOEXEC, 0x020900, "System error"},
	{527, -EINVAL, 0x020900, "Invalid content"},
};

#define UNTRANSLATED ((int)0xBAADBAAD)

/* Turns what nrf_modem_at returned into what the functions here return. The kind of the error is not
 * looked at: a plain ERROR counts as number 0. */
static int translate(int err)
{
	if (err <= 0) {
		return err;
	}
	int cme = nrf_modem_at_err(err);

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].cme == cme && NCSHOST_VER >= refusals[i].since) {
			if (NCSHOST_VER >= 0x020500) {
				LOG_WRN("%s", refusals[i].warning);
			}
			return refusals[i].err;
		}
	}
	LOG_ERR("Untranslated CME error %d", cme);
	__ASSERT(false, "Untranslated CME error %d", cme);
	return UNTRANSLATED;
}

/* Numbers in place of a bare ERROR are switched on for the time of a command. */
static bool numbers_on(void)
{
	int on = 0;
	int n = nrf_modem_at_scanf("AT+CMEE?", "+CMEE: %d", &on);

	if (n != 1) {
		LOG_WRN("Failed to retrieve CMEE status, err %d", n);
		on = 0;
	}
	if (!on) {
		nrf_modem_at_printf("AT+CMEE=1");
	}
	return on != 0;
}

static void numbers_as_before(bool were_on)
{
	if (!were_on) {
		nrf_modem_at_printf("AT+CMEE=0");
	}
}

static void begin(void)
{
	k_mutex_lock(&response_mutex, K_FOREVER);
}

static int end(int err)
{
	k_mutex_unlock(&response_mutex);
	return err;
}

/* Lists what a tag holds under a type; the response stays. */
static int list_one(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type)
{
	bool were_on = numbers_on();

	response[0] = '\0';
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CMNG=1,%u,%d",
				   (unsigned int)sec_tag, (int)cred_type);

	numbers_as_before(were_on);
	return translate(err);
}

/* Returns what stands behind quotation mark n, from 1, up to the next one. */
static const char *between_quotes(int n, size_t *len)
{
	const char *p = response;

	for (int i = 0; i < n; i++) {
		p = strchr(p, '"');
		if (p == NULL) {
			return NULL;
		}
		p++;
	}
	const char *last = strchr(p, '"');

	if (last == NULL) {
		return NULL;
	}
	*len = (size_t)(last - p);
	return p;
}

/* Reads a credential; *content is in the response. */
static int fetch(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
		 const char **content, size_t *len)
{
	bool were_on = numbers_on();

	response[0] = '\0';
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CMNG=2,%u,%d",
				   (unsigned int)sec_tag, (int)cred_type);

	numbers_as_before(were_on);
	err = translate(err);
	if (err != 0) {
		return err;
	}
	*content = between_quotes(3, len);
	return *content != NULL ? 0 : -ENOENT;
}

int modem_key_mgmt_write(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
			 const void *buf, size_t len)
{
	if (buf == NULL || len == 0) {
		return -EINVAL;
	}
	bool were_on = numbers_on();
	int err = nrf_modem_at_printf("AT%%CMNG=0,%u,%d,\"%.*s\"", (unsigned int)sec_tag,
				      (int)cred_type, (int)len, (const char *)buf);

	numbers_as_before(were_on);
	return translate(err);
}

int modem_key_mgmt_read(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type, void *buf,
			size_t *len)
{
	const char *content;
	size_t size;

	if (buf == NULL || len == NULL) {
		return -EINVAL;
	}
	begin();
	int err = fetch(sec_tag, cred_type, &content, &size);

	if (err == 0 && size > *len) {
		err = -ENOMEM;
#if NCSHOST_VER >= 0x020800
		*len = size;
#endif
	} else if (err == 0) {
		memcpy(buf, content, size);
		*len = size;
	}
	return end(err);
}

int modem_key_mgmt_cmp(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
		       const void *buf, size_t len)
{
	const char *content;
	size_t size;

	if (buf == NULL) {
		return -EINVAL;
	}
	begin();
	int err = fetch(sec_tag, cred_type, &content, &size);

	if (err != 0) {
		return end(err);
	}
#if NCSHOST_VER >= 0x020800
	/* A line feed at the end does not count. */
	const char *wanted = buf;

	if (len > 0 && wanted[len - 1] == '\n') {
		len--;
	}
	if (size > 0 && content[size - 1] == '\n') {
		size--;
	}
#endif
#if NCSHOST_VER >= 0x020500
	if (size != len) {
		LOG_DBG("Credential length mismatch");
		return end(1);
	}
#else
	/* Only as many bytes as are wanted are looked at; the rest may be anything. */
	size = sizeof(response) - (size_t)(content - response);
	if (len > size) {
		return end(1);
	}
#endif
	if (memcmp(content, buf, len) != 0) {
		LOG_DBG("Credential data mismatch");
		return end(1);
	}
	return end(0);
}

int modem_key_mgmt_delete(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type)
{
	bool were_on = numbers_on();
	int err = nrf_modem_at_printf("AT%%CMNG=3,%u,%d", (unsigned int)sec_tag, (int)cred_type);

	numbers_as_before(were_on);
	return translate(err);
}

int modem_key_mgmt_exists(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
			  bool *exists)
{
	if (exists == NULL) {
		return -EINVAL;
	}
	begin();
	int err = list_one(sec_tag, cred_type);

	if (err == 0) {
		*exists = strlen(response) > strlen("OK\r\n"); /* fact key-mgmt/exists */
	}
	return end(err);
}

#if NCSHOST_VER >= 0x020800
/* What each release does is what a firmware of its time lives with: a failed delete is not told of,
 * and before 3.0 the last credential is deleted twice, so that -ENOENT comes of all's being well. */
int modem_key_mgmt_clear(nrf_sec_tag_t sec_tag)
{
	unsigned int tag = ~sec_tag, type = 0;
	char *rest;
	bool were_on = numbers_on();

	begin();
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CMNG=1, %d", (int)sec_tag);

	if (NCSHOST_VER >= 0x030000) {
		numbers_as_before(were_on);
	}
	if (err != 0) {
		return end(translate(err));
	}
	for (char *line = strtok_r(response, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		int n = sscanf(line, "%%CMNG: %u,%u,", &tag, &type);

		err = n;
		if (tag == sec_tag && (n == 2 || NCSHOST_VER < 0x030000)) {
			err = nrf_modem_at_printf("AT%%CMNG=3,%u,%u", (unsigned int)sec_tag, type);
		}
	}
	if (NCSHOST_VER < 0x030000) {
		numbers_as_before(were_on);
	}
	return end(translate(err));
}
#endif

#if NCSHOST_VER >= 0x030000
int modem_key_mgmt_digest(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type, void *buf,
			  size_t len)
{
	size_t digits;

	if (buf == NULL) {
		return -EINVAL;
	}
	if (len < MODEM_KEY_MGMT_DIGEST_SIZE) {
		return -ENOMEM;
	}
	begin();
	bool were_on = numbers_on();

	response[0] = '\0';
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CMNG=1,%u,%d", (unsigned int)sec_tag,
				   (int)cred_type);

	numbers_as_before(were_on);
	if (err < 0) {
		return end(err);
	}
	/* What the modem has refused, and what is not there, is an answer that cannot be read. */
	const char *hex = between_quotes(1, &digits);

	if (hex == NULL || digits != 2 * MODEM_KEY_MGMT_DIGEST_SIZE) {
		return end(hex == NULL ? -EBADMSG : -EINVAL);
	}
	for (size_t i = 0; i < MODEM_KEY_MGMT_DIGEST_SIZE; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
			return end(-EINVAL);
		}
		((uint8_t *)buf)[i] = (uint8_t)byte;
	}
	return end(0);
}

int modem_key_mgmt_list(modem_key_mgmt_list_cb_t list_cb)
{
	if (list_cb == NULL) {
		return -EINVAL;
	}
	bool were_on = numbers_on();

	begin();
	int err = nrf_modem_at_cmd(response, sizeof(response), "AT%%CMNG=1");

	numbers_as_before(were_on);
	err = translate(err);
	for (char *p = response; err == 0 && (p = strstr(p, "%CMNG: ")) != NULL; p++) {
		unsigned int tag, type;

		if (sscanf(p, "%%CMNG: %u,%u", &tag, &type) == 2 && tag < NRF_SEC_TAG_TLS_DECRYPT_BASE) {
			list_cb(tag, (enum modem_key_mgmt_cred_type)type);
		}
	}
	return end(err);
}
#endif
