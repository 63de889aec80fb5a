/* Requests of HTTP/1.1, see zephyr/net/http/client.h (RFC 9112). */
// build: if HTTP_CLIENT
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/client.h>
#include <zephyr/net/socket.h>

#define UNKNOWN SIZE_MAX

/* ---- Sending ---- */

static int send_all(int sock, const char *data, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = zsock_send(sock, data + sent, len - sent, 0);

		if (n < 0) {
			return -errno;
		}
		sent += (size_t)n;
	}
	return (int)len;
}

/* A head is gathered, so that it goes out in few pieces. */
struct head {
	int sock;
	int sent;
	int err;
	size_t len;
	char text[512];
};

static void flush(struct head *h)
{
	int n = h->err == 0 ? send_all(h->sock, h->text, h->len) : 0;

	h->len = 0;
	if (n < 0) {
		h->err = n;
	} else {
		h->sent += n;
	}
}

static void put(struct head *h, const char *text)
{
	for (; *text != '\0'; text++) {
		if (h->len == sizeof(h->text)) {
			flush(h);
		}
		h->text[h->len++] = *text;
	}
}

static void put_lines(struct head *h, const char *const *lines)
{
	for (; lines != NULL && *lines != NULL; lines++) {
		put(h, *lines);
	}
}

static const char *name_of(enum http_method method)
{
	switch (method) {
	case HTTP_DELETE:
		return "DELETE";
	case HTTP_GET:
		return "GET";
	case HTTP_HEAD:
		return "HEAD";
	case HTTP_POST:
		return "POST";
	case HTTP_PUT:
		return "PUT";
	case HTTP_CONNECT:
		return "CONNECT";
	case HTTP_OPTIONS:
		return "OPTIONS";
	case HTTP_TRACE:
		return "TRACE";
	case HTTP_PATCH:
		return "PATCH";
	}
	return NULL;
}

static int send_request(int sock, struct http_request *req, void *user_data)
{
	struct head h = {.sock = sock};
	size_t len = req->payload == NULL ? 0 : req->payload_len > 0 ? req->payload_len : strlen(req->payload);
	char number[48];

	put(&h, name_of(req->method));
	put(&h, " ");
	put(&h, req->url);
	put(&h, " ");
	put(&h, req->protocol);
	put(&h, HTTP_CRLF "Host: ");
	put(&h, req->host);
	if (req->port != NULL) {
		put(&h, ":");
		put(&h, req->port);
	}
	put(&h, HTTP_CRLF);
	if (req->optional_headers_cb != NULL) {
		flush(&h);
		int n = h.err == 0 ? req->optional_headers_cb(sock, req, user_data) : 0;

		h.err = n < 0 ? n : h.err;
		h.sent += n > 0 ? n : 0;
	} else {
		put_lines(&h, req->optional_headers);
	}
	put_lines(&h, req->header_fields);
	if (req->content_type_value != NULL) {
		put(&h, "Content-Type: ");
		put(&h, req->content_type_value);
		put(&h, HTTP_CRLF);
	}
	if (req->payload_cb == NULL && req->payload != NULL) {
		snprintf(number, sizeof(number), "Content-Length: %zu" HTTP_CRLF, len);
		put(&h, number);
	} else if (req->payload_cb != NULL && req->payload_len > 0) {
		snprintf(number, sizeof(number), "Content-Length: %zu" HTTP_CRLF, req->payload_len);
		put(&h, number);
	}
	put(&h, HTTP_CRLF);
	flush(&h);
	if (h.err != 0) {
		return h.err;
	}
	int n = req->payload_cb != NULL ? req->payload_cb(sock, req, user_data)
		: req->payload != NULL  ? send_all(sock, req->payload, len)
					: 0;

	return n < 0 ? n : h.sent + n;
}

/* ---- Receiving ---- */

