package modem

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore/flash"
)

// writeFile is AT%XFILEWRITE=1,"<content>","<sha-256>": the one file there is is the GNSS
// almanac. It is written to NVM at once (fact settings/filewrite).
func (m *Modem) writeFile(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.Int(1, 1, "1 for the almanac")
	text := args.Text(8192, "a content in hexadecimal digits")
	digest := args.Text(64, "its SHA-256")
	if err := args.End(); err != nil {
		return err
	}
	content, err := hex.DecodeString(string(text))
	if err != nil || len(content) == 0 {
		return atcmd.Errorf("the content of the file is written in pairs of hexadecimal digits")
	}
	if sum := sha256.Sum256(content); !strings.EqualFold(hex.EncodeToString(sum[:]), string(digest)) {
		return atcmd.Errorf("the SHA-256 of the content is another")
	}
	if err := m.powerWarning(); err != nil {
		return err
	}
	e := event.NVM{ID: m.exchange, Cause: event.NVMFile}
	before := m.flashCost()
	err = m.cfg.Store.SaveSettings(map[string][]byte{almanacEntry: content})
	e.Cost = m.flashCost().Since(before)
	if err != nil {
		e.Error, e.Reason = true, err.Error()
	}
	m.cfg.Log.Add(event.Event{NVM: &e})
	if errors.Is(err, flash.ErrPowerCut) {
		return ErrPowerLost
	}
	return storeError(err)
}

// almanacEntry is the name of the file among what is stored.
const almanacEntry = "%XFILEWRITE 1"
