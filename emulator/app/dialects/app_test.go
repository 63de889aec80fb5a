package dialects_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// The same commands in each application's layout and by its rules.
func TestOnTheWire(t *testing.T) {
	long := strings.Repeat("A", 4200)
	for _, c := range []struct {
		what, app, sent, want string
	}{
		{"plain", "at-client", "AT\r", "OK\r\n"},
		{"plain with a line", "at-client", "AT+CFUN?\r", "+CFUN: 0\r\nOK\r\n"},
		{"plain with an error", "at-client", "AT+NO\r", "ERROR\r\n"},
		{"commands in one write", "at-client", "AT\rAT+CFUN?\r", "OK\r\n+CFUN: 0\r\nOK\r\n"},
		{"CR LF sender", "at-client", "AT\r\nAT\r\n", "OK\r\nOK\r\n"},
		{"a blank line has no answer", "at-client", "\r \r\n\r", ""},
		{"no echo command", "at-client", "ATE1\r", "ERROR\r\n"},
		{"everything goes to the modem", "at-client", "hello\r", "ERROR\r\n"},
		{"too long and cut: executed as it is", "at-client", "AT+" + long + "\r", "ERROR\r\n"},
		{"too long in quotes: silence", "at-client", "AT%CMNG=0,1,4,\"" + long + "\"\rAT\r", ""},
		{"odd quote: silence", "at-client", "AT\"\rAT\r", ""},
		{"deleting the quote does not help", "at-client", "AT\"\b\rAT\r", ""},

		{"framed", "serial-modem", "AT\r", "\r\nOK\r\n"},
		{"framed with a line", "serial-modem", "AT+CFUN?\r", "\r\n+CFUN: 0\r\n\r\nOK\r\n"},
		{"framed with an error", "serial-modem", "AT+NO\r", "\r\nERROR\r\n"},
		{"skipped without an answer", "serial-modem", "hello\r", ""},
		{"begins at AT anywhere", "serial-modem", "datE1\r", "\r\nOK\r\n"},
		{"AAT loses the command", "serial-modem", "AAT\r", ""},
		{"grammar", "serial-modem", "ATI\rAT&F\rAT+A?;+B?\rATD*99#\r", strings.Repeat("\r\nERROR\r\n", 4)},
		{"echo, with a stray LF", "serial-modem", "ATE1\rAT+CFUN?\r\nATE0\rAT\r",
			"\r\nOK\r\nAT+CFUN?\r\r\n+CFUN: 0\r\n\r\nOK\r\n\nATE0\r\r\nOK\r\n\r\nOK\r\n"},
		{"too long: an error at the terminator", "serial-modem", "AT%CMNG=0,1,4,\"" + long + "\"\rAT\r", "\r\nERROR\r\n\r\nOK\r\n"},
		{"deleting a quote undoes it", "serial-modem", "AT\"\b\r", "\r\nOK\r\n"},
		{"unknown #X comes back from the modem", "serial-modem", "AT+CMEE=1\rAT#XNO=1\r", "\r\nOK\r\n\r\n+CME ERROR: 0\r\n"},
		{"lines of the modem are not parted", "serial-modem", "AT%CMNG=0,1,3,\"aa\"\rAT%CMNG=0,1,4,\"b\"\rAT%CMNG=1,1\r",
			"\r\nOK\r\n\r\nOK\r\n" +
				"\r\n%CMNG: 1,3,\"961B6DD3EDE3CB8ECBAACBD68DE040CD78EB2ED5889130CCEB4C49268EA4D506\"" +
				"\r\n%CMNG: 1,4,\"3E23E8160039594A33894F6564E1B1348BBD7A0088D42C4ACB73EEAED59C009D\"\r\n\r\nOK\r\n"},

		{"main: an error at once", "serial-modem-main", "AT%CMNG=0,1,4,\"" + strings.Repeat("x", 8190) + "\r", "\r\nERROR\r\n"},
		{"main: 5 kB fit", "serial-modem-main", "AT%CMNG=0,1,4,\"" + strings.Repeat("x", 5000) + "\"\r", "\r\nOK\r\n"},
	} {
		t.Run(c.app+"/"+c.what, func(t *testing.T) {
			_, send := apptest.New(t, c.app, nil)
			require.Equal(t, c.want, send(c.sent))

			_, send = apptest.New(t, c.app, nil)
			var got strings.Builder
			for i := range len(c.sent) {
				got.WriteString(send(c.sent[i : i+1]))
			}
			require.Equal(t, c.want, got.String(), "byte by byte")
		})
	}
}

