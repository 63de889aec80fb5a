/*
 * Credentials for Zephyr's own TLS. The sockets of an nRF91 use the modem's, so what
 * is added here reaches no connection; modem_key_mgmt.h is what does.
 */
#ifndef NRF91EMU_ZEPHYR_NET_TLS_CREDENTIALS_H_
#define NRF91EMU_ZEPHYR_NET_TLS_CREDENTIALS_H_

#include <stddef.h>

enum tls_credential_type {
	TLS_CREDENTIAL_NONE = 0,
	TLS_CREDENTIAL_CA_CERTIFICATE = 1,
	TLS_CREDENTIAL_SERVER_CERTIFICATE = 2,
	TLS_CREDENTIAL_PUBLIC_CERTIFICATE = TLS_CREDENTIAL_SERVER_CERTIFICATE,
	TLS_CREDENTIAL_PRIVATE_KEY = 3,
	TLS_CREDENTIAL_PSK = 4,
	TLS_CREDENTIAL_PSK_ID = 5,
};

typedef int sec_tag_t;
#define SEC_TAG_TLS_INVALID -1

/* The buffer is not copied. -EEXIST, -ENOMEM, -EINVAL. */
int tls_credential_add(sec_tag_t tag, enum tls_credential_type type, const void *cred, size_t credlen);
/* *credlen is the room before and the size after. -ENOENT, -EFBIG. */
int tls_credential_get(sec_tag_t tag, enum tls_credential_type type, void *cred, size_t *credlen);
int tls_credential_delete(sec_tag_t tag, enum tls_credential_type type);

#endif
