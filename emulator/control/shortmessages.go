package control

import (
	"context"
	"net/http"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/modem"
)

// ShortMessage is a short message in the network.
type ShortMessage struct {
	Number    int       `json:"number"`         // from 1, in the order in which they came
	FromModem bool      `json:"from_modem"`     // the modem has sent it; otherwise it is for the modem
	Peer      string    `json:"peer"`           // the other side's telephone number or name
	Text      string    `json:"text"`           //
	Part      int       `json:"part,omitempty"` // of a longer text, from 1
	Parts     int       `json:"parts,omitempty"`
	Time      time.Time `json:"time"`
	State     string    `json:"state"` // sent, reported, waiting, told, delivered or refused
}

// newShortMessage is a text for the modem.
type newShortMessage struct {
	From string `json:"from"`
	Text string `json:"text"`
}

func (s *Server) getShortMessages(w http.ResponseWriter, _ *http.Request) error {
	list := []ShortMessage{}
	for _, m := range s.device.Bench().ShortMessages() {
		list = append(list, ShortMessage{m.Number, m.FromModem, m.Peer, m.Text, m.Part, m.Parts, m.Time, string(m.State)})
	}
	return reply(w, list)
}

func (s *Server) sendShortMessage(w http.ResponseWriter, r *http.Request) error {
	var v newShortMessage
	if err := readJSON(w, r, &v); err != nil {
		return err
	}
	switch err := s.device.Bench().SendShortMessage(v.From, v.Text); err {
	case nil:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case modem.ErrTooManyMessages, emulator.ErrNoPower:
		return err
	default:
		return bad("%w", err)
	}
}

// ShortMessages returns the short messages of the network, to the modem and from it, oldest
// first.
func (c *Client) ShortMessages(ctx context.Context) (list []ShortMessage, err error) {
	err = c.call(ctx, "GET", "/v1/sms", nil, &list)
	return list, err
}

// SendShortMessage sends a text to the modem, from a telephone number or a name.
func (c *Client) SendShortMessage(ctx context.Context, from, text string) error {
	return c.call(ctx, "POST", "/v1/sms", newShortMessage{from, text}, nil)
}
