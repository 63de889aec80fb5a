package control

import (
	"net/http"
	"strconv"
	"time"

	"nrf91emu/emulator/libmodem"
)

// Board is the LEDs and buttons of firmware at the library interface, from the
// first one on.
type Board struct {
	LEDs    []bool `json:"leds"`    // which are on
	Buttons []bool `json:"buttons"` // which are pressed
}

// A ButtonAction is something done to a button.
type ButtonAction string

// The actions.
const (
	ButtonPress   ButtonAction = "press"   // pressed and let go after PressFor
	ButtonHold    ButtonAction = "hold"    // pressed until it is released
	ButtonRelease ButtonAction = "release" // let go
)

// PressFor is how long ButtonPress holds a button: longer than the scan interval of
// Nordic's library for buttons.
const PressFor = 100 * time.Millisecond

func (s *Server) getBoard(w http.ResponseWriter, _ *http.Request) error {
	leds, buttons, err := s.device.LEDs()
	if err != nil {
		return err
	}
	return reply(w, Board{bits(leds), bits(buttons)})
}

func bits(mask uint32) []bool {
	list := make([]bool, libmodem.MaxLEDs)
	for i := range list {
		list[i] = mask>>i&1 == 1
	}
	return list
}

func (s *Server) button(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("button"))
	if err != nil || n < 1 || n > libmodem.MaxLEDs {
		return bad("there is no button %q: use 1 to %d", r.PathValue("button"), libmodem.MaxLEDs)
	}
	switch action := ButtonAction(r.PathValue("action")); action {
	case ButtonPress:
		if err = s.device.PressButton(n, true); err == nil {
			time.AfterFunc(PressFor, func() { _ = s.device.PressButton(n, false) }) // a program that has gone has let go
		}
	case ButtonHold, ButtonRelease:
		err = s.device.PressButton(n, action == ButtonHold)
	default:
		return bad("there is no button action %q: use press, hold or release", action)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
