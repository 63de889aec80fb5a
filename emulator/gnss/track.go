package gnss

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Position is where the receiver is and how it moves.
type Position struct {
	Latitude  float64 // degrees, north positive
	Longitude float64 // degrees, east positive
	Altitude  float64 // metres above the ellipsoid
	Speed     float64 // metres a second
	Heading   float64 // degrees from north, clockwise
}

// A Point is a position at a time since the beginning of a track.
type Point struct {
	At time.Duration
	Position
}

// A Track is positions by rising time. Between two of them the receiver moves in a
// straight line; it stays at the last.
type Track []Point

// DefaultTrack stands still in Trondheim (chosen).
var DefaultTrack = Track{{Position: Position{Latitude: 63.421588, Longitude: 10.437224, Altitude: 155}}}

// maxTrack bounds a file of positions, in bytes, and maxPoints the points in it.
const (
	maxTrack  = 64 << 20
	maxPoints = 1_000_000
)

// at returns where the receiver is.
func (t Track) at(d time.Duration) Position {
	i, _ := slices.BinarySearchFunc(t, d, func(p Point, d time.Duration) int {
		if p.At <= d {
			return -1
		}
		return 1
	})
	switch {
	case i == 0:
		return t[0].Position
	case i == len(t):
		return t[len(t)-1].Position
	}
	a, b := t[i-1], t[i]
	share := float64(d-a.At) / float64(b.At-a.At)
	mix := func(x, y float64) float64 { return x + (y-x)*share }
	p := Position{
		Latitude: mix(a.Latitude, b.Latitude), Longitude: mix(a.Longitude, b.Longitude),
		Altitude: mix(a.Altitude, b.Altitude), Speed: a.Speed, Heading: a.Heading,
	}
	if p.Speed == 0 {
		metres, heading := distance(a.Position, b.Position)
		p.Speed, p.Heading = metres/(b.At-a.At).Seconds(), heading
	}
	return p
}

// distance returns how far b is from a, in metres, and in which direction.
func distance(a, b Position) (metres, heading float64) {
	const degree = 111_320 // metres of latitude
	north := (b.Latitude - a.Latitude) * degree
	east := (b.Longitude - a.Longitude) * degree * math.Cos(a.Latitude*math.Pi/180)
	heading = math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
	return math.Hypot(north, east), heading
}

// ReadTrack reads a track: GPX, of whose tracks, routes and waypoints it takes all
// points in order, or CSV with a first line that names its columns, among them
// latitude and longitude (lat and lon do) and possibly altitude, time, speed and
// heading. A time is seconds or RFC 3339; without one, points are a second apart.
func ReadTrack(r io.Reader) (Track, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTrack+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxTrack:
		return nil, fmt.Errorf("the file has more than %d MB", maxTrack>>20)
	}
	var points []timed
	if start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n"); bytes.HasPrefix(start, []byte("<")) {
		points, err = readGPX(start)
	} else {
		points, err = readCSV(start)
	}
	if err != nil {
		return nil, err
	}
	return track(points)
}

// timed is a point of a file; its time may be missing.
type timed struct {
	Position
	at    time.Duration
	has   bool
	where string // in the file
}

// track checks points and lets their time begin at 0.
func track(points []timed) (Track, error) {
	if len(points) == 0 {
		return nil, errors.New("there is no position in the file")
	}
	if len(points) > maxPoints {
		return nil, fmt.Errorf("there are more than %d positions in the file", maxPoints)
	}
	var t Track
	for i, p := range points {
		switch {
		case !(math.Abs(p.Latitude) <= 90):
			return nil, fmt.Errorf("%s: the latitude %v is not between -90 and 90", p.where, p.Latitude)
		case !(math.Abs(p.Longitude) <= 180):
			return nil, fmt.Errorf("%s: the longitude %v is not between -180 and 180", p.where, p.Longitude)
		case p.has != points[0].has:
			return nil, fmt.Errorf("%s: some positions have a time and others have none", p.where)
		}
		at := time.Duration(i) * time.Second
		if p.has {
			at = p.at - points[0].at
		}
		if i > 0 && at <= t[i-1].At {
			return nil, fmt.Errorf("%s: the time is not later than that of the position before", p.where)
		}
		t = append(t, Point{at, p.Position})
	}
	return t, nil
}

