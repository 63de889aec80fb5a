/* What the habits have in common. Each is a function in a file of its own. */
#ifndef HABIT_H__
#define HABIT_H__

#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <modem/modem_key_mgmt.h>

#define SEC_TAG 42
#define OTHER_TAG 43
#define CA MODEM_KEY_MGMT_CRED_TYPE_CA_CHAIN
#define KEY MODEM_KEY_MGMT_CRED_TYPE_PRIVATE_CERT
#define PSK MODEM_KEY_MGMT_CRED_TYPE_PSK
#define ID MODEM_KEY_MGMT_CRED_TYPE_IDENTITY

#define IDENTITY "device-1"
#define SHARED_KEY "2e666f726e69756d" /* hexadecimal text, which is what the modem takes */

extern const char ca[], other_ca[];
extern const size_t CA_SIZE, OTHER_CA_SIZE; /* without the NUL at the end */

/* provision is what the firmware does with credentials at each boot. LTE is off. */
int provision(void);

/* ensure asks whether a credential is there, compares it, and writes it on a difference only. It is not
 * for keys, which cannot be read. */
int ensure(nrf_sec_tag_t tag, enum modem_key_mgmt_cred_type type, const void *content, size_t len);

#endif
