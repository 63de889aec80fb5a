package control

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"nrf91emu/emulator/fault"
)

// Faults is what may go wrong with a device, and what has been asked for.
type Faults struct {
	Seed   uint64  `json:"seed"`
	Faults []Fault `json:"faults"`
	// Kinds are all that can be asked for; Rule is the parameters that each of them
	// takes beside its own.
	Kinds []FaultKind  `json:"kinds"`
	Rule  []FaultParam `json:"rule"`
}

// Fault is a fault that has been asked for.
type Fault struct {
	ID       int    `json:"id"`
	Spec     string `json:"spec"`     // "late-ok:after=3,delay=2s"
	Seen     int    `json:"seen"`     // opportunities so far
	Happened int    `json:"happened"` // how often it has happened
	Done     bool   `json:"done"`     // it does not happen any more
}

// FaultKind is a kind of fault.
type FaultKind struct {
	Name   string       `json:"name"`
	Help   string       `json:"help"`
	On     string       `json:"on"` // what its opportunities are: "byte", "command" ...
	Params []FaultParam `json:"params"`
}

// FaultParam is a parameter of a fault.
type FaultParam struct {
	Name    string `json:"name"`
	Help    string `json:"help"`
	Default string `json:"default"`
}

// faultSpec is the body of POST /v1/faults.
type faultSpec struct {
	Spec string `json:"spec"`
}

// errNoFaults is returned where nobody has called OfferFaults.
var errNoFaults = errors.New("no faults can be asked for here: the ports of this device pass everything on")

// OfferFaults lets clients ask for faults on the ports that have been wrapped with
// the set.
func (s *Server) OfferFaults(set *fault.Set) { s.faults.Store(set) }

func (s *Server) faultSet() (*fault.Set, error) {
	set := s.faults.Load()
	if set == nil {
		return nil, errNoFaults
	}
	return set, nil
}

func newFault(f fault.Status) Fault {
	return Fault{ID: f.ID, Spec: f.Spec.String(), Seen: f.Seen, Happened: f.Happened, Done: f.Done}
}

func newParams(params []fault.Param) []FaultParam {
	list := make([]FaultParam, len(params))
	for i, p := range params {
		list[i] = FaultParam{Name: p.Name, Help: p.Help, Default: p.Default}
	}
	return list
}

func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) error {
	set, err := s.faultSet()
	if err != nil {
		return err
	}
	all := Faults{Seed: set.Seed(), Faults: []Fault{}, Rule: newParams(fault.RuleParams)}
	for _, f := range set.Faults() {
		all.Faults = append(all.Faults, newFault(f))
	}
	for _, k := range fault.Kinds {
		all.Kinds = append(all.Kinds, FaultKind{Name: k.Name, Help: k.Help, On: string(k.On), Params: newParams(k.Params)})
	}
	return reply(w, all)
}

func (s *Server) addFault(w http.ResponseWriter, r *http.Request) error {
	set, err := s.faultSet()
	if err != nil {
		return err
	}
	var body faultSpec
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	spec, err := fault.Parse(body.Spec)
	if err != nil {
		return badRequest{err}
	}
	id, err := set.Add(spec)
	if err != nil {
		return err
	}
	return reply(w, Fault{ID: id, Spec: spec.String()})
}

func (s *Server) removeFault(w http.ResponseWriter, r *http.Request) error {
	set, err := s.faultSet()
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return bad("%q is not the number of a fault: use an id that /v1/faults lists", r.PathValue("id"))
	}
	if err := set.Remove(id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) clearFaults(w http.ResponseWriter, _ *http.Request) error {
	set, err := s.faultSet()
	if err != nil {
		return err
	}
	set.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Faults returns the faults that have been asked for, and those that can be.
func (c *Client) Faults(ctx context.Context) (*Faults, error) {
	f := new(Faults)
	return f, c.call(ctx, "GET", "/v1/faults", nil, f)
}

// AddFault asks for a fault, such as "late-ok:after=3,delay=2s"; see [fault.Parse].
func (c *Client) AddFault(ctx context.Context, spec string) (*Fault, error) {
	f := new(Fault)
	return f, c.call(ctx, "POST", "/v1/faults", faultSpec{spec}, f)
}

// RemoveFault takes a fault back and ends what it has brought about.
func (c *Client) RemoveFault(ctx context.Context, id int) error {
	return c.call(ctx, "DELETE", "/v1/faults/"+strconv.Itoa(id), nil, nil)
}

// ClearFaults takes all faults back.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/v1/faults", nil, nil)
}
