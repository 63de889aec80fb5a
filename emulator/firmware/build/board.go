package build

import (
	"fmt"
	"slices"
	"strings"
)

// boardName returns the name of a board without its qualifiers, as CONFIG_BOARD has it: since
// Zephyr 3.6 nrf9151dk of nrf9151dk/nrf9151/ns, before that the whole name.
func boardName(board string) string {
	name, _, _ := strings.Cut(board, "/")
	name, _, _ = strings.Cut(name, "@")
	return name
}

// boardFiles returns the names of files for a board, the general one first.
func boardFiles(board string) []string {
	whole := strings.NewReplacer("/", "_", ".", "_", "@", "_").Replace(board)
	return slices.Compact([]string{boardName(board), whole})
}

// boardOptions returns the options that the choice of a board and a release sets, as a Kconfig file.
func (p *Project) boardOptions() []byte {
	var b strings.Builder
	yes := func(name string) { fmt.Fprintf(&b, "config %s\n\tbool\n\tdefault y\n", name) }
	symbol := func(s string) string {
		return strings.ToUpper(strings.NewReplacer("/", "_", ".", "_", "-", "_", "@", "_").Replace(s))
	}
	yes("BOARD_" + symbol(p.Board))
	if name := boardName(p.Board); name != p.Board {
		yes("BOARD_" + symbol(name))
	}
	chip := "NRF9160_SICA"
	for part := range strings.FieldsFuncSeq(p.Board, func(r rune) bool { return r == '/' || r == '_' }) {
		switch part {
		case "nrf9151", "nrf9161", "nrf9131":
			chip = strings.ToUpper(part) + "_LACA"
		}
	}
	for _, name := range []string{"SOC_SERIES_NRF91X", "SOC_SERIES_NRF91", "SOC_" + chip, "SOC_" + chip[:7], "ARM", "CPU_CORTEX_M33", "NRF_SOC_SECURE_SUPPORTED", "NRF91EMU"} {
		yes(name)
	}
	fmt.Fprintf(&b, "config BOARD\n\tstring\n\tdefault \"%s\"\n", boardName(p.Board))
	fmt.Fprintf(&b, "config BOARD_TARGET\n\tstring\n\tdefault \"%s\"\n", p.Board)
	fmt.Fprintf(&b, "config SOC\n\tstring\n\tdefault \"%s\"\n", strings.ToLower(chip[:7]))
	fmt.Fprintf(&b, "config NCSHOST_VER\n\thex\n\tdefault 0x%06x\n", uint32(p.NCS))
	return []byte(b.String())
}
