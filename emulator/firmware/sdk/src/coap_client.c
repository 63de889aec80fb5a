/* CoAP requests in the background, see zephyr/net/coap_client.h (RFC 7252, 7641, 7959, 9175). */
// build: if COAP_CLIENT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/coap_client.h>
#include <zephyr/net/socket.h>
#include <zephyr/random/random.h>

#ifndef CONFIG_COAP_CLIENT_MAX_INSTANCES
#define CONFIG_COAP_CLIENT_MAX_INSTANCES 2
#endif
#ifndef CONFIG_COAP_CLIENT_STACK_SIZE
#define CONFIG_COAP_CLIENT_STACK_SIZE 1024
#endif
#ifndef CONFIG_COAP_INIT_ACK_TIMEOUT_MS
#define CONFIG_COAP_INIT_ACK_TIMEOUT_MS 2000
#endif
#ifndef CONFIG_COAP_MAX_RETRANSMIT
#define CONFIG_COAP_MAX_RETRANSMIT 4
#endif
#ifndef CONFIG_COAP_BACKOFF_PERCENT
#define CONFIG_COAP_BACKOFF_PERCENT 200
#endif
#ifndef CONFIG_COAP_LOG_LEVEL
#define CONFIG_COAP_LOG_LEVEL 3
#endif

LOG_MODULE_REGISTER(net_coap_client, CONFIG_COAP_LOG_LEVEL);

#define ECHO 252 /* RFC 9175 */
#define MAX_TRANSMIT_WAIT_MS 93000 /* RFC 7252 4.8.2: how long an answer may take */
#define LONGEST_POLL_MS 500

typedef struct coap_client_internal_request request_t;

static struct coap_client *clients[CONFIG_COAP_CLIENT_MAX_INSTANCES];
static int clients_count;
static K_MUTEX_DEFINE(clients_mutex);
static K_SEM_DEFINE(work, 0, 1);

static enum coap_block_size size_of_blocks(void)
{
	return (enum coap_block_size)coap_client_option_initial_block2().value[0];
}

/* ---- Sending ---- */

static int transmit(struct coap_client *c, const uint8_t *data, size_t len)
{
	ssize_t n = c->socklen > 0 ? zsock_sendto(c->fd, data, len, 0, (struct sockaddr *)&c->address, c->socklen)
				   : zsock_send(c->fd, data, len, 0);

	return n < 0 ? -errno : 0;
}

static const char *path_of(const struct coap_client_request *req)
{
	return req->path;
}

/* The payload from r->sent on, as much as the block has. */
static int payload_of(request_t *r, const uint8_t **payload, bool *blockwise)
{
	const struct coap_client_request *req = &r->coap_request;
	size_t size = coap_block_size_to_bytes(r->send_size);

#if NCSHOST_VER >= 0x030200
	if (req->payload_cb != NULL) {
		bool last = true;
		size_t len = size;
		int err = req->payload_cb(r->sent, payload, &len, &last, req->user_data);

		if (err < 0) {
			return err;
		}
		if (len > size || (!last && len != size)) {
			return -EINVAL;
		}
		r->block = len;
		r->more = !last;
		*blockwise = r->sent > 0 || r->more;
		return 0;
	}
#endif
	if (r->sent > req->len) {
		return -EINVAL;
	}
	*payload = req->payload + r->sent;
	*blockwise = req->len > CONFIG_COAP_CLIENT_MESSAGE_SIZE;
	r->block = *blockwise && req->len - r->sent > size ? size : req->len - r->sent;
	r->more = r->sent + r->block < req->len;
	return 0;
}

static int append_options(request_t *r, struct coap_packet *p)
{
	const struct coap_client_request *req = &r->coap_request;
	int err = coap_packet_set_path(p, path_of(req));

	for (uint8_t i = 0; i < req->num_options && err == 0; i++) {
		/* A size of blocks that was asked for is that of the first answer only. */
		if (req->options[i].code != COAP_OPTION_BLOCK2 || r->received == 0) {
			err = coap_packet_append_option(p, req->options[i].code, req->options[i].value,
							req->options[i].len);
		}
	}
	if (err == 0 && r->echo.len > 0) {
		err = coap_packet_append_option(p, ECHO, r->echo.value, r->echo.len);
	}
	return err;
}

