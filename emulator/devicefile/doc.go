// Package devicefile reads and writes a device as a file, for the command line, tests
// and CI alike: what is emulated, what it finds on the air, what is stored in it and what
// goes wrong. Everything may be left out:
//
//	profile: nrf9160-1.3.7
//	application: serial-modem
//	identity: {imei: "351358810000023", uuid: 50504437-3433-4b33-8c33-5b5d1e2d3c4b, iccid: "8901234567012345678"}
//	supply: 3700
//	network: {attach-delay: 2s, roaming: true}
//	hosts: ["broker.lab:8883=127.0.0.1:18883"]
//	no-external: true
//	listen-external: false
//	refuse-expired: false
//	positions: walk.gpx
//	time-to-fix: 30s
//	credentials:
//	  - {tag: 24, type: ca, file: ca.pem}
//	  - {tag: 24, type: identity, content: device-1}
//	assume: ["cmng/overwrite=519"]
//	faults: ["late-ok:after=3,delay=2s"]
//	seed: 7
//
// The keys of network are those of a network file, see [network.Load]; it may also be
// the name of one. Names of files are relative to the folder of the device file. Private
// keys and pre-shared keys stand in files of their own. An item of assume is an answer to
// what no source settles, as --assume takes it, or the name of a file with answers. A key
// that is not known is an error that lists those that are.
package devicefile
