/*
 * Calls every function of modem_key_mgmt with what goes well and what does not, and prints what
 * comes back. TestKeyMgmt runs it with two sources of the library.
 */
#include <stdio.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <modem/modem_key_mgmt.h>
#include <modem/nrf_modem_lib.h>
#include <ncs_version.h>
#include <nrf_modem_at.h>

#define TAG 42
#define CA MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN
#define CERT MODEM_KEY_MGMT_CRED_TYPE_PUBLIC_CERT
#define KEY MODEM_KEY_MGMT_CRED_TYPE_PRIVATE_CERT
#define PSK MODEM_KEY_MGMT_CRED_TYPE_PSK
#define ID MODEM_KEY_MGMT_CRED_TYPE_IDENTITY

/* The certificate as its file is, with a line feed at the end, and without; another one of that length. */
static const char lf[] = {
#include "ca.pem"
	0x00,
};
static char plain[sizeof(lf)], other[sizeof(lf)];

static const char nul[] = "abc\0def";
static char big[5000];
static char buf[5000];

#define SAY(call) printk("%s: %d\n", #call, call)

static void exists(nrf_sec_tag_t tag, enum modem_key_mgmt_cred_type type)
{
	bool is = false;
	int err = modem_key_mgmt_exists(tag, type, &is);

	printk("exists %u %d: %d %d\n", (unsigned int)tag, type, err, is);
}

static void read_it(enum modem_key_mgmt_cred_type type, size_t len)
{
	size_t size = len;

	memset(buf, 0, sizeof(buf));
	int err = modem_key_mgmt_read(TAG, type, buf, &size);

	printk("read %d of %u: %d, %u bytes\n", type, (unsigned int)len, err, (unsigned int)size);
	printk("%s\n", err == 0 ? buf : "");
}

static void compare(const char *what, const char *with, size_t len)
{
	printk("cmp %s: %d\n", what, modem_key_mgmt_cmp(TAG, CA, with, len));
}

static void compare_all(void)
{
	compare("plain", plain, strlen(plain));
	compare("with a line feed", lf, strlen(lf));
	compare("the first half", plain, strlen(plain) / 2);
	compare("another", other, strlen(other));
}

#if NCS_VERSION_NUMBER >= 0x30000
static void listed(nrf_sec_tag_t tag, enum modem_key_mgmt_cred_type type)
{
	printk("listed %u %d\n", (unsigned int)tag, type);
}

static void digest(enum modem_key_mgmt_cred_type type, size_t len)
{
	uint8_t sum[MODEM_KEY_MGMT_DIGEST_SIZE] = {0};

	printk("digest %d of %u: %d", type, (unsigned int)len, modem_key_mgmt_digest(TAG, type, sum, len));
	for (size_t i = 0; i < sizeof(sum); i++) {
		printk("%s%02x", i == 0 ? ", " : "", sum[i]);
	}
	printk("\n");
}
#endif

static void all(void)
{
	exists(TAG, CA);
	read_it(CA, sizeof(buf));
	compare_all();
	SAY(modem_key_mgmt_delete(TAG, CA));

	SAY(modem_key_mgmt_write(TAG, CA, lf, strlen(lf)));
	exists(TAG, CA);
	exists(TAG + 1, CA);
	compare_all();
	read_it(CA, sizeof(buf));
	read_it(CA, strlen(lf));
	read_it(CA, strlen(lf) - 1);
	SAY(modem_key_mgmt_write(TAG, CA, plain, strlen(plain)));
	compare_all();

	SAY(modem_key_mgmt_write(TAG, CERT, plain, strlen(plain)));
	SAY(modem_key_mgmt_write(TAG, KEY, plain, strlen(plain)));
	SAY(modem_key_mgmt_write(TAG, PSK, "00112233", 8));
	SAY(modem_key_mgmt_write(TAG, PSK, "not hexadecimal", 15));
	SAY(modem_key_mgmt_write(TAG, ID, nul, sizeof(nul)));
	exists(TAG, PSK);
	read_it(PSK, sizeof(buf));
	read_it(KEY, sizeof(buf));
	read_it(ID, sizeof(buf));
	SAY(modem_key_mgmt_write(TAG, 99, plain, strlen(plain)));
	SAY(modem_key_mgmt_write(4294967295u, CA, plain, strlen(plain)));
	SAY(modem_key_mgmt_write(TAG, CERT, "a \"quote\"", 9));
	SAY(modem_key_mgmt_write(TAG, CERT, big, sizeof(big)));

	SAY(modem_key_mgmt_write(TAG, CA, NULL, 1));
	SAY(modem_key_mgmt_write(TAG, CA, plain, 0));
	SAY(modem_key_mgmt_cmp(TAG, CA, NULL, 1));
	SAY(modem_key_mgmt_read(TAG, CA, buf, NULL));
	SAY(modem_key_mgmt_exists(TAG, CA, NULL));
#if NCS_VERSION_NUMBER >= 0x30000
	digest(CA, 32);
	digest(CA, 31);
	digest(PSK, 32);
	SAY(modem_key_mgmt_delete(TAG, CERT));
	digest(CERT, 32);
	SAY(modem_key_mgmt_list(listed));
#endif
	SAY(modem_key_mgmt_delete(TAG, ID));
	SAY(modem_key_mgmt_delete(TAG, ID));
#if NCS_VERSION_NUMBER >= 0x20800
	SAY(modem_key_mgmt_clear(TAG));
	exists(TAG, CA);
	SAY(modem_key_mgmt_clear(TAG));
#else
	SAY(modem_key_mgmt_delete(TAG, CA));
#endif
}

int main(void)
{
	memset(big, 'x', sizeof(big));
	memcpy(plain, lf, strlen(lf) - 1);
	memcpy(other, lf, strlen(lf));
	other[100] ^= 1;
	SAY(modem_key_mgmt_write(TAG, CA, plain, strlen(plain)));
	SAY(nrf_modem_lib_init());
	all();
	SAY(nrf_modem_at_printf("AT+CMEE=1"));
	all();
	SAY(nrf_modem_at_printf("AT+CFUN=1"));
	SAY(modem_key_mgmt_write(TAG, CA, lf, strlen(lf)));
	SAY(modem_key_mgmt_delete(TAG, CA));
	exists(TAG, CA);
	SAY(nrf_modem_at_printf("AT+CFUN=4"));
	SAY(nrf_modem_lib_shutdown());
	exists(TAG, CA);
	printk("Done\n");
	return 0;
}
