package firmware_test

import (
	"net"
	"strconv"
	"testing"
	"time"
)

// The CoAP client: answers, blocks both ways, and servers that are silent, refuse, answer
// later, want to see a value again, or go on telling.
func TestCoAPClient(t *testing.T) {
	strange := strangeCoAP(t)
	for _, ncs := range []string{"2.9", "3.3"} {
		t.Run(ncs, func(t *testing.T) {
			lab, _ := startCloud(t).Server("coap")
			console, _ := libraryRun{app: "coap_client", ncs: ncs, env: []string{
				"LAB=" + strconv.Itoa(int(lab.Addr.Port())), "STRANGE=" + strconv.Itoa(strange)}}.run(t)
			want := []string{"init: 0", "get: 2.05 at 0: nrf91emu lab", "nowhere: 4.04 at 0: ", "put: 2.04 at 0: ",
				"blocks: 2.05 at 0: aaaaaaaaaaaa ...", "blocks: 2.05 at 256: bbbbbbbbbbbb ...", "blocks: 2.05 at 512: cccccccccccc ...",
				"blocks: 2.05 at 768: dddddddddddd"}
			if ncs == "3.3" {
				want = append(want, "pieces: 2.04 at 0: ")
			}
			inOrder(t, console, append(want, "silent: -116", "reset: -104", "later: 2.05 at 0: late", "echo: 2.04 at 0: seen again",
				"watch: 2.05 at 0: one", "watch: 2.05 at 0: two", "too many: not sent: -11", "Done")...)
			inOrder(t, console, "too many: not sent: -11", "watch: -140", "Done")
			inOrder(t, console, "too many: not sent: -11", "cancelled: -140", "Done")
		})
	}
}

// strangeCoAP is a server that does what its paths say; it returns its port.
func strangeCoAP(t *testing.T) int {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	const ack, non, rst, content, changed, unauthorized = 2, 1, 3, 2<<5 | 5, 2<<5 | 4, 4<<5 | 1
	go func() {
		for buf := make([]byte, 2048); ; {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if n < 12 || buf[0]>>4&3 != 0 { // an acknowledgement
				continue
			}
			id, token, rest := [2]byte(buf[2:4]), string(buf[4:12]), buf[12:n]
			say := func(typ, code byte, id [2]byte, token, options, payload string) {
				b := append([]byte{1<<6 | typ<<4 | byte(len(token)), code, id[0], id[1]}, token+options...)
				if payload != "" {
					b = append(append(b, 0xff), payload...)
				}
				_, _ = conn.WriteTo(b, from)
			}
			path, echoed := "", false
			for number := 0; len(rest) > 0 && rest[0] != 0xff; {
				delta, size := int(rest[0]>>4), int(rest[0]&15)
				rest = rest[1:]
				if delta == 13 {
					delta, rest = 13+int(rest[0]), rest[1:]
				}
				number += delta
				if number == 11 {
					path = string(rest[:size])
				}
				echoed = echoed || number == 252
				rest = rest[size:]
			}
			other := [2]byte{id[0] ^ 0x55, id[1]}
			switch path {
			case "reset":
				say(rst, 0, id, "", "", "")
			case "later":
				say(ack, 0, id, "", "", "")
				time.AfterFunc(20*time.Millisecond, func() { say(0, content, other, token, "", "late") })
			case "echo":
				if echoed {
					say(ack, changed, id, token, "", "seen again")
				} else {
					say(ack, unauthorized, id, token, "\xd3\xefabc", "")
				}
			case "watch":
				say(ack, content, id, token, "\x61\x05", "one")
				time.AfterFunc(20*time.Millisecond, func() { say(non, content, other, token, "\x61\x06", "two") })
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).Port
}
