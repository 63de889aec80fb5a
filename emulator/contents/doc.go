// Package contents reads what credentials a flash holds, and compares it with what it
// holds when the power was never cut.
package contents
