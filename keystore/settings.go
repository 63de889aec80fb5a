package keystore

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Setting returns the stored value of a modem setting. The value must not be
// changed.
func (s *Store) Setting(name string) (value []byte, ok bool) {
	value, ok = s.values[name]
	return value, ok
}

// Settings returns the names of all stored settings in ascending order.
func (s *Store) Settings() []string { return slices.Sorted(maps.Keys(s.values)) }

// SaveSettings stores modem settings, as +CFUN=0 does: those given replace the
// stored ones of the same name, a nil value removes one, the others stay. All
// of them change at once: after a power cut either all are old or all are new.
//
// It writes in any case, even when nothing has changed, because the modem does
// so too (fact cfun/stores: network data are stored as well). Whether to call it is
// the modem's decision.
//
// Errors: ErrTooLarge when a name is longer than 255 bytes or all settings
// together than MaxContent, ErrFull, flash.ErrPowerCut.
func (s *Store) SaveSettings(changes map[string][]byte) error {
	values := make(map[string][]byte, len(s.values)+len(changes))
	maps.Copy(values, s.values)
	for name, v := range changes {
		if v == nil {
			delete(values, name)
			continue
		}
		values[name] = slices.Clone(v)
	}
	content, err := encodeSettings(values)
	if err != nil {
		return err
	}
	e := entry{cost: s.settings.cost, writes: s.settings.writes}
	if err := s.write(&e, kindSettings, content, 0); err != nil {
		return err
	}
	s.live -= s.settings.footprint()
	s.settings = e
	s.values = values
	return nil
}

// encodeSettings writes each setting as length of the name (one byte), name,
// length of the value (two bytes) and value, in the order of their names.
func encodeSettings(values map[string][]byte) ([]byte, error) {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if len(name) > 255 || len(b)+3+len(name)+len(v) > MaxContent {
			return nil, fmt.Errorf("%w: setting %.20q: a name may have 255 bytes, all settings together %d", ErrTooLarge, name, MaxContent)
		}
		b = append(b, byte(len(name)))
		b = append(b, name...)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(v)))
		b = append(b, v...)
	}
	return b, nil
}

// decodeSettings is the reverse of encodeSettings.
func decodeSettings(b []byte) (map[string][]byte, error) {
	values := make(map[string][]byte)
	for len(b) > 0 {
		n := 1 + int(b[0])
		if len(b) < n+2 {
			return nil, errSettings
		}
		end := n + 2 + int(binary.LittleEndian.Uint16(b[n:]))
		if len(b) < end {
			return nil, errSettings
		}
		values[string(b[1:n])] = b[n+2 : end : end]
		b = b[end:]
	}
	return values, nil
}

var errSettings = fmt.Errorf("%w: its settings make no sense; delete the image to start factory-fresh", ErrDamaged)
