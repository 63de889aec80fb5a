package mqtt

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/stretchr/testify/require"
)

// What the library's own table has of MQTT 3.1.1 is sent and read byte by byte as
// it says.
func TestPacketTable(t *testing.T) {
	sent := []byte{
		packets.Connect, packets.Publish, packets.Puback, packets.Pubrec, packets.Pubrel, packets.Pubcomp,
		packets.Subscribe, packets.Unsubscribe, packets.Pingreq, packets.Disconnect,
	}
	for _, typ := range sent {
		for _, c := range packets.TPacketData[typ] {
			if c.Packet == nil || c.Packet.ProtocolVersion != protocolLevel || c.FailFirst != nil || c.Expect != nil || c.Group != "" {
				continue
			}
			t.Run("send/"+c.Desc, func(t *testing.T) {
				pk := *c.Packet
				got, err := encode(&pk)
				require.NoError(t, err)
				require.Equal(t, c.RawBytes, got)
			})
		}
	}
	for _, typ := range []byte{packets.Connack, packets.Publish, packets.Puback, packets.Suback, packets.Unsuback, packets.Pingresp} {
		for _, c := range packets.TPacketData[typ] {
			if c.Packet == nil || c.Packet.FixedHeader.Dup || c.Packet.ProtocolVersion > protocolLevel || c.FailFirst != nil || c.Expect != nil || c.Group != "" {
				continue
			}
			t.Run("receive/"+c.Desc, func(t *testing.T) {
				pk, n, err := decode(c.RawBytes)
				require.NoError(t, err)
				require.Len(t, c.RawBytes, n)
				want := *c.Packet
				require.Equal(t,
					[]any{want.FixedHeader.Type, want.FixedHeader.Qos, want.TopicName, string(want.Payload), want.PacketID, want.ReasonCode},
					[]any{pk.FixedHeader.Type, pk.FixedHeader.Qos, pk.TopicName, string(pk.Payload), pk.PacketID, pk.ReasonCode})
			})
		}
	}
}

func TestNextMessageID(t *testing.T) {
	require.EqualValues(t, 1, nextMessageID(0))
	require.EqualValues(t, 65534, nextMessageID(65533))
	require.EqualValues(t, 1, nextMessageID(65534))
}

// Any bytes are a packet, more to come, or an error, and the same however they
// are cut.
func FuzzDecode(f *testing.F) {
	for _, typ := range []byte{packets.Connack, packets.Publish, packets.Suback, packets.Pubrel} {
		for _, c := range packets.TPacketData[typ] {
			f.Add(c.RawBytes)
		}
	}
	f.Add([]byte("\x30\xff\xff\xff\xff\x7f" + strings.Repeat("x", 600)))
	f.Fuzz(func(t *testing.T, b []byte) {
		pk, n, err := decode(b)
		switch {
		case err != nil:
			if n != 0 || !errors.Is(err, errMalformed) && !errors.Is(err, errTooLong) && !errors.Is(err, errHuge) {
				t.Fatalf("%d bytes and %v", n, err)
			}
			return
		case n == 0:
			if len(b) > maxPacket {
				t.Fatalf("%d bytes are not enough", len(b))
			}
			return
		case n > len(b) || n > maxPacket:
			t.Fatalf("%d bytes of %d", n, len(b))
		}
		again, m, err := decode(b[:n])
		if err != nil || m != n {
			t.Fatalf("cut at its end: %d bytes, %v", m, err)
		}
		if diff := cmp.Diff(pk, again); diff != "" {
			t.Fatal(diff)
		}
		if _, m, _ := decode(b[:n-1]); m != 0 {
			t.Fatalf("cut before its end: %d bytes", m)
		}
	})
}
