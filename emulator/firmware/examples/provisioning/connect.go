package provisioning

import (
	"bytes"
	"errors"
	"fmt"

	"nrf91emu/keystore"
)

// maxPolls bounds how often online asks for the registration, which comes at once.
const maxPolls = 1_000_000

// online goes online and waits for the registration.
func (f *Firmware) online() error {
	if err := f.ok("AT+CFUN=1"); err != nil {
		return err
	}
	for range maxPolls {
		if a := f.at("AT+CEREG?"); bytes.Contains(a.Text, []byte(",1")) || bytes.Contains(a.Text, []byte(",5")) {
			return nil
		}
	}
	return errors.New("there is no network")
}

// connect connects to the server by TLS with the credentials of a tag, by the
// commands of the Serial Modem, and closes the connection. Host is the name to
// check, empty for none.
func (f *Firmware) connect(tag keystore.SecTag, verify int, host string) error {
	a := f.at("AT#XSSOCKET=1,1,0,%d,%d", tag, verify)
	var handle int
	if _, err := fmt.Sscanf(string(bytes.TrimSpace(a.Text)), "#XSSOCKET: %d,", &handle); err != nil {
		return fmt.Errorf("%w to make a socket: %w", errRefused, err)
	}
	defer f.at("AT#XCLOSE=%d", handle)
	if host != "" {
		if err := f.ok(`AT#XSSOCKETOPT=%d,1,2,"%s"`, handle, host); err != nil {
			return err
		}
	}
	return f.ok(`AT#XCONNECT=%d,"%s",%d`, handle, ServerName, f.ServerPort)
}
