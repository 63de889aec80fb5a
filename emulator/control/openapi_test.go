package control

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// document is as much of OpenAPI as the tests look at.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
		}
	}
}

func parseDocument(t *testing.T) (doc document) {
	t.Helper()
	require.NoError(t, json.Unmarshal(openAPI, &doc))
	return doc
}

// What is described is served, and what is served is described.
func TestDescriptionHasAllRoutes(t *testing.T) {
	doc := parseDocument(t)
	require.Equal(t, "3.1.0", doc.OpenAPI)
	var described, served []string
	for path, operations := range doc.Paths {
		for method := range operations {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	for _, r := range routes {
		served = append(served, r.method+" "+r.path)
	}
	for _, ref := range regexp.MustCompile(`"\$ref": "([^"]*)"`).FindAllSubmatch(openAPI, -1) {
		name, ok := strings.CutPrefix(string(ref[1]), "#/components/schemas/")
		require.True(t, ok, "%s", ref[1])
		require.Contains(t, doc.Components.Schemas, name)
	}
	slices.Sort(described)
	slices.Sort(served)
	require.Equal(t, served, described)
}

// Each described operation answers something else than "there is no such thing",
// and what it answers is described.
func TestDescribedOperationsAnswer(t *testing.T) {
	d, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	s := New(d, "")
	h := s.routes()
	example := strings.NewReplacer("{sec_tag}", "24", "{type}", "0", "{action}", "cut", "{id}", "1")
	for path, operations := range parseDocument(t).Paths {
		for method, raw := range operations {
			if method == "parameters" {
				continue
			}
			var op struct {
				Responses map[string]json.RawMessage
			}
			require.NoError(t, json.Unmarshal(raw, &op))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(strings.ToUpper(method), example.Replace(path), strings.NewReader(`{"millivolts":3000}`)))
			require.NotEqual(t, http.StatusMethodNotAllowed, w.Code, path)
			status := http.StatusText(w.Code)
			require.Contains(t, slices.Collect(maps.Keys(op.Responses)), itoa(w.Code), "%s %s answered %s: %s", method, path, status, w.Body)
		}
	}
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// The schemas have the fields that are sent: no more, no fewer, and those are
// required that are always there.
func TestSchemasFitTypes(t *testing.T) {
	schemas := parseDocument(t).Components.Schemas
	for name, v := range map[string]any{
		"Error": problem{}, "State": State{}, "Cost": Cost{}, "Wear": Wear{}, "PageWear": PageWear{},
		"CredentialWear": CredentialWear{}, "Credential": Credential{}, "Change": change{},
		"PlannedCut": PlannedCut{}, "Supply": supply{}, "Why": Why{}, "Audit": Audit{Report: &audit.Report{}}, "Failure": event.Failure{},
		"ShortMessage": ShortMessage{}, "NewShortMessage": newShortMessage{},
		"Faults": Faults{}, "Fault": Fault{}, "FaultKind": FaultKind{}, "FaultParam": FaultParam{}, "FaultSpec": faultSpec{},
	} {
		var fields, required []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			tag := f.Tag.Get("json")
			if tag == "" {
				continue // embedded
			}
			field, omit, _ := strings.Cut(tag, ",")
			fields = append(fields, field)
			if omit == "" {
				required = append(required, field)
			}
		}
		require.ElementsMatch(t, fields, slices.Collect(maps.Keys(schemas[name].Properties)), name)
		require.ElementsMatch(t, required, schemas[name].Required, name)
	}
}

func TestUnknownRoutes(t *testing.T) {
	h := (&Server{}).routes()
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/v1/nonsense", 404, ""},
		{"GET", "/", 404, ""},
		{"POST", "/v1/state", 405, "GET"},
		{"GET", "/v1/planned-cut", 405, "PUT, DELETE"},
		{"PUT", "/v1/credentials/x/0", 400, ""},
		{"GET", "/v1/credentials/4294967296/0", 400, ""},
		{"GET", "/v1/credentials/24/256", 400, ""},
		{"PUT", "/v1/supply", 400, ""},
		{"PUT", "/v1/planned-cut", 400, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader(`{"unknown":1}`)))
		require.Equal(t, tt.status, w.Code, "%s %s", tt.method, tt.path)
		require.Equal(t, tt.allow, w.Header().Get("Allow"))
		var p problem
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), w.Body)
		require.NotEmpty(t, p.Error)
	}
}