struct answer {
	struct http_request *req;
	struct http_response *rsp;
	void *user_data;
	int64_t until; /* uptime in ms */
	size_t have;   /* bytes of recv_buf */
	bool chunked;
	bool no_body;
	size_t left; /* of the body, or of the chunk; UNKNOWN until the connection ends */
};

/* Reads more behind what there is: bytes, 0 at the end of the connection, or an error. */
static int more(struct answer *a)
{
	struct zsock_pollfd fd = {.fd = a->req->internal.sock, .events = ZSOCK_POLLIN};
	int64_t wait = a->until == INT64_MAX ? -1 : MAX(a->until - k_uptime_get(), 0);

	if (a->have == a->req->recv_buf_len) {
		return -ENOMEM;
	}
	int ready = zsock_poll(&fd, 1, (int)MIN(wait, INT32_MAX));

	if (ready <= 0) {
		return ready < 0 ? -errno : -ETIMEDOUT;
	}
	ssize_t n = zsock_recv(fd.fd, a->req->recv_buf + a->have, a->req->recv_buf_len - a->have, 0);

	if (n < 0) {
		return -errno;
	}
	a->have += (size_t)n;
	return (int)n;
}

/* Forgets the first n bytes. */
static void drop(struct answer *a, size_t n)
{
	a->have -= n;
	memmove(a->req->recv_buf, a->req->recv_buf + n, a->have);
}

/* Gives len bytes at the beginning of the buffer, or the end, to the application. */
static int give(struct answer *a, size_t len, enum http_final_call final)
{
	struct http_response *r = a->rsp;

	r->recv_buf = a->req->recv_buf;
	r->recv_buf_len = a->req->recv_buf_len;
	r->data_len = a->have;
	r->body_frag_start = len > 0 ? a->req->recv_buf : NULL;
	r->body_frag_len = len;
	r->body_found = r->body_found || len > 0;
	r->processed += len;
	r->message_complete = final == HTTP_DATA_FINAL;
	if (r->cb == NULL) {
		return 0;
	}
#if NCSHOST_VER >= 0x030100
	return r->cb(r, final, a->user_data);
#else
	r->cb(r, final, a->user_data);
	return 0;
#endif
}

/* Waits for a line; its length without its end, which becomes a NUL, or an error. */
static int line(struct answer *a)
{
	for (;;) {
		uint8_t *end = memchr(a->req->recv_buf, '\n', a->have);

		if (end != NULL) {
			int len = (int)(end - a->req->recv_buf);

			*end = '\0';
			if (len > 0 && end[-1] == '\r') {
				end[-1] = '\0';
			}
			return len + 1;
		}
		int n = more(a);

		if (n <= 0) {
			return n < 0 ? n : -ECONNRESET;
		}
	}
}

static const char *value_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(text, name, len) != 0 || text[len] != ':') {
		return NULL;
	}
	text += len + 1;
	return text + strspn(text, " \t");
}

static void header(struct answer *a, const char *text)
{
	struct http_response *r = a->rsp;
	unsigned long long start, end, total;
	const char *v;

	if ((v = value_of(text, "Content-Length")) != NULL) {
		r->content_length = (size_t)strtoull(v, NULL, 10);
		r->cl_present = 1;
	} else if ((v = value_of(text, "Transfer-Encoding")) != NULL) {
		a->chunked = strcasecmp(v, "chunked") == 0;
	} else if ((v = value_of(text, "Content-Range")) != NULL &&
		   sscanf(v, "bytes %llu-%llu/%llu", &start, &end, &total) == 3) {
		r->content_range = (struct http_content_range){start, end, total};
		r->cr_present = 1;
	}
}

