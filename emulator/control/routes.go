package control

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nrf91emu/emulator"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the interface, which is served at /openapi.json.
func OpenAPI() []byte { return openAPI }

// A route is one operation of the interface.
type route struct {
	method, path string
	serve        func(*Server, http.ResponseWriter, *http.Request) error
}

var routes = []route{
	{"GET", "/v1/state", (*Server).getState},
	{"GET", "/v1/wear", (*Server).getWear},
	{"GET", "/v1/credentials", (*Server).getCredentials},
	{"GET", "/v1/credentials/{sec_tag}/{type}", (*Server).getCredential},
	{"PUT", "/v1/credentials/{sec_tag}/{type}", (*Server).putCredential},
	{"DELETE", "/v1/credentials/{sec_tag}/{type}", (*Server).deleteCredential},
	{"GET", "/v1/events", (*Server).getEvents},
	{"GET", "/v1/why", (*Server).getWhy},
	{"GET", "/v1/transcript", (*Server).getTranscript},
	{"GET", "/v1/audit", (*Server).getAudit},
	{"POST", "/v1/power/{action}", (*Server).power},
	{"PUT", "/v1/planned-cut", (*Server).planCut},
	{"DELETE", "/v1/planned-cut", (*Server).unplanCut},
	{"PUT", "/v1/supply", (*Server).setSupply},
	{"GET", "/v1/sms", (*Server).getShortMessages},
	{"POST", "/v1/sms", (*Server).sendShortMessage},
	{"GET", "/v1/board", (*Server).getBoard},
	{"POST", "/v1/board/buttons/{button}/{action}", (*Server).button},
	{"GET", "/v1/faults", (*Server).getFaults},
	{"POST", "/v1/faults", (*Server).addFault},
	{"DELETE", "/v1/faults", (*Server).clearFaults},
	{"DELETE", "/v1/faults/{id}", (*Server).removeFault},
	{"GET", "/metrics", (*Server).getMetrics},
	{"GET", "/openapi.json", (*Server).getOpenAPI},
}

// routes returns the handler of all routes.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range routes {
		methods[r.path] = append(methods[r.path], r.method)
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) {
			if err := r.serve(s, w, req); err != nil {
				fail(w, statusOf(err), "%v", err)
			}
		})
	}
	for path, list := range methods {
		allow := strings.Join(list, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Allow", allow)
			fail(w, http.StatusMethodNotAllowed, "%s takes %s, not %s", path, allow, req.Method)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		fail(w, http.StatusNotFound, "there is no %s; /openapi.json describes what there is", req.URL.Path)
	})
	return mux
}

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(openAPI)
	return ignore(err)
}

// ignore drops the error of sending an answer: the client has gone, and there is
// nobody left to tell.
func ignore(error) error { return nil }

// reply sends a value as JSON.
func reply(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return ignore(enc.Encode(v))
}

// problem is the JSON form of an error.
type problem struct {
	Error string `json:"error"` // a sentence
}

// fail sends an error.
func fail(w http.ResponseWriter, status int, format string, args ...any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	ignore(enc.Encode(problem{fmt.Sprintf(format, args...)}))
}

// A badRequest is an error in what the client sent.
type badRequest struct{ error }

func bad(format string, args ...any) error { return badRequest{fmt.Errorf(format, args...)} }

// statuses are the HTTP statuses of errors that have one of their own.
var statuses = []struct {
	err    error
	status int
}{
	{keystore.ErrNotFound, http.StatusNotFound},
	{keystore.ErrNoAccess, http.StatusForbidden},
	{keystore.ErrExists, http.StatusConflict},
	{keystore.ErrInvalidContent, http.StatusUnprocessableEntity},
	{keystore.ErrEmpty, http.StatusUnprocessableEntity},
	{keystore.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{keystore.ErrFull, http.StatusInsufficientStorage},
	{flash.ErrPowerCut, http.StatusConflict},
	{emulator.ErrNoPower, http.StatusConflict},
	{emulator.ErrNoProgram, http.StatusConflict},
	{modem.ErrTooManyMessages, http.StatusInsufficientStorage},
	{emulator.ErrClosed, http.StatusGone},
	{errNoRecord, http.StatusNotFound},
	{errNoFaults, http.StatusNotFound},
	{fault.ErrNoFault, http.StatusNotFound},
}

func statusOf(err error) int {
	if _, ok := errors.AsType[badRequest](err); ok {
		return http.StatusBadRequest
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// readJSON reads a small JSON object.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err
		}
		return bad("the body is not the JSON that /openapi.json describes: %w", err)
	}
	return nil
}
