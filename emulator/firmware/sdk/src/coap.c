/* CoAP: packets, options, block-wise transfer, and what waits for an answer. */
// build: if COAP
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/coap.h>
#include <zephyr/random/random.h>

#define HEADER 4
#define EXT8 13
#define EXT16 14

#ifndef CONFIG_COAP_INIT_ACK_TIMEOUT_MS
#define CONFIG_COAP_INIT_ACK_TIMEOUT_MS 2000
#endif
#ifndef CONFIG_COAP_MAX_RETRANSMIT
#define CONFIG_COAP_MAX_RETRANSMIT COAP_DEFAULT_MAX_RETRANSMIT
#endif
#ifndef CONFIG_COAP_BACKOFF_PERCENT
#define CONFIG_COAP_BACKOFF_PERCENT 200
#endif

/* ---- Options, as they lie in a packet ---- */

struct cursor {
	const uint8_t *data;
	uint16_t at, end;
	uint16_t number;
};

/* What the four bits of a delta or a length stand for: bytes read, or -EINVAL. */
static int read_ext(struct cursor *c, uint8_t bits, uint16_t *value)
{
	if (bits < EXT8) {
		*value = bits;
		return 0;
	}
	uint16_t size = bits == EXT8 ? 1 : 2;

	if (bits > EXT16 || c->end - c->at < size) {
		return -EINVAL;
	}
	uint32_t v = size == 1 ? c->data[c->at] + 13U : sys_get_be16(c->data + c->at) + 269U;

	c->at = (uint16_t)(c->at + size);
	if (v > UINT16_MAX) {
		return -EINVAL;
	}
	*value = (uint16_t)v;
	return 0;
}

/* 1 with an option at *value, 0 at the end of the options, -EINVAL. */
static int next_option(struct cursor *c, const uint8_t **value, uint16_t *len)
{
	uint16_t delta;

	if (c->at >= c->end || c->data[c->at] == COAP_MARKER) {
		return 0;
	}
	uint8_t head = c->data[c->at++];

	if (read_ext(c, head >> 4, &delta) < 0 || read_ext(c, head & 15, len) < 0 || c->end - c->at < *len ||
	    c->number + delta > UINT16_MAX) {
		return -EINVAL;
	}
	c->number = (uint16_t)(c->number + delta);
	*value = c->data + c->at;
	c->at = (uint16_t)(c->at + *len);
	return 1;
}

static struct cursor options_of(const struct coap_packet *cpkt)
{
	return (struct cursor){ .data = cpkt->data, .at = cpkt->hdr_len, .end = cpkt->offset };
}

static int store(struct coap_option *option, uint16_t number, const uint8_t *value, uint16_t len)
{
	if (len > sizeof(option->value)) {
		return -EINVAL;
	}
	option->delta = number;
	option->len = len;
	memcpy(option->value, value, len);
	return 0;
}

static uint16_t write_ext(uint8_t *out, uint16_t v, uint8_t *bits)
{
	if (v < 13) {
		*bits = (uint8_t)v;
		return 0;
	}
	if (v < 269) {
		*bits = EXT8;
		out[0] = (uint8_t)(v - 13);
		return 1;
	}
	*bits = EXT16;
	sys_put_be16((uint16_t)(v - 269), out);
	return 2;
}

static uint16_t option_head(uint8_t head[5], uint16_t delta, uint16_t len)
{
	uint8_t high, low;
	uint16_t n = (uint16_t)(1 + write_ext(head + 1, delta, &high));

	n = (uint16_t)(n + write_ext(head + n, len, &low));
	head[0] = (uint8_t)(high << 4 | low);
	return n;
}

/* ---- Packets ---- */

