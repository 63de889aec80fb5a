/* Timers of power saving as the network writes them, in seconds; -1: switched off. */
#ifndef NCSH_LTE_TIMERS_H_
#define NCSH_LTE_TIMERS_H_

/* Eight binary digits: extended T3412, and T3324 (or T3412). -1 for what is none, too. */
int ncsh_t3412_ext(const char *bits);
int ncsh_t3324(const char *bits);

/* Four binary digits; NB-IoT has its own values. 0 for what is none. */
float ncsh_edrx(const char *bits, int nbiot);
float ncsh_ptw(const char *bits, int nbiot);

/* The eight binary digits for a time, rounded up to what can be written. */
void ncsh_t3412_ext_bits(int seconds, char bits[9]);
void ncsh_t3324_bits(int seconds, char bits[9]);

#endif
