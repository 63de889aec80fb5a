package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator/link"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// record makes a vector of a live session: it stands between a host and the modem
// and hands on what each sends.
func (c *vectorsCmd) record(ctx context.Context, std stdio) (err error) {
	if _, err := os.Lstat(c.Record); err == nil {
		return usagef("%s exists; remove it or choose another name", c.Record)
	}
	who, err := c.identify(ctx)
	if err != nil {
		return err
	}
	defer who.close()
	device, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	defer device.Close()
	title := c.Title
	if title == "" {
		title = "Recorded from " + c.Port + "."
	}
	recorder := testvectors.NewRecorder(testvectors.RecordMeta{
		Title: title, Source: who.answers + ", " + time.Now().Format(time.DateOnly),
		Profile: who.profile, Layout: who.layout, KeepSecrets: c.Secret,
		CommandSecrets: vectors.CommandSecrets, AnswerSecrets: vectors.AnswerSecrets,
	})
	var host link.Port
	if c.Stdio {
		host, err = link.NewStdio(std.in, std.out, who.layout.Terminator)
	} else {
		host, err = link.OpenPTY(link.PTYOptions{Link: c.Link})
	}
	if err != nil {
		return err
	}
	defer host.Close()
	if !c.Stdio {
		fmt.Fprintln(std.out, host.Name())
		fmt.Fprintf(std.err, "This port leads to %s. Ctrl-C ends the session and writes %s.\n", c.Port, c.Record)
	}
	session := newSession(host, device, recorder)
	session.timeout = c.Timeout
	if c.Stdio {
		session.terminator = who.layout.Terminator
	}
	if err := session.run(ctx); err != nil {
		return err
	}
	return c.save(std, recorder)
}

// save writes the vector and the files beside it.
func (c *vectorsCmd) save(std stdio, recorder *testvectors.Recorder) error {
	dir := filepath.Dir(c.Record)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := createPrivate(c.Record)
	if err != nil {
		return err
	}
	_, err = recorder.WriteTo(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", c.Record, err)
	}
	fmt.Fprintf(std.err, "%s written.\n", c.Record)
	var errs []error
	files := recorder.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if old, err := os.ReadFile(path); err == nil && !bytes.Equal(old, files[name]) {
			errs = append(errs, fmt.Errorf("%s is there with another content, so that the vector does not find its own; record into an empty folder", path))
			continue
		}
		f, err := createPrivate(path) // it may be a key
		if err == nil {
			_, err = f.Write(files[name])
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(std.err, "%s written, which belongs to it.\n", path)
	}
	return errors.Join(errs...)
}

// session is a host and a modem with a recorder between them.
type session struct {
	host     link.Port
	device   io.ReadWriteCloser
	recorder *testvectors.Recorder
	timeout  time.Duration // for an answer
	// terminator ends a command of a host that does not wait for answers, such as
	// a file: it is made to. Empty for one that minds its own business.
	terminator string
	more       chan struct{} // holds a token when the modem has sent something

	mu       sync.Mutex
	answer   []byte // the end of what the modem has sent since the last command
	awaiting bool   // a command has been sent whose final result has not come
}

func newSession(host link.Port, device io.ReadWriteCloser, recorder *testvectors.Recorder) *session {
	return &session{host: host, device: device, recorder: recorder, more: make(chan struct{}, 1)}
}

// quiet is how long nothing may come after the last answer for a session to be
// over whose host has gone: long enough for a notification that follows.
const quiet = 300 * time.Millisecond

// run hands on what both sides send, until the context ends or one of them.
func (s *session) run(ctx context.Context) error {
	hostEnd, deviceEnd := make(chan error, 1), make(chan error, 1)
	go func() { hostEnd <- s.fromHost(ctx) }()
	go func() { deviceEnd <- s.fromDevice() }()
	select {
	case <-ctx.Done(): // as asked
	case err := <-deviceEnd:
		return fmt.Errorf("the modem's port has ended: %w", err)
	case err := <-hostEnd:
		if err != nil {
			return err
		}
		s.drain(ctx)
	}
	return nil
}

// drain waits for the answer to the last command, and for what follows it.
func (s *session) drain(ctx context.Context) {
	s.answered(ctx)
	for s.hears(ctx, quiet) {
	}
}

// answered waits for the answer to the last command.
func (s *session) answered(ctx context.Context) {
	for {
		s.mu.Lock()
		awaiting := s.awaiting
		s.mu.Unlock()
		if !awaiting || !s.hears(ctx, s.timeout) {
			return
		}
	}
}

// hears reports whether the modem sends something within a time.
func (s *session) hears(ctx context.Context, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-s.more:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (s *session) fromHost(ctx context.Context) error {
	buf := make([]byte, 4096)
	var waiting []byte // that does not end a command yet
	for {
		n, err := s.host.Read(buf)
		if s.terminator == "" {
			if err := s.send(buf[:n]); err != nil {
				return err
			}
		} else {
			waiting = append(waiting, buf[:n]...)
			for {
				command, rest := firstCommand(waiting, s.terminator)
				if command == nil {
					break
				}
				s.answered(ctx)
				if err := s.send(command); err != nil {
					return err
				}
				waiting = rest
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// firstCommand returns the first command that is complete, nil if there is none;
// inside quotes a terminator is content.
func firstCommand(text []byte, terminator string) (command, rest []byte) {
	quoted := false
	for i, b := range text {
		if b == '"' {
			quoted = !quoted
		}
		if end := i + 1; !quoted && bytes.HasSuffix(text[:end], []byte(terminator)) {
			return text[:end], text[end:]
		}
	}
	return nil, text
}

func (s *session) send(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	s.mu.Lock()
	s.answer, s.awaiting = s.answer[:0], true
	s.mu.Unlock()
	s.recorder.Sent(p)
	if _, err := s.device.Write(p); err != nil {
		return fmt.Errorf("the modem's port takes nothing: %w", err)
	}
	return nil
}

// tail is how much of an answer is kept to find its end in.
const tail = 64

func (s *session) fromDevice() error {
	buf := make([]byte, 4096)
	for {
		n, err := s.device.Read(buf)
		if n > 0 {
			s.recorder.Received(buf[:n])
			if _, err := s.host.Write(buf[:n]); err != nil {
				return err
			}
			s.mu.Lock()
			s.answer = append(s.answer, buf[:n]...)
			s.answer = s.answer[max(0, len(s.answer)-tail):]
			if final(s.answer) {
				s.awaiting = false
			}
			s.mu.Unlock()
			select {
			case s.more <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return err
		}
	}
}

// final reports whether the last line is a final result.
func final(text []byte) bool {
	text, ended := bytes.CutSuffix(text, []byte("\r\n"))
	if !ended {
		return false
	}
	line := string(text[bytes.LastIndexByte(text, '\n')+1:])
	return line == "OK" || line == "ERROR" || strings.HasPrefix(line, "+CME ERROR: ") || strings.HasPrefix(line, "+CMS ERROR: ")
}
