package atcmd_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

// A device is what the handlers of these tests work on.
type device struct{ mode int64 }

func (d *device) readMode(w *atcmd.Response, _ *atcmd.Command) error {
	w.Printf("+CFUN: %d", d.mode)
	return nil
}

func (d *device) setMode(_ *atcmd.Response, cmd *atcmd.Command) error {
	v, ok := cmd.Int(0, 0, 44)
	if !ok {
		return atcmd.Errorf("no such mode")
	}
	d.mode = v
	return nil
}

func serve(t *testing.T, h atcmd.Handler[*device], d *device, line string) (lines []string, err error) {
	t.Helper()
	var (
		cmd atcmd.Command
		w   atcmd.Response
	)
	require.NoError(t, cmd.Parse([]byte(line)))
	err = h.ServeAT(d, &w, &cmd)
	for text := range w.Parts() {
		lines = append(lines, string(text))
	}
	return lines, err
}

func TestMux(t *testing.T) {
	mux := atcmd.NewMux[*device]()
	mux.Handle("+CFUN", &atcmd.Forms[*device]{
		Set: (*device).setMode, Read: (*device).readMode, Test: atcmd.Text[*device]("+CFUN: (0,1,4)"),
	})
	mux.Handle("+CGMR", &atcmd.Forms[*device]{Bare: atcmd.Text[*device]("mfw_nrf91x1_2.0.2")})
	mux.Handle("%XSUDO", atcmd.HandlerFunc[*device](func(_ *device, w *atcmd.Response, cmd *atcmd.Command) error {
		w.Line(string(cmd.Tail))
		return nil
	}))
	require.Equal(t, []string{"%XSUDO", "+CFUN", "+CGMR"}, mux.Names())

	d, other := new(device), new(device)
	for _, test := range []struct {
		line  string
		lines []string
		err   string
	}{
		{line: "AT+CFUN?", lines: []string{"+CFUN: 0"}},
		{line: "AT+CFUN=4"},
		{line: "at+cfun?", lines: []string{"+CFUN: 4"}},
		{line: "AT+CFUN=99", err: "ERROR: no such mode"},
		{line: "AT+CFUN=?", lines: []string{"+CFUN: (0,1,4)"}},
		{line: "AT+CFUN", err: "ERROR: +CFUN has no bare form"},
		{line: "AT+CGMR?", err: "ERROR: +CGMR has no read form"},
		{line: "AT+CGMR", lines: []string{"mfw_nrf91x1_2.0.2"}},
		{line: "AT+CGMR;+CFUN?", err: "ERROR: a second command cannot follow +CGMR after a semicolon; send it on a line of its own"},
		{line: `AT%XSUDO=1,"x";%CMNG=1`, lines: []string{"%CMNG=1"}},
		{line: "AT+NONE", err: "ERROR: +NONE is not a command of this device"},
	} {
		t.Run(test.line, func(t *testing.T) {
			lines, err := serve(t, mux, d, test.line)
			require.Equal(t, test.lines, lines)
			if test.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.err)
			}
		})
	}
	require.Zero(t, other.mode, "one table serves many devices")

	mux.NotFound = atcmd.HandlerFunc[*device](func(*device, *atcmd.Response, *atcmd.Command) error { return atcmd.CME(0, "unknown") })
	_, err := serve(t, mux, d, "AT+NONE")
	require.Equal(t, "+CME ERROR: 0", atcmd.ResultOf(err).String())

	require.Panics(t, func() { mux.Handle("+CFUN", &atcmd.Forms[*device]{}) })
	require.Panics(t, func() { mux.Handle("+cfun", &atcmd.Forms[*device]{}) })
}

func TestResponse(t *testing.T) {
	var (
		w     atcmd.Response
		final []error
	)
	require.Zero(t, w.Len())
	for range 2 { // the second time as the first: Reset leaves nothing behind
		w.Reset(func(err error) { final = append(final, err) })
		w.Line("#XRECV: 0,0,4")
		w.Data([]byte("Te\r\n"))
		w.Printf("%%CMNG: %d,%d", 24, 0)
		w.Append(func(b []byte) []byte { return append(b, "last"...) })
		w.Line("")
		type piece struct {
			text string
			data bool
		}
		var got []piece
		for text, data := range w.Parts() {
			got = append(got, piece{string(text), data})
		}
		require.Equal(t, []piece{{"#XRECV: 0,0,4", false}, {"Te\r\n", true}, {"%CMNG: 24,0", false}, {"last", false}, {"", false}}, got)
		require.Equal(t, 5, w.Len())
		require.Equal(t, 32, w.Size())
		for text := range w.Parts() {
			require.Equal(t, "#XRECV: 0,0,4", string(text))
			break // a caller may stop early
		}
		require.False(t, w.Busy())
		finish := w.Later()
		require.True(t, w.Busy())
		finish(io.EOF)
	}
	require.Equal(t, []error{io.EOF, io.EOF}, final)

	w.Reset(nil)
	require.Nil(t, w.Later())
	require.False(t, w.Busy())
	require.Zero(t, w.Len())
}

func TestResults(t *testing.T) {
	for text, want := range map[string]atcmd.Result{
		"OK":              {},
		"ERROR":           {Kind: atcmd.ResultError},
		"+CME ERROR: 513": {Kind: atcmd.ResultCME, Code: 513},
		"+CME ERROR: 0":   {Kind: atcmd.ResultCME},
		"+CMS ERROR: 310": {Kind: atcmd.ResultCMS, Code: 310},
	} {
		got, ok := atcmd.ParseResult(text)
		require.True(t, ok, text)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
		require.Equal(t, text == "OK", got.OK())
	}
	got, ok := atcmd.ParseResult("+CME ERROR:513")
	require.True(t, ok)
	require.Equal(t, 513, got.Code)
	for _, text := range []string{"", "ok", "OK ", "+CME ERROR", "+CME ERROR:", "+CME ERROR: x", "+CME ERROR: -1", "+CME ERROR: 65536", "+CME: 1"} {
		_, ok := atcmd.ParseResult(text)
		require.False(t, ok, text)
	}
}

func TestErrors(t *testing.T) {
	require.Equal(t, "OK", atcmd.ResultOf(nil).String())
	require.Equal(t, "ERROR", atcmd.ResultOf(io.EOF).String())

	err := atcmd.CME(513, "tag %d: %w", 24, io.EOF)
	require.EqualError(t, err, "+CME ERROR: 513: tag 24: EOF")
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "+CME ERROR: 513", atcmd.ResultOf(fmt.Errorf("wrapped: %w", err)).String())
	require.Equal(t, "+CMS ERROR: 310", atcmd.Result{Kind: atcmd.ResultCMS, Code: 310}.String())
	require.Equal(t, "ERROR", (&atcmd.Error{Result: atcmd.Result{Kind: atcmd.ResultError}}).Error())
	e, ok := errors.AsType[*atcmd.Error](atcmd.Errorf("why"))
	require.True(t, ok)
	require.Equal(t, "why", e.Reason)
}
