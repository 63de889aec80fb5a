package lab

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/control"
)

// What is described is served, what is served is described, and so are the fields.
func TestDescription(t *testing.T) {
	var doc struct {
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(openAPI, &doc))
	var described, served []string
	for path, operations := range doc.Paths {
		for method := range operations {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range seatRoutes {
		served = append(served, r.method+" "+strings.ReplaceAll(r.path, "...}", "}"))
	}
	require.ElementsMatch(t, served, described)
	// What is handed out has the modem's routes, too, and every name in it resolves.
	var whole struct {
		Paths      map[string]any
		Components struct{ Schemas map[string]any }
	}
	require.NoError(t, json.Unmarshal(description(), &whole))
	require.Contains(t, whole.Paths, "/v1/power/{action}")
	require.Contains(t, whole.Paths, "/exercise/{id}")
	require.NotContains(t, whole.Paths, "/metrics")
	for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]*)"`).FindAllSubmatch(description(), -1) {
		require.Contains(t, whole.Components.Schemas, string(ref[1]))
	}
	for name := range doc.Components.Schemas {
		require.NotContains(t, string(control.OpenAPI()), `"`+name+`": {`, "a name for two things")
	}
	for name, v := range map[string]any{"Firmware": firmwareState{}, "SeatReport": SeatReport{}} {
		var fields []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			field, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, field)
		}
		require.ElementsMatch(t, fields, slices.Collect(maps.Keys(doc.Components.Schemas[name].Properties)), name)
	}
}
