// Nrf91emu is a fake nRF91 modem on a virtual serial port: it answers AT
// commands, keeps credentials in an emulated flash that counts its wear, and says
// what provisioning them has cost.
//
// # Exit codes
//
// Of every command:
//
//	0    done
//	1    it did not work; standard error says why
//	2    the command line makes no sense
//
// Of audit and vectors as well:
//
//	3    findings at error level, or no command was sent; a modem differs from a vector
//
// Of exec, whose code is that of the firmware or test unless something else is wrong:
//
//	0    provisioning is sound
//	3    it is not, or no command was sent, or what was expected is not stored, or a
//	     power cut did harm
//	124  the command did not end in time
//	125  nrf91emu itself failed, or an output cannot be written
//	126  the command cannot be run
//	127  there is no such command
//	128+N  signal N ended the command, or nrf91emu
//	other  the command's own code: it failed
//
// # Environment
//
// What exec gives to the command:
//
//	NRF91EMU_PORT     the modem's port; with several devices NRF91EMU_PORT_1 and so on,
//	                  and the same for the others
//	NRF91EMU_ADDRESS  HOST:PORT of a port on TCP
//	NRF91EMU_BOOT     the number of the boot, from 1
//	NRF91EMU_START    the number of the start, those that a power cut ended counted
//	NRF91EMU_DATA     a directory that lives as long as the device, for firmware with a
//	                  flash of its own
//	NRF91EMU_LIBRARY  where firmware in C finds the modem, see nrf91emu help library; run
//	                  prints it too
//
// What is read:
//
//	XDG_RUNTIME_DIR      where control sockets are; without it /tmp/nrf91emu-UID
//	CC                   the C compiler of nrf91emu firmware
//	NO_COLOR             no colours in reports
//	GITHUB_ACTIONS       "true": findings are annotations too
//	GITHUB_STEP_SUMMARY  a file to which exec appends its result, in Markdown
package main
