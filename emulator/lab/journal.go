package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
)

// A journal keeps in a file what a hub keeps, so that a lab that is started again goes on
// where it was. The first line is about all of it, each further one is a message as pages get
// it. The file is written beside everything else, since nothing may wait for a disk.
type journal struct {
	head  journalHead
	path  string
	file  *os.File // nil before it begins
	size  int64
	since uint64 // the last message that is in the file
	epoch int    // of the hub, when the file was begun
	err   error  // why nothing is written any more
	stop  chan struct{}
	ended chan struct{}
}

type journalHead struct {
	ID       string `json:"id"`            // of the hub
	Exercise string `json:"exercise"`      // that was begun
	Cut      bool   `json:"cut,omitempty"` // the first messages are missing
}

const (
	// maxJournal is how long the file may be before it is written anew with what the hub
	// still has. Steps of who has done so much may then be open after a restart.
	maxJournal = 3 * maxBytes
	// seqGap is where numbers go on after a restart: those of messages that nobody keeps
	// are not used twice.
	seqGap = 1 << 20
)

// readJournal reads a journal, of which there may be none yet. What a killed program has
// left half written, and all behind it, does not count.
func readJournal(path string) (head journalHead, messages []envelope, whole int64, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return head, nil, 0, err
	}
	for i, line := range bytes.SplitAfter(text, []byte("\n")) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		if i == 0 {
			if json.Unmarshal(line, &head) != nil || head.ID == "" {
				return journalHead{}, nil, 0, nil
			}
		} else {
			var m envelope
			if json.Unmarshal(line, &m) != nil {
				break
			}
			messages = append(messages, m)
		}
		whole += int64(len(line))
	}
	return head, messages, whole, nil
}

// resume has the hub keep what it hears in a file, until close, and gets from there what was
// kept in an earlier life of the lab, if that was about a known exercise. It returns those
// messages and the exercise, "" if there is nothing to go on with.
func (h *hub) resume(path string, known func(exercise string) bool) (exercise string, messages []envelope, err error) {
	head, messages, whole, err := readJournal(path)
	if err != nil {
		return "", nil, fmt.Errorf("what was done in %s cannot be read: %w", path, err)
	}
	j := &journal{head: head, path: path, size: whole, stop: make(chan struct{}), ended: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	if head.ID == "" || !known(head.Exercise) {
		j.head.ID, messages = h.id, nil
		h.epoch++
	} else {
		if j.file, err = os.OpenFile(path, os.O_WRONLY, 0o600); err != nil {
			return "", nil, err
		}
		if err := j.file.Truncate(whole); err != nil {
			return "", nil, errors.Join(err, j.file.Close())
		}
		if _, err := j.file.Seek(0, io.SeekEnd); err != nil {
			return "", nil, errors.Join(err, j.file.Close())
		}
		h.id, h.exercise, h.cut, exercise = head.ID, head.Exercise, head.Cut, head.Exercise
	}
	for _, m := range messages {
		text, err := json.Marshal(m)
		if err != nil {
			return "", nil, errors.Join(err, j.file.Close())
		}
		h.history = append(h.history, message{m.Seq, text})
		h.bytes += len(text)
		h.seq = m.Seq
	}
	j.since, j.epoch = h.seq, 0
	if exercise != "" {
		h.seq += seqGap
	}
	h.journal = j
	go j.follow(h)
	return exercise, messages, nil
}

// kept returns messages of the history after a number, some of them if there are many, of
// what exercise they are, and in which epoch: in another one than was asked for they are
// those from its beginning. If there are none, wake is closed when there may be.
func (h *hub) kept(since uint64, epoch int) (batch []message, exercise string, now int, wake <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if epoch != h.epoch {
		since = 0
	}
	i := sort.Search(len(h.history), func(i int) bool { return h.history[i].seq > since })
	return slices.Clone(h.history[i:min(i+maxBatch, len(h.history))]), h.exercise, h.epoch, h.wake
}

// follow writes what the hub keeps.
func (j *journal) follow(h *hub) {
	defer close(j.ended)
	for last := false; j.err == nil; {
		batch, exercise, epoch, wake := h.kept(j.since, j.epoch)
		if epoch != j.epoch {
			j.head.Exercise, j.epoch = exercise, epoch
			j.begin(h)
		}
		if j.append(h, batch); len(batch) > 0 {
			continue
		}
		if last {
			return
		}
		select {
		case <-wake:
		case <-j.stop:
			last = true
		}
	}
}

// begin begins the file anew: with the head alone, all messages come after it.
func (j *journal) begin(h *hub) {
	_, j.head.Cut = h.all()
	if j.file != nil {
		j.file.Close()
	}
	head, err := json.Marshal(j.head)
	if err == nil {
		j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	}
	if err == nil {
		_, err = j.file.Write(append(head, '\n'))
	}
	j.since, j.size, j.err = 0, int64(len(head)+1), err
}

// append writes messages in one piece.
func (j *journal) append(h *hub, batch []message) {
	if len(batch) == 0 || j.err != nil {
		return
	}
	var out []byte
	for _, m := range batch {
		out = append(append(out, m.json...), '\n')
		j.since = m.seq
	}
	n, err := j.file.Write(out)
	j.size += int64(n)
	if j.err = err; err == nil && j.size > maxJournal {
		j.begin(h)
	}
}

// close writes what is left and ends the journal.
func (j *journal) close() error {
	close(j.stop)
	<-j.ended
	if j.file == nil {
		return j.err
	}
	return errors.Join(j.err, j.file.Close())
}

// replay brings the seat to where it was when these messages were written; then the lab
// ended, and the modem lost its power.
func (s *Seat) replay(e *Exercise, messages []envelope) error {
	begin := func() {
		boot := s.world.boot
		s.world, s.audit = newWorld(), audit.New(audit.Options{})
		s.world.boot = boot
		if boot > 0 {
			s.world.boots = 1
		}
	}
	for _, m := range messages {
		var err error
		switch m.Kind {
		case "event":
			var ev event.Event
			if err = json.Unmarshal(m.Data, &ev); err == nil {
				s.world.device(&ev)
				s.audit.Add(&ev)
				s.seqBefore, s.bootsBefore = ev.Seq, ev.Boot
			}
		case "cloud":
			var ev ownEvent
			if err = json.Unmarshal(m.Data, &ev); err == nil {
				s.world.broker(ev.Event, ev.Own)
			}
		case "refused":
			s.world.clientRefused = true
		case "started":
			begin()
		}
		if err != nil {
			return fmt.Errorf("what was done at seat %d cannot be read: %w", s.N, err)
		}
	}
	s.world.mqtt = ""
	clear(s.world.subscribed)
	s.exercise, s.done, s.why = e, make([]bool, len(e.Steps)), make([]string, len(e.Steps))
	return nil
}

// ownEvent is an event of the servers for the page.
type ownEvent struct {
	cloud.Event
	Own bool `json:"own"` // it is about the seat's device
}
