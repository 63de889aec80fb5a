/* The registry of Zephyr's TLS. On an nRF91 nothing reads it: the modem has its own. */
// build: if TLS_CREDENTIALS
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/tls_credentials.h>

#ifndef CONFIG_TLS_MAX_CREDENTIALS_NUMBER
#define CONFIG_TLS_MAX_CREDENTIALS_NUMBER 4
#endif

static struct {
	enum tls_credential_type type;
	sec_tag_t tag;
	const void *buf;
	size_t len;
} credentials[CONFIG_TLS_MAX_CREDENTIALS_NUMBER];

static K_MUTEX_DEFINE(lock);

static int find(sec_tag_t tag, enum tls_credential_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(credentials); i++) {
		if (credentials[i].type == type && (type == TLS_CREDENTIAL_NONE || credentials[i].tag == tag)) {
			return (int)i;
		}
	}
	return -ENOENT;
}

int tls_credential_add(sec_tag_t tag, enum tls_credential_type type, const void *cred, size_t credlen)
{
	int ret = 0;

	if (type == TLS_CREDENTIAL_NONE) {
		return -EINVAL;
	}
	k_mutex_lock(&lock, K_FOREVER);
	int free_slot = find(tag, TLS_CREDENTIAL_NONE);

	if (find(tag, type) >= 0) {
		ret = -EEXIST;
	} else if (free_slot < 0) {
		ret = -ENOMEM;
	} else {
		credentials[free_slot].type = type;
		credentials[free_slot].tag = tag;
		credentials[free_slot].buf = cred;
		credentials[free_slot].len = credlen;
	}
	k_mutex_unlock(&lock);
	return ret;
}

int tls_credential_get(sec_tag_t tag, enum tls_credential_type type, void *cred, size_t *credlen)
{
	int ret = 0;

	k_mutex_lock(&lock, K_FOREVER);
	int i = type == TLS_CREDENTIAL_NONE ? -ENOENT : find(tag, type);

	if (i < 0) {
		ret = -ENOENT;
	} else if (credentials[i].len > *credlen) {
		ret = -EFBIG;
	} else {
		memcpy(cred, credentials[i].buf, credentials[i].len);
		*credlen = credentials[i].len;
	}
	k_mutex_unlock(&lock);
	return ret;
}

int tls_credential_delete(sec_tag_t tag, enum tls_credential_type type)
{
	int ret = -ENOENT;

	k_mutex_lock(&lock, K_FOREVER);
	int i = type == TLS_CREDENTIAL_NONE ? -ENOENT : find(tag, type);

	if (i >= 0) {
		memset(&credentials[i], 0, sizeof(credentials[i]));
		ret = 0;
	}
	k_mutex_unlock(&lock);
	return ret;
}
