package network_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/network"
)

const fullNetwork = `
# Everything that there is.
sim: {state: present, pin: "0123", puk: "12345678"}
attach-delay: 3s
release-after: 5s
search-time: 1m30s
absent: true
reject-cause: 15
reject-type: 1
attach-cause: 18
roaming: true
operator: {plmn: 00101, name: Test network, short-name: Test}
others:
  - plmn: "26201"
    forbidden: true
outages: [{after: 60s, for: 30s}, {after: 1h}]
cell: {tac: 0A1B, id: 0012BEEF, band: 8, earfcn: 3500, pci: 7}
signal: {rsrp: 60, rsrq: 20, snr: 30}
search-signal: {rsrp: 10, rsrq: 5, snr: 3}
apn: ibasis.iot
addresses: {ipv4: 10.0.0.2, ipv6: "2001:db8::2", ipv6-fails: true, dns: [10.0.0.1, "2001:db8::1"], mtu: 1400}
power-saving: {psm: false, active-time: "00000001", periodic-tau: "00000010", edrx: false, edrx-cycle: "0010"}
time: {given: false, start: "2022-10-06T12:22:55Z", zone: 8, summer: 1}
`

func TestLoadNetwork(t *testing.T) {
	addr := netip.MustParseAddr
	n, err := network.Load(strings.NewReader(fullNetwork))
	require.NoError(t, err)
	want := network.Network{
		PIN: "0123", PUK: "12345678",
		AttachDelay: 3 * time.Second, ReleaseAfter: 5 * time.Second, SearchTime: 90 * time.Second,
		Absent: true, RejectCause: 15, RejectType: 1, AttachCause: 18, Roaming: true,
		Operator:     network.Operator{PLMN: "00101", Name: "Test network", ShortName: "Test"},
		Others:       []network.Operator{{PLMN: "26201", Forbidden: true}},
		Outages:      []network.Outage{{After: time.Minute, For: 30 * time.Second}, {After: time.Hour}},
		TrackingArea: 0x0A1B, Cell: 0x0012BEEF, Band: 8, EARFCN: 3500, PhysicalCell: 7,
		Signal: network.Signal{RSRP: 60, RSRQ: 20, SNR: 30}, SearchSignal: network.Signal{RSRP: 10, RSRQ: 5, SNR: 3},
		APN: "ibasis.iot", IPv4: addr("10.0.0.2"), IPv6: addr("2001:db8::2"), IPv6Fails: true, DNS: []netip.Addr{addr("10.0.0.1"), addr("2001:db8::1")}, MTU: 1400,
		NoPSM: true, ActiveTime: "00000001", PeriodicTAU: "00000010", NoEDRX: true, EDRX: "0010",
		NoTime: true, Time: time.Date(2022, 10, 6, 12, 22, 55, 0, time.UTC), Zone: 8, DST: 1,
	}
	require.Empty(t, cmp.Diff(want, n, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })))

	for _, empty := range []string{"", "# nothing\n", "---\n", "{}"} {
		n, err := network.Load(strings.NewReader(empty))
		require.NoError(t, err, "%q", empty)
		require.Equal(t, network.Default(), n)
	}
}

func TestLoadNetworkErrors(t *testing.T) {
	for text, want := range map[string]string{
		"attach-dely: 2s":                   `line 1: there is no key "attach-dely"; use one of absent, addresses,`,
		"cell: {tca: 1}":                    `line 1: there is no key "cell.tca"; use one of band, earfcn, id, ntn-band, ntn-earfcn, pci, ta, tac`,
		"attach-delay: 2":                   `line 1: attach-delay is a time such as "2s" or "1m30s", not negative, not "2"`,
		"\nattach-delay: -2s":               `line 2: attach-delay is a time`,
		"attach-delay: [2s]":                `attach-delay is a single value`,
		"roaming: 1":                        `roaming is true or false, not "1"`,
		"reject-cause: 256":                 `reject-cause is a cause from 0 to 255, not "256"`,
		"reject-type: 2":                    `reject-type is 0 for EMM or 1`,
		"operator: Telenor":                 `operator is a mapping of keys to values`,
		"operator: {plmn: 2420}":            `operator.plmn is five or six digits, not "2420"`,
		`operator: {name: "a\"b"}`:          `operator.name is a name of up to 64 characters`,
		"outages: {after: 1s}":              `outages is a list`,
		"outages: [{after: 1s}, {fro: 1s}]": `there is no key "outages[1].fro"`,
		"cell: {tac: 10000}":                `cell.tac is a hexadecimal number of 4 digits at most, not "10000"`,
		"cell: {tac: xyz}":                  `cell.tac is a hexadecimal number`,
		"cell: {pci: 504}":                  `cell.pci is a number from 0 to 503`,
		"signal: {rsrp: 98}":                `signal has an RSRP of 0 to 97`,
		"addresses: {ipv4: 1.2.3}":          `addresses.ipv4 is an IP address, not "1.2.3"`,
		"addresses: {ipv4: '::1'}":          `addresses.ipv4 is not an IPv4 address`,
		"addresses: {ipv6: 1.2.3.4}":        `addresses.ipv6 is not an IPv6 address`,
		"addresses: {dns: [x]}":             `addresses.dns[0] is an IP address, not "x"`,
		"sim: {state: gone}":                `sim.state is present, absent or failed, not "gone"`,
		"sim: {pin: 12}":                    `sim.pin is four to eight digits, not "12"`,
		"power-saving: {active-time: 12}":   `power-saving.active-time is a string of 8 bits, not "12"`,
		"time: {start: now}":                `time.start is a moment such as`,
		"time: {zone: 97}":                  `time.zone is -96 to 96 quarters`,
		`apn: "a\nb"`:                       `apn has up to 100 characters`,
		"roaming: true\nroaming: true":      `roaming`,
		"[1, 2]":                            `the file is a mapping of keys to values`,
		"outages: [" + strings.Repeat("{after: 1s},", 65) + "]": `others, outages and addresses.dns have 64 entries at most`,
		"roaming: {":                        `the network file: it is not YAML: line 2, column 1: `,
		"# " + strings.Repeat("x", 64<<10):  `the network file is longer than 65536 bytes`,
		"absent: &a true\nroaming: *a":      `line 2: roaming is true or false`,
		"roaming: true\n---\nroaming: true": `more than one YAML document`,
		"a: &a [*a]":                        `there is no key "a"`,
	} {
		_, err := network.Load(strings.NewReader(text))
		require.ErrorContains(t, err, want, "%.60q", text)
	}
}
