#include <zephyr/version.h>
