// Package network is what is on the air around an emulated modem, and its SIM: the
// operators, the cell, the signal, the addresses and the time, and what the network
// grants or refuses.
//
// # The network file
//
// A network is written in YAML. These are all keys. What is left out has the value that
// stands here, but for the lines marked with e.g., which are off without it. An unknown
// key is an error.
//
//	sim:
//	  state: present       # or absent, or failed
//	  pin: "1234"          # e.g.; without it the card asks for none
//	  puk: "12345678"
//	  number: "+447700900123"  # e.g.; the subscriber's number on the card, for AT+CNUM
//	sms:
//	  service-centre: "+447700900000"
//	attach-delay: 2s       # from AT+CFUN=1 to the registration; 0s registers at once
//	release-after: 10s     # how long the radio connection stays without traffic
//	search-time: 5s        # how long AT+COPS=? takes
//	absent: false          # there is no network
//	denied: false          # a refusal ends in the status 3
//	reject-cause: 0        # the EMM cause with which the modem is refused, such as 11
//	reject-type: 0         # what kind of cause that is: 0 EMM, 1 the manufacturer's own
//	attach-cause: 0        # an EMM cause that comes with a success, such as 18
//	roaming: false
//	operator:              # the network itself
//	  plmn: "24201"        # e.g.; five or six digits; without it that of the SIM
//	  name: Telenor        # e.g.
//	  short-name: TELENOR  # e.g.
//	  forbidden: false     # the SIM may not use it
//	others:                # e.g.; what AT+COPS=? finds besides, with the keys of operator
//	  - {plmn: "24202", name: Telia, forbidden: true}
//	outages:               # e.g.; times without network from power-on; without for, for ever
//	  - {after: 60s, for: 30s}
//	cell:
//	  tac: B4DC            # hexadecimal
//	  id: 000AE520         # hexadecimal
//	  band: 20
//	  earfcn: 6400
//	  pci: 0               # physical cell, up to 503
//	  ta: 0                # timing advance, up to 20512
//	  ntn-band: 255        # the satellite's cell
//	  ntn-earfcn: 228841
//	neighbours:            # e.g.; for %NCELLMEAS and %NBRGRSRP; id makes a cell known globally
//	  - {earfcn: 6400, pci: 106, rsrp: 50, rsrq: 14, time-difference: 0, id: 002F4344, tac: 5A00, plmn: "44013"}
//	signal: {rsrp: 56, rsrq: 17, snr: 39}         # steps of 27.007 and %XSNRSQ
//	search-signal: {rsrp: 52, rsrq: 4, snr: 30}   # the first measurement
//	apn: internet
//	addresses:
//	  ipv4: 10.160.148.98
//	  ipv6: 2001:db8::1    # e.g.
//	  ipv6-fails: false    # no router answers, and a context never gets its IPv6 address
//	  dns: [10.0.0.1, 10.0.0.2]
//	  mtu: 1280
//	power-saving:
//	  psm: true            # false: not granted
//	  active-time: "00000101"   # e.g.; eight bits, in place of what the modem asks for
//	  periodic-tau: "00100001"  # e.g.
//	  t3412: "01001001"
//	  edrx: true
//	  edrx-cycle: "0101"   # e.g.; four bits
//	time:
//	  given: true          # the network tells the time
//	  start: 2026-11-26T12:00:00Z  # e.g.; at power-on; without it the host's clock
//	  zone: 0              # quarters of an hour, summer time included
//	  summer: 0            # hours
package network