func TestLongEchoIsCutButEnded(t *testing.T) {
	_, send := apptest.New(t, "serial-modem", nil)
	require.Equal(t, "\r\nOK\r\n", send("ATE1\r"))
	line := "AT%CMNG=0,1,4,\"" + strings.Repeat("x", 5000) + "\"\r"
	require.Equal(t, line[:4095]+"\r\r\nERROR\r\n", send(line))
	require.Equal(t, "AT\r\r\nOK\r\n", send("AT\r"))
}

func TestAnswerLongerThanTheBuffer(t *testing.T) {
	for dialect, want := range map[string]string{"at-client": "ERROR\r\n", "serial-modem": "\r\nERROR\r\n"} {
		_, send := apptest.New(t, dialect, nil)
		require.Contains(t, send("AT%CMNG=0,1,4,\""+strings.Repeat("x", 4060)+"\"\r"), "OK")
		require.Equal(t, want, send("AT%CMNG=2,1,4\r"), dialect)
	}

	// The modem's answer fits with its line ends and OK, and not with a byte more.
	for dialect, limit := range map[string]int{"at-client": 4095, "serial-modem": 4096} {
		_, send := apptest.New(t, dialect, nil)
		read := func(size int) string {
			require.Contains(t, send("AT%CMNG=0,1,4,\""+strings.Repeat("x", size)+"\"\r"), "OK")
			return send("AT%CMNG=2,1,4\r")
		}
		frame := len(read(1)) - 1
		size := limit - frame
		if dialect == "serial-modem" {
			size += 2 * len("\r\n") // its own, in front and before OK
		}
		require.Len(t, read(size), size+frame, dialect)
		require.NotContains(t, read(size+1), "OK", dialect)
	}
}

// A crashed modem behind Serial Modem comes back in functional mode 0, without
// its sockets.
func TestReadingAnOversizeCredentialCrashesTheModem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem-main", nil)
		require.Equal(t, "\r\nOK\r\n", send("AT%CMNG=0,1,0,\""+strings.Repeat("x", 5278)+"\"\r"))
		require.Equal(t, "\r\n#XSOCKET: 0,1,6\r\n\r\nOK\r\n", send("AT#XSOCKET=1,1,0\r"))
		require.Equal(t, "\r\nERROR\r\n\r\n#XMODEM: FAULT,0x4,0x2c1b6\r\n", send("AT%CMNG=2,1,0\r"))
		require.False(t, a.Modem.Alive())
		for _, dead := range []string{"AT", "AT#XUUID", "AT#XSOCKET=1,1,0", "AT#XGETADDRINFO=\"a\""} {
			require.Equal(t, "\r\nERROR\r\n", send(dead+"\r"), dead)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, "\r\n#XMODEM: SHUTDOWN,0\r\n\r\n#XMODEM: INIT,0\r\n", a.Sent())
		require.Equal(t, "\r\n+CFUN: 0\r\n\r\nOK\r\n", send("AT+CFUN?\r"))
		require.Equal(t, "\r\nOK\r\n", send("AT#XSOCKET?\r"))
	})
}

// A crashed modem behind the AT Client answers nothing any more.
func TestSilenceAfterACrash(t *testing.T) {
	a, send := apptest.New(t, "at-client", nil)
	require.NoError(t, a.Modem.Store().Write(keystore.Key{SecTag: 1}, make([]byte, 5278)))
	require.Empty(t, send("AT%CMNG=2,1,0\r"))
	require.Empty(t, send("AT\r"))
}

func TestNotificationsFollowTheFinalResult(t *testing.T) {
	_, send := apptest.New(t, "serial-modem", nil)
	require.Equal(t, "\r\nOK\r\n", send("AT+CEREG=1\r"))
	require.Equal(t, "\r\nOK\r\n\r\n+CEREG: 2\r\n\r\n+CEREG: 1\r\n", send("AT+CFUN=1\r"))
}

func TestNotificationsWaitForTheHostToFinishTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem-main", nil)
		require.Equal(t, "\r\nOK\r\n", send("AT\r"))
		a.Unsolicited("+X: 1")
		require.Equal(t, "\r\n+X: 1\r\n", a.Sent(), "idle since the final result")

		send("A")
		a.Unsolicited("+X: 2")
		require.Empty(t, a.Sent())
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, "\r\n+X: 2\r\n", a.Sent())

		require.Equal(t, "\r\nOK\r\n", send("T\r"))
		require.Empty(t, send("\n"), "a stray LF arms the timer again")
		a.Unsolicited("+X: 3")
		require.Empty(t, a.Sent())
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, "\r\n+X: 3\r\n", a.Sent())

		send("ATE1\rAT+")
		a.Sent()
		a.Unsolicited("+X: 4")
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		require.Empty(t, a.Sent(), "with echo on and a command half typed it is a second")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Equal(t, "\r\n+X: 4\r\n", a.Sent())
	})
}

