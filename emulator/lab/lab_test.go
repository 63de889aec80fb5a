package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// A page is what a browser does with a seat's page, without the browser.
type browser struct {
	t    testing.TB
	base string
	conn *websocket.Conn

	mu       sync.Mutex
	screen   strings.Builder
	latest   map[string]json.RawMessage
	received []string // kinds
	wake     chan struct{}
}

func openLab(t testing.TB, cfg Config) (*Lab, *httptest.Server) {
	t.Helper()
	l, err := Open(cfg)
	require.NoError(t, err)
	server := httptest.NewServer(l.Handler())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, l.Close())
	})
	return l, server
}

func open(t testing.TB, server *httptest.Server, path string) *browser {
	t.Helper()
	b := &browser{t: t, base: server.URL + path, latest: map[string]json.RawMessage{}, wake: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	conn, _, err := websocket.Dial(ctx, strings.Replace(b.base, "http", "ws", 1)+"ws", nil)
	require.NoError(t, err)
	conn.SetReadLimit(64 << 20)
	b.conn = conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			b.take(data)
		}
	}()
	t.Cleanup(func() { cancel(); conn.CloseNow(); <-done })
	return b
}

func (b *browser) take(data []byte) {
	var batch []envelope
	if err := json.Unmarshal(data, &batch); err != nil {
		b.t.Errorf("%v in %s", err, data)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range batch {
		b.received = append(b.received, m.Kind)
		if m.Kind == "terminal" {
			var text string
			json.Unmarshal(m.Data, &text)
			b.screen.WriteString(text)
		} else {
			b.latest[m.Kind] = m.Data
		}
	}
	close(b.wake)
	b.wake = make(chan struct{})
}

// until waits for something to be so.
func (b *browser) until(what string, so func() bool) {
	b.t.Helper()
	limit := time.After(60 * time.Second)
	for {
		b.mu.Lock()
		ok, wake := so(), b.wake
		b.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-wake:
		case <-limit:
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("%s: did not happen; the screen:\n%s\nsteps: %s", what, b.screen.String(), b.latest["steps"])
		}
	}
}

// do types a command and waits for words on the screen.
func (b *browser) do(line, want string) {
	b.t.Helper()
	b.mu.Lock()
	b.screen.Reset()
	b.mu.Unlock()
	b.send(line + "\r\n")
	b.until(line, func() bool { return strings.Contains(b.screen.String(), want) })
}

func (b *browser) send(text string) {
	b.t.Helper()
	data, err := json.Marshal(map[string]string{"input": text})
	require.NoError(b.t, err)
	require.NoError(b.t, b.conn.Write(b.t.Context(), websocket.MessageText, data))
}

