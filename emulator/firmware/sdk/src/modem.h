/* What the parts of the modem library have to do with each other. */
#ifndef NCSH_MODEM_H_
#define NCSH_MODEM_H_

/* ncsh_at_notification hands on a notification of the modem, in interrupt context. */
void ncsh_at_notification(const char *text);

/* ncsh_socket_event and ncsh_gnss_event hand on other events. */
void ncsh_socket_event(int handle, unsigned int events);
void ncsh_gnss_event(unsigned int event);

/* ncsh_gnss_forget forgets the handler, as the library's start does. */
void ncsh_gnss_forget(void);

#endif
