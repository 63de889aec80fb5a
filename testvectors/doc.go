// Package testvectors holds scripted AT exchanges as small text files and plays
// them against any port, be it an emulator in the same process, a pty or a real
// device.
//
// # A vector
//
//	# Reading a credential that is not there is refused with 513.
//	device profile=nrf9160-1.3.* app=* fresh
//
//	fact errors/cmee
//	> AT+CMEE=1
//	< OK
//
//	fact cmng/absent: the guide's own example
//	> AT%CMNG=2,4567,0
//	< +CME ERROR: 513
//
// One line is one step; blank lines and lines that begin with # are for the
// reader. Steps:
//
//	> TEXT          send TEXT and the application's command terminator
//	< TEXT          expect this line of the response
//	urc TEXT        expect this notification
//	>> "BYTES"      send exactly these bytes, in one write (Go string syntax)
//	<< "BYTES"      expect exactly these bytes
//	banner          expect what the application prints when it starts
//	silence 200ms   nothing may come for this long
//	wait 2s         let this time pass
//	timeout 30s     from here on, wait this long for an expected line (5 s)
//	power cycle     switch off in order (settings are stored), then on
//	power cut       take the supply away and give it back
//	wear none       the flash has not been touched since the last wear step
//	wear +1 write   exactly this was done to it (write, delete, flush,
//	                program, erase); what is not named of the first three is 0
//	wear mark       count from here
//	control WORDS   ask the emulator for something no host can do:
//	                power-off-warning lets the supply sink below the threshold,
//	                sms NUMBER TEXT sends the modem a short message
//
// The lines of < and urc are those of the modem. How they lie on the wire, with
// or without blank lines between them, belongs to the application that owns
// the UART and comes from the target's [Layout], so that one file holds for all
// applications. The comparison is to the byte all the same. >> and << are for
// vectors about the framing itself.
//
// # Marks
//
// Each expectation stands under a mark that says how far it can be trusted:
//
//	fact NAME         a fact of emulator/facts, which has the mark and the source;
//	                  several are separated by commas, and a note follows a colon
//	documented TEXT   a Nordic guide, header or documentation page says so
//	seen TEXT         a transcript, a trace or a source file shows it
//	inferred TEXT     a conclusion; nobody says it
//	chosen TEXT       the sources are silent or contradict one another
//
// TEXT names the source. The project's own vectors cite facts, so that mark and
// source stand once; recordings and the vectors of users name their source. A mark holds until the next one, and a difference is
// reported together with its mark.
//
// # Which devices
//
// The device line names the profiles and applications that the file holds for
// as lists of patterns in the syntax of [path.Match]; without it, the file
// holds for all. Every other word on that line is something the target must
// provide ([Target.Provides]), a bare word or KEY=VALUE; a target without it
// skips the file and says so:
//
//	fresh           just booted, nothing stored but the modem's own entries
//	writes          the vector writes the modem's NVM
//	attach-delay=0  registration takes no time
//	network=home    the network that is found: home, roaming, none, or one that
//	                lets nobody in: denied
//	reject-cause=8  the EMM cause with which the network refuses
//	reject-status=3 the status that a refusal ends in, whatever its cause
//	reject-type=1   the cause is not an EMM cause but the manufacturer's own
//	address=ipv4v6  what addresses the network gives: ipv4v6 or ipv6
//	edrx=none       the network grants no eDRX
//	router=silent   a context never gets the IPv6 address that it was granted
//	search-time=5s  how long AT+COPS=? takes
//	sim=ready       the SIM: ready, pin (a PIN is asked for), none
//	store=full      no further credential fits
//	keygen          the modem makes keys with %KEYGEN
//	keygen=fails    the modem cannot vouch for the keys that it makes
//
// A step may stand under conditions on profile or application, in square
// brackets before it: [nrf9160-1.2.*], [!serial-modem], [nrf9151-*,nrf9161-*].
//
// # Placeholders
//
// In the text of a step, {{ is a brace and {…} one of:
//
//	{any}            anything up to the end of the line
//	{imei}           a value of this shape, remembered: where it stands again
//	                 it must be the same; also imeisv, imsi, iccid, tac, ci,
//	                 sha and uuid
//	{name:REGEXP}    the same with a shape of your own; {:REGEXP} forgets it
//	{file ca.pem}    the content of a file beside the vector, or in the folder
//	                 certificates at the root
//	{sha256 ca.pem}  its digest in 64 upper-case hex digits
//	{repeat 5000 x}  a text many times over
//	{eol}            the application's command terminator
//
// A shape matches within one line only.
package testvectors