int coap_packet_init(struct coap_packet *cpkt, uint8_t *data, uint16_t max_len, uint8_t ver, uint8_t type,
		     uint8_t token_len, const uint8_t *token, uint8_t code, uint16_t id)
{
	if (cpkt == NULL || data == NULL || token_len > COAP_TOKEN_MAX_LEN || max_len < HEADER + token_len ||
	    (token_len > 0 && token == NULL)) {
		return -EINVAL;
	}
	*cpkt = (struct coap_packet){ .data = data, .max_len = max_len };
	data[0] = (uint8_t)((ver & 3) << 6 | (type & 3) << 4 | token_len);
	data[1] = code;
	sys_put_be16(id, data + 2);
	if (token_len > 0) {
		memcpy(data + HEADER, token, token_len);
	}
	cpkt->hdr_len = (uint8_t)(HEADER + token_len);
	cpkt->offset = cpkt->hdr_len;
	return 0;
}

int coap_ack_init(struct coap_packet *cpkt, const struct coap_packet *req, uint8_t *data, uint16_t max_len,
		  uint8_t code)
{
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint8_t len = code == COAP_CODE_EMPTY ? 0 : coap_header_get_token(req, token);

	return coap_packet_init(cpkt, data, max_len, coap_header_get_version(req), COAP_TYPE_ACK, len, token, code,
				coap_header_get_id(req));
}

int coap_rst_init(struct coap_packet *cpkt, const struct coap_packet *req, uint8_t *data, uint16_t max_len)
{
	return coap_packet_init(cpkt, data, max_len, coap_header_get_version(req), COAP_TYPE_RESET, 0, NULL,
				COAP_CODE_EMPTY, coap_header_get_id(req));
}

int coap_packet_parse(struct coap_packet *cpkt, uint8_t *data, uint16_t len, struct coap_option *options,
		      uint8_t opt_num)
{
	if (cpkt == NULL || data == NULL || len < HEADER) {
		return -EINVAL;
	}
	*cpkt = (struct coap_packet){ .data = data, .offset = len, .max_len = len };
	uint8_t token_len = data[0] & 15;

	if (token_len > COAP_TOKEN_MAX_LEN || data[0] >> 6 != COAP_VERSION_1) {
		return -EBADMSG;
	}
	cpkt->hdr_len = (uint8_t)(HEADER + token_len);
	if (cpkt->hdr_len > len) {
		return -EBADMSG;
	}
	struct cursor c = options_of(cpkt);
	const uint8_t *value;
	uint16_t value_len;
	uint8_t num = 0;
	int more;

	while ((more = next_option(&c, &value, &value_len)) > 0) {
		if (options != NULL && num < opt_num && store(&options[num++], c.number, value, value_len) < 0) {
			return -EINVAL;
		}
	}
	if (more < 0 || (c.at < c.end && c.end - c.at == 1)) {
		return -EILSEQ; /* an option that does not fit, or a marker without a payload */
	}
	cpkt->opt_len = (uint16_t)(c.at - cpkt->hdr_len);
	cpkt->delta = c.number;
	return 0;
}

uint8_t coap_header_get_version(const struct coap_packet *cpkt)
{
	return cpkt != NULL && cpkt->data != NULL ? cpkt->data[0] >> 6 : 0;
}

uint8_t coap_header_get_type(const struct coap_packet *cpkt)
{
	return cpkt != NULL && cpkt->data != NULL ? cpkt->data[0] >> 4 & 3 : 0;
}

uint8_t coap_header_get_token(const struct coap_packet *cpkt, uint8_t *token)
{
	if (cpkt == NULL || cpkt->data == NULL) {
		return 0;
	}
	uint8_t len = cpkt->data[0] & 15;

	if (len > COAP_TOKEN_MAX_LEN) {
		return 0;
	}
	memcpy(token, cpkt->data + HEADER, len);
	return len;
}

uint8_t coap_header_get_code(const struct coap_packet *cpkt)
{
	return cpkt != NULL && cpkt->data != NULL ? cpkt->data[1] : 0;
}

