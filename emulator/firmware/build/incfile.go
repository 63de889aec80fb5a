package build

import (
	"bytes"
	"compress/gzip"
	"fmt"
)

// incFile returns bytes as generate_inc_file writes them: eight to a line, in
// lower-case hexadecimal, each line ended by a comma, the last one too.
func incFile(content []byte, zip bool) []byte {
	if zip {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		w.Write(content) // into memory: it does not fail
		w.Close()
		content = b.Bytes()
	}
	var out bytes.Buffer
	for i, c := range content {
		switch {
		case i == 0:
		case i%8 == 0:
			out.WriteString(",\n")
		default:
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "0x%02x", c)
	}
	if len(content) > 0 {
		out.WriteString(",\n")
	}
	return out.Bytes()
}