func TestNotificationsThatDoNotFitAreDropped(t *testing.T) {
	var log event.Log
	lost := 0
	log.Subscribe(func(e *event.Event) {
		if e.Notification != nil && e.Notification.Lost != "" {
			lost++
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a, send := apptest.New(t, "serial-modem-main", &log)
		send("A")
		for range 100 {
			a.Unsolicited("+X: " + strings.Repeat("x", 90))
		}
		require.Empty(t, a.Sent())
		require.Positive(t, lost)
		time.Sleep(time.Second)
		synctest.Wait()
		require.LessOrEqual(t, len(a.Sent()), 4096)

		for size, want := range map[int]int{4096: 4096, 4097: 0} { // with CR LF on both sides
			send("A")
			a.Unsolicited(strings.Repeat("x", size-4))
			time.Sleep(time.Second)
			synctest.Wait()
			require.Len(t, a.Sent(), want)
		}
	})
}

func TestRecordOfOddInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log event.Log
		var problems []string
		log.Subscribe(func(e *event.Event) {
			if e.Input != nil {
				problems = append(problems, string(e.Input.Problem))
			}
		})
		_, send := apptest.New(t, "serial-modem", &log)
		send("AT\rAT\r")
		send("AT%CMNG=0,1,4,\"" + strings.Repeat("x", 5000) + "\"\r")
		send("AT\"abc\r")
		time.Sleep(app.OpenQuoteAfter)
		synctest.Wait()
		require.Equal(t, []string{"early", "too-long", "open-quote"}, problems)

		problems = nil
		_, send = apptest.New(t, "at-client", &log)
		for range 5 {
			send("AT%CMNG=0,1,4,\"" + strings.Repeat("x", 1000))
		}
		require.Equal(t, []string{"too-long"}, problems, "once, when the buffer is full")
	})
}

// An open quote is found whatever the host does next, once, with the command and why.
func TestOpenQuotes(t *testing.T) {
	const missing, inside = "the closing quotation mark is missing", "there are 3 quotation marks"
	base64 := strings.Repeat("AT+abcde", 8) // a line of a PEM
	for _, test := range []struct {
		name  string
		app   string
		sends []string
		then  func(*app.App)
		id    int
		want  string // the reason, in part; empty for none
	}{
		{"a pause", "at-client", []string{"AT\r", "AT%CMNG=0,24,4,\"abc\r"}, nil, 2, missing},
		{"a second try with quotes inside", "at-client", []string{"AT%CMNG=0,24,4,\"a \"b\"\r", "AT%CMNG=0,24,4,\"a \"b\"\r"}, nil, 1, inside},
		{"a second try that closes it", "serial-modem", []string{"AT%CMNG=0,24,4,\"abc\r", "AT%CMNG=0,24,4,\"abc\r"}, nil, 1, missing},
		{"in one piece", "at-client", []string{"AT%CMNG=0,24,4,\"abc\rAT%CMNG=0,24,4,\"abc\r"}, nil, 1, missing},
		{"with CR LF", "slm", []string{"AT%CMNG=0,24,4,\"abc\r\n", "AT%CMNG=0,24,4,\"abc\r\n"}, nil, 1, missing},
		{"something else is tried", "at-client", []string{"AT%CMNG=0,24,4,\"abc\r", "AT\r", "AT\r"}, nil, 1, missing},
		{"a setting", "at-client", []string{"AT%CMNG=0,24,4,\"abc\r", "at+cfun=1\r"}, nil, 1, missing},
		{"the end of the boot", "at-client", []string{"AT%CMNG=0,24,4,\"abc\r"}, (*app.App).Stop, 1, missing},
		{"closed at the end", "at-client", []string{"AT%CMNG=0,24,4,\"abc\"\r"}, (*app.App).Stop, 0, ""},
		{"a PEM in pieces", "at-client", []string{"AT%CMNG=0,24,0,\"-----BEGIN CERTIFICATE-----\n" + base64 + "\nAT", "+abc\nAT==\n" + base64, "\n\"\r"}, nil, 0, ""},
		{"a command in a text that is no line", "at-client", []string{"AT%CMNG=0,24,4,\"AT%CMNG\"\r"}, nil, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log event.Log
				var found []*event.Input
				log.Subscribe(func(e *event.Event) {
					if e.Input != nil && e.Input.Problem == event.ProblemOpenQuote {
						found = append(found, e.Input)
					}
				})
				a, send := apptest.New(t, test.app, &log)
				for _, p := range test.sends {
					send(p)
				}
				if test.then != nil {
					test.then(a.App)
				} else {
					time.Sleep(app.OpenQuoteAfter)
				}
				synctest.Wait()
				if test.want == "" {
					require.Empty(t, found)
					return
				}
				require.Len(t, found, 1)
				require.Contains(t, found[0].Reason, test.want)
				require.Equal(t, test.id, found[0].ID)
				require.True(t, strings.HasPrefix(found[0].Text, "AT%CMNG=0,24,4,"), found[0].Text)
				require.NotContains(t, found[0].Text+found[0].Reason, "abc")
			})
		})
	}
}