int coap_header_set_code(const struct coap_packet *cpkt, uint8_t code)
{
	if (cpkt == NULL || cpkt->data == NULL) {
		return -EINVAL;
	}
	cpkt->data[1] = code;
	return 0;
}

uint16_t coap_header_get_id(const struct coap_packet *cpkt)
{
	return cpkt != NULL && cpkt->data != NULL ? sys_get_be16(cpkt->data + 2) : 0;
}

bool coap_packet_is_request(const struct coap_packet *cpkt)
{
	uint8_t code = coap_header_get_code(cpkt);

	return code != 0 && (code & ~COAP_REQUEST_MASK) == 0;
}

uint16_t coap_next_id(void)
{
	static atomic_t id = ATOMIC_INIT(-1);

	if (atomic_get(&id) < 0) {
		(void)atomic_cas(&id, -1, sys_rand16_get());
	}
	return (uint16_t)atomic_inc(&id);
}

uint8_t *coap_next_token(void)
{
	static uint8_t token[COAP_TOKEN_MAX_LEN];

	sys_rand_get(token, sizeof(token));
	return token;
}

int coap_find_options(const struct coap_packet *cpkt, uint16_t code, struct coap_option *options, uint16_t veclen)
{
	const uint8_t *value;
	uint16_t len;
	uint16_t found = 0;
	int more;

	if (cpkt == NULL || cpkt->data == NULL || cpkt->hdr_len == 0) {
		return -EINVAL;
	}
	struct cursor c = options_of(cpkt);

	while ((more = next_option(&c, &value, &len)) > 0) {
		if (c.number == code && found < veclen && store(&options[found++], code, value, len) < 0) {
			return -EINVAL;
		}
	}
	return more < 0 ? -EINVAL : found;
}

/* Options lie in the order of their numbers: one that comes late goes to its place, and
 * the one behind it gets a new delta. */
int coap_packet_append_option(struct coap_packet *cpkt, uint16_t code, const uint8_t *value, uint16_t len)
{
	if (cpkt == NULL || (len > 0 && value == NULL) || cpkt->offset != cpkt->hdr_len + cpkt->opt_len) {
		return -EINVAL;
	}
	struct cursor c = options_of(cpkt);
	uint16_t before = 0, place = c.at, next_len = 0;
	const uint8_t *v;
	bool between = false;

	while (next_option(&c, &v, &next_len) > 0) {
		if (c.number > code) {
			between = true;
			break;
		}
		before = c.number;
		place = c.at;
	}
	uint8_t head[5], next_head[5];
	uint16_t n = option_head(head, (uint16_t)(code - before), len);
	uint16_t old_head = 0, next_n = 0;

	if (between) {
		old_head = (uint16_t)(v - cpkt->data - place);
		next_n = option_head(next_head, (uint16_t)(c.number - code), next_len);
	}
	uint32_t grow = (uint32_t)n + len + next_n - old_head;

	if (cpkt->offset + grow > cpkt->max_len) {
		return -EINVAL;
	}
	uint8_t *at = cpkt->data + place;

	memmove(at + n + len + next_n, at + old_head, (size_t)(cpkt->offset - place - old_head));
	memcpy(at, head, n);
	if (len > 0) {
		memcpy(at + n, value, len);
	}
	memcpy(at + n + len, next_head, next_n);
	cpkt->offset = (uint16_t)(cpkt->offset + grow);
	cpkt->opt_len = (uint16_t)(cpkt->opt_len + grow);
	if (!between) {
		cpkt->delta = code;
	}
	return 0;
}

