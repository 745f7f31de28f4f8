package dialect

import (
	"io"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// RunTestList is one page of the list of run tests.
type RunTestList struct {
	Items []ListedRunTest
	Pages int  // 0 if unknown
	Bare  bool // a plain list without pages
}

// ListedRunTest is an entry in a list of run tests: the fields needed to find one, and the rest
// undecoded.
type ListedRunTest struct {
	ID      uuid.UUID // uuid.Nil if unknown
	Name    string    // unredacted
	Deleted bool
	whole   runTestAnswer
}

// RunTests reads one page of the list of run tests.
func (a Answers) RunTests(r io.Reader) (RunTestList, error) {
	var p RunTestList
	var pages count
	s := jsonstream.New(r)
	item := func() error {
		var w object[runTestAnswer]
		err := readInto(s, &w)
		p.Items = append(p.Items, ListedRunTest{ID: w.v.ID.id(), Name: string(w.v.Name), Deleted: bool(w.v.Deleted), whole: w.v})
		return err
	}
	seen, err := document{
		fields: map[string]any{"total_pages": &pages},
		lists:  map[string]func() error{plainList: item, "results": item},
	}.read(s)
	if err != nil {
		return p, err
	}
	if !seen["results"] && !seen[plainList] {
		return p, Nonsense("it has no list of run tests")
	}
	if pages.v != nil {
		p.Pages = *pages.v
	}
	p.Bare = seen[plainList]
	return p, nil
}

// Whole returns all that is known of a listed run test.
func (a Answers) Whole(listed ListedRunTest) (calls.RunTest, error) {
	return listed.whole.runTest(a.secrets)
}

// NamedRunTest is the result of a lookup by name.
type NamedRunTest struct {
	ID   uuid.UUID
	Name string // unredacted; empty if unknown
}

// NamedRunTest reads the response to get-id-by-name.
func (a Answers) NamedRunTest(r io.Reader) (NamedRunTest, error) {
	w, err := readAnswer[struct {
		ID   words `json:"run_test_id"`
		Name words `json:"run_test_name"`
	}](r)
	if err == nil && w.ID.id() == uuid.Nil {
		err = Nonsense("it has no run_test_id")
	}
	return NamedRunTest{ID: w.ID.id(), Name: string(w.Name)}, err
}
