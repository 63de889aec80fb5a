package lab

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// heap is the memory that a page's JavaScript holds once all garbage is gone, in bytes, and
// how many nodes its document has.
func (b *tab) heap() (used, nodes float64) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, performance.Enable, performance.EnableParams{}); err != nil {
			return err
		}
		for range 2 {
			if _, err := cdp.Call(ctx, t, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
				return err
			}
		}
		got, err := cdp.Call(ctx, t, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, m := range got.Metrics {
			switch m.Name {
			case "JSHeapUsedSize":
				used = m.Value
			case "Nodes":
				nodes = m.Value
			}
		}
		return nil
	}))
	return used, nodes
}

// An hour of 100 messages a second, as quickly as a page takes them. Those of the broker
// leave its memory where it was after the first minute; those of the modem until the list of
// 50,000 is full, after some nine minutes.
func TestBrowserHour(t *testing.T) {
	longRun(t)
	const minutes = 60
	browser := chromium(t)
	l, server := openLab(t, Config{NoPorts: true})
	s := l.Seats()[0]
	for _, tt := range []struct {
		kind string
		data func(n int) any
		seen string // in the panel, of the last one
		full int    // minutes until as much is kept as ever will be
	}{
		{"Broker", func(n int) any {
			return map[string]any{"server": "mqtt-tls", "message": map[string]any{"client_id": "x", "topic": fmt.Sprintf("nr/%d.", n), "payload": "eHg=", "size": 2}}
		}, "nr/%d.", 1},
		{"Events", func(n int) any {
			return map[string]any{"seq": n, "text": fmt.Sprintf("#XMQTTMSG: %d.", n)}
		}, "#XMQTTMSG: %d.", 10},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			b := openTab(t, browser, server.URL+"/s/1/")
			b.show(tt.kind)
			kind := map[string]string{"Broker": "cloud", "Events": "event"}[tt.kind]
			var first, full float64
			n := 0
			start := time.Now()
			for minute := 1; minute <= minutes; minute++ {
				for range 3 {
					for range 2000 {
						s.hub.add(kind, tt.data(n))
						if n%10 == 0 {
							s.hub.add("terminal", fmt.Sprintf("#XMQTTMSG: %d\r\n", n))
						}
						n++
					}
					b.until(fmt.Sprintf(`document.querySelector("#panel").innerText.includes(%q)`, fmt.Sprintf(tt.seen, n-1)))
				}
				used, nodes := b.heap()
				if minute == 1 {
					first = used
				}
				if minute == tt.full {
					full = used
				}
				if minute == 1 || minute == minutes || minute%10 == 0 {
					t.Logf("%s: after minute %d, %d messages: %.1f MB, %.0f nodes", tt.kind, minute, n, used/1e6, nodes)
				}
				require.Less(t, nodes, 20_000.0)
				if minute > tt.full {
					require.Less(t, used, 1.2*full+2e6, "minute %d; the first was %.0f", minute, first)
				}
			}
			t.Logf("%s: %d messages in %v", tt.kind, n, time.Since(start).Round(time.Second))
		})
	}
}
