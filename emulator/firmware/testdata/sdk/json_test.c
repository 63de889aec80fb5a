/* JSON to structures and back. */
#include <errno.h>
#include <zephyr/data/json.h>
#include <zephyr/kernel.h>
#include "check.h"

struct place {
	const char *name;
	struct json_obj_token latitude;
};

struct report {
	const char *device;
	char label[8];
	int32_t count;
	bool online;
	int64_t time;
	uint8_t level;
	double volts;
	struct json_obj_token note;
	struct place place;
	int32_t samples[3];
	size_t samples_len;
	struct place places[2];
	size_t places_len;
};

static const struct json_obj_descr place_descr[] = {
	JSON_OBJ_DESCR_PRIM(struct place, name, JSON_TOK_STRING),
	JSON_OBJ_DESCR_PRIM_NAMED(struct place, "lat", latitude, JSON_TOK_FLOAT),
};

static const struct json_obj_descr report_descr[] = {
	JSON_OBJ_DESCR_PRIM(struct report, device, JSON_TOK_STRING),
	JSON_OBJ_DESCR_PRIM(struct report, label, JSON_TOK_STRING_BUF),
	JSON_OBJ_DESCR_PRIM(struct report, count, JSON_TOK_NUMBER),
	JSON_OBJ_DESCR_PRIM_NAMED(struct report, "on-line", online, JSON_TOK_TRUE),
	JSON_OBJ_DESCR_PRIM(struct report, time, JSON_TOK_INT64),
	JSON_OBJ_DESCR_PRIM(struct report, level, JSON_TOK_UINT),
	JSON_OBJ_DESCR_PRIM(struct report, volts, JSON_TOK_DOUBLE_FP),
	JSON_OBJ_DESCR_PRIM(struct report, note, JSON_TOK_OPAQUE),
	JSON_OBJ_DESCR_OBJECT(struct report, place, place_descr),
	JSON_OBJ_DESCR_ARRAY(struct report, samples, 3, samples_len, JSON_TOK_NUMBER),
	JSON_OBJ_DESCR_OBJ_ARRAY(struct report, places, 2, places_len, place_descr, ARRAY_SIZE(place_descr)),
};

#define TEXT                                                                                       \
	"{\"device\":\"nrf\",\"label\":\"a\",\"count\":-7,\"on-line\":true,\"time\":1790000000123,\"level\":200,"          \
	"\"volts\":3.5,\"note\":\"x\",\"place\":{\"name\":\"here\",\"lat\":63.42},\"samples\":[1,2,3],"                 \
	"\"places\":[{\"name\":\"p\",\"lat\":1},{\"name\":\"q\",\"lat\":-2e3}]}"

static int64_t parse(const char *text, struct report *r)
{
	static char buf[512];

	memset(r, 0, sizeof(*r));
	snprintf(buf, sizeof(buf), "%s", text);
	return json_obj_parse(buf, strlen(buf), report_descr, ARRAY_SIZE(report_descr), r);
}

static void test_parse(void)
{
	struct report r;
	char out[512];

	CHECK_INT(parse(TEXT, &r), (1 << ARRAY_SIZE(report_descr)) - 1);
	CHECK_STR(r.device, "nrf");
	CHECK_INT(r.count, -7);
	CHECK(r.online);
	CHECK_INT(r.time, 1790000000123LL);
	CHECK_INT(r.level, 200);
	CHECK(r.volts == 3.5);
	CHECK_STR(r.place.name, "here");
	CHECK_INT(r.place.latitude.length, 5);
	CHECK_INT(r.samples_len, 3);
	CHECK_INT(r.samples[2], 3);
	CHECK_INT(r.places_len, 2);
	CHECK_STR(r.places[1].name, "q");
	CHECK_INT(json_calc_encoded_len(report_descr, ARRAY_SIZE(report_descr), &r), sizeof(TEXT) - 1);
	CHECK_INT(json_obj_encode_buf(report_descr, ARRAY_SIZE(report_descr), &r, out, sizeof(TEXT)), 0);
	CHECK_STR(out, TEXT);
	CHECK_INT(json_obj_encode_buf(report_descr, ARRAY_SIZE(report_descr), &r, out, sizeof(TEXT) - 1), -ENOMEM);

	/* Others are left out, space may be anywhere, and a name counts once. */
	CHECK_INT(parse(" { \"x\" : [ { \"y\" : [ null , 1e5 , \"\\\"\" ] } ] , \"count\" : 3 , \"count\":4 } ", &r), 1 << 2);
	CHECK_INT(r.count, 3);
	CHECK_INT(parse("{}", &r), 0);
}

static void test_errors(void)
{
	static const char *const wrong[] = {
		"", "[", "{", "{\"count\"}", "{\"count\":}", "{\"count\":1", "{\"count\":1,}", "{\"count\":\"1\"}", "{\"count\":1.5}",
		"{\"count\":3000000000}", "{\"level\":256}", "{\"level\":-1}", "{\"on-line\":1}", "{\"device\":7}", "{\"device\":\"a}",
		"{\"label\":\"12345678\"}", "{\"samples\":[1,]}", "{\"samples\":{}}", "{\"x\":tru}", "{'count':1}",
		"{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	};
	struct report r;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (parse(wrong[i], &r) != -EINVAL) {
			printf("%s\n", wrong[i]);
			CHECK(false);
		}
	}
	CHECK_INT(parse("{\"samples\":[1,2,3,4]}", &r), -ENOSPC);
}

static void test_escape(void)
{
	char text[32] = "a\"b\\c\n\x01";
	size_t len = 7;
	struct report r = {.device = text, .label = ""};
	char out[128];

	CHECK_INT(json_calc_escaped_len(text, len), 15);
	CHECK_INT(json_obj_encode_buf(report_descr, 2, &r, out, sizeof(out)), 0);
	CHECK_STR(out, "{\"device\":\"a\\\"b\\\\c\\n\\u0001\",\"label\":\"\"}");
	CHECK_INT(json_escape(text, &len, 15), -ENOMEM);
	CHECK_INT(json_escape(text, &len, sizeof(text)), 0);
	CHECK_INT(len, 15);
	CHECK_STR(text, "a\\\"b\\\\c\\n\\u0001");
}

struct list {
	struct place places[2];
	size_t n;
};

static void test_array(void)
{
	static const struct json_obj_descr descr[] = {
		{
			.type = JSON_TOK_ARRAY_START,
			.offset = offsetof(struct list, places),
			.array = {.n_elements = 2, .count_offset = offsetof(struct list, n)},
		},
	};
	static const struct json_obj_descr element = {
		.type = JSON_TOK_OBJECT_START, .size = sizeof(struct place), .object = {.sub_descr = place_descr, .sub_descr_len = 2}};
	struct json_obj_descr d = descr[0];
	struct list l = {.n = 0};
	char text[] = "[{\"name\":\"a\",\"lat\":0},{\"name\":\"b\",\"lat\":1}]", out[sizeof(text)];

	d.array.element_descr = &element;
	CHECK_INT(json_arr_parse(text, sizeof(text) - 1, &d, &l), 0);
	CHECK_INT(l.n, 2);
	CHECK_STR(l.places[1].name, "b");
	CHECK_INT(json_calc_encoded_arr_len(&d, &l), sizeof(text) - 1);
	CHECK_INT(json_arr_encode_buf(&d, &l, out, sizeof(out)), 0);
	CHECK_STR(out, "[{\"name\":\"a\",\"lat\":0},{\"name\":\"b\",\"lat\":1}]");
}

int main(void)
{
	test_parse();
	test_errors();
	test_escape();
	test_array();
	CHECK_DONE();
}