// call does something by HTTP and returns status and body.
func (b *browser) call(method, path string, body any) (int, string) {
	b.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(b.t, err)
	r, err := http.NewRequest(method, b.base+path, bytes.NewReader(text))
	require.NoError(b.t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer.StatusCode, string(got)
}

// must is call that works.
func (b *browser) must(method, path string, body any) string {
	b.t.Helper()
	status, text := b.call(method, path, body)
	require.Less(b.t, status, 300, text)
	return text
}

func (b *browser) steps() (done []bool) {
	var s struct {
		Steps []stepState `json:"steps"`
	}
	json.Unmarshal(b.latest["steps"], &s)
	for _, st := range s.Steps {
		done = append(done, st.Done)
	}
	return done
}

// step waits until step n, from 1, is done or not.
func (b *browser) step(n int, want bool) {
	b.t.Helper()
	b.until(fmt.Sprintf("step %d is %v", n, want), func() bool {
		s := b.steps()
		return len(s) >= n && s[n-1] == want
	})
}

func (b *browser) ca() string { return b.must("GET", "files/ca.pem", nil) }

func (b *browser) begin(id string) {
	b.t.Helper()
	b.must("POST", "exercise/"+id, nil)
	b.until("begin "+id, func() bool { return bytes.Contains(b.latest["steps"], []byte(`"exercise":"`+id+`"`)) })
}

// The whole exercise by AT commands, step by step; a step that is undone opens
// again; the report says so.
func TestExercise(t *testing.T) {
	t.Parallel()
	_, server := openLab(t, Config{NoPorts: true})
	b := open(t, server, "/s/1/")
	b.do("AT", "OK")
	b.do("AT+CMEE=1", "OK")
	b.step(1, true)
	b.do("AT%CMNG=1,24,0", "OK")
	b.step(2, true)
	b.do(`AT%CMNG=0,24,0,"`+b.ca()+`"`, "OK")
	b.step(3, true)
	b.do("AT%CMNG=3,24,0", "OK") // undone
	b.step(3, false)
	b.begin("mqtt-over-tls")
	b.do("AT", "OK")
	b.do("AT+CMEE=1", "OK")
	b.do("AT%CMNG=1,24,0", "OK")
	b.do(`AT%CMNG=0,24,0,"`+b.ca()+`"`, "OK")
	b.step(3, true)
	b.do("AT%CMNG=1,24,0", "OK")
	b.step(4, true)
	b.do("AT+CFUN=1", "OK")
	b.step(5, true)
	b.do(`AT#XMQTTCFG="nrf-1",60,1`, "OK")
	b.do(`AT#XMQTTCON=1,"","","broker.lab",8883,24`, "#XMQTTEVT: 0,0")
	b.step(6, true)
	b.do(`AT#XMQTTSUB="devacademy/subscribe/topic",1`, "#XMQTTEVT: 7,0")
	b.do(`AT#XMQTTPUB="devacademy/publish/topic","Hi <script>alert(1)</script>",1,0`, "#XMQTTEVT: 3,0")
	b.step(7, true)

	status, text := b.call("POST", "client/connect", map[string]string{"server": "mqtt-tls", "ca": "none"})
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, text, "unknown authority")
	b.must("POST", "client/connect", map[string]string{"server": "mqtt-tls", "ca": "ca.pem"})
	b.must("POST", "client/publish", map[string]string{"topic": "devacademy/subscribe/topic", "payload": "LED1ON"})
	b.until("LED1ON arrives", func() bool { return strings.Contains(b.screen.String(), "LED1ON") })
	b.step(8, true)

	b.must("POST", "v1/power/cycle", nil)
	b.do("AT+CMEE=1", "OK")
	b.do("AT%CMNG=1,24,0", "OK")
	b.step(6, false)
	b.do("AT+CFUN=1", "OK")
	b.step(5, true)
	b.do(`AT#XMQTTCFG="nrf-1",60,1`, "OK")
	b.do(`AT#XMQTTCON=1,"","","broker.lab",8883,24`, "#XMQTTEVT: 0,0")
	b.do(`AT#XMQTTSUB="devacademy/subscribe/topic",1`, "#XMQTTEVT: 7,0")
	for n := 1; n <= 10; n++ {
		b.step(n, true)
	}

	report := b.must("GET", "report.html", nil)
	require.Contains(t, report, "10 of 10 steps done")
	require.Contains(t, b.must("GET", "report.json", nil), `"done":10`)
	transcript := b.must("GET", "transcript.txt", nil)
	require.Contains(t, transcript, `> AT#XMQTTCON=1`)
	require.NotContains(t, transcript, "PRIVATE KEY")
	require.Contains(t, b.must("GET", "v1/audit", nil), `"sound":true`)
	require.Contains(t, b.must("POST", "age", nil), "exists-compare-write")
}

// The labs about mistakes, each as a student would mend it.
func TestMistakes(t *testing.T) {
	t.Parallel()
	_, server := openLab(t, Config{NoPorts: true})
	b := open(t, server, "/s/1/")
	write := func() string { return `AT%CMNG=0,24,0,"` + b.ca() + `"` }
	connect := func(port int, want string) {
		b.do(fmt.Sprintf(`AT#XMQTTCON=1,"","","broker.lab",%d,24`, port), want)
	}
	online := func() {
		b.do("AT+CFUN=1", "OK")
		b.until("registered", func() bool { return bytes.Contains(b.latest["state"], []byte(`"registration":1`)) })
		b.do(`AT#XMQTTCFG="nrf-1",60,1`, "OK")
	}
	t.Run("wrong CA", func(t *testing.T) {
		b.begin("wrong-ca")
		online()
		connect(8883, "ERROR")
		b.step(1, true)
		b.do("AT+CFUN=4", "OK")
		b.do(write(), "OK")
		b.step(2, true)
		online()
		connect(8883, "#XMQTTEVT: 0,0")
		b.step(3, true)
	})
	t.Run("wrong host", func(t *testing.T) {
		b.begin("wrong-host")
		online()
		connect(8901, "ERROR")
		b.step(1, true)
		connect(8883, "#XMQTTEVT: 0,0")
		b.step(2, true)
		b.step(3, true)
	})
	t.Run("forgotten CFUN=4", func(t *testing.T) {
		b.begin("forgotten-cfun-4")
		b.do("AT+CMEE=1", "OK")
		b.do(write(), "+CME ERROR: 518")
		b.step(1, true)
		b.do("AT+CFUN=4", "OK")
		b.do(write(), "OK")
		b.do("AT+CFUN=1", "OK")
		b.step(2, true)
	})
	t.Run("CR LF", func(t *testing.T) {
		b.begin("crlf")
		b.do("AT%CMNG=1,24,0", "OK")
		b.step(1, true)
		b.step(2, false)
		b.do(write(), "OK")
		b.step(2, true)
		b.must("POST", "v1/power/cycle", nil)
		b.do("AT%CMNG=1,24,0", "OK")
		b.do("AT+CFUN=1", "OK")
		b.step(3, true)
	})
	t.Run("rewriting", func(t *testing.T) {
		b.begin("rewriting")
		b.do(write(), "OK")
		b.must("POST", "v1/power/cycle", nil)
		b.do(write(), "OK")
		b.step(1, true)
		b.must("POST", "v1/power/cycle", nil)
		b.do("AT%CMNG=1,24,0", "OK")
		b.do("AT+CFUN=1", "OK")
		b.step(2, true)
	})
	t.Run("power cut", func(t *testing.T) {
		b.begin("power-cut")
		b.must("PUT", "v1/planned-cut", map[string]any{"after": 50, "tear": "even torn"})
		b.send(write() + "\r\n")
		b.step(1, true)
		b.must("POST", "v1/power/on", nil)
		b.do("AT%CMNG=1,24,0", "OK")
		b.do(write(), "OK")
		b.step(2, true)
	})
}

