package modem

import (
	"slices"
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// maxBand is how many bits a band mask has (fact settings/bandlock).
const maxBand = 88

// bands are the locks that hold until power-off; the stored mask is a setting.
type bands struct {
	mask string // of %XBANDLOCK=2
	list string // of the satellite firmware
}

var bandSettings = map[string]string{"%XBANDLOCK": ""}

// bandCommands choose the bands that are searched. A locked band keeps the modem
// from the network.
var bandCommands = map[string]*forms{
	"%XBANDLOCK": {
		Set: (*Modem).lockBands,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("%%XBANDLOCK: %q,%q", m.setting("%XBANDLOCK"), m.bands.mask)
			return nil
		},
	},
}

// lockBands is AT%XBANDLOCK=<0|1|2>[,"<bits>"]: 0 removes both masks, 1 sets the
// stored one, 2 the one until power-off (fact settings/bandlock). The two must
// share a band.
func (m *Modem) lockBands(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	op := args.Int(0, 2, "0 to unlock, 1 for the stored mask, 2 for the one until power-off")
	if err := args.Err(); err != nil {
		return err
	}
	if m.radio.active {
		return atcmd.CME(event.CMEActiveState, "bands can be locked only with the modem offline: send AT+CFUN=4 first")
	}
	if op == 0 {
		m.set("%XBANDLOCK", "")
		m.bands = bands{}
		return nil
	}
	if m.cfg.Profile.NTN && op == 2 && args.Len() == 2 && !args.Has() {
		args.Skip()
		return m.lockNTNBands(&args)
	}
	mask := args.Text(maxBand, "the mask, band 1 last")
	if len(mask) == 0 || strings.Trim(string(mask), "01") != "" {
		args.Fail("the mask of %%XBANDLOCK has up to %d bits, band 1 last", maxBand)
	}
	if err := args.End(); err != nil {
		return err
	}
	full := strings.Repeat("0", maxBand-len(mask)) + string(mask)
	other := m.bands.mask
	if op == 2 {
		other = m.setting("%XBANDLOCK")
	}
	if other != "" && !shareBand(full, other) || !strings.Contains(full, "1") {
		return atcmd.Errorf("the stored mask and the one until power-off have no band in common")
	}
	if op == 1 {
		m.set("%XBANDLOCK", full)
	} else {
		m.bands.mask = full
	}
	return nil
}

// lockNTNBands is AT%XBANDLOCK=2,,"23,255,256" (fact settings/bandlock). The list
// holds until power-off, for bands on the ground too.
func (m *Modem) lockNTNBands(args *atcmd.ArgReader) error {
	list := args.Text(0, "the satellite bands")
	if err := args.End(); err != nil {
		return err
	}
	for band := range strings.SplitSeq(string(list), ",") {
		if n, err := strconv.Atoi(band); err != nil || n < 1 || n > 256 {
			return atcmd.Errorf("the satellite bands of %%XBANDLOCK are numbers from 1 to 256")
		}
	}
	m.bands.list = string(list)
	return nil
}

func shareBand(a, b string) bool {
	for i := range min(len(a), len(b)) {
		if a[i] == '1' && b[i] == '1' {
			return true
		}
	}
	return false
}

// carrier returns band and channel of the cell in the present mode.
func (m *Modem) carrier() (band uint16, earfcn uint32) {
	n := m.cfg.Network
	if m.settings.systemMode.ntn {
		return n.NTNBand, n.NTNEARFCN
	}
	return uint16(n.Band), n.EARFCN
}

// bandLocked reports whether masks or list keep the modem from the network's band.
func (m *Modem) bandLocked() bool {
	band, _ := m.carrier()
	return m.lockedOut(band)
}

func (m *Modem) lockedOut(band uint16) bool {
	if m.bands.list != "" && !slices.Contains(strings.Split(m.bands.list, ","), strconv.Itoa(int(band))) {
		return true
	}
	if band == 0 || band > maxBand {
		return false
	}
	for _, mask := range [...]string{m.setting("%XBANDLOCK"), m.bands.mask} {
		if mask != "" && (len(mask) != maxBand || mask[maxBand-int(band)] != '1') {
			return true
		}
	}
	return false
}

// supportedBands are those of a recorded nRF9160 with mfw 1.3.2.
var supportedBands = [...]uint16{1, 2, 3, 4, 5, 8, 12, 13, 18, 19, 20, 25, 26, 28, 66}

// listBands is AT%XCBAND=?: the bands that are there and not locked out (fact
// signal/xcband).
func (m *Modem) listBands(w *atcmd.Response, _ *atcmd.Command) error {
	var list []string
	for _, band := range supportedBands {
		if !m.lockedOut(band) {
			list = append(list, strconv.Itoa(int(band)))
		}
	}
	w.Line("%XCBAND: (" + strings.Join(list, ",") + ")")
	return nil
}
