package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// longRun returns how long NRF91EMU_LONG wants a long test to run, or skips it.
func longRun(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("NRF91EMU_LONG")
	if text == "" {
		t.Skip("NRF91EMU_LONG is not set, such as NRF91EMU_LONG=10m")
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d
	}
	return 10 * time.Minute
}

// serveVariable makes the test's program a lab for so many students, for a process
// of its own whose memory and time can be told from those of the students.
const serveVariable = "NRF91EMU_TEST_LAB"

func serveLab() {
	n, _ := strconv.Atoi(os.Getenv(serveVariable))
	l, err := Open(Config{Students: n, NoPorts: true, Tokens: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("http://" + ln.Addr().String())
	for _, s := range l.Seats() {
		fmt.Println(s.PagePath())
	}
	fmt.Println()
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		bufio.NewReader(os.Stdin).ReadByte() // the parent's end
		stop()
	}()
	l.Serve(ctx, ln)
	l.Close()
	os.Exit(0)
}

// 200 students at once, each with a page, a modem, a TLS connection to the broker and a
// command a second: events are on each page at once, and a machine of a school is enough.
func TestManyStudents(t *testing.T) {
	long := longRun(t)
	const students = 200
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+strconv.Itoa(students))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer cmd.Wait()
	defer in.Close()
	var lines []string
	for r := bufio.NewScanner(out); r.Scan() && r.Text() != ""; {
		lines = append(lines, r.Text())
	}
	require.Len(t, lines, students+1)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var delays []time.Duration // from the event in the lab to its being here
	var answers []time.Duration
	connected := 0
	end := time.Now().Add(long)
	var all sync.WaitGroup
	for n, path := range lines[1:] {
		all.Go(func() {
			conn, _, err := websocket.Dial(ctx, strings.Replace(lines[0], "http", "ws", 1)+path+"ws", nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.CloseNow()
			conn.SetReadLimit(64 << 20)
			var sent time.Time
			opened := time.Now().UnixMilli() // what was before comes late for a reason
			heard := make(chan string, 4096)
			go func() {
				defer close(heard)
				for {
					_, data, err := conn.Read(ctx)
					if err != nil {
						return
					}
					now := time.Now()
					var batch []envelope
					if json.Unmarshal(data, &batch) != nil {
						t.Error("no JSON")
					}
					for _, m := range batch {
						if m.Kind == "event" && m.Time > opened {
							mu.Lock()
							delays = append(delays, now.Sub(time.UnixMilli(m.Time)))
							mu.Unlock()
						} else if m.Kind == "terminal" {
							var text string
							json.Unmarshal(m.Data, &text)
							select {
							case heard <- text:
							default:
							}
						}
					}
				}
			}()
			say := func(line, want string) bool {
				text, _ := json.Marshal(map[string]string{"input": line + "\r\n"})
				sent = time.Now()
				if conn.Write(ctx, websocket.MessageText, text) != nil {
					return false
				}
				screen, late := "", time.After(60*time.Second)
				for !strings.Contains(screen, want) {
					select {
					case part, ok := <-heard:
						if !ok {
							return false
						}
						screen += part
					case <-late:
						t.Errorf("student %d: %s: no %q in %q", n+1, line, want, screen)
						return false
					}
				}
				mu.Lock()
				answers = append(answers, time.Since(sent))
				mu.Unlock()
				return true
			}
			time.Sleep(time.Duration(n) * 50 * time.Millisecond) // nobody begins at the same moment
			ca := fetchText(t, lines[0]+path+"files/ca.pem")
			if !say(`AT%CMNG=0,24,0,"`+ca+`"`, "OK") || !say("AT+CFUN=1", "OK") {
				return
			}
			time.Sleep(2 * time.Second)
			if !say(fmt.Sprintf(`AT#XMQTTCFG="student-%d",60,1`, n+1), "OK") || !say(`AT#XMQTTCON=1,"","","broker.lab",8883,24`, "#XMQTTEVT: 0,0") {
				return
			}
			mu.Lock()
			connected++
			mu.Unlock()
			for tick := time.NewTicker(time.Second); time.Now().Before(end); <-tick.C {
				if !say("AT+CESQ", "OK") {
					return
				}
			}
		})
	}
	time.Sleep(time.Until(end))
	memory, cpu := usageOf(t, cmd.Process.Pid)
	all.Wait()
	require.Equal(t, students, connected)
	require.NotEmpty(t, delays)
	t.Logf("%d students for %v: %d events, delay %s; an answer %s; %.1f MB and %.1f ms of processor time a second for each (%d cores)", students, long,
		len(delays), percentiles(delays), percentiles(answers), memory/1e6/students, cpu.Seconds()*1000/long.Seconds()/students, runtime.NumCPU())
}

// percentiles sorts durations and tells the middle, the 99th and the last.
func percentiles(d []time.Duration) string {
	slices.Sort(d)
	ms := func(i int) float64 { return float64(d[i].Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f ms, p99 %.1f ms, most %.1f ms", ms(len(d)/2), ms(len(d)*99/100), ms(len(d)-1))
}

// An hour of 100 messages a second, and an exercise that is long over, leave the memory
// where it was after the first minute: what is kept for pages is bounded.
func TestHubIsBounded(t *testing.T) {
	h := newHub()
	message := strings.Repeat("x", 300)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var most uint64
	minutes := 15 // after nine, as much is kept as ever will be
	if os.Getenv("NRF91EMU_LONG") != "" {
		minutes = 60
	}
	for n := range minutes * 60 * 100 {
		h.add("event", message)
		h.setIfNew("state", n)
		if n == 10*60*100 {
			most = heap()
		}
	}
	require.Less(t, float64(heap()), 1.2*float64(most)+1e6)
	require.LessOrEqual(t, h.bytes, maxBytes)
	require.LessOrEqual(t, len(h.history), maxMessages)
	_, cut := h.all()
	require.True(t, cut)
}

// usageOf returns the memory and the processor time of a process.
func usageOf(t *testing.T, pid int) (memory float64, cpu time.Duration) {
	t.Helper()
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	require.NoError(t, err)
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	require.NoError(t, err)
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	require.NoError(t, err)
	f := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return float64(pages * os.Getpagesize()), time.Duration(user+system) * 10 * time.Millisecond
}

func fetchText(t testing.TB, address string) string {
	answer, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
