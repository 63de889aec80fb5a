package sms

import (
	"strings"
	"unicode/utf16"
)

// gsm7 is the default alphabet of 3GPP TS 23.038, and extended what follows an escape.
const gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

var (
	septets  = map[rune]byte{}
	letters  [128]rune
	extended = map[rune]byte{'\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f, '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65}
	escaped  = map[byte]rune{}
)

const escape = 0x1b

func init() {
	i := byte(0)
	for _, r := range gsm7 {
		letters[i] = r
		if i != escape {
			septets[r] = i
		}
		i++
	}
	for r, b := range extended {
		escaped[b] = r
	}
}

// toSeptets returns a text in the default alphabet; ok is false if it cannot be written
// in it.
func toSeptets(text string) (list []byte, ok bool) {
	for _, r := range text {
		if b, found := septets[r]; found {
			list = append(list, b)
		} else if b, found := extended[r]; found {
			list = append(list, escape, b)
		} else {
			return nil, false
		}
	}
	return list, true
}

// fromSeptets is the reverse.
func fromSeptets(list []byte) string {
	var b strings.Builder
	for i := 0; i < len(list); i++ {
		if list[i] == escape && i+1 < len(list) {
			i++
			if r, ok := escaped[list[i]]; ok {
				b.WriteRune(r)
				continue
			}
		}
		b.WriteRune(letters[list[i]])
	}
	return b.String()
}

// pack writes septets into octets, after a number of bits that are left empty.
func pack(list []byte, skip int) []byte {
	out := make([]byte, (skip+7*len(list)+7)/8)
	for i, s := range list {
		at := skip + 7*i
		v := uint16(s) << (at % 8)
		out[at/8] |= byte(v)
		if v > 0xff {
			out[at/8+1] |= byte(v >> 8)
		}
	}
	return out
}

// unpack reads n septets after a number of bits.
func unpack(octets []byte, skip, n int) []byte {
	var list []byte
	for i := range n {
		at := skip + 7*i
		if at/8 >= len(octets) {
			break
		}
		v := uint16(octets[at/8])
		if at/8+1 < len(octets) {
			v |= uint16(octets[at/8+1]) << 8
		}
		list = append(list, byte(v>>(at%8))&0x7f)
	}
	return list
}

// Pack returns a text in the default alphabet, packed, and the number of bits left over at
// its end; characters that it does not have become question marks.
func Pack(text string) (octets []byte, spare int) {
	var list []byte
	for _, r := range text {
		s, ok := toSeptets(string(r))
		if !ok {
			s = []byte{'?'}
		}
		list = append(list, s...)
	}
	return pack(list, 0), (8 - 7*len(list)%8) % 8
}

func toUCS2(text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}

func fromUCS2(b []byte) string {
	var list []uint16
	for i := 0; i+1 < len(b); i += 2 {
		list = append(list, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(list))
}
