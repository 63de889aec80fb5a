package lab

import (
	"bytes"
	"fmt"
	"strings"

	"nrf91emu/keystore"
)

// An action prepares the modem for an exercise.
type action struct {
	text string
	run  func(*Seat) error
}

// parseAction reads one line of setup: "store TAG TYPE FILE" puts a file of the lab
// into the store behind the firmware's back, "crlf TAG TYPE FILE" does so with
// line ends as Windows has them, "send COMMAND" types a command.
func parseAction(text string) (action, error) {
	word, rest, _ := strings.Cut(text, " ")
	args := strings.Fields(rest)
	switch word {
	case "store", "crlf":
		k, err := keyArgs(args, 1)
		if err != nil {
			return action{}, fmt.Errorf("%s: %w; write %s TAG TYPE FILE", word, err, word)
		}
		return action{text, func(s *Seat) error { return s.put(k, args[2], word == "crlf") }}, nil
	case "send":
		if rest == "" {
			return action{}, fmt.Errorf("send: write the command behind it, such as send AT+CFUN=1")
		}
		return action{text, func(s *Seat) error { return s.Type([]byte(rest + string(s.terminator()))) }}, nil
	}
	return action{}, fmt.Errorf("there is no setup %q: use store, crlf or send", word)
}

// put stores a file of the lab.
func (s *Seat) put(k keystore.Key, file string, crlf bool) error {
	content, ok := s.lab.files[file]
	if !ok {
		return fmt.Errorf("there is no file %q to store", file)
	}
	if crlf {
		content = bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))
	}
	_, err := s.device.Bench().PutCredential(k, content)
	return err
}