int coap_packet_remove_option(struct coap_packet *cpkt, uint16_t code)
{
	struct cursor c = options_of(cpkt);
	uint16_t before = 0, begin = c.at, next_len, len;
	const uint8_t *v;

	while (next_option(&c, &v, &len) > 0 && c.number != code) {
		before = c.number;
		begin = c.at;
	}
	if (c.number != code || begin == c.at) {
		return 0;
	}
	uint16_t end = c.at, old_head = 0, next_n = 0;
	uint8_t next_head[5];

	if (next_option(&c, &v, &next_len) > 0) {
		old_head = (uint16_t)(v - cpkt->data - end);
		next_n = option_head(next_head, (uint16_t)(c.number - before), next_len);
	} else {
		cpkt->delta = before;
	}
	uint8_t *at = cpkt->data + begin;
	uint16_t shrink = (uint16_t)(end + old_head - begin - next_n);

	memmove(at + next_n, cpkt->data + end + old_head, (size_t)(cpkt->offset - end - old_head));
	memcpy(at, next_head, next_n);
	cpkt->offset = (uint16_t)(cpkt->offset - shrink);
	cpkt->opt_len = (uint16_t)(cpkt->opt_len - shrink);
	return 0;
}

int coap_append_option_int(struct coap_packet *cpkt, uint16_t code, unsigned int val)
{
	uint8_t data[4];
	uint16_t skip = 0;

	sys_put_be32(val, data);
	while (skip < sizeof(data) && data[skip] == 0) {
		skip++;
	}
	return coap_packet_append_option(cpkt, code, data + skip, (uint16_t)(sizeof(data) - skip));
}

unsigned int coap_option_value_to_int(const struct coap_option *option)
{
	unsigned int v = 0;

	if (option->len > 4) {
		return 0;
	}
	for (uint16_t i = 0; i < option->len; i++) {
		v = v << 8 | option->value[i];
	}
	return v;
}

int coap_get_option_int(const struct coap_packet *cpkt, uint16_t code)
{
	struct coap_option option;

	if (coap_find_options(cpkt, code, &option, 1) <= 0) {
		return -ENOENT;
	}
	return (int)coap_option_value_to_int(&option);
}

int coap_packet_set_path(struct coap_packet *cpkt, const char *path)
{
	const char *query = strchr(path, '?');
	const char *end = query != NULL ? query : path + strlen(path);
	int err = 0;

	while (path < end && err == 0) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		const char *stop = slash != NULL ? slash : end;

		if (stop > path) {
			err = coap_packet_append_option(cpkt, COAP_OPTION_URI_PATH, (const uint8_t *)path,
							(uint16_t)(stop - path));
		}
		path = stop + 1;
	}
	while (err == 0 && query != NULL && query[1] != '\0') {
		const char *stop = strchr(query + 1, '&');
		size_t len = stop != NULL ? (size_t)(stop - query - 1) : strlen(query + 1);

		err = coap_packet_append_option(cpkt, COAP_OPTION_URI_QUERY, (const uint8_t *)query + 1, (uint16_t)len);
		query = stop;
	}
	return err;
}

int coap_packet_append_payload_marker(struct coap_packet *cpkt)
{
	if (cpkt == NULL || cpkt->max_len - cpkt->offset < 1) {
		return -EINVAL;
	}
	cpkt->data[cpkt->offset++] = COAP_MARKER;
	return 0;
}

int coap_packet_append_payload(struct coap_packet *cpkt, const uint8_t *payload, uint16_t payload_len)
{
	if (cpkt == NULL || cpkt->max_len - cpkt->offset < payload_len) {
		return -EINVAL;
	}
	memcpy(cpkt->data + cpkt->offset, payload, payload_len);
	cpkt->offset = (uint16_t)(cpkt->offset + payload_len);
	return 0;
}

const uint8_t *coap_packet_get_payload(const struct coap_packet *cpkt, uint16_t *len)
{
	uint16_t at = cpkt != NULL ? (uint16_t)(cpkt->hdr_len + cpkt->opt_len + 1) : 0;

	if (cpkt == NULL || len == NULL) {
		return NULL;
	}
	*len = cpkt->offset > at ? (uint16_t)(cpkt->offset - at) : 0;
	return *len > 0 ? cpkt->data + at : NULL;
}

/* ---- Block-wise transfer ---- */

