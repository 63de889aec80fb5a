package mqtt

import (
	"bytes"
	"errors"
	"io"
	"math"

	"github.com/mochi-mqtt/server/v2/packets"
)

const (
	// protocolLevel is the protocol level of MQTT 3.1.1.
	protocolLevel = 4
	// maxHeader is the client's buffer for a packet without its payload, in bytes
	// (fact mqtt/limits).
	maxHeader = 512
	// maxPacket bounds a received packet (chosen: on the device the payload goes
	// straight to the UART, whatever its size).
	maxPacket = 256 << 10
)

var (
	errMalformed = errors.New("the broker sent a packet that is no MQTT 3.1.1")
	errTooLong   = errors.New("the broker sent a packet that does not fit the client's buffer of 512 bytes for what is not payload")
	errHuge      = errors.New("the broker sent a packet of more than 256 kB")
)

// encode returns the bytes of a packet that the client sends.
func encode(pk *packets.Packet) ([]byte, error) {
	pk.ProtocolVersion = protocolLevel
	var buf bytes.Buffer
	var err error
	switch pk.FixedHeader.Type {
	case packets.Connect:
		err = pk.ConnectEncode(&buf)
	case packets.Publish:
		err = pk.PublishEncode(&buf)
	case packets.Puback:
		err = pk.PubackEncode(&buf)
	case packets.Pubrec:
		err = pk.PubrecEncode(&buf)
	case packets.Pubrel:
		pk.FixedHeader.Qos = 1 // the flags that the standard asks for
		err = pk.PubrelEncode(&buf)
	case packets.Pubcomp:
		err = pk.PubcompEncode(&buf)
	case packets.Subscribe:
		pk.FixedHeader.Qos = 1
		err = pk.SubscribeEncode(&buf)
	case packets.Unsubscribe:
		pk.FixedHeader.Qos = 1
		err = pk.UnsubscribeEncode(&buf)
	case packets.Pingreq:
		err = pk.PingreqEncode(&buf)
	case packets.Disconnect:
		err = pk.DisconnectEncode(&buf)
	}
	return buf.Bytes(), err
}

// decode reads the first packet in b and says how many bytes it has; 0 if
// there is more to come. The packet's texts are parts of b.
func decode(b []byte) (pk packets.Packet, n int, err error) {
	if len(b) < 2 {
		return pk, 0, nil
	}
	length, used, err := packets.DecodeLength(bytes.NewReader(b[1:min(len(b), 5)]))
	switch {
	case errors.Is(err, io.EOF) && len(b) < 5:
		return pk, 0, nil
	case err != nil:
		return pk, 0, errMalformed
	}
	pk.ProtocolVersion = protocolLevel
	if pk.FixedHeader.Decode(b[0]) != nil {
		return pk, 0, errMalformed
	}
	pk.FixedHeader.Remaining = length
	header := 1 + used
	n = header + length
	switch publish := pk.FixedHeader.Type == packets.Publish; {
	case !publish && n > maxHeader:
		return pk, 0, errTooLong
	case n > maxPacket:
		return pk, 0, errHuge
	case len(b) < n:
		return pk, 0, nil
	}
	body := b[header:n]
	switch pk.FixedHeader.Type {
	case packets.Connack:
		err = pk.ConnackDecode(body)
	case packets.Publish:
		if err = pk.PublishDecode(body); err == nil && n-len(pk.Payload) > maxHeader {
			return pk, 0, errTooLong
		}
	case packets.Puback, packets.Pubrec, packets.Pubrel, packets.Pubcomp:
		err = pk.PubackDecode(body) // they all have the same body
	case packets.Suback:
		err = pk.SubackDecode(body)
	case packets.Unsuback:
		err = pk.UnsubackDecode(body)
	case packets.Pingresp:
		err = pk.PingrespDecode(body)
	} // the library takes no notice of others (fact mqtt/refused-packets)
	if err != nil {
		return pk, 0, errMalformed
	}
	return pk, n, nil
}

// nextMessageID counts message ids as the application does: 65535 is left out
// (fact mqtt/one-id).
func nextMessageID(id uint16) uint16 {
	if id++; id == math.MaxUint16 {
		return 1
	}
	return id
}
