package lab

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"nrf91emu/emulator/control"
)

//go:embed openapi.json
var openAPI []byte

// description is openAPI with the routes of the control interface that the page uses.
var description = sync.OnceValue(func() []byte {
	type document = map[string]any
	var own, modem document
	for doc, text := range map[*document][]byte{&own: openAPI, &modem: control.OpenAPI()} {
		if err := json.Unmarshal(text, doc); err != nil {
			panic(err) // a file of ours
		}
	}
	for path, operations := range modem["paths"].(document) {
		if strings.HasPrefix(path, "/v1/") {
			own["paths"].(document)[path] = operations
		}
	}
	schemas := own["components"].(document)["schemas"].(document)
	for name, schema := range modem["components"].(document)["schemas"].(document) {
		schemas[name] = schema
	}
	text, err := json.MarshalIndent(own, "", " ")
	if err != nil {
		panic(err)
	}
	return text
})

// getOpenAPI describes the routes of the page.
func (s *Seat) getOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(description())
}

// postFirmware does something with the application in C. A build goes on when the page is
// closed meanwhile.
func (s *Seat) postFirmware(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.PathValue("act") {
	case "flash":
		err = s.bench.Flash(context.WithoutCancel(r.Context()))
		s.bench.mu.Lock()
		st := s.bench.state
		s.bench.mu.Unlock()
		if err != nil && st.Phase == phaseFailed {
			err = nil // the state says what is wrong
		}
		if err == nil {
			reply(w, st)
			return
		}
	case "stop":
		err = s.bench.Stop()
	case "original":
		err = s.bench.original()
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

var errNoUpload = errors.New("this lab takes no code by upload: edit the files in their folder")

// upload reads what is uploaded and does something with it.
func (s *Seat) upload(w http.ResponseWriter, r *http.Request, do func(dir string, content []byte) error) {
	e := s.current()
	if s.lab.sandbox == nil || e.code == nil {
		http.Error(w, errNoUpload.Error(), http.StatusConflict)
		return
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		http.Error(w, fmt.Sprintf("at most %d kB can be uploaded", maxUpload>>10), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "The upload did not arrive: "+err.Error(), http.StatusBadRequest)
		return
	}
	if !s.bench.acting.TryLock() {
		http.Error(w, errBuilding.Error(), http.StatusConflict)
		return
	}
	err = do(s.bench.dir(e), content)
	s.bench.acting.Unlock()
	s.bench.listed(e)
	s.bench.show()
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// putFile takes one file of the code.
func (s *Seat) putFile(w http.ResponseWriter, r *http.Request) {
	s.upload(w, r, func(dir string, content []byte) error {
		name := placeOf(r.PathValue("path"))
		files, err := readCode(dir)
		if err != nil {
			return err
		}
		total := len(content)
		for other, c := range files {
			if other != name {
				total += len(c)
			}
		}
		if _, there := files[name]; total > maxCode || !there && len(files) >= maxCodeFiles {
			return fmt.Errorf("the code would be more than %d files or %d MB", maxCodeFiles, maxCode>>20)
		}
		return putCode(dir, name, content)
	})
}

// putArchive takes all of the code, as a ZIP archive.
func (s *Seat) putArchive(w http.ResponseWriter, r *http.Request) {
	s.upload(w, r, func(dir string, content []byte) error {
		files, err := unzip(content)
		if err != nil {
			return err
		}
		return replaceCode(dir, files)
	})
}

// getArchive gives out the code.
func (s *Seat) getArchive(w http.ResponseWriter, _ *http.Request) {
	e := s.current()
	if e.code == nil || s.bench.why != "" {
		http.Error(w, "This exercise has no application in C here.", http.StatusNotFound)
		return
	}
	var archive bytes.Buffer
	if err := zipCode(&archive, e.ID, s.bench.dir(e)); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", e.ID+".zip"))
	w.Write(archive.Bytes())
}

// current is the exercise that is done.
func (s *Seat) current() *Exercise {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exercise
}
