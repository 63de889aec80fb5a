package control

import (
	"net/http"
	"slices"

	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// State is what a device is and what it is doing.
type State struct {
	Profile     string `json:"profile"`     // "nrf9151-2.0.4"
	Chip        string `json:"chip"`        // "nRF9151"
	Firmware    string `json:"firmware"`    // as AT+CGMR answers
	Application string `json:"application"` // "at-client"
	Port        string `json:"port"`        // what a host opens
	On          bool   `json:"on"`
	Boot        int    `json:"boot"`              // counts power-ons from 1; 0 before the first
	Busy        bool   `json:"busy,omitempty"`    // a command runs whose result comes later
	Crashed     bool   `json:"crashed,omitempty"` // the modem does not answer any more
	// FunctionalMode is what AT+CFUN? reads and Registration the <stat> of
	// AT+CEREG?. They are absent while the device is off, busy or crashed.
	FunctionalMode *int `json:"functional_mode,omitempty"`
	Registration   *int `json:"registration,omitempty"`
	// ResetLoop is for how many seconds of running time the reset loop restriction
	// still keeps the modem from attaching.
	ResetLoop int `json:"reset_loop_seconds,omitempty"`
}

func (s *Server) getState(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, s.State())
}

// State returns what GET /v1/state answers.
func (s *Server) State() *State {
	p, status := s.device.Profile(), s.device.Status()
	st := &State{
		Profile: p.Name, Chip: p.Chip.Name, Firmware: p.Revision,
		Application: s.device.Dialect().Name, Port: s.port,
		On: status.On, Boot: status.Boot, Busy: status.Busy, Crashed: status.Crashed,
		ResetLoop: int(status.ResetLoop.Seconds()),
	}
	if status.Known {
		st.FunctionalMode, st.Registration = new(int(status.Mode)), &status.Registration
	}
	return st
}

func (s *Server) getWear(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, s.Wear())
}

// Wear returns what GET /v1/wear answers.
func (s *Server) Wear() *Wear {
	var steps uint64
	s.device.Bench().Inspect(func(_ *keystore.Store, f *flash.Flash) { steps = f.Steps() })
	return newWear(s.device.Wear(), steps)
}

// A PowerAction is something done to the supply of a device.
type PowerAction string

// The power actions.
const (
	PowerOn    PowerAction = "on"
	PowerOff   PowerAction = "off"   // in good order: AT+CFUN=0 first, which stores the settings
	PowerCut   PowerAction = "cut"   // at once: what was not stored is lost
	PowerCycle PowerAction = "cycle" // cut, then on
)

func (s *Server) power(w http.ResponseWriter, r *http.Request) error {
	var err error
	switch action := r.PathValue("action"); PowerAction(action) {
	case PowerOn:
		err = s.device.PowerOn()
	case PowerOff:
		s.device.PowerOff()
	case PowerCut:
		s.device.PowerCut()
	case PowerCycle:
		err = s.device.PowerCycle()
	default:
		return bad("there is no power action %q: use on, off, cut or cycle", action)
	}
	if err != nil {
		return err
	}
	return reply(w, s.State())
}

// PlannedCut says in which flash step the power is to fail.
type PlannedCut struct {
	// After is how many more steps (words programmed, pages erased) go well.
	After int `json:"after"`
	// Tear says how far the next one gets: "not begun", which an empty text means
	// too, "barely torn", "even torn", "odd torn", "low torn", "high torn",
	// "random torn", "nearly complete" or "complete".
	Tear string `json:"tear,omitempty"`
}

// tears are the names of all tears.
var tears = func() (names []string) {
	for t := range flash.Tears {
		names = append(names, flash.Tear(t).String())
	}
	return names
}()

func (s *Server) planCut(w http.ResponseWriter, r *http.Request) error {
	var plan PlannedCut
	if err := readJSON(w, r, &plan); err != nil {
		return err
	}
	tear := 0
	if plan.Tear != "" {
		tear = slices.Index(tears, plan.Tear)
	}
	switch {
	case plan.After < 0:
		return bad("after is %d: use 0 for the next flash step, or more", plan.After)
	case tear < 0:
		return bad("there is no tear %q: use one of %q", plan.Tear, tears)
	}
	if err := s.device.Bench().PlanCut(plan.After, flash.Tear(tear)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) unplanCut(w http.ResponseWriter, _ *http.Request) error {
	if err := s.device.Bench().PlanCut(-1, flash.NotBegun); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// supply is the body of PUT /v1/supply.
type supply struct {
	Millivolts int `json:"millivolts"`
}

// maxSupply is well above what the chip endures, in millivolts (chosen).
const maxSupply = 10_000

func (s *Server) setSupply(w http.ResponseWriter, r *http.Request) error {
	var v supply
	if err := readJSON(w, r, &v); err != nil {
		return err
	}
	if v.Millivolts <= 0 || v.Millivolts > maxSupply {
		return bad("millivolts is %d: use 1 to %d", v.Millivolts, maxSupply)
	}
	s.device.Bench().SetSupply(v.Millivolts)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
