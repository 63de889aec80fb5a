/* JSON as a tree. */
#include <cJSON.h>
#include <cJSON_os.h>
#include <zephyr/kernel.h>
#include "check.h"

static void check_print(cJSON *item, const char *want, bool format)
{
	char *text = format ? cJSON_Print(item) : cJSON_PrintUnformatted(item);

	CHECK(text != NULL);
	if (text != NULL) {
		CHECK_STR(text, want);
		cJSON_FreeString(text);
	}
}

/* What is parsed is printed alike. */
static void test_round(void)
{
	static const char *const texts[] = {
		"null", "true", "false", "0", "-12", "1.5", "1e+300", "0.1", "\"\"", "\"a\\\"\\\\\\n\\u0001\"", "[]", "{}", "[1,[2,{\"a\":[]}],\"x\"]",
		"{\"a\":1,\"b\":{\"c\":null},\"A\":\"\xc3\xa4\"}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cJSON *item = cJSON_Parse(texts[i]);

		CHECK(item != NULL);
		check_print(item, texts[i], false);
		cJSON *twin = cJSON_Duplicate(item, true);

		CHECK(cJSON_Compare(item, twin, true));
		cJSON_Delete(item);
		check_print(twin, texts[i], false);
		cJSON_Delete(twin);
	}
	cJSON *item = cJSON_Parse(" { \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : \"\\u00e4\\ud83d\\ude00\" } } ");

	check_print(item, "{\n\t\"a\":\t[1, 2],\n\t\"b\":\t{\n\t\t\"c\":\t\"\xc3\xa4\xf0\x9f\x98\x80\"\n\t}\n}", true);
	cJSON_Delete(item);
}

static void test_wrong(void)
{
	static const char *const texts[] = {"", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "\"a", "\"\\x\"", "\"\\ud800\"", "+1", "nan"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cJSON *item = cJSON_Parse(texts[i]);

		if (item != NULL) {
			printf("%s\n", texts[i]);
			CHECK(false);
		}
		CHECK(cJSON_GetErrorPtr() != NULL);
	}
	const char *end = NULL;
	cJSON *item = cJSON_ParseWithOpts("[1] x", &end, false);

	CHECK(item != NULL);
	CHECK_STR(end, " x");
	cJSON_Delete(item);
	CHECK(cJSON_ParseWithOpts("[1] x", &end, true) == NULL);
	CHECK(cJSON_ParseWithLength("[12]", 3) == NULL);
	CHECK(cJSON_Parse(NULL) == NULL);
}

static void test_tree(void)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "list");
	cJSON *c;
	int sum = 0;
	char buf[64];

	CHECK(cJSON_AddNumberToObject(root, "n", 3.25) != NULL);
	CHECK(cJSON_AddStringToObject(root, "Text", "t") != NULL);
	CHECK(cJSON_AddBoolToObject(root, "on", true) != NULL);
	for (int i = 1; i <= 3; i++) {
		CHECK(cJSON_AddItemToArray(list, cJSON_CreateNumber(i)));
	}
	check_print(root, "{\"list\":[1,2,3],\"n\":3.25,\"Text\":\"t\",\"on\":true}", false);
	CHECK(cJSON_PrintPreallocated(root, buf, sizeof(buf), false));
	CHECK(!cJSON_PrintPreallocated(root, buf, 10, false));
	cJSON_ArrayForEach(c, list) {
		sum += c->valueint;
	}
	CHECK_INT(sum, 6);
	CHECK_INT(cJSON_GetArraySize(list), 3);
	CHECK_INT(cJSON_GetArrayItem(list, 2)->valueint, 3);
	CHECK(cJSON_GetArrayItem(list, 3) == NULL);
	CHECK(cJSON_IsString(cJSON_GetObjectItem(root, "text")));
	CHECK(cJSON_GetObjectItemCaseSensitive(root, "text") == NULL);
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(root, "Text")), "t");
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(root, "on")));
	CHECK(!cJSON_IsNumber(NULL));
	CHECK_INT(cJSON_GetObjectItem(root, "n")->valueint, 3);

	cJSON_DeleteItemFromArray(list, 0);
	CHECK(cJSON_InsertItemInArray(list, 0, cJSON_CreateString("first")));
	CHECK(cJSON_ReplaceItemInArray(list, 2, cJSON_CreateNull()));
	CHECK(cJSON_ReplaceItemInObject(root, "n", cJSON_CreateFalse()));
	c = cJSON_DetachItemFromObject(root, "on");
	check_print(c, "true", false);
	CHECK(cJSON_AddItemToArray(list, c));
	CHECK(cJSON_AddItemReferenceToObject(root, "again", list));
	check_print(root, "{\"list\":[\"first\",2,null,true],\"n\":false,\"Text\":\"t\",\"again\":[\"first\",2,null,true]}", false);
	cJSON_Delete(root);

	list = cJSON_CreateIntArray((const int[]){1, 2}, 2);
	check_print(list, "[1,2]", false);
	cJSON_Delete(list);
	char text[] = "{ \"a b\" : 1, // c\n \"d\" : /* e */ 2 }";

	cJSON_Minify(text);
	CHECK_STR(text, "{\"a b\":1,\"d\":2}");
}

int main(void)
{
	test_round();
	test_wrong();
	test_tree();
	cJSON_Init(); /* the kernel's memory, of which there is little */
	test_tree();
	CHECK_DONE();
}