// A page that comes back gets what it missed, and one that comes late gets all.
func TestComingBack(t *testing.T) {
	l, server := openLab(t, Config{NoPorts: true})
	b := open(t, server, "/s/1/")
	b.do("AT+CGMR", "OK")
	late := open(t, server, "/s/1/")
	late.until("the screen is there", func() bool { return strings.Contains(late.screen.String(), "mfw_nrf91x1") })
	late.until("the state is there", func() bool { return len(late.latest["state"]) > 0 })
	s := l.Seats()[0]
	all, next, _ := s.hub.after(0)
	require.NotEmpty(t, all)
	none, same, wake := s.hub.after(next)
	if len(none) == 0 {
		require.Equal(t, next, same)
		require.NotNil(t, wake)
	}
	for _, tt := range []struct {
		lab   string
		since uint64
		next  uint64
		anew  bool
	}{
		{"", 0, 0, false}, // a page that has just been opened
		{s.hub.id, next, next, false},
		{s.hub.id, 1 << 60, 0, true},
		{"another", next, 0, true},
	} {
		got, anew := s.hub.from(tt.lab, tt.since)
		require.Equal(t, tt.next, got, tt)
		require.Equal(t, tt.anew, anew, tt)
	}
}

// Nobody drives the page from another site, and nothing but the page's own files is
// loaded.
func TestGuard(t *testing.T) {
	_, server := openLab(t, Config{NoPorts: true})
	request := func(method, path string, header ...string) *http.Response {
		r, err := http.NewRequest(method, server.URL+path, nil)
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			if header[i] == "Host" {
				r.Host = header[i+1]
			} else {
				r.Header.Set(header[i], header[i+1])
			}
		}
		answer, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		answer.Body.Close()
		return answer
	}
	page := request("GET", "/s/1/")
	require.Equal(t, 200, page.StatusCode)
	require.Contains(t, page.Header.Get("Content-Security-Policy"), "script-src 'self';")
	require.Equal(t, 302, request("GET", "/").StatusCode)
	require.Equal(t, 200, request("GET", "/assets/app.js").StatusCode)
	require.Equal(t, 404, request("GET", "/s/2/").StatusCode)
	require.Equal(t, 404, request("GET", "/s/1/files/client.key").StatusCode)
	require.Equal(t, 404, request("GET", "/t/wrong/").StatusCode)
	require.Equal(t, 200, request("GET", "/t/teacher/class").StatusCode)
	require.Equal(t, 403, request("GET", "/s/1/", "Host", "evil.example").StatusCode)
	require.Equal(t, 403, request("POST", "/s/1/v1/power/cut", "Origin", "https://evil.example").StatusCode)
	require.Equal(t, 403, request("POST", "/s/1/v1/power/cut", "Sec-Fetch-Site", "cross-site").StatusCode)
	_, answer, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1)+"/s/1/ws",
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	require.Error(t, err)
	require.Equal(t, 403, answer.StatusCode)
}

// Each student has a modem of his own, and nobody finds another's page.
func TestClass(t *testing.T) {
	l, server := openLab(t, Config{NoPorts: true, Students: 3, PublicURL: "https://lab.example", Tokens: true})
	one, two := open(t, server, l.Seats()[0].PagePath()), open(t, server, l.Seats()[1].PagePath())
	one.do("AT+CGSN", "OK")
	two.do("AT+CGSN", "OK")
	require.NotEqual(t, one.screen.String(), two.screen.String())
	one.do("AT+CMEE=1", "OK")
	one.do("AT", "OK")
	one.step(1, true)
	require.Equal(t, []bool{false}, two.steps()[:1])
	r, err := http.Get(server.URL + l.TeacherPath() + "class")
	require.NoError(t, err)
	defer r.Body.Close()
	var class ClassReport
	require.NoError(t, json.NewDecoder(r.Body).Decode(&class))
	require.Len(t, class.Seats, 3)
	require.Equal(t, 1, class.Seats[0].Done)
	require.Zero(t, class.Seats[1].Done)
	require.Greater(t, len(l.Seats()[0].Token), 20)
	require.NotEqual(t, "teacher", l.teacher)
	answer, err := http.Get(server.URL + "/s/1/")
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, 404, answer.StatusCode)
}

// A modem's first events come while its seat is still being made.
func TestOpeningIsNoDeadlock(t *testing.T) {
	for range 20 { // go test itself ends what hangs, and shows where
		l, err := Open(Config{Students: 20, Tokens: true, NoPorts: true})
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}
