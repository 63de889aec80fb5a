package audit

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the report as one JSON object, indented; see [Report] for its
// fields.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
