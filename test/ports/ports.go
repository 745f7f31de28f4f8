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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}