static int append_payload(request_t *r, struct coap_packet *p)
{
	const uint8_t *payload = NULL;
	bool blockwise = false;
	int err = payload_of(r, &payload, &blockwise);

	if (err != 0) {
		return err;
	}
	if (r->block > 0 || blockwise) {
		err = coap_append_option_int(p, COAP_OPTION_CONTENT_FORMAT, (unsigned int)r->coap_request.fmt);
	}
	if (err == 0 && blockwise) {
		err = coap_append_option_int(p, COAP_OPTION_BLOCK1,
					     (unsigned int)(r->sent / coap_block_size_to_bytes(r->send_size)) << 4 |
						     (r->more ? 8u : 0u) | (unsigned int)r->send_size);
	}
	if (err == 0 && r->block > 0) {
		err = coap_packet_append_payload_marker(p);
		if (err == 0) {
			err = coap_packet_append_payload(p, payload, (uint16_t)r->block);
		}
	}
	return err;
}

/* Makes the next message of a request and sends it. */
static int send_message(struct coap_client *c, request_t *r)
{
	const struct coap_client_request *req = &r->coap_request;
	struct coap_packet p;
	int err;

	r->last_id = coap_next_id();
	err = coap_packet_init(&p, r->message, sizeof(r->message), COAP_VERSION_1,
			       req->confirmable ? COAP_TYPE_CON : COAP_TYPE_NON_CON, sizeof(r->token), r->token,
			       (uint8_t)req->method, r->last_id);
	if (err == 0) {
		err = append_options(r, &p);
	}
	if (err == 0 && r->received > 0) {
		/* The next block of the answer. */
		err = coap_append_option_int(&p, COAP_OPTION_BLOCK2,
					     (unsigned int)(r->received / coap_block_size_to_bytes(r->receive_size)) << 4 |
						     (unsigned int)r->receive_size);
	} else if (err == 0) {
		err = append_payload(r, &p);
	}
	if (err != 0) {
		LOG_ERR("Failed to initialize coap request");
		return err == -EINVAL ? -ENOMEM : err;
	}
	r->message_len = p.offset;
	r->acknowledged = false;
	r->due = k_uptime_get() + (req->confirmable ? r->timeout : MAX_TRANSMIT_WAIT_MS);
	return transmit(c, r->message, r->message_len);
}

/* ---- Ends of requests ---- */

/* Calls the callback; the lock is free meanwhile, as it may begin another request. */
static void call_back(struct coap_client *c, const struct coap_client_request *req, int code, size_t offset,
		      const struct coap_packet *packet, bool last)
{
	uint16_t len = 0;
	const uint8_t *payload = packet != NULL ? coap_packet_get_payload(packet, &len) : NULL;

	if (req->cb == NULL) {
		return;
	}
	k_mutex_unlock(&c->lock);
#if NCSHOST_VER >= 0x030200
	struct coap_client_response_data data = {
		.result_code = (int16_t)code,
		.packet = packet,
		.offset = offset,
		.payload = len > 0 ? payload : NULL,
		.payload_len = len,
		.last_block = last,
	};

	req->cb(&data, req->user_data);
#else
	req->cb((int16_t)code, offset, len > 0 ? payload : NULL, len, last, req->user_data);
#endif
	k_mutex_lock(&c->lock, K_FOREVER);
}

static void finish(struct coap_client *c, request_t *r, int code, size_t offset, const struct coap_packet *packet)
{
	struct coap_client_request req = r->coap_request;

	r->request_ongoing = false;
	call_back(c, &req, code, offset, packet, true);
}

/* ---- Requests ---- */

static bool has_requests(const struct coap_client *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
		if (c->requests[i].request_ongoing) {
			return true;
		}
	}
	return false;
}

static request_t *unused(struct coap_client *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
		if (!c->requests[i].request_ongoing) {
			return &c->requests[i];
		}
	}
	return NULL;
}

