// Package ports gives tests the addresses that they need.
package ports

import (
	"net"
	"testing"
)

// Refusing returns an address that refuses connections until the test ends. The near end of a
// connection holds its port without listening. The port of a listener that was closed would not do:
// the server of another test may get it.
func Refusing(t testing.TB) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}
