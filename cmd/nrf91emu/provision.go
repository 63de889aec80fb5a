package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

// provisionCmd is nrf91emu provision.
type provisionCmd struct {
	Port        string        `help:"${port_help}" required:"" placeholder:"PORT"`
	Baud        int           `help:"Baud rate of a serial port." default:"115200"`
	CRLF        bool          `help:"End commands with CR LF, as the older Serial LTE Modem application wants it." name:"crlf"`
	SecTag      uint32        `help:"Security tag to store under." required:"" placeholder:"N"`
	CA          string        `help:"Root CA certificate in PEM (type 0)." placeholder:"FILE" name:"ca" type:"path"`
	Cert        string        `help:"Client certificate in PEM (type 1)." placeholder:"FILE" type:"path"`
	Key         string        `help:"Client private key in PEM (type 2)." placeholder:"FILE" type:"path"`
	PSK         string        `help:"Pre-shared key, hexadecimal text (type 3)." placeholder:"FILE" name:"psk" type:"path"`
	PSKIdentity string        `help:"Identity for the pre-shared key (type 4)." placeholder:"TEXT" name:"psk-identity"`
	Offline     bool          `help:"Take the modem offline (AT+CFUN=4) for a write if it is active, and back afterwards."`
	Force       bool          `help:"Store it although something is wrong with it."`
	Timeout     time.Duration `help:"How long the modem may take for an answer." default:"15s"`
	JSON        bool          `help:"Print JSON."`
}

// provisionReport is what was done about one credential; its JSON form is
// --json.
type provisionReport struct {
	SecTag uint32 `json:"sec_tag"`
	Type   uint8  `json:"type"`
	Found  string `json:"found"`
	Wrote  bool   `json:"wrote"`
	// Verified says how a write was verified.
	Verified string `json:"verified,omitempty"`
	SHA256   string `json:"sha256"`
	// Cost is what it cost the flash, absent if the modem does not tell, as real
	// ones do not.
	Cost *provisionCost `json:"cost,omitempty"`
}

type provisionCost struct {
	Programmed uint64 `json:"programmed_bytes"`
	Erases     uint64 `json:"erases"`
}

// Run provisions.
func (c *provisionCmd) Run(std stdio) error {
	if err := errors.Join(atLeast("--baud", c.Baud, minBaud), someTime("--timeout", c.Timeout)); err != nil {
		return err
	}
	contents, err := c.contents()
	if err != nil {
		return err
	}
	if n := check(std.err, contents); n > 0 && !c.Force {
		return fmt.Errorf("nothing was stored: mend what is wrong, or give --force")
	}
	port, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	opts := atcmd.ClientOptions{Timeout: c.Timeout}
	if c.CRLF {
		opts.Terminator = atcmd.TerminatorCRLF
	}
	client := atcmd.NewClient(port, opts)
	defer client.Close()
	wear := newWearReader(c.Port)
	defer wear.close()

	ctx := context.Background()
	if _, err := client.Do(ctx, "AT"); err != nil {
		hint := ""
		if !c.CRLF {
			hint = " Serial LTE Modem waits for CR LF: --crlf."
		}
		return fmt.Errorf("no modem answers on %s: %w; is the path right, and does nothing else have the port open?%s", c.Port, err, hint)
	}
	manager := provision.New(client)
	manager.Offline = c.Offline
	var reports []provisionReport
	for _, content := range contents {
		before := wear.read()
		outcome, err := manager.Ensure(ctx, content.key, content.bytes)
		if errors.Is(err, provision.EPERM) {
			err = fmt.Errorf("%w, or give --offline", err)
		}
		if err != nil {
			return err
		}
		r := newProvisionReport(outcome, wear.since(before))
		if !c.JSON {
			fmt.Fprintln(std.out, r)
		}
		reports = append(reports, r)
	}
	if err := warnOfHalves(ctx, std.err, manager, contents); err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(reports)
	}
	return nil
}

// content is one credential to be stored.
type content struct {
	key   keystore.Key
	bytes []byte
}

// contents reads the files named by the flags.
func (c *provisionCmd) contents() ([]content, error) {
	var all []content
	add := func(typ keystore.CredentialType, bytes []byte) {
		all = append(all, content{keystore.Key{SecTag: keystore.SecTag(c.SecTag), Type: typ}, bytes})
	}
	for _, f := range []struct {
		path string
		typ  keystore.CredentialType
	}{{c.CA, keystore.RootCA}, {c.Cert, keystore.ClientCertificate}, {c.Key, keystore.PrivateKey}, {c.PSK, keystore.PSK}} {
		if f.path == "" {
			continue
		}
		bytes, err := os.ReadFile(f.path)
		if err != nil {
			return nil, usagef("the %v cannot be read: %w", f.typ, err)
		}
		if f.typ == keystore.PSK {
			// An editor ends the file with a line feed; the key is the digits alone.
			bytes = []byte(strings.TrimSpace(string(bytes)))
		}
		add(f.typ, bytes)
	}
	if c.PSKIdentity != "" {
		add(keystore.PSKIdentity, []byte(c.PSKIdentity))
	}
	if len(all) == 0 {
		return nil, usagef("nothing to store: name a file with --ca, --cert, --key or --psk")
	}
	return all, nil
}

func newProvisionReport(o provision.Outcome, cost *provisionCost) provisionReport {
	r := provisionReport{
		SecTag: uint32(o.Key.SecTag), Type: uint8(o.Key.Type),
		Found: o.Found.String(), Wrote: o.Wrote, SHA256: o.Wanted.String(), Cost: cost,
	}
	if o.Wrote {
		r.Verified = o.Verify.String()
	}
	return r
}

// String says in a sentence what was found, done and paid.
func (r provisionReport) String() string {
	text := fmt.Sprintf("Tag %d, %v: was %s; ", r.SecTag, keystore.CredentialType(r.Type), r.Found)
	if !r.Wrote {
		return text + "nothing was written, the flash was spared."
	}
	if r.Verified == provision.NotCompared.String() {
		text += "written, and cannot be verified on this firmware. "
	} else {
		text += "written once and verified " + r.Verified + ". "
	}
	if r.Cost == nil {
		return text + "What it cost the flash cannot be read from a real modem."
	}
	erases := "no page was erased"
	switch {
	case r.Cost.Erases == 1:
		erases = "one page was erased"
	case r.Cost.Erases > 1:
		erases = fmt.Sprintf("%d pages were erased", r.Cost.Erases)
	}
	return text + fmt.Sprintf("It cost the flash %d bytes programmed; %s.", r.Cost.Programmed, erases)
}

// A wearReader reads what the flash of an emulated modem has been through. A real
// modem has nothing to read.
type wearReader struct{ client *control.Client }

func newWearReader(port string) wearReader {
	client, err := control.Dial(port)
	if err != nil {
		return wearReader{}
	}
	return wearReader{client}
}

func (r wearReader) close() {
	if r.client != nil {
		r.client.Close()
	}
}

func (r wearReader) read() *control.Wear {
	if r.client == nil {
		return nil
	}
	w, err := r.client.Wear(context.Background())
	if err != nil {
		return nil
	}
	return w
}

// since returns the cost since an earlier reading, nil if it is not known.
func (r wearReader) since(before *control.Wear) *provisionCost {
	after := r.read()
	if before == nil || after == nil {
		return nil
	}
	return &provisionCost{after.Programmed - before.Programmed, after.Erases - before.Erases}
}