int coap_client_init(struct coap_client *client, const char *info)
{
	int err = 0;

	ARG_UNUSED(info);
	if (client == NULL) {
		return -EINVAL;
	}
	k_mutex_lock(&clients_mutex, K_FOREVER);
	bool known = false;

	for (int i = 0; i < clients_count; i++) {
		known = known || clients[i] == client;
	}
	if (!known && clients_count == CONFIG_COAP_CLIENT_MAX_INSTANCES) {
		err = -ENOSPC;
	} else {
		memset(client, 0, sizeof(*client));
		client->fd = -1;
		k_mutex_init(&client->lock);
		if (!known) {
			clients[clients_count++] = client;
		}
	}
	k_mutex_unlock(&clients_mutex);
	return err;
}

static int begin(struct coap_client *c, int sock, const struct sockaddr *addr, const struct coap_client_request *req,
		 uint32_t ack_timeout, uint8_t retries, uint16_t percent)
{
	request_t *r = unused(c);

	if (has_requests(c) && c->fd != sock) {
		return -EALREADY;
	}
	if (r == NULL) {
		return -EAGAIN;
	}
	c->fd = sock;
	c->socklen = 0;
	if (addr != NULL) {
		c->socklen = addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
		memcpy(&c->address, addr, c->socklen);
	}
	memset(r, 0, sizeof(*r));
	r->coap_request = *req;
	memcpy(r->token, coap_next_token(), sizeof(r->token));
	r->send_size = r->receive_size = size_of_blocks();
	/* RFC 7252 4.8: 1 to 1.5 times, so that not all send at once. */
	r->timeout = ack_timeout + sys_rand32_get() % (ack_timeout / 2 + 1);
	r->retries = retries;
	r->percent = percent;
	r->last_response_id = -1;
	for (uint8_t i = 0; i < req->num_options; i++) {
		const struct coap_client_option *o = &req->options[i];

		r->is_observe = r->is_observe || (o->code == COAP_OPTION_OBSERVE && (o->len == 0 || o->value[0] == 0));
	}
	r->request_ongoing = true;
	int err = send_message(c, r);

	if (err != 0) {
		r->request_ongoing = false;
		return err;
	}
	k_sem_give(&work);
	return 0;
}

int coap_client_req(struct coap_client *client, int sock, const struct sockaddr *addr, struct coap_client_request *req,
#if NCSHOST_VER >= 0x020600
		    struct coap_transmission_parameters *params)
#else
		    int retries)
#endif
{
	uint32_t ack_timeout = CONFIG_COAP_INIT_ACK_TIMEOUT_MS;
	uint8_t again = CONFIG_COAP_MAX_RETRANSMIT;
	uint16_t percent = CONFIG_COAP_BACKOFF_PERCENT;

	if (client == NULL || sock < 0 || req == NULL || path_of(req) == NULL) {
		return -EINVAL;
	}
#if NCSHOST_VER >= 0x030400
	if (req->num_options > ARRAY_SIZE(req->options)) {
#else
	if (req->num_options > 0 && req->options == NULL) {
#endif
		return -EINVAL;
	}
#if NCSHOST_VER >= 0x020600
	if (params != NULL) {
		ack_timeout = params->ack_timeout;
		again = params->max_retransmission;
		percent = params->coap_backoff_percent;
	}
#else
	if (retries >= 0) {
		again = (uint8_t)retries;
	}
#endif
	k_mutex_lock(&client->lock, K_FOREVER);
	int err = begin(client, sock, addr, req, ack_timeout, again, percent);

	k_mutex_unlock(&client->lock);
	return err;
}

static bool matches(const struct coap_client_request *r, const struct coap_client_request *like)
{
	const char *path = path_of(like);

	return (like->method == 0 || like->method == r->method) &&
	       (path == NULL || *path == '\0' || strcmp(path, path_of(r)) == 0) &&
	       (like->cb == NULL || like->cb == r->cb) &&
	       (like->user_data == NULL || like->user_data == r->user_data);
}

static void cancel(struct coap_client *c, const struct coap_client_request *like)
{
	k_mutex_lock(&c->lock, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
		request_t *r = &c->requests[i];

		if (r->request_ongoing && (like == NULL || matches(&r->coap_request, like))) {
			finish(c, r, -ECANCELED, 0, NULL);
		}
	}
	k_mutex_unlock(&c->lock);
}

void coap_client_cancel_requests(struct coap_client *client)
{
	cancel(client, NULL);
}

#if NCSHOST_VER >= 0x030000
void coap_client_cancel_request(struct coap_client *client, struct coap_client_request *req)
{
	cancel(client, req);
}
#endif

/* ---- Answers ---- */

static void send_empty(struct coap_client *c, uint8_t type, uint16_t id)
{
	struct coap_packet p;
	uint8_t data[4];

	if (coap_packet_init(&p, data, sizeof(data), COAP_VERSION_1, type, 0, NULL, COAP_CODE_EMPTY, id) == 0) {
		transmit(c, data, p.offset);
	}
}

static request_t *request_of(struct coap_client *c, const struct coap_packet *p, bool by_id)
{
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint8_t len = coap_header_get_token(p, token);

	for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
		request_t *r = &c->requests[i];

		if (r->request_ongoing &&
		    (by_id ? r->last_id == coap_header_get_id(p)
			   : len == sizeof(r->token) && memcmp(token, r->token, len) == 0)) {
			return r;
		}
	}
	return NULL;
}

