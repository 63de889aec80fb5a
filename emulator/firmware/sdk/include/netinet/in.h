/* The sockets of the device, not those of the host. */
#include <zephyr/net/socket.h>
