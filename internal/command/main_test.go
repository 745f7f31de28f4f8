package command_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs more tests than there are processors: they wait for servers far more than they compute.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8")
	os.Exit(m.Run())
}