/* Another block is to be sent: true. Where it begins follows from what the server has taken. */
static bool continues(request_t *r, const struct coap_packet *p)
{
	int block = coap_get_option_int(p, COAP_OPTION_BLOCK1);

	if (coap_header_get_code(p) != COAP_RESPONSE_CODE_CONTINUE || block < 0 || !r->more) {
		return false;
	}
	r->sent += r->block;
	/* The server may want smaller blocks. */
	if (GET_BLOCK_SIZE(block) < (int)r->send_size) {
		r->send_size = (enum coap_block_size)GET_BLOCK_SIZE(block);
	}
	return true;
}

static void next_message(struct coap_client *c, request_t *r)
{
	int err = send_message(c, r);

	if (err != 0) {
		finish(c, r, err, r->received, NULL);
	}
}

static void response(struct coap_client *c, request_t *r, const struct coap_packet *p)
{
	int code = coap_header_get_code(p);
	int block = coap_get_option_int(p, COAP_OPTION_BLOCK2);
	size_t offset = r->received;

	/* A server may want to see a value again before it does what it is asked for. */
	if (code == COAP_RESPONSE_CODE_UNAUTHORIZED && !r->echoed && coap_find_options(p, ECHO, &r->echo, 1) == 1) {
		r->echoed = true;
		next_message(c, r);
		return;
	}
	if (continues(r, p)) {
		next_message(c, r);
		return;
	}
	if (block >= 0) {
		size_t bytes = coap_block_size_to_bytes((enum coap_block_size)GET_BLOCK_SIZE(block));

		if (GET_BLOCK_SIZE(block) == 7 || (size_t)GET_BLOCK_NUM(block) * bytes != offset) {
			if (offset > 0) {
				LOG_WRN("Block out of order");
				return; /* what is missing is asked for again in time */
			}
		}
		r->receive_size = (enum coap_block_size)GET_BLOCK_SIZE(block);
		if (GET_MORE(block)) {
			struct coap_client_request req = r->coap_request;
			uint8_t token[sizeof(r->token)];

			memcpy(token, r->token, sizeof(token));
			r->received = offset + bytes;
			call_back(c, &req, code, offset, p, false);
			/* The callback may have cancelled it. */
			if (r->request_ongoing && memcmp(r->token, token, sizeof(token)) == 0) {
				next_message(c, r);
			}
			return;
		}
	}
	if (r->is_observe && code < COAP_RESPONSE_CODE_BAD_REQUEST &&
	    coap_get_option_int(p, COAP_OPTION_OBSERVE) >= 0) {
		struct coap_client_request req = r->coap_request;

		r->received = 0;
		r->due = INT64_MAX; /* until it is cancelled */
		r->acknowledged = true;
		call_back(c, &req, code, offset, p, true);
		return;
	}
	finish(c, r, code, offset, p);
}

