package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"
)

// maxBody is how much of a request's body is read, in bytes.
const maxBody = 64 << 10

// startHTTPS starts the web server.
func startHTTPS(c *Cloud, s *Server) error {
	ln, err := c.listen(s)
	if err != nil {
		return err
	}
	name := s.Name
	server := &http.Server{
		Handler: c.told(name, c.handler()), ErrorLog: log.New(io.Discard, "", 0),
		ReadHeaderTimeout: handshakeTimeout, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
	}
	c.close = append(c.close, server.Close)
	secure := c.secure(name, ln, c.tlsConfig())
	c.wg.Go(func() { server.Serve(secure) })
	return nil
}

// told tells of each request.
func (c *Cloud) told(server string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: w, code: http.StatusOK}
		body := &countingBody{ReadCloser: http.MaxBytesReader(w, r.Body, maxBody)}
		r.Body = body
		h.ServeHTTP(status, r)
		c.feed.tell(Event{Server: server, Peer: r.RemoteAddr, Request: &Request{
			Method: r.Method, Path: r.URL.Path, Size: body.n, Status: fmt.Sprint(status.code, " ", http.StatusText(status.code)),
		}})
	})
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

type countingBody struct {
	io.ReadCloser
	n int
}

// Read counts what is read.
func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += n
	return n, err
}

func (c *Cloud) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "GET /ca.pem      the root certificate\nPOST /echo       your body again\nPOST /sign       a signing request (PEM, DER or the line of AT%%KEYGEN); answers a certificate\nGET /devices     those that were signed\nPOST /claim?id=  takes a device over that has connected with its certificate\n")
	})
	mux.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Write(c.CA())
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(body)
	})
	mux.HandleFunc("POST /sign", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		cert, err := c.SignCSR(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Write(cert)
	})
	mux.HandleFunc("GET /devices", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, c.Devices()) })
	mux.HandleFunc("POST /claim", func(w http.ResponseWriter, r *http.Request) {
		dev, err := c.Claim(r.URL.Query().Get("id"))
		switch {
		case errors.Is(err, errUnknownDevice):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusConflict)
		default:
			writeJSON(w, dev)
		}
	})
	return mux
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.Encode(v)
}
