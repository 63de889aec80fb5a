package gnss

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Flags of a Frame (numbers of nrf_modem_gnss.h, documented).
const (
	FlagFixValid            = 0x01
	FlagLeapSecondValid     = 0x02
	FlagSleepBetweenPVT     = 0x04
	FlagDeadlineMissed      = 0x08
	FlagNotEnoughWindowTime = 0x10
	FlagVelocityValid       = 0x20

	flagUsedInFix = 0x02
)

// satellites is how many the receiver tells of.
const satellites = 12

// A Satellite is one that is received.
type Satellite struct {
	Number    int // 1 to 32
	Signal    int // 1: GPS L1 C/A
	CN0       int // 0.1 dB/Hz
	Elevation int // degrees
	Azimuth   int // degrees
	Used      bool
}

// A Frame is what the receiver knows: position, velocity and time.
type Frame struct {
	Position
	Time       time.Time // UTC; zero before it is known
	Accuracy   float64   // metres, as all that follow are one sigma
	Flags      int
	Satellites []Satellite
	Execution  time.Duration // since the attempt began
}

// Valid reports whether there is a fix.
func (f *Frame) Valid() bool { return f.Flags&FlagFixValid != 0 }

// observe makes the frame of a second.
func (r *Receiver) observe(found bool) Frame {
	f := Frame{Execution: time.Since(r.began)}
	need := max(r.need(), time.Second)
	if r.blocked {
		f.Flags = FlagNotEnoughWindowTime | FlagDeadlineMissed
		return f
	}
	// Satellites come one by one; with the last of them there is a fix (chosen).
	const sky = 9
	n := min(int(sky*r.searched/need), sky)
	for i := range n {
		f.Satellites = append(f.Satellites, Satellite{
			Number: 2 + 3*i, Signal: 1, CN0: 320 + 17*i%110, Elevation: 15 + 8*i, Azimuth: i * 40, Used: found,
		})
	}
	if found {
		f.Position = r.cfg.Track.at(time.Since(r.origin))
		f.Time = time.Now().UTC()
		f.Accuracy = 4.5
		f.Flags = FlagFixValid | FlagLeapSecondValid | FlagVelocityValid
	}
	return f
}

// AppendPVT appends a frame as the protocol of package libmodem has it, in the order
// of struct nrf_modem_gnss_pvt_data_frame, little-endian and without padding:
//
//	float64  latitude, longitude
//	float32  altitude, accuracy, altitude accuracy, speed, speed accuracy,
//	         vertical speed, its accuracy, heading, its accuracy
//	uint16   year; uint8 month, day, hour, minute, second; uint16 milliseconds
//	float32  PDOP, HDOP, VDOP, TDOP
//	uint8    flags
//	12 satellites: uint16 number, uint8 signal, uint16 C/N0, int16 elevation,
//	         int16 azimuth, uint8 flags
//	uint32   execution time, milliseconds
func AppendPVT(b []byte, f *Frame) []byte {
	f64 := func(v float64) { b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v)) }
	f32 := func(vs ...float64) {
		for _, v := range vs {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		}
	}
	u16 := func(v int) { b = binary.LittleEndian.AppendUint16(b, uint16(v)) }
	f64(f.Latitude)
	f64(f.Longitude)
	vertical, angle, dop := 0.0, 0.0, [4]float64{}
	if f.Valid() {
		vertical, angle, dop = 0.3, 5, [4]float64{1.9, 1.1, 1.5, 1.0}
	}
	f32(f.Altitude, f.Accuracy, 2*f.Accuracy, f.Speed, vertical, 0, vertical, f.Heading, angle)
	t := f.Time
	if t.IsZero() {
		b = append(b, make([]byte, 9)...)
	} else {
		u16(t.Year())
		b = append(b, byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()))
		u16(t.Nanosecond() / 1e6)
	}
	f32(dop[:]...)
	b = append(b, byte(f.Flags))
	for i := range satellites {
		if i >= len(f.Satellites) {
			b = append(b, make([]byte, 10)...)
			continue
		}
		s := f.Satellites[i]
		u16(s.Number)
		b = append(b, byte(s.Signal))
		u16(s.CN0)
		u16(s.Elevation)
		u16(s.Azimuth)
		used := byte(0)
		if s.Used {
			used = flagUsedInFix
		}
		b = append(b, used)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(f.Execution/time.Millisecond))
}

// Bits of the setting NMEAMask.
const (
	maskGGA = 1 << iota
	maskGLL
	maskGSA
	maskGSV
	maskRMC
)

// sentences returns NMEA 0183 sentences of a fix, each ended by CR LF.
func (f *Frame) sentences(mask uint32) (all []string) {
	clock := f.Time.Format("150405.00")
	lat, ns := minutes(f.Latitude, 2, "NS")
	lon, ew := minutes(f.Longitude, 3, "EW")
	add := func(bit uint32, format string, args ...any) {
		if mask&bit == 0 {
			return
		}
		text := fmt.Sprintf(format, args...)
		var sum byte
		for i := range len(text) {
			sum ^= text[i]
		}
		all = append(all, fmt.Sprintf("$%s*%02X\r\n", text, sum))
	}
	add(maskGGA, "GPGGA,%s,%s,%s,%s,%s,1,%02d,1.10,%.2f,M,0,,,", clock, lat, ns, lon, ew, len(f.Satellites), f.Altitude)
	add(maskGLL, "GPGLL,%s,%s,%s,%s,%s,A,A", lat, ns, lon, ew, clock)
	used, view := "", ""
	for i := range satellites {
		if i < len(f.Satellites) {
			used += fmt.Sprintf("%02d,", f.Satellites[i].Number)
		} else {
			used += ","
		}
	}
	add(maskGSA, "GPGSA,A,3,%s1.90,1.10,1.50,1", used)
	for i := 0; i < len(f.Satellites); i += 4 {
		view = ""
		for _, s := range f.Satellites[i:min(i+4, len(f.Satellites))] {
			view += fmt.Sprintf(",%02d,%02d,%03d,%02d", s.Number, s.Elevation, s.Azimuth, s.CN0/10)
		}
		add(maskGSV, "GPGSV,%d,%d,%02d%s,1", (len(f.Satellites)+3)/4, i/4+1, len(f.Satellites), view)
	}
	const knots = 1.943844
	add(maskRMC, "GPRMC,%s,A,%s,%s,%s,%s,%.2f,%.2f,%s,,,A,V", clock, lat, ns, lon, ew, f.Speed*knots, f.Heading, f.Time.Format("020106"))
	return all
}

// minutes writes an angle as NMEA does, such as 6325.8312 and N.
func minutes(angle float64, digits int, sides string) (text, side string) {
	side = sides[:1]
	if angle < 0 {
		angle, side = -angle, sides[1:]
	}
	whole, part := math.Modf(angle)
	part = math.Round(part*60*1e4) / 1e4
	if part >= 60 {
		whole, part = whole+1, 0
	}
	return fmt.Sprintf("%0*d%07.4f", digits, int(whole), part), side
}