// A command that the host does not end as the application wants it is found, once.
func TestUnendedCommands(t *testing.T) {
	for _, test := range []struct {
		name  string
		app   string
		sends []string
		want  string // the reason, in part; empty for none
	}{
		{"LF for CR", "at-client", []string{"AT+CFUN?\n"}, "at-client ends a command with CR, and the host has sent LF: nothing is executed"},
		{"LF for CR, twice", "serial-modem", []string{"AT+CFUN?\n", "AT+CFUN?\n"}, "serial-modem ends a command with CR, and the host has sent LF"},
		{"LF for CR, byte for byte", "at-client", []string{"A", "T", "\n"}, "has sent LF"},
		{"CR for CR LF", "slm", []string{"AT+CFUN?\r"}, "slm ends a command with CR LF, and the host has sent CR"},
		{"LF for CR LF", "slm", []string{"AT\n"}, "slm ends a command with CR LF, and the host has sent LF"},
		{"none, by a program", "at-client", []string{"AT+CFUN?"}, "at-client ends a command with CR, and nothing of that kind has come"},
		{"none, by a person", "at-client", []string{"A", "T", "+"}, ""},
		{"CR LF for CR", "at-client", []string{"AT\r\n"}, ""},
		{"the next one begins", "at-client", []string{"AT\r\n", "A"}, ""},
		{"nothing but line ends", "slm", []string{"\r", "\r"}, ""},
		{"in a quote", "at-client", []string{"AT%CMNG=0,24,4,\"abc\n"}, ""}, // an open quote, which is told as such
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log event.Log
				var mu sync.Mutex
				var all []*event.Input
				log.Subscribe(func(e *event.Event) {
					if e.Input != nil && e.Input.Problem == event.ProblemNoTerminator {
						mu.Lock()
						defer mu.Unlock()
						all = append(all, e.Input)
					}
				})
				soFar := func() []*event.Input {
					mu.Lock()
					defer mu.Unlock()
					return all
				}
				_, send := apptest.New(t, test.app, &log)
				for _, p := range test.sends {
					send(p)
					time.Sleep(app.OpenQuoteAfter - 1)
					synctest.Wait()
				}
				require.Empty(t, soFar(), "too early")
				time.Sleep(10 * app.OpenQuoteAfter)
				synctest.Wait()
				found := soFar()
				if test.want == "" {
					require.Empty(t, found)
					return
				}
				require.Len(t, found, 1)
				require.Contains(t, found[0].Reason, test.want)
				require.True(t, strings.HasPrefix(found[0].Text, "AT"), found[0].Text)
			})
		})
	}
}

// The LF of a host that ends lines by CR LF is no part of the next command.
func TestRecordOfCRLF(t *testing.T) {
	for _, name := range []string{"at-client", "serial-modem", "slm"} {
		synctest.Test(t, func(t *testing.T) {
			var log event.Log
			var commands []string
			log.Subscribe(func(e *event.Event) {
				if e.Command != nil {
					commands = append(commands, e.Command.Text)
				}
			})
			_, send := apptest.New(t, name, &log)
			for _, p := range []string{"AT+CMEE=1\r\n", "AT%CMNG=1\r\n", "\r\nAT+CFUN?\r\n"} {
				send(p)
			}
			synctest.Wait()
			require.Equal(t, []string{"AT+CMEE=1", "AT%CMNG=1", "AT+CFUN?"}, commands, name)
		})
	}
}

func TestATAllocatesNothing(t *testing.T) {
	a, _ := apptest.New(t, "at-client", nil)
	line := []byte("AT+CFUN?\r")
	allocs := testing.AllocsPerRun(100, func() {
		a.Receive(line)
		a.Output()
	})
	require.LessOrEqual(t, allocs, 1.0, "fmt boxes the mode")
}
