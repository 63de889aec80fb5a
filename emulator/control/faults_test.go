package control

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
)

func TestFaults(t *testing.T) {
	d := newDevice(t)
	s, err := Listen(d, portPath)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c, err := Dial(portPath)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	ctx := t.Context()

	_, err = c.Faults(ctx)
	requireStatus(t, http.StatusNotFound, err)
	_, err = c.AddFault(ctx, "lost")
	requireStatus(t, http.StatusNotFound, err)

	set := fault.NewSet(d, 42)
	s.OfferFaults(set)
	port, host := link.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Serve(fault.Wrap(port, set))
	}()
	t.Cleanup(func() {
		host.Close()
		<-done
	})
	say(t, host, "AT", "Ready\r\nOK\r\n")

	all, err := c.Faults(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 42, all.Seed)
	require.Empty(t, all.Faults)
	require.Len(t, all.Kinds, len(fault.Kinds))
	require.Len(t, all.Rule, len(fault.RuleParams))

	f, err := c.AddFault(ctx, `urc:text="+CEREG: 5,1"`)
	require.NoError(t, err)
	require.Equal(t, &Fault{ID: 1, Spec: `urc:text="+CEREG: 5,1"`}, f)
	say(t, host, "AT", "+CEREG: 5,1\r\nOK\r\n")
	say(t, host, "AT", "OK\r\n")
	all, err = c.Faults(ctx)
	require.NoError(t, err)
	require.Equal(t, []Fault{{ID: 1, Spec: f.Spec, Seen: 1, Happened: 1, Done: true}}, all.Faults)

	_, err = c.AddFault(ctx, "store-full")
	require.NoError(t, err)
	say(t, host, `AT%CMNG=0,24,4,"a"`, "ERROR\r\n")
	require.NoError(t, c.RemoveFault(ctx, 2))
	say(t, host, `AT%CMNG=0,24,4,"a"`, "OK\r\n")

	_, err = c.AddFault(ctx, "nonsense")
	requireStatus(t, http.StatusBadRequest, err)
	requireStatus(t, http.StatusNotFound, c.RemoveFault(ctx, 2))
	requireStatus(t, http.StatusBadRequest, c.call(ctx, "DELETE", "/v1/faults/x", nil, nil))
	require.NoError(t, c.ClearFaults(ctx))
	require.Empty(t, set.Faults())
	require.NoError(t, host.SetDeadline(time.Time{}))
}
