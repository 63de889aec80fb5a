package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
)

// ErrNoControl is returned by Dial when nobody serves the control interface of
// a port: it is a real modem, or an emulator of another user.
var ErrNoControl = errors.New("the port has no control interface")

// An Error is a refusal by the server.
type Error struct {
	Status  int    // HTTP status
	Message string // a sentence
}

func (e *Error) Error() string { return e.Message }

// A Client talks to the control interface of one device. It may be used by
// several goroutines at once.
type Client struct {
	base string
	http *http.Client
}

// Dial returns a client of the device that is reached at portPath, a path such
// as "/dev/pts/5" or a symlink to it, or an address such as "tcp:127.0.0.1:4242". The error is ErrNoControl if nobody serves
// it.
func Dial(portPath string) (*Client, error) {
	reason := errors.New("nobody listens for it")
	for _, dir := range runtimeDirs() {
		if err := checkPrivate(dir); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				reason = err
			}
			continue
		}
		for _, name := range portNames(portPath) {
			c, err := dial("unix", socketIn(dir, name), "http://modem")
			if !errors.Is(err, fs.ErrNotExist) && !link.Refused(err) {
				return c, err
			}
		}
	}
	return nil, fmt.Errorf("%w: %s: %w", ErrNoControl, portPath, reason)
}

// DialTCP returns a client of the device whose control interface is at a TCP
// address, such as "127.0.0.1:9191".
func DialTCP(addr string) (*Client, error) {
	c, err := dial("tcp", addr, "http://"+addr)
	if link.Refused(err) {
		return nil, fmt.Errorf("%w: nobody listens at %s", ErrNoControl, addr)
	}
	return c, err
}

// dialTimeout is ample on one machine.
const dialTimeout = 5 * time.Second

// dial returns a client once somebody has taken the call. That connection serves
// the first request.
func dial(network, addr, base string) (*Client, error) {
	first, err := net.DialTimeout(network, addr, dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the control interface: %w", err)
	}
	ready := make(chan net.Conn, 1)
	ready <- first
	d := net.Dialer{Timeout: dialTimeout}
	return &Client{base: base, http: &http.Client{Transport: &transport{ready: ready, Transport: http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case c := <-ready:
				return c, nil
			default:
				return d.DialContext(ctx, network, addr)
			}
		},
	}}}}, nil
}

// A transport is an http.Transport with a connection that no request may have
// used yet.
type transport struct {
	http.Transport
	ready chan net.Conn
}

// Close closes the connections that are not in use.
func (c *Client) Close() error {
	t := c.http.Transport.(*transport)
	select {
	case unused := <-t.ready:
		unused.Close()
	default:
	}
	t.CloseIdleConnections()
	return nil
}

// do sends a request and returns the answer's body, which the caller closes.
func (c *Client) do(ctx context.Context, method, path string, body []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the control interface does not answer: %w", err)
	}
	if resp.StatusCode < 300 {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	var p problem
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err := json.Unmarshal(text, &p); err != nil || p.Error == "" {
		p.Error = "the control interface answered " + resp.Status
	}
	return nil, &Error{Status: resp.StatusCode, Message: p.Error}
}

// call sends a request, with in as JSON if it is not nil, and reads the answer
// into out if that is not nil.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return c.send(ctx, method, path, body, out)
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, out any) error {
	answer, err := c.do(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer)
		return err
	}
	if err := json.NewDecoder(answer).Decode(out); err != nil {
		return fmt.Errorf("the control interface's answer cannot be read: %w", err)
	}
	return nil
}

// State returns what the device is and what it is doing.
func (c *Client) State(ctx context.Context) (*State, error) {
	s := new(State)
	return s, c.call(ctx, "GET", "/v1/state", nil, s)
}

// Wear returns what the flash has been through.
func (c *Client) Wear(ctx context.Context) (*Wear, error) {
	w := new(Wear)
	return w, c.call(ctx, "GET", "/v1/wear", nil, w)
}

