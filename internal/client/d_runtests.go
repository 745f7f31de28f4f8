package client

import (
	"io"

	"github.com/google/uuid"
)

// RunTestList is a page of the list of run tests.
type RunTestList struct {
	Items []ListedRunTest
	Pages int  // 0 when not said
	Bare  bool // a plain list, which has no pages
}

// ListedRunTest is a run test of a list, as far as all of them are looked at.
type ListedRunTest struct {
	ID      uuid.UUID // uuid.Nil when not said
	Name    string    // as the server wrote it
	Deleted bool
	whole   runTestAnswer
}

// RunTests reads a page of the list of run tests.
func (a Answers) RunTests(r io.Reader) (RunTestList, error) {
	var p RunTestList
	var pages count
	s := newScanner(r)
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
		return p, nonsense("it has no list of run tests")
	}
	if pages.v != nil {
		p.Pages = *pages.v
	}
	p.Bare = seen[plainList]
	return p, nil
}

// Whole is all that is known of a run test of a list.
func (a Answers) Whole(listed ListedRunTest) (RunTest, error) {
	return listed.whole.runTest(a.secrets)
}

// NamedRunTest is a run test that was looked up by its name.
type NamedRunTest struct {
	ID   uuid.UUID
	Name string // as the server wrote it; empty when not said
}

// NamedRunTest reads the answer to get-id-by-name.
func (a Answers) NamedRunTest(r io.Reader) (NamedRunTest, error) {
	w, err := readAnswer[struct {
		ID   words `json:"run_test_id"`
		Name words `json:"run_test_name"`
	}](r)
	if err == nil && w.ID.id() == uuid.Nil {
		err = nonsense("it has no run_test_id")
	}
	return NamedRunTest{ID: w.ID.id(), Name: string(w.Name)}, err
}