int coap_block_transfer_init(struct coap_block_context *ctx, enum coap_block_size block_size, size_t total_size)
{
	*ctx = (struct coap_block_context){ .block_size = block_size, .total_size = total_size };
	return 0;
}

static int append_block(struct coap_packet *cpkt, const struct coap_block_context *ctx, uint16_t code, bool sends)
{
	uint16_t bytes = coap_block_size_to_bytes(ctx->block_size);
	unsigned int val = (unsigned int)(ctx->current / bytes) << 4 | (unsigned int)ctx->block_size;

	if (sends && ctx->total_size > ctx->current + bytes) {
		val |= 8;
	}
	return coap_append_option_int(cpkt, code, val);
}

int coap_append_block1_option(struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	return append_block(cpkt, ctx, COAP_OPTION_BLOCK1, coap_packet_is_request(cpkt));
}

int coap_append_block2_option(struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	return append_block(cpkt, ctx, COAP_OPTION_BLOCK2, !coap_packet_is_request(cpkt));
}

int coap_append_size1_option(struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	return coap_append_option_int(cpkt, COAP_OPTION_SIZE1, (unsigned int)ctx->total_size);
}

int coap_append_size2_option(struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	return coap_append_option_int(cpkt, COAP_OPTION_SIZE2, (unsigned int)ctx->total_size);
}

int coap_update_from_block(const struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	bool request = coap_packet_is_request(cpkt);
	int own = coap_get_option_int(cpkt, request ? COAP_OPTION_BLOCK1 : COAP_OPTION_BLOCK2);
	int other = coap_get_option_int(cpkt, request ? COAP_OPTION_BLOCK2 : COAP_OPTION_BLOCK1);
	int block = own >= 0 ? own : other;
	int size = coap_get_option_int(cpkt, request == (own >= 0) ? COAP_OPTION_SIZE1 : COAP_OPTION_SIZE2);

	if (block < 0) {
		ctx->current = 0;
		return -ENOENT;
	}
	if (GET_BLOCK_SIZE(block) == 7) {
		return -EINVAL;
	}
	if ((enum coap_block_size)GET_BLOCK_SIZE(block) < ctx->block_size) {
		ctx->block_size = (enum coap_block_size)GET_BLOCK_SIZE(block);
	}
	size_t current = (size_t)GET_BLOCK_NUM(block) << (GET_BLOCK_SIZE(block) + 4);

	if (ctx->current > 0 && current != ctx->current) {
		return -EINVAL;
	}
	ctx->current = current;
	if (size > 0) {
		ctx->total_size = (size_t)size;
	}
	return 0;
}

size_t coap_next_block(const struct coap_packet *cpkt, struct coap_block_context *ctx)
{
	int block = coap_get_option_int(cpkt,
					coap_packet_is_request(cpkt) ? COAP_OPTION_BLOCK1 : COAP_OPTION_BLOCK2);

	if (block < 0 || !GET_MORE(block)) {
		return 0;
	}
	ctx->current += coap_block_size_to_bytes(ctx->block_size);
	return ctx->current;
}

/* ---- What waits for an answer ---- */

int coap_pending_init(struct coap_pending *pending, const struct coap_packet *request, const struct sockaddr *addr,
#if NCSHOST_VER >= 0x020600
		      const struct coap_transmission_parameters *params)
#else
		      uint8_t retries)
#endif
{
	*pending = (struct coap_pending){
		.id = coap_header_get_id(request),
		.data = request->data,
		.len = request->offset,
		.t0 = k_uptime_get(),
		.params = { CONFIG_COAP_INIT_ACK_TIMEOUT_MS, CONFIG_COAP_BACKOFF_PERCENT, CONFIG_COAP_MAX_RETRANSMIT },
	};
#if NCSHOST_VER >= 0x020600
	if (params != NULL) {
		pending->params = *params;
	}
#else
	pending->params.max_retransmission = retries;
#endif
	if (addr != NULL) {
		memcpy(&pending->addr, addr,
		       addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	}
	pending->retries = pending->params.max_retransmission;
	return 0;
}

struct coap_pending *coap_pending_next_unused(struct coap_pending *pendings, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (pendings[i].data == NULL) {
			return &pendings[i];
		}
	}
	return NULL;
}

