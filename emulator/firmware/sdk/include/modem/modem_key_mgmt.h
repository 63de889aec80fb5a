/* Credentials in the modem. */
#ifndef MODEM_KEY_MGMT_H__
#define MODEM_KEY_MGMT_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ncshost.h>
#include <nrf_socket.h>
#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

enum modem_key_mgmt_cred_type {
	MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN,
	MODEM_KEY_MGMT_CRED_TYPE_PUBLIC_CERT,
	MODEM_KEY_MGMT_CRED_TYPE_PRIVATE_CERT,
	MODEM_KEY_MGMT_CRED_TYPE_PSK,
	MODEM_KEY_MGMT_CRED_TYPE_IDENTITY,
};

int modem_key_mgmt_write(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
			 const void *buf, size_t len);
int modem_key_mgmt_delete(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type);
int modem_key_mgmt_read(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type, void *buf,
			size_t *len);
/* modem_key_mgmt_cmp returns 0 if buf is what is stored, 1 if not, or the negative
 * of an errno. */
int modem_key_mgmt_cmp(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
		       const void *buf, size_t len);
int modem_key_mgmt_exists(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type,
			  bool *exists);

#if NCSHOST_VER >= 0x020800
/* modem_key_mgmt_clear deletes all that a tag holds. */
int modem_key_mgmt_clear(nrf_sec_tag_t sec_tag);
#endif

#if NCSHOST_VER >= 0x030000
#define MODEM_KEY_MGMT_DIGEST_SIZE 32

typedef void (*modem_key_mgmt_list_cb_t)(nrf_sec_tag_t sec_tag,
					 enum modem_key_mgmt_cred_type cred_type);

int modem_key_mgmt_digest(nrf_sec_tag_t sec_tag, enum modem_key_mgmt_cred_type cred_type, void *buf,
			  size_t len);
int modem_key_mgmt_list(modem_key_mgmt_list_cb_t list_cb);
#endif

#ifdef __cplusplus
}
#endif

#endif
