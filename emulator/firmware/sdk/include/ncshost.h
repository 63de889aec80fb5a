/*
 * The host SDK of nrf91emu: Nordic's library interface for firmware that runs as a
 * process beside an emulated modem.
 *
 * NCSHOST_VER is the version of the nRF Connect SDK whose interface and behaviour
 * the headers and libraries have, (major << 16) | (minor << 8) | patch. The build
 * sets it, usually in the generated autoconf.h.
 */
#ifndef NCSHOST_H_
#define NCSHOST_H_

#ifndef NCSHOST_VER
#define NCSHOST_VER 0x030300
#endif

#endif