struct coap_pending *coap_pending_received(const struct coap_packet *response, struct coap_pending *pendings,
					   size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (pendings[i].data != NULL && pendings[i].timeout != 0 &&
		    pendings[i].id == coap_header_get_id(response)) {
			coap_pending_clear(&pendings[i]);
			return &pendings[i];
		}
	}
	return NULL;
}

struct coap_pending *coap_pending_next_to_expire(struct coap_pending *pendings, size_t len)
{
	struct coap_pending *first = NULL;

	for (size_t i = 0; i < len; i++) {
		if (pendings[i].data != NULL &&
		    (first == NULL || pendings[i].t0 + pendings[i].timeout < first->t0 + first->timeout)) {
			first = &pendings[i];
		}
	}
	return first;
}

bool coap_pending_cycle(struct coap_pending *pending)
{
	if (pending->timeout == 0) {
		/* The first one is spread, so that not all devices send again at once. */
		uint32_t base = pending->params.ack_timeout;

		pending->timeout = base + (base > 1 ? sys_rand32_get() % (base / 2 + 1) : 0);
		return true;
	}
	if (pending->retries == 0) {
		return false;
	}
	pending->t0 += pending->timeout;
	pending->timeout = (uint32_t)((uint64_t)pending->timeout * pending->params.coap_backoff_percent / 100);
	pending->retries--;
	return true;
}

void coap_pending_clear(struct coap_pending *pending)
{
	pending->timeout = 0;
	pending->data = NULL;
}

void coap_pendings_clear(struct coap_pending *pendings, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		coap_pending_clear(&pendings[i]);
	}
}

size_t coap_pendings_count(struct coap_pending *pendings, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		n += pendings[i].data != NULL;
	}
	return n;
}

void coap_reply_init(struct coap_reply *reply, const struct coap_packet *request)
{
	reply->id = coap_header_get_id(request);
	reply->tkl = coap_header_get_token(request, reply->token);
	/* Any notification is newer than none. */
	reply->age = coap_request_is_observe(request) ? -2 : 0;
}

struct coap_reply *coap_reply_next_unused(struct coap_reply *replies, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (replies[i].reply == NULL) {
			return &replies[i];
		}
	}
	return NULL;
}

/* RFC 7641, 3.4: numbers of 24 bits that go round. */
static bool newer(int before, int now)
{
	return before == -2 || (now > before && now - before < 1 << 23) || (before > now && before - now > 1 << 23);
}

struct coap_reply *coap_response_received(const struct coap_packet *response, const struct sockaddr *from,
					  struct coap_reply *replies, size_t len)
{
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint8_t tkl = coap_header_get_token(response, token);
	uint16_t id = coap_header_get_id(response);

	/* An empty acknowledgement announces the response, it is none. */
	if (coap_packet_is_request(response) ||
	    (coap_header_get_code(response) == COAP_CODE_EMPTY && coap_header_get_type(response) == COAP_TYPE_ACK)) {
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		struct coap_reply *r = &replies[i];

		if (r->reply == NULL || r->tkl != tkl || (tkl == 0 && r->id != id) ||
		    memcmp(r->token, token, tkl) != 0) {
			continue;
		}
		int age = coap_get_option_int(response, COAP_OPTION_OBSERVE);

		if (age < 0) {
			r->reply(response, r, from);
		} else if (newer(r->age, age)) {
			r->age = age;
			r->reply(response, r, from);
		}
		return r;
	}
	return NULL;
}

void coap_reply_clear(struct coap_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
}

void coap_replies_clear(struct coap_reply *replies, size_t len)
{
	memset(replies, 0, sizeof(*replies) * len);
}
