/* The identity of the device, from each of its sources. */
#include <errno.h>
#include <hw_id.h>
#include "check.h"
#include "fake_modem.h"

#ifdef CONFIG_HW_ID_LIBRARY_SOURCE_IMEI
#define COMMAND "AT+CGSN"
#define ANSWER "352656100367872\r\nOK\r\n"
#define WANT "352656100367872"
#else
#define COMMAND "AT%DEVICEUUID"
#define ANSWER "%DEVICEUUID: 50503041-3633-4261-803d-1e2b8f70111a\r\nOK\r\n"
#ifdef CONFIG_HW_ID_LIBRARY_SOURCE_UUID
#define WANT "50503041-3633-4261-803d-1e2b8f70111a"
#else
#define WANT "5050304136334261"
#endif
#endif

int main(void)
{
	char id[HW_ID_LEN];

	CHECK_INT(sizeof(id), sizeof(WANT));
	fake_answer = ANSWER;
	CHECK_INT(hw_id_get(NULL, sizeof(id)), -EINVAL);
	CHECK_INT(hw_id_get(id, sizeof(id) - 1), -EINVAL);
	CHECK_STR(fake_command, "");
	CHECK_INT(hw_id_get(id, sizeof(id)), 0);
	CHECK_STR(id, WANT);
	CHECK_STR(fake_command, COMMAND);
	fake_answer = "ERROR\r\n";
	CHECK_INT(hw_id_get(id, sizeof(id)), -EIO);
	fake_answer = "+CME ERROR: 513\r\n";
	CHECK_INT(hw_id_get(id, sizeof(id)), -EIO);
	CHECK_DONE();
}
