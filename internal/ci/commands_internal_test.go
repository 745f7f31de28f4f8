package ci

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

func TestAValueThatHoldsTheDelimiterIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	id := uuid.MustParse("545b1b29-ef1c-4795-b802-cf35aa76f1d8")
	guessed := func() (uuid.UUID, error) { return id, nil }
	forged := Output{Name: "reason", Value: "x\nghadelimiter_" + id.String() + "\nverdict=pass"}
	if err := appendValues(path, guessed, Output{Name: "verdict", Value: "fail"}, forged); err == nil {
		t.Error("the value was written")
	}
	none := func() (uuid.UUID, error) { return uuid.Nil, errors.New("no randomness") }
	if err := appendValues(path, none, Output{Name: "verdict", Value: "fail"}); err == nil {
		t.Error("a delimiter that can be foretold was used")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}
