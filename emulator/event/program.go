package event

// Program is firmware at the library interface that comes or goes.
type Program struct {
	Action ProgramAction `json:"action"`
	Name   string        `json:"name,omitempty"`
	PID    int           `json:"pid,omitempty"`
	SDK    string        `json:"sdk,omitempty"`    // version of the SDK, such as "3.3.0"
	Status int           `json:"status,omitempty"` // exit status; 128 and the signal's number for a crash
	Reason string        `json:"reason,omitempty"`
}

// Console is a line that firmware at the library interface has printed or logged.
type Console struct {
	Level string `json:"level,omitempty"` // "err", "wrn", "inf" or "dbg"; absent for what was only printed
	Text  string `json:"text"`            // without line end and colours
}

// Board is a change of the LEDs and buttons of the board.
type Board struct {
	LEDs    uint32 `json:"leds"`    // that are on; bit 0 is LED 1
	Buttons uint32 `json:"buttons"` // that are pressed; bit 0 is button 1
	Changed string `json:"changed"` // such as "LED 2" or "button 1"
}

// GNSS is something that the receiver has done.
type GNSS struct {
	Action    GNSSAction `json:"action"`
	Latitude  float64    `json:"latitude,omitempty"`  // degrees
	Longitude float64    `json:"longitude,omitempty"` // degrees
	// Took is the time to the fix, in milliseconds.
	Took   int    `json:"took_ms,omitempty"`
	Reason string `json:"reason,omitempty"`
}