func readGPX(data []byte) ([]timed, error) {
	type point struct {
		Lat   string `xml:"lat,attr"`
		Lon   string `xml:"lon,attr"`
		Ele   string `xml:"ele"`
		Time  string `xml:"time"`
		Speed string `xml:"speed"`
	}
	var points []timed
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return points, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the file is no GPX: %w", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || !slices.Contains([]string{"trkpt", "rtept", "wpt"}, start.Name.Local) {
			continue
		}
		line, _ := dec.InputPos()
		var raw point
		if err := dec.DecodeElement(&raw, &start); err != nil {
			return nil, fmt.Errorf("the file is no GPX: %w", err)
		}
		p := timed{where: fmt.Sprintf("line %d", line)}
		for _, v := range []struct {
			text string
			to   *float64
		}{{raw.Lat, &p.Latitude}, {raw.Lon, &p.Longitude}, {raw.Ele, &p.Altitude}, {raw.Speed, &p.Speed}} {
			if err := parseNumber(v.text, v.to); err != nil {
				return nil, fmt.Errorf("%s: %w", p.where, err)
			}
		}
		if p.at, p.has, err = parseTime(raw.Time); err != nil {
			return nil, fmt.Errorf("%s: %w", p.where, err)
		}
		if points = append(points, p); len(points) > maxPoints {
			return points, nil
		}
	}
}

// columns are the names that a column of a CSV file may have.
var columns = map[string]string{
	"latitude": "lat", "lat": "lat", "longitude": "lon", "lon": "lon", "lng": "lon", "altitude": "alt", "alt": "alt",
	"ele": "alt", "elevation": "alt", "time": "time", "timestamp": "time", "seconds": "time", "speed": "speed",
	"heading": "heading", "course": "heading",
}

func readCSV(data []byte) ([]timed, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the file is neither GPX nor CSV: %w", err)
	}
	index := make(map[string]int)
	for i, name := range head {
		if column, ok := columns[strings.ToLower(strings.TrimSpace(name))]; ok {
			index[column] = i
		}
	}
	for _, needed := range []string{"lat", "lon"} {
		if _, ok := index[needed]; !ok {
			return nil, fmt.Errorf("the first line names no column %s: write a line such as time,lat,lon,alt first", needed)
		}
	}
	var points []timed
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return points, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		p := timed{where: fmt.Sprintf("line %d", line)}
		cell := func(name string) string {
			if i, ok := index[name]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		for name, to := range map[string]*float64{
			"lat": &p.Latitude, "lon": &p.Longitude, "alt": &p.Altitude, "speed": &p.Speed, "heading": &p.Heading,
		} {
			text := cell(name)
			if text == "" && (name == "lat" || name == "lon") {
				return nil, fmt.Errorf("%s: there is no %s", p.where, name)
			}
			if err := parseNumber(text, to); err != nil {
				return nil, fmt.Errorf("%s: %w", p.where, err)
			}
		}
		if p.at, p.has, err = parseTime(cell("time")); err != nil {
			return nil, fmt.Errorf("%s: %w", p.where, err)
		}
		if points = append(points, p); len(points) > maxPoints {
			return points, nil
		}
	}
}

func parseNumber(text string, to *float64) error {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%q is no number", text)
	}
	*to = v
	return nil
}

// maxSeconds bounds a time in seconds; durations end at 292 years.
const maxSeconds = 1 << 32

// parseTime reads seconds or RFC 3339.
func parseTime(text string) (time.Duration, bool, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, false, nil
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(v) <= maxSeconds {
		return time.Duration(v * float64(time.Second)), true, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, false, fmt.Errorf("the time %q is neither seconds nor like 2026-01-02T15:04:05Z", text)
	}
	return time.Duration(t.Unix())*time.Second + time.Duration(t.Nanosecond()), true, nil
}
