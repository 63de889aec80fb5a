package link

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListenAddress(t *testing.T) {
	for _, c := range []struct {
		in     string
		remote bool
		want   string
		err    string
	}{
		{"4242", false, "127.0.0.1:4242", ""},
		{":4242", false, "127.0.0.1:4242", ""},
		{":0", false, "127.0.0.1:0", ""},
		{"localhost:4242", false, "localhost:4242", ""},
		{"127.1.2.3:4242", false, "127.1.2.3:4242", ""},
		{"[::1]:4242", false, "[::1]:4242", ""},
		{"4242", true, ":4242", ""},
		{"0.0.0.0:4242", true, "0.0.0.0:4242", ""},
		{"lab.example:4242", true, "lab.example:4242", ""},
		{"0.0.0.0:4242", false, "", RemoteFlag},
		{"[::]:4242", false, "", RemoteFlag},
		{"192.168.1.5:4242", false, "", RemoteFlag},
		{"lab.example:4242", false, "", RemoteFlag},
		{"", false, "", "not a port"},
		{"localhost", false, "", "not a port"},
		{"localhost:", false, "", "not a port"},
		{":65536", false, "", "not a port"},
		{"::1", false, "", "not an address"},
	} {
		got, err := ListenAddress(c.in, c.remote)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, c.in)
			continue
		}
		require.NoError(t, err, c.in)
		require.Equal(t, c.want, got)
	}
}
