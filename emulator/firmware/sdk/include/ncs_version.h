/* The version of the nRF Connect SDK that the application is built for. */
#ifndef NRF91EMU_NCS_VERSION_H_
#define NRF91EMU_NCS_VERSION_H_

#ifndef NCSHOST_VER
#define NCSHOST_VER 0x30300
#endif

#define NCS_MAJOR (((NCSHOST_VER) >> 16) & 0xff)
#define NCS_MINOR (((NCSHOST_VER) >> 8) & 0xff)
#define NCS_PATCHLEVEL ((NCSHOST_VER) & 0xff)
#define NCS_VERSION_NUMBER (NCSHOST_VER)

/* The decimal digits of a small number that only the preprocessor knows. */
#if NCS_MAJOR == 2
#define Z_NCS_MAJOR_TEXT "2"
#elif NCS_MAJOR == 3
#define Z_NCS_MAJOR_TEXT "3"
#else
#error "The host SDK knows nRF Connect SDK 2.x and 3.x: set NCSHOST_VER to (major << 16) | (minor << 8) | patch."
#endif

#if NCS_MINOR == 0
#define Z_NCS_MINOR_TEXT "0"
#elif NCS_MINOR == 1
#define Z_NCS_MINOR_TEXT "1"
#elif NCS_MINOR == 2
#define Z_NCS_MINOR_TEXT "2"
#elif NCS_MINOR == 3
#define Z_NCS_MINOR_TEXT "3"
#elif NCS_MINOR == 4
#define Z_NCS_MINOR_TEXT "4"
#elif NCS_MINOR == 5
#define Z_NCS_MINOR_TEXT "5"
#elif NCS_MINOR == 6
#define Z_NCS_MINOR_TEXT "6"
#elif NCS_MINOR == 7
#define Z_NCS_MINOR_TEXT "7"
#elif NCS_MINOR == 8
#define Z_NCS_MINOR_TEXT "8"
#else
#define Z_NCS_MINOR_TEXT "9"
#endif

#if NCS_PATCHLEVEL == 0
#define Z_NCS_PATCH_TEXT "0"
#elif NCS_PATCHLEVEL == 1
#define Z_NCS_PATCH_TEXT "1"
#elif NCS_PATCHLEVEL == 2
#define Z_NCS_PATCH_TEXT "2"
#elif NCS_PATCHLEVEL == 3
#define Z_NCS_PATCH_TEXT "3"
#else
#define Z_NCS_PATCH_TEXT "4"
#endif

#define NCS_VERSION_STRING Z_NCS_MAJOR_TEXT "." Z_NCS_MINOR_TEXT "." Z_NCS_PATCH_TEXT

#endif