static void handle(struct coap_client *c, size_t len)
{
	struct coap_packet p;

	if (coap_packet_parse(&p, c->recv_buf, (uint16_t)len, NULL, 0) != 0) {
		LOG_ERR("Invalid data received");
		return;
	}
	uint8_t type = coap_header_get_type(&p);
	uint8_t code = coap_header_get_code(&p);
	request_t *r;

	if (code == COAP_CODE_EMPTY) {
		r = request_of(c, &p, true);
		if (r != NULL && type == COAP_TYPE_RESET) {
			finish(c, r, -ECONNRESET, r->received, NULL);
		} else if (r != NULL && type == COAP_TYPE_ACK) {
			r->acknowledged = true;
			r->due = k_uptime_get() + MAX_TRANSMIT_WAIT_MS;
		}
		return;
	}
	r = request_of(c, &p, false);
	if (type == COAP_TYPE_CON) {
		send_empty(c, r != NULL ? COAP_TYPE_ACK : COAP_TYPE_RESET, coap_header_get_id(&p));
	}
	if (r == NULL || r->last_response_id == coap_header_get_id(&p)) {
		return; /* of somebody else, or once more */
	}
	r->last_response_id = coap_header_get_id(&p);
	response(c, r, &p);
}

/* ---- The thread ---- */

static void receive(struct coap_client *c)
{
	ssize_t n;

	k_mutex_lock(&c->lock, K_FOREVER);
	while (has_requests(c) && (n = zsock_recv(c->fd, c->recv_buf, sizeof(c->recv_buf), ZSOCK_MSG_DONTWAIT)) != 0) {
		if (n > 0) {
			handle(c, (size_t)n);
			continue;
		}
		if (errno == EAGAIN) {
			break;
		}
		int err = -errno;

		LOG_ERR("Error receiving response: %d", -err);
		for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
			if (c->requests[i].request_ongoing) {
				finish(c, &c->requests[i], err, 0, NULL);
			}
		}
	}
	k_mutex_unlock(&c->lock);
}

/* Sends again what was not answered in time, or gives it up. */
static void expire(struct coap_client *c)
{
	k_mutex_lock(&c->lock, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(c->requests); i++) {
		request_t *r = &c->requests[i];

		if (!r->request_ongoing || k_uptime_get() < r->due) {
			continue;
		}
		if (r->acknowledged || !r->coap_request.confirmable || r->retries == 0) {
			finish(c, r, -ETIMEDOUT, r->received, NULL);
			continue;
		}
		r->retries--;
		r->timeout = (uint32_t)((uint64_t)r->timeout * r->percent / 100);
		r->due = k_uptime_get() + r->timeout;
		int err = transmit(c, r->message, r->message_len);

		if (err != 0) {
			finish(c, r, err, r->received, NULL);
		}
	}
	k_mutex_unlock(&c->lock);
}

/* How long there is nothing to do, in ms; and the sockets that there may be something on. */
static int sockets(struct zsock_pollfd *fds, struct coap_client **of, int *n)
{
	int64_t first = k_uptime_get() + LONGEST_POLL_MS;

	*n = 0;
	k_mutex_lock(&clients_mutex, K_FOREVER);
	for (int i = 0; i < clients_count; i++) {
		struct coap_client *c = clients[i];

		k_mutex_lock(&c->lock, K_FOREVER);
		if (has_requests(c)) {
			fds[*n] = (struct zsock_pollfd){.fd = c->fd, .events = ZSOCK_POLLIN};
			of[(*n)++] = c;
		}
		for (size_t k = 0; k < ARRAY_SIZE(c->requests); k++) {
			if (c->requests[k].request_ongoing) {
				first = MIN(first, c->requests[k].due);
			}
		}
		k_mutex_unlock(&c->lock);
	}
	k_mutex_unlock(&clients_mutex);
	return (int)MAX(first - k_uptime_get(), 0);
}

static void run(void *p1, void *p2, void *p3)
{
	struct zsock_pollfd fds[CONFIG_COAP_CLIENT_MAX_INSTANCES];
	struct coap_client *of[CONFIG_COAP_CLIENT_MAX_INSTANCES];
	int n;

	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (;;) {
		int wait = sockets(fds, of, &n);

		if (n == 0) {
			k_sem_take(&work, K_FOREVER);
			continue;
		}
		int ready = zsock_poll(fds, n, wait);

		for (int i = 0; i < n; i++) {
			if (ready > 0 && fds[i].revents != 0) {
				receive(of[i]);
			}
			expire(of[i]);
		}
	}
}

K_THREAD_DEFINE(coap_client_recv_thread, CONFIG_COAP_CLIENT_STACK_SIZE, run, NULL, NULL, NULL,
		K_LOWEST_APPLICATION_THREAD_PRIO, 0, 0);
