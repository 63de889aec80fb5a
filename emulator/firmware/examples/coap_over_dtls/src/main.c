/* Asks a CoAP server over DTLS with a pre-shared key. */
#include <string.h>
#include <sys/time.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/coap.h>
#include <zephyr/net/socket.h>
#include <modem/lte_lc.h>
#include <modem/modem_key_mgmt.h>
#include <modem/nrf_modem_lib.h>

LOG_MODULE_REGISTER(coap_over_dtls);

#define SERVER "broker.lab"
#define PORT "5684"
#define SEC_TAG 43
#define DEVICE "cali.test.nrf91" /* the one that the servers of nrf91emu cloud know */
#define PSK "2e666f726e69756d" /* as hexadecimal text, which is what the modem takes */

static int store(enum modem_key_mgmt_cred_type type, const char *text)
{
	bool exists = false;

	/* A key cannot be read back: one that is there is taken for the right one. */
	if (!IS_ENABLED(CONFIG_WRITE_AT_EVERY_BOOT)) {
		int err = modem_key_mgmt_exists(SEC_TAG, type, &exists);

		if (err) {
			return err;
		}
	}
	return exists ? 0 : modem_key_mgmt_write(SEC_TAG, type, text, strlen(text));
}

static int open_socket(void)
{
	struct zsock_addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct zsock_addrinfo *server;
	const sec_tag_t tags[] = { SEC_TAG };
	const int verify = TLS_PEER_VERIFY_REQUIRED;
	const struct timeval patience = { .tv_sec = 10 };
	int err = zsock_getaddrinfo(SERVER, PORT, &hints, &server);

	if (err) {
		return -EHOSTUNREACH;
	}
	int sock = zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_DTLS_1_2);

	err = sock < 0 || zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &verify, sizeof(verify)) < 0 ||
			      zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof(tags)) < 0 ||
			      zsock_setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
			      zsock_connect(sock, server->ai_addr, server->ai_addrlen) < 0
		      ? -errno
		      : 0;
	zsock_freeaddrinfo(server);
	if (err && sock >= 0) {
		zsock_close(sock);
	}
	return err ? err : sock;
}

static int ask(int sock, const char *resource)
{
	uint8_t buf[256];
	uint8_t token[COAP_TOKEN_MAX_LEN];
	struct coap_packet packet;
	uint16_t len;
	int err = coap_packet_init(&packet, buf, sizeof(buf), COAP_VERSION_1, COAP_TYPE_CON, sizeof(token),
				   memcpy(token, coap_next_token(), sizeof(token)), COAP_METHOD_GET, coap_next_id());

	if (err == 0) {
		err = coap_packet_append_option(&packet, COAP_OPTION_URI_PATH, (const uint8_t *)resource,
						strlen(resource));
	}
	if (err < 0) {
		return err;
	}
	if (zsock_send(sock, packet.data, packet.offset, 0) < 0) {
		return -errno;
	}
	ssize_t received = zsock_recv(sock, buf, sizeof(buf), 0);

	if (received < 0) {
		return -errno;
	}
	err = coap_packet_parse(&packet, buf, received, NULL, 0);
	if (err < 0) {
		return err;
	}
	const uint8_t *payload = coap_packet_get_payload(&packet, &len);
	uint8_t code = coap_header_get_code(&packet);

	LOG_INF("%u.%02u %.*s", code >> 5, code & 31, (int)len, payload != NULL ? (const char *)payload : "");
	return 0;
}

int main(void)
{
	int err = nrf_modem_lib_init();

	if (err == 0) {
		err = store(MODEM_KEY_MGMT_CRED_TYPE_IDENTITY, DEVICE);
	}
	if (err == 0) {
		err = store(MODEM_KEY_MGMT_CRED_TYPE_PSK, PSK);
	}
	if (err == 0) {
		err = lte_lc_connect();
	}
	if (err == 0) {
		int sock = open_socket();

		err = sock < 0 ? sock : ask(sock, "validate");
	}
	if (err) {
		LOG_ERR("No answer: %d", err);
	}
	return 0;
}
