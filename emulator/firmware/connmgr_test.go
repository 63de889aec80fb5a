package firmware_test

import (
	"slices"
	"testing"
)

// The connection manager over the modem: an interface that is taken up and connected by hand, one
// that does it by itself and gives up, and none.
func TestConnectionManager(t *testing.T) {
	up := []string{"NET_EVENT_IPV4_ADDR_ADD of 1", "NET_EVENT_IF_UP of 1", "NET_EVENT_L4_CONNECTED of 1", "early 1 1", "NET_EVENT_L4_IPV4_CONNECTED of 1"}
	lost := []string{"NET_EVENT_L4_DISCONNECTED of 1", "NET_EVENT_L4_IPV4_DISCONNECTED of 1"}
	for _, ncs := range []string{"2.6", "3.0", "3.3"} {
		t.Run(ncs, func(t *testing.T) {
			t.Parallel()
			console, commands := libraryRun{app: "conn_mgr", ncs: ncs}.run(t)
			inOrder(t, console, slices.Concat([]string{"up: 0", "again: 0, by itself: -120",
				"name: 4 lte0, address: none, admin up 1, up 0, dormant 1", "connect: 0"}, up,
				[]string{"waited: 0", "name: 4 lte0, address: 10.160.148.98, admin up 1, up 1, dormant 0"},
				[]string{"resend", "NET_EVENT_L4_CONNECTED of 1", "NET_EVENT_L4_IPV4_CONNECTED of 1", "event: 0 1 1, another: 1", "ignore"}, lost,
				[]string{"NET_EVENT_L4_CONNECTED of 1", "lose"}, lost, []string{"waited: 0"}, up,
				[]string{"waited: 0", "disconnect"}, lost, []string{"down: 0", "name: 4 lte0, address: none, admin up 0, up 0, dormant 1",
					"initialized 0, down again: -120, disconnect: 0", "at once: 0"}, up, []string{"waited: 0"})...)
			inOrder(t, commands, "AT+CFUN=21", "AT+CFUN=4", "AT+CFUN=1", "AT+CFUN=20", "AT+CFUN=0", "AT+CFUN=21")
		})
	}
	t.Run("by itself", func(t *testing.T) {
		t.Parallel()
		console, commands := libraryRun{app: "conn_mgr", conf: "auto.conf"}.run(t)
		inOrder(t, console, "address: 10.160.148.98, admin up 1, up 1, dormant 0", "timeout: 0, 1", "NET_EVENT_L4_DISCONNECTED of 1", "NET_EVENT_CONN_IF_TIMEOUT of 1",
			"NET_EVENT_IF_ADMIN_DOWN of 1", "initialized 0")
		inOrder(t, commands, "AT+CFUN=21", "AT+CFUN=4", "AT+CFUN=20", "AT+CFUN?")
	})
	t.Run("a network that is there at once", func(t *testing.T) {
		t.Parallel()
		console, commands := libraryRun{app: "conn_mgr", atOnce: true}.run(t)
		inOrder(t, console, slices.Concat([]string{"connect: 0"}, up, []string{"waited: 0"})...)
		inOrder(t, commands, "AT+CGEREP=1", "AT+CGACT?", "AT+CGPADDR=0")
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		console, _ := libraryRun{app: "conn_mgr", conf: "none.conf"}.run(t)
		inOrder(t, console, "none: 1 0 0", "not bound: 1")
	})
}
