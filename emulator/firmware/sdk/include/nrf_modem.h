/* The modem library itself: faults and state. */
#ifndef NRF_MODEM_H_
#define NRF_MODEM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ncshost.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reasons of a fault of the modem. */
#define NRF_MODEM_FAULT_UNDEFINED 0x1
#define NRF_MODEM_FAULT_HW_WD_RESET 0x2
#define NRF_MODEM_FAULT_HARDFAULT 0x3
#define NRF_MODEM_FAULT_MEM_MANAGE 0x4
#define NRF_MODEM_FAULT_BUS 0x5
#define NRF_MODEM_FAULT_USAGE 0x6
#define NRF_MODEM_FAULT_SECURE_RESET 0x7
#define NRF_MODEM_FAULT_PANIC_DOUBLE 0x8
#define NRF_MODEM_FAULT_PANIC_RESET_LOOP 0x9
#define NRF_MODEM_FAULT_ASSERT 0x10
#define NRF_MODEM_FAULT_PANIC 0x11
#define NRF_MODEM_FAULT_FLASH_ERASE 0x12
#define NRF_MODEM_FAULT_FLASH_WRITE 0x13
#define NRF_MODEM_FAULT_POFWARN 0x14
#define NRF_MODEM_FAULT_THWARN 0x15

struct nrf_modem_fault_info {
	uint32_t reason;
	uint32_t program_counter;
};

/* Results of a firmware update, which nrf_modem_lib_init may return. */
#define NRF_MODEM_DFU_RESULT_OK 0x05500001u
#define NRF_MODEM_DFU_RESULT_INTERNAL_ERROR 0x04400001u
#define NRF_MODEM_DFU_RESULT_HARDWARE_ERROR 0x04400002u
#define NRF_MODEM_DFU_RESULT_AUTH_ERROR 0x04400003u
#define NRF_MODEM_DFU_RESULT_UUID_ERROR 0x04400004u
#define NRF_MODEM_DFU_RESULT_VOLTAGE_LOW 0x04400005u

/* nrf_modem_is_initialized reports whether the library is initialized. */
bool nrf_modem_is_initialized(void);

/* nrf_modem_build_version names the library. */
const char *nrf_modem_build_version(void);

#ifdef __cplusplus
}
#endif

#endif
