// Package yamlform reads configuration files in YAML by hand, so that every message names
// the line, the key and what belongs there, in words of the user and not of Go.
package yamlform
