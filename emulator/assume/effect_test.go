package assume_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/modemtest"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors/settle"
)

// modem returns a modem that answers as the words say, and what sends it a command.
func modem(t *testing.T, words ...string) (*modemtest.Modem, func(string) string) {
	p, err := profile.Lookup(profile.Default)
	require.NoError(t, err)
	s := assume.Set{}
	for _, w := range words {
		require.NoError(t, s.Add(w))
	}
	s.Apply(&p)
	air := network.Default()
	air.AttachDelay = 0
	m := modemtest.New(t, func(m *modemtest.Modem) { m.Config.Profile, m.Config.Network = &p, &air })
	send := func(command string) string {
		a, err := m.Client().Do(context.Background(), command)
		var at *atcmd.Error
		switch {
		case errors.As(err, &at):
			return at.Result.String()
		case err != nil:
			t.Fatal(err)
		}
		return strings.Join(append(a.Lines, "OK"), " ")
	}
	return m, send
}

// Each answer shows at the port.
func TestEffects(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, test := range []struct {
		question string
		commands []string // the last one differs
		want     [2]string
	}{
		{"cmng/overwrite=519", []string{`AT%CMNG=0,24,4,"a"`, `AT%CMNG=0,24,4,"b"`}, [2]string{"OK", "+CME ERROR: 519"}},
		{"cmng/read-client-certificate=514", []string{`AT%CMNG=2,24,1`}, [2]string{"%CMNG: ", "+CME ERROR: 514"}},
		{"cmng/power-warning-reads=528", []string{"low", "AT%CMNG=1,24"}, [2]string{"OK", "+CME ERROR: 528"}},
		{"cmng/power-warning-reads=528", []string{"low", "AT%CMNG=2,24,0"}, [2]string{"+CME ERROR: 513", "+CME ERROR: 528"}},
		{"cmng/generated-protected=519", []string{"AT%KEYGEN=24,2,0", `AT%CMNG=0,24,2,"a"`}, [2]string{"OK", "+CME ERROR: 519"}},
		{"cmng/malformed-code=0", []string{"AT%CMNG=9"}, [2]string{"+CME ERROR: 50", "+CME ERROR: 0"}},
		{"cmng/active-is-state=number", []string{"AT+CFUN=1", "AT+CFUN=30", `AT%CMNG=0,24,4,"a"`}, [2]string{"+CME ERROR: 518", "OK"}},
		{"cfun/boot=4", []string{"AT+CFUN?"}, [2]string{"+CFUN: 0 OK", "+CFUN: 4 OK"}},
		{"cfun/read-derived=number", []string{"AT+CFUN=1", "AT+CFUN=31", "AT+CFUN?"}, [2]string{"+CFUN: 1 OK", "+CFUN: 31 OK"}},
		{"cfun/starts-without-sim=error", []string{"no SIM", "AT+CFUN=1"}, [2]string{"OK", "ERROR"}},
		{"cmng/store-full=16-slots", []string{"fill", fmt.Sprintf(`AT%%CMNG=0,99,4,"%s"`, long)}, [2]string{"OK", "+CME ERROR: 515"}},
	} {
		for i, words := range [][]string{nil, {test.question}} {
			t.Run(fmt.Sprint(test.question, i), func(t *testing.T) {
				m, send := modem(t, words...)
				send("AT+CMEE=1")
				if strings.HasPrefix(test.question, "cmng/read-client") {
					m.Store(keyOf(24, 1), certificate)
				}
				for _, c := range test.commands[:len(test.commands)-1] {
					switch c {
					case "low":
						m.Device().Bench().SetSupply(vectors.LowSupply)
					case "no SIM":
						m.PowerOff()
						m.Config.Network.SIM = network.SIMAbsent
						m.PowerOn()
					case "fill":
						for n := range 15 {
							require.Equal(t, "OK", send(fmt.Sprintf(`AT%%CMNG=0,%d,4,"a"`, n)))
						}
					default:
						send(c)
					}
				}
				require.True(t, strings.HasPrefix(send(test.commands[len(test.commands)-1]), test.want[i]))
			})
		}
	}
}

// A write of what is there costs nothing if it is taken to do nothing; any other does.
func TestSameContent(t *testing.T) {
	m, send := modem(t, "wear/same-content=nothing")
	writes := func() uint32 {
		n := uint32(0)
		for _, c := range m.Wear().Credentials {
			n += c.Writes
		}
		return n
	}
	send(`AT%CMNG=0,24,4,"a"`)
	require.Equal(t, "OK", send(`AT%CMNG=0,24,4,"a"`))
	require.EqualValues(t, 1, writes())
	require.Equal(t, "OK", send(`AT%CMNG=0,24,4,"b"`))
	require.EqualValues(t, 2, writes())
	send(`AT%CMNG=0,24,2,"key","one"`)
	send(`AT%CMNG=0,24,2,"key","one"`)
	require.EqualValues(t, 3, writes())
	send(`AT%CMNG=0,24,2,"key","two"`)
	require.EqualValues(t, 4, writes(), "another password")
}

// The modem that is asked is told from others by its answers.
func TestSettle(t *testing.T) {
	for _, words := range [][]string{
		nil, {"cmng/overwrite=519"}, {"cmng/read-client-certificate=514"}, {"cmng/generated-protected=519"},
		{"cmng/malformed-code=0"}, {"cmng/active-is-state=number"}, {"cfun/read-derived=number"},
		{"cmng/overwrite=519", "cmng/read-client-certificate=514", "cfun/read-derived=number"},
	} {
		t.Run(strings.Join(words, " "), func(t *testing.T) {
			m, send := modem(t, words...)
			lines := 0
			a, err := settle.Ask(t.Context(), m.Client(), "an nRF", func(string) { lines++ })
			require.NoError(t, err)
			require.Less(t, lines, 30)
			var file bytes.Buffer
			require.NoError(t, a.Write(&file))
			s := assume.Set{}
			require.NoError(t, s.Read(bytes.NewReader(file.Bytes())))
			want := words
			if slices.Contains(words, "cmng/overwrite=519") {
				want = append(want, "cmng/generated-protected=519") // which follows
			}
			if want == nil {
				want = strings.Fields("as it is")
			}
			require.ElementsMatch(t, want, strings.Fields(s.String()))
			require.Equal(t, 6, a.Settled())
			require.Len(t, a.List, len(assume.Questions()), "each question is settled or it says why not")
			require.NotContains(t, file.String(), m.Device().Identity().IMEI)

			entries, err := m.Device().Bench().Credentials()
			require.NoError(t, err)
			for _, e := range entries {
				require.True(t, e.System, "it leaves nothing behind")
			}
			require.Equal(t, "+CMEE: 0 OK", send("AT+CMEE?"))
		})
	}
}

// A modem that cannot be asked is left as it was.
func TestSettleGivesUp(t *testing.T) {
	m, _ := modem(t)
	m.Device().Bench().SetSupply(vectors.LowSupply)
	_, err := settle.Ask(t.Context(), m.Client(), "", nil)
	require.ErrorContains(t, err, "cannot be written (+CME ERROR: 528)")
}
