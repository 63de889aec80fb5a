package firmware_test

import "testing"

// The contexts of packet data by both libraries: events of the default context and of one that
// is made, the reasons of the network, and subscriptions that are made again after +CFUN=0.
func TestPDN(t *testing.T) {
	for _, l := range []libraryRun{{app: "pdn", ncs: "3.3", conf: "new.conf"}, {app: "pdn", ncs: "3.0", conf: "old.conf"}} {
		t.Run(l.ncs, func(t *testing.T) {
			t.Parallel()
			console, commands := l.run(t)
			inOrder(t, console, "activated 0 0", "apn: 0 iot.example", "create: 0 1", "configure: 0", "auth: 0",
				"activate: 0 50 0 PDN type IPv4 only allowed", "id: 1", "info: 0 10.0.0.1 1280", "deactivate: 0",
				"destroy: 0", "destroy: 1", "create: 0", "destroyed 1 0", "activated 0 0")
			// What is told comes when it comes, between what is done.
			inOrder(t, console, "activated 0 0", "ESM 0 50", "activated 1 0", "ESM 1 50", "deactivated 1 0", "detached 0 0", "activated 0 0")
			epco := "AT%XEPCO=1"
			if l.conf == "old.conf" {
				epco = "AT%XEPCO=0"
			}
			inOrder(t, commands, epco, "AT+CGDCONT=0,IPV4V6,iot.example", "AT+CFUN=1", "AT+CNEC=16", "AT+CGEREP=1",
				"AT+CGDCONT=1,IPV4V6,second.example", "AT+CGACT=1,1", "AT+CGCONTRDP=1", "AT+CGACT=0,1", "AT+CGDCONT=1", "AT+CFUN=0", "AT+CFUN=1",
				"AT+CNEC=16", "AT+CGEREP=1")
		})
	}
}