// Credentials returns what the store holds, in the order of the modem's list.
func (c *Client) Credentials(ctx context.Context) ([]Credential, error) {
	var list []Credential
	return list, c.call(ctx, "GET", "/v1/credentials", nil, &list)
}

func credentialPath(k keystore.Key) string {
	return fmt.Sprintf("/v1/credentials/%d/%d", k.SecTag, k.Type)
}

// Credential returns the content of a credential that is not secret.
func (c *Client) Credential(ctx context.Context, k keystore.Key) ([]byte, error) {
	answer, err := c.do(ctx, "GET", credentialPath(k), nil)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return io.ReadAll(answer)
}

// PutCredential stores a credential behind the firmware's back and reports
// whether that changed anything. See [emulator.Device.PutCredential].
func (c *Client) PutCredential(ctx context.Context, k keystore.Key, content []byte) (changed bool, err error) {
	var ch change
	err = c.send(ctx, "PUT", credentialPath(k), content, &ch)
	return ch.Changed, err
}

// DeleteCredential removes a credential behind the firmware's back.
func (c *Client) DeleteCredential(ctx context.Context, k keystore.Key) error {
	return c.call(ctx, "DELETE", credentialPath(k), nil, nil)
}

// Power switches the supply and returns the state afterwards.
func (c *Client) Power(ctx context.Context, action PowerAction) (*State, error) {
	s := new(State)
	return s, c.call(ctx, "POST", "/v1/power/"+url.PathEscape(string(action)), nil, s)
}

// PlanCut plans a power cut at a flash step. The device must be on; the next
// power-on takes the plan back.
func (c *Client) PlanCut(ctx context.Context, plan PlannedCut) error {
	return c.call(ctx, "PUT", "/v1/planned-cut", plan, nil)
}

// UnplanCut takes a planned power cut back.
func (c *Client) UnplanCut(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/v1/planned-cut", nil, nil)
}

// SetSupply changes the supply voltage, in millivolts, for good: power cycles do not
// bring the old one back.
func (c *Client) SetSupply(ctx context.Context, millivolts int) error {
	return c.call(ctx, "PUT", "/v1/supply", supply{millivolts}, nil)
}

// Board returns the LEDs and buttons of firmware at the library interface.
func (c *Client) Board(ctx context.Context) (*Board, error) {
	b := new(Board)
	return b, c.call(ctx, "GET", "/v1/board", nil, b)
}

// Button presses or releases a button, numbered from 1.
func (c *Client) Button(ctx context.Context, button int, action ButtonAction) error {
	return c.call(ctx, "POST", fmt.Sprintf("/v1/board/buttons/%d/%s", button, action), nil, nil)
}

// Why returns what has failed last, nil if nothing has.
func (c *Client) Why(ctx context.Context) (*event.Failure, error) {
	var w Why
	err := c.call(ctx, "GET", "/v1/why", nil, &w)
	return w.Failure, err
}

// EventOptions say which events are wanted. The zero value is all that are kept.
type EventOptions struct {
	Since  uint64 // only those after this number
	Last   int    // no more of those that are kept than the last so many; 0 is all
	Follow bool   // those that come later, too
}

// Events returns events, as far as the server has kept them. They are being kept when
// Events returns. A jump in Seq shows that some are missing.
//
// The stream ends with the iteration, and when ctx is done.
func (c *Client) Events(ctx context.Context, opt EventOptions) (iter.Seq2[*event.Event, error], error) {
	query := url.Values{"since": {strconv.FormatUint(opt.Since, 10)}, "follow": {strconv.FormatBool(opt.Follow)}}
	if opt.Last > 0 {
		query.Set("last", strconv.Itoa(opt.Last))
	}
	answer, err := c.do(ctx, "GET", "/v1/events?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return func(yield func(*event.Event, error) bool) {
		defer answer.Close()
		event.Read(answer)(yield)
	}, nil
}
