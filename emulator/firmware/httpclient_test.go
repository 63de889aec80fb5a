package firmware_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// The HTTP client: answers with a length, in chunks and until the connection ends, and
// servers that are silent or break off.
func TestHTTPClient(t *testing.T) {
	long := strings.Repeat("0123456789", 200)
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Host, r.Header.Get("X-One"), r.Header.Get("X-Two"))
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(long)))
		_, _ = io.WriteString(w, long)
	})
	mux.HandleFunc("/chunks", func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(long); i += 100 {
			_, _ = io.WriteString(w, long[i:i+100])
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/close", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprint(conn, "HTTP/1.0 200 Fine\r\n\r\nto the end")
		conn.Close()
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s", r.Header.Get("Content-Type"), body)
	})
	mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-stop })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
		conn.Close()
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	defer close(stop)
	u, err := url.Parse(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, ncs := range []string{"2.9", "3.3"} {
		t.Run(ncs, func(t *testing.T) {
			console, _ := libraryRun{app: "http_client", ncs: ncs, env: []string{"WEB=" + u.Port()}}.run(t)
			said := func(name, status, body string) string {
				sum := 0
				for _, b := range []byte(body) {
					sum += int(b)
				}
				return fmt.Sprintf("%s: %s, %d bytes, sum %d", name, status, len(body), sum)
			}
			inOrder(t, console, said("get", "200 OK", "web.lab:8080 1 2"), said("long", "200 OK", long), said("chunks", "200 OK", long),
				said("close", "200 Fine", "to the end"), said("head", "200 OK", ""), said("post", "201 Created", "text/plain a payload"),
				said("put", "201 Created", " in pieces"), said("nowhere", "404 Not Found", "404 page not found\n"),
				"slow: -116", "cut: -104", "invalid: -22", "Done")
		})
	}
}
