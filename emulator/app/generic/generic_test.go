package generic_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
)

func TestGeneric(t *testing.T) {
	for _, c := range []struct{ dialect, command, want string }{
		{"serial-modem", "AT#XSMVER", apptest.Line(`#XSMVER: "v1.0.1","3.2.4"`)},
		{"serial-modem-main", "at#xsmver", apptest.Line(`#XSMVER: "v1.99.0-67-ga9e396bc3d58","3.3.99"`)},
		{"serial-modem", "AT#XUUID", apptest.Line("#XUUID: 50503041-3633-4261-803d-1e2b8f70111a")},
		{"serial-modem", "AT#XSLEEP=?", apptest.Line("#XSLEEP: (1,2)")},
		{"serial-modem", "AT+IPR?", apptest.Line("+IPR: 115200")},
		{"serial-modem", "AT+IPR=?", apptest.Line("+IPR: (),(115200,230400,460800,921600,1000000)")},
		{"at-client", "AT#XSMVER", "ERROR\r\n"},
	} {
		t.Run(c.dialect+"/"+c.command, func(t *testing.T) {
			_, send := apptest.New(t, c.dialect, nil)
			require.Equal(t, c.want, send(c.command+"\r"))
		})
	}
}

func TestListOfCommands(t *testing.T) {
	_, send := apptest.New(t, "serial-modem", nil)
	got := send("AT#XCLAC\r")
	body, found := strings.CutSuffix(got, "\r\n"+apptest.OK)
	require.True(t, found, got)
	names := strings.Split(strings.TrimPrefix(body, "\r\n"), "\r\n")
	require.Equal(t, []string{"AT#XSMVER", "AT#XSLEEP"}, names[:2])
	for _, name := range []string{"ATE0", "ATE1", "AT+IPR", "AT#XCLAC", "AT#XSEND", "AT#XDATACTRL"} {
		require.Contains(t, names, name)
	}
	require.NotContains(t, names, "AT#XLISTEN")
	_, send = apptest.New(t, "serial-modem-main", nil)
	require.Contains(t, send("AT#XCLAC\r"), "\r\nAT#XLISTEN\r\nAT#XACCEPT\r\n")
}

func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem", nil)
		h := apptest.HostOf(t, a, send)
		h.Expect("ATE1", apptest.OK)
		h.Expect("AT+IPR=230400", "AT+IPR=230400\r"+apptest.OK)
		h.Expect("AT+CMEE=1", "AT+CMEE=1\r"+apptest.OK)
		h.Expect("AT#XSOCKET=1,1,0", "AT#XSOCKET=1,1,0\r"+apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect("AT#XRESET", "AT#XRESET\r"+apptest.OK)
		require.Empty(t, h.Settle())
		time.Sleep(time.Second)
		require.Equal(t, "Ready\r\n", h.Settle())
		h.Expect("AT+CMEE?", apptest.Line("+CMEE: 0"))
		h.Expect("AT+IPR?", apptest.Line("+IPR: 115200"))
		h.Expect("AT#XSOCKET?", apptest.OK)
	})
}

func TestModemReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem", nil)
		h := apptest.HostOf(t, a, send)
		h.Expect("AT+CFUN=1", apptest.OK)
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		require.Empty(t, h.Send("AT#XMODEMRESET\r"))
		time.Sleep(time.Second)
		require.Equal(t, apptest.Line("#XMODEMRESET: 0"), h.Settle())
		h.Expect("AT+CFUN?", apptest.Line("+CFUN: 0"))
		h.Expect("AT#XSOCKET?", apptest.OK)
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	})
}

func TestSwitchingOff(t *testing.T) {
	for _, command := range []string{"AT#XSHUTDOWN", "AT#XSLEEP=1"} {
		synctest.Test(t, func(t *testing.T) {
			a, send := apptest.New(t, "serial-modem", nil)
			h := apptest.HostOf(t, a, send)
			h.Expect(command, apptest.OK)
			time.Sleep(50*time.Millisecond - 1)
			synctest.Wait()
			off := func() string {
				a.Lock()
				defer a.Unlock()
				return a.Board.Off
			}
			require.Empty(t, off())
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			require.Contains(t, off(), command)
		})
	}
}

func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem", nil)
		h := apptest.HostOf(t, a, send)
		h.Expect("ATE1", apptest.OK)
		h.Expect("AT#XSLEEP=2", "AT#XSLEEP=2\r"+apptest.OK)
		h.Expect("AT", "AT\r"+apptest.OK) // it takes a moment
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		h.Unsolicited("+X: 1")
		require.Empty(t, h.Settle())
		h.ExpectRaw("AT\r", "Ready\r\n\r\n+X: 1\r\n")
		h.Expect("AT", "AT\r"+apptest.OK) // state kept

		// A command that runs meanwhile keeps it awake.
		h.Expect("AT#XSLEEP=2", "AT#XSLEEP=2\r"+apptest.OK)
		require.Equal(t, "AT#XMODEMRESET\r", h.Send("AT#XMODEMRESET\r"))
		time.Sleep(time.Second)
		require.Equal(t, apptest.Line("#XMODEMRESET: 0"), h.Settle())
		h.Expect("AT", "AT\r"+apptest.OK)
	})
}
