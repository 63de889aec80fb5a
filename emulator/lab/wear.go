package lab

import (
	"encoding/json"
	"os"
	"slices"

	"nrf91emu/emulator/control"
)

// wearPoint is the flash at the end of one of its starts, or now.
type wearPoint struct {
	Start      uint64 `json:"start"` // of the flash, since it was new
	Programmed uint64 `json:"programmed"`
	Erases     uint64 `json:"erases"`
}

// maxWear is how many points are kept; when there are more, the older half goes.
const maxWear = 2000

// A wearCurve is what a flash has been through, start by start. With a lab that keeps its
// flash it goes on after a restart: the file is written at each start and at the end.
type wearCurve struct {
	path   string // "" if nothing is kept
	points []wearPoint
	err    error // why the file could not be written
}

// readWear reads the curve of a flash that has just been started. One that cannot be read,
// or is of another flash, begins anew: it is a picture and nothing else.
func readWear(path string, w *control.Wear) wearCurve {
	c := wearCurve{path: path}
	text, err := os.ReadFile(path)
	if path == "" || err != nil || json.Unmarshal(text, &c.points) != nil {
		c.points = nil
	}
	for i, p := range c.points {
		if p.Start > w.Starts || p.Programmed > w.Programmed || p.Erases > w.Erases || i > 0 && p.Start <= c.points[i-1].Start {
			c.points = nil
			break
		}
	}
	c.add(w)
	return c
}

// add notes how the flash is now, and returns the curve for others.
func (c *wearCurve) add(w *control.Wear) []wearPoint {
	now := wearPoint{w.Starts, w.Programmed, w.Erases}
	if n := len(c.points); n > 0 && c.points[n-1].Start == now.Start {
		c.points[n-1] = now
		return slices.Clone(c.points)
	}
	c.points = append(c.points, now)
	if len(c.points) > maxWear {
		c.points = slices.Delete(c.points, 0, maxWear/2)
	}
	c.write()
	return slices.Clone(c.points)
}

// write keeps the curve. A program that is killed meanwhile leaves the old one.
func (c *wearCurve) write() {
	if c.path == "" || len(c.points) == 0 {
		return
	}
	text, err := json.Marshal(c.points)
	if err == nil {
		err = os.WriteFile(c.path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(c.path+".new", c.path)
	}
	c.err = err
}
