// Package libmodem is the library interface: firmware in C (or a Zephyr
// native_sim module, or a Rust crate) that runs as a process of the host and calls
// Nordic's modem library reaches the emulated modem through it. The firmware
// itself is the application then, as on the chip: no UART is in between, though
// there may be one beside, as with Nordic's AT host library.
//
// # Protocol
//
// The environment variable NRF91EMU_LIBRARY names the place: the path of a unix
// socket, or tcp:ADDR where there are none. The connection is a stream of frames.
// All numbers are little-endian. A frame is a header of 8 bytes and a payload:
//
//	uint32  size of the payload, at most MaxPayload
//	uint8   type
//	uint8   0, to be ignored by who receives it
//	uint16  id
//
// The firmware sends requests with an id of its own choice. One with id 0 is not
// answered; any other is answered by one frame of the same type and id, in no
// order beyond that of what happens, so that several may be under way at once.
// Every answer begins with
//
//	int32   result: 0 or more, or the negative of an errno
//
// Error numbers are those of the device (newlib's, nrf_errno.h): 116 is ETIMEDOUT.
// What follows the result in case of success stands with each request; with a
// negative result it is absent or a sentence for people. Numbers stand one after
// the other without padding; a text or data at the end of a payload takes the rest
// of it and has no terminator. A payload that is longer than what is described
// here is fine: later versions may add to it. An unknown type is answered with
// ENOSYS (88).
//
// The emulator sends events on its own account. Their id is 0.
//
// An address takes 20 bytes: uint8 family (1 IPv4, 2 IPv6, 0 none), uint8 0,
// uint16 port, and 16 bytes of address of which IPv4 uses the first four, both in
// the order of the network except for the port, which is little-endian like all
// numbers.
//
// Hello comes first. Its answer comes when the device has power, which may be
// later: waiting for it is waiting for power.
//
//	1  Hello     uint16 version (1), uint16 0, uint32 SDK version
//	             (major<<16 | minor<<8 | patch, 0 if unknown), uint32 process id,
//	             text: name of the program
//	        ->   uint16 version, uint16 0, uint32 boot (from 1), uint32 largest
//	             data of one TLS or DTLS send, uint32 GNSS receiver is there (0 or
//	             1), text: name of the modem firmware
//	             EPROTONOSUPPORT (123): no such version; EBUSY (16): another
//	             program is connected
//
// The modem, as nrf_modem.h and nrf_modem_at.h have it:
//
//	2  Init      uint8 mode (0 normal, 1 bootloader): starts a modem that was shut
//	             down or has crashed; one that runs goes on
//	3  Shutdown  the modem loses sockets and state
//	4  AT        text: a command without its terminator
//	        ->   text: lines and the final result, each ended by CR LF, also for
//	             ERROR. The result is 0 then. EINPROGRESS (119): another command
//	             runs; EPERM (1): the modem was shut down; ESHUTDOWN (110): it has
//	             crashed
//
// Sockets, as nrf_socket.h has them; a handle is a number from 0:
//
//	16 Socket    uint8 family, uint8 type, uint16 protocol -> result: handle
//	17 Close     uint32 handle
//	18 Connect   uint32 handle, address; answered when it is connected
//	19 Bind      uint32 handle, address
//	20 Listen    uint32 handle, uint32 backlog
//	21 Accept    uint32 handle, uint32 flags -> result: handle; address
//	22 Send      uint32 handle, uint32 flags, address (0 for none), data
//	        ->   result: bytes taken
//	23 Recv      uint32 handle, uint32 flags, uint32 most bytes
//	        ->   result: bytes; address, data. 0 is the end of a stream
//	24 SetOption uint32 handle, uint32 level, uint32 name, value
//	25 Option    uint32 handle, uint32 level, uint32 name, uint32 most bytes
//	        ->   value
//	26 Name      uint32 handle, uint32 which (0 its own, 1 the peer's) -> address
//	27 Lookup    uint32 family (0 any), text: host name
//	        ->   result: number of addresses, or a negative EAI_ value; addresses
//	28 Poll      int32 milliseconds (-1: for ever), then for each socket uint32
//	             handle, uint16 events, uint16 0
//	        ->   result: number of sockets that are ready; uint16 events for each
//	29 Wait      uint32 0: answered when all data of streams that were sent with
//	             flag SendNow has been taken
//
// Flags of Send and Recv are those of nrf_socket.h (2 peek, 64 do not wait, 256
// wait for all, 512 wait for the acknowledgement). SendNow (1<<31) is for streams
// and goes with id 0: data is queued and no answer comes. The firmware may have
// 131072 bytes of each socket on the way like this and gets back what was taken by the
// event Taken. What fails is told by Taken as well, once.
//
// The levels and names of options are those of nrf_socket.h, as are the values:
// an int of 4 bytes, a timeval as two int64 (seconds, microseconds), an array of
// uint32 for security tags, one of int32 for cipher suites, text for the host
// name. Option 60 of level 1 (NRF_SO_POLLCB) takes uint32 events, uint32 one-shot;
// the event Socket then tells of them.
//
// GNSS:
//
//	32 GNSSSet   uint32 what, uint32 value; see the constants of the package
//	33 GNSSStart
//	34 GNSSStop
//	35 GNSSRead  uint32 type (1 PVT, 2 NMEA, 3 A-GNSS request)
//	        ->   the frame, see [AppendPVT]; text for NMEA
//
// Board and program:
//
//	48 LEDs      uint32 mask of those that are on
//	49 Buttons   -> result: mask of those that are pressed
//	50 Log       uint8 level (0 plain, 1 error, 2 warning, 3 info, 4 debug), text:
//	             a line of the console, without its end
//	51 Reset     the program asks for a reset of the chip; the connection ends
//	             with the event Power
//	52 Exit      int32 status, text: why; the program ends on purpose or, if
//	             status is 128 plus the number of a signal, by a crash
//
// Events:
//
//	128 Notification  text: a line with its CR LF
//	129 Fault         uint32 reason, uint32 program counter: the modem has crashed
//	130 Power         uint32 action (0 the power has gone, 1 reset). The connection
//	                  ends with it and the program is to end or to begin again: it
//	                  must not do anything else
//	131 Button        uint32 mask of those pressed, uint32 mask of those changed
//	132 Socket        uint32 handle, uint32 events (see NRF_SO_POLLCB)
//	133 GNSS          uint32 event (numbers of nrf_modem_gnss.h)
//	134 Taken         uint32 handle, uint32 bytes taken, uint32 bytes dropped,
//	                  int32 0 or the negative of an errno
//
// The emulator closes a connection on which something comes that is no such
// frame, and one whose program does not read what it is sent; the event record
// says which. The modem stays as it is.
package libmodem
