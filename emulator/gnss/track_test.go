package gnss_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/gnss"
)

func TestReadTrack(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		points     int
		last       time.Duration
		err        string
	}{
		{name: "GPX", text: `<gpx><trk><trkseg><trkpt lat="63.4" lon="10.4"><time>2026-01-02T15:04:05Z</time></trkpt>` +
			`<trkpt lat="63.5" lon="10.5"><time>2026-01-02T15:04:15Z</time></trkpt></trkseg></trk></gpx>`, points: 2, last: 10 * time.Second},
		{name: "CSV", text: "time,lat,lon,alt\n0,1,2,3\n2.5,1,2,3\n", points: 2, last: 2500 * time.Millisecond},
		{name: "CSV without time", text: "latitude,longitude\n1,2\n1,2\n1,2\n", points: 3, last: 2 * time.Second},
		{name: "no column", text: "a,b\n1,2\n", err: "column lat"},
		{name: "latitude", text: "lat,lon\n91,2\n", err: "between -90 and 90"},
		{name: "backwards", text: "time,lat,lon\n5,1,2\n4,1,2\n", err: "line 3"},
		{name: "empty", text: "", err: "neither GPX nor CSV"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			track, err := gnss.ReadTrack(strings.NewReader(tt.text))
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Len(t, track, tt.points)
			require.Equal(t, tt.last, track[len(track)-1].At)
		})
	}
}

func FuzzReadTrack(f *testing.F) {
	f.Add("time,lat,lon\n0,1,2\n")
	f.Add(`<gpx><wpt lat="1" lon="2"/></gpx>`)
	f.Fuzz(func(t *testing.T, text string) {
		track, err := gnss.ReadTrack(strings.NewReader(text))
		if err == nil {
			require.NotEmpty(t, track)
		}
	})
}
