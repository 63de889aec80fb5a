package lab

import "time"

// clipped keeps the beginning of what is written. The buffer is no embedded field, as
// its ReadFrom would take everything.
type clipped struct {
	kept  []byte
	limit int
	more  bool
}

func (c *clipped) Write(p []byte) (int, error) {
	room := max(c.limit-len(c.kept), 0)
	c.kept = append(c.kept, p[:min(room, len(p))]...)
	c.more = c.more || len(p) > room
	return len(p), nil
}

func (c *clipped) String() string {
	if c.more {
		return string(c.kept) + "\n(more was said)\n"
	}
	return string(c.kept)
}

// consoleRate is how many bytes a second of a program's output are taken; it waits
// then, as for a slow UART.
const consoleRate = 256 << 10

// console shows what a program prints.
type console struct {
	hub   *hub
	since time.Time
	bytes int
	text  pieces
}

func (c *console) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(c.since) >= time.Second {
		c.since, c.bytes = now, 0
	}
	if c.bytes += len(p); c.bytes > consoleRate {
		time.Sleep(time.Until(c.since.Add(time.Second)))
	}
	if text := c.text.add(p); text != "" {
		c.hub.add("console", text)
	}
	return len(p), nil
}