static int read_head(struct answer *a)
{
	struct http_response *r = a->rsp;
	int n = line(a);

	if (n < 0) {
		return n;
	}
	const char *status = (const char *)a->req->recv_buf;
	unsigned int code;

	if (sscanf(status, "HTTP/%*u.%*u %3u", &code) != 1) {
		return -EBADMSG;
	}
	status = strchr(status, ' ') + 1;
	status += strcspn(status, " ");
	status += strspn(status, " ");
	r->http_status_code = (uint16_t)code;
	snprintf(r->http_status, sizeof(r->http_status), "%s", status);
	a->no_body = a->req->method == HTTP_HEAD || code == 204 || code == 304 || code < 200;
	for (;;) {
		drop(a, (size_t)n);
		n = line(a);
		if (n < 0) {
			return n;
		}
		if (a->req->recv_buf[0] == '\0') {
			drop(a, (size_t)n);
			return 0;
		}
		header(a, (const char *)a->req->recv_buf);
	}
}

/* The size of the next chunk goes to a->left; the last one has none. */
static int next_chunk(struct answer *a)
{
	int n = line(a);

	if (n < 0) {
		return n;
	}
	char *end;
	const char *text = (const char *)a->req->recv_buf;

	a->left = (size_t)strtoull(text, &end, 16);
	if (end == text) {
		return -EBADMSG;
	}
	drop(a, (size_t)n);
	return 0;
}

static int read_piece(struct answer *a)
{
	if (a->have == 0) {
		int n = more(a);

		if (n < 0 || (n == 0 && a->left != UNKNOWN)) {
			return n < 0 ? n : -ECONNRESET;
		}
		if (n == 0) {
			a->left = 0;
			return 0;
		}
	}
	size_t len = MIN(a->have, a->left);
	/* An answer whose end is known ends with its last part. */
	int err = give(a, len, !a->chunked && len == a->left ? HTTP_DATA_FINAL : HTTP_DATA_MORE);

	drop(a, len);
	if (a->left != UNKNOWN) {
		a->left -= len;
	}
	return err;
}

static int read_body(struct answer *a)
{
	int n;

	if (a->no_body) {
		return 0;
	}
	if (!a->chunked) {
		a->left = a->rsp->cl_present ? a->rsp->content_length : UNKNOWN;
		while (a->left > 0) {
			n = read_piece(a);
			if (n < 0) {
				return n;
			}
		}
		return 0;
	}
	for (;;) {
		n = next_chunk(a);
		if (n < 0) {
			return n;
		}
		bool last = a->left == 0;

		while (a->left > 0) {
			n = read_piece(a);
			if (n < 0) {
				return n;
			}
		}
		/* Behind each chunk is an empty line, behind the last one there may be others before. */
		do {
			n = line(a);
			if (n < 0) {
				return n;
			}
			bool empty = a->req->recv_buf[0] == '\0';

			drop(a, (size_t)n);
			if (empty) {
				break;
			}
		} while (last);
		if (last) {
			return 0;
		}
	}
}

int http_client_req(int sock, struct http_request *req, int32_t timeout, void *user_data)
{
	if (sock < 0 || req == NULL || req->response == NULL || req->recv_buf == NULL || req->recv_buf_len == 0 ||
	    req->url == NULL || req->protocol == NULL || req->host == NULL || name_of(req->method) == NULL) {
		return -EINVAL;
	}
	memset(&req->internal, 0, sizeof(req->internal));
	req->internal.sock = sock;
	req->internal.user_data = user_data;
	req->internal.response.cb = req->response;
	req->internal.response.http_cb = req->http_cb;
	struct answer a = {
		.req = req,
		.rsp = &req->internal.response,
		.user_data = user_data,
		.until = timeout < 0 ? INT64_MAX : k_uptime_get() + timeout,
	};
	int sent = send_request(sock, req, user_data);

	if (sent < 0) {
		return sent;
	}
	int err;

	do { /* what comes before the answer proper, such as 100 Continue */
		err = read_head(&a);
	} while (err == 0 && a.rsp->http_status_code < 200);
	if (err == 0) {
		err = read_body(&a);
	}
	if (err == 0 && !a.rsp->message_complete) {
		err = give(&a, 0, HTTP_DATA_FINAL);
	}
	return err < 0 ? err : sent;
}
