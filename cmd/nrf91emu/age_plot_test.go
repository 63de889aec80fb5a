package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/ageing"
)

func TestRound125(t *testing.T) {
	for x, want := range map[float64]float64{1: 1, 1.01: 1.25, 7: 7.5, 8: 10, 99: 100, 101: 125, 10500: 12500} {
		require.InDelta(t, want, round125(x), 1e-9, "%v", x)
	}
}

func TestPlotNumbers(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.25: "0.25", 999: "999", 1000: "1,000", 12500: "12,500", 1e6: "1,000,000"} {
		require.Equal(t, want, number(x))
	}
}

// A plot is well-formed whatever happened: also when nothing did.
func TestPlot(t *testing.T) {
	worn := ageing.Result{
		Pages: 4, Endurance: 20, FirstWorn: 50, FirstFailed: 60,
		Samples: []ageing.Sample{{}, {Boots: 50, MaxErases: 20, AvgErases: 19}, {Boots: 100, MaxErases: 20, AvgErases: 20}},
	}
	idle := ageing.Result{Endurance: 10000, Samples: []ageing.Sample{{}, {Boots: 1}}}
	for name, all := range map[string][]aged{
		"nothing":  {{Program: "idle", Result: &idle}},
		"worn":     {{Program: "rewrite", Result: &worn}},
		"compared": {{Program: "idle", Result: &idle}, {Program: "rewrite", Result: &worn}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlot(all)
			d := xml.NewDecoder(strings.NewReader(plotSVG(p)))
			var err error
			for err == nil {
				_, err = d.Token()
			}
			require.True(t, errors.Is(err, io.EOF), err)
			require.NotContains(t, plotSVG(p), "NaN")
			text := plotText(p)
			for _, a := range all {
				require.Contains(t, text, a.Program)
			}
			if name != "nothing" {
				require.Contains(t, text, "!")
				require.Contains(t, plotSVG(p), "first page failed, boot 50")
				require.Contains(t, plotSVG(p), "endurance, 20")
			}
		})
	}
}
