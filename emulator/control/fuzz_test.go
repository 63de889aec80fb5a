package control

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
)

// Whatever is asked, the answer is a success or an error with a sentence.
func FuzzServer(f *testing.F) {
	for _, r := range routes {
		f.Add(r.method, strings.NewReplacer("{sec_tag}", "24", "{type}", "4", "{action}", "cycle", "{id}", "1").Replace(r.path), "since=1&follow=1", `{"after":1}`)
	}
	f.Add("PUT", "/v1/planned-cut", "", `{"after":-1,"tear":"x"}`)
	f.Add("PUT", "/v1/supply", "", `{"millivolts":3300}`)
	f.Add("GET", "/v1/events", "since=-1&follow=perhaps", "")
	f.Add("GET", "/v1//state/../x", "", "")
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		d, err := emulator.New(emulator.Config{Log: new(event.Log)})
		require.NoError(t, err)
		require.NoError(t, d.PowerOn())
		defer d.Close()
		s := New(d, "")
		defer s.Close()
		gone, cancel := context.WithCancel(t.Context())
		cancel() // a client that does not wait for a stream's end
		req, err := http.NewRequestWithContext(gone, method, "http://modem", strings.NewReader(body))
		if err != nil {
			return // not HTTP
		}
		req.URL.Path, req.URL.RawQuery = path, query
		if _, err := url.ParseRequestURI(req.URL.RequestURI()); err != nil {
			return
		}
		w := httptest.NewRecorder()
		s.guard(false, s.routes()).ServeHTTP(w, req)
		require.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body)
		if w.Code >= 400 {
			var p problem
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), w.Body)
			require.NotEmpty(t, p.Error)
		}
	})
}
