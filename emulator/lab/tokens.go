package lab

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// tokens returns the names of seats and of the teacher's page in addresses, which stay the
// same as long as the lab's folder does.
func (l *Lab) tokens() (teacher string, seats []string, err error) {
	if !l.cfg.Tokens {
		for n := range l.cfg.Students {
			seats = append(seats, fmt.Sprint(n+1))
		}
		return "teacher", seats, nil
	}
	var kept struct {
		Teacher string   `json:"teacher"`
		Seats   []string `json:"seats"`
	}
	path := ""
	if l.cfg.Dir != "" {
		path = l.inDir("tokens.json")
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &kept)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", nil, fmt.Errorf("the addresses of the seats in %s cannot be read: %w", path, err)
		}
	}
	if kept.Teacher == "" {
		kept.Teacher = rand.Text()
	}
	for len(kept.Seats) < l.cfg.Students {
		kept.Seats = append(kept.Seats, rand.Text())
	}
	if path != "" {
		text, err := json.MarshalIndent(kept, "", "  ")
		if err == nil {
			err = os.WriteFile(path, append(text, '\n'), 0o600)
		}
		if err != nil {
			return "", nil, err
		}
	}
	return kept.Teacher, kept.Seats[:l.cfg.Students], nil
}
