package calls

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// packed returns a packed list of calls.
func packed(calls ...Call) *List {
	var p Packer
	p.Add(calls...)
	return p.List()
}

// unpack returns the calls of a list.
func unpack(list *List) []Call {
	var all []Call
	for _, call := range list.All() {
		all = append(all, call)
	}
	return all
}

// randomCall returns a call whose fields are each known or not.
func randomCall(r *rand.Rand, n int) Call {
	maybe := func(v float64) *float64 {
		if r.IntN(3) == 0 {
			return nil
		}
		return &v
	}
	at := func() *time.Time {
		if r.IntN(3) == 0 {
			return nil
		}
		return new(time.Date(r.IntN(9999), 1, 1, 0, 0, 0, r.IntN(1e6)*1000, time.UTC))
	}
	c := Call{
		ID:                answers.CallID(n),
		Scenario:          text.New(fmt.Sprint("scenario ", r.IntN(4))),
		ScenarioID:        answers.CallID(1000 + r.IntN(4)),
		Status:            []Status{Completed, Failed, "odd", ""}[r.IntN(4)],
		OverallScore:      maybe(r.Float64() * 10),
		DurationSeconds:   maybe(0),
		ResponseSeconds:   maybe(math.Inf(1)),
		CostCents:         maybe(-1),
		EndedReason:       text.New([]string{"", "ended", fmt.Sprint("ended ", n)}[r.IntN(3)]),
		ProcessingSkipped: r.IntN(2) == 0,
		SkipReason:        text.New([]string{"", "too short"}[r.IntN(2)]),
		UpdatedAt:         at(),
		StartedAt:         at(),
		Row:               r.Uint64(),
	}
	if r.IntN(2) == 0 {
		c.Reruns, c.First = 1+r.IntN(3), &Try{Status: Failed, EndedReason: text.New("busy")}
	}
	for k := range r.IntN(4) {
		c.Evals = append(c.Evals, NewEval(EvalResult{
			ConfigID: answers.CallID(2000 + k), Name: text.New(fmt.Sprint("eval ", k)), State: EvalScored,
			Value:  EvalValue{Kind: ValueScore, Number: r.Float64(), Labels: []text.Untrusted{text.New("good")}},
			Reason: text.New([]string{"", "because", fmt.Sprint("because ", n, k)}[r.IntN(3)]),
		}))
		c.Evals = append(c.Evals, NewEval(EvalResult{
			State: EvalScored,
			Value: EvalValue{Kind: ValueText, Labels: []text.Untrusted{text.New([]string{"a word", fmt.Sprint("word ", n)}[r.IntN(2)])}},
		}))
	}
	return c
}

func TestPackedCallsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 0))
		var want []Call
		for n := range r.IntN(800) {
			want = append(want, randomCall(r, n))
		}
		list := packed(want...)
		if list.Len() != len(want) {
			t.Fatalf("got %d calls, want %d", list.Len(), len(want))
		}
		for i, got := range list.All() {
			if diff := cmp.Diff(want[i], got, answers.SameText); diff != "" {
				t.Fatalf("call %d of seed %d (-want +got):\n%s", i, seed, diff)
			}
			brief := want[i]
			brief.Evals, brief.UpdatedAt, brief.StartedAt = nil, nil, nil
			if diff := cmp.Diff(brief, list.Brief(i), answers.SameText); diff != "" {
				t.Fatalf("brief call %d of seed %d (-want +got):\n%s", i, seed, diff)
			}
			if list.ID(i) != got.ID || list.Scenario(i) != got.Scenario {
				t.Fatalf("call %d: got id %s and scenario %s", i, list.ID(i), list.Scenario(i))
			}
		}
	}
}

func TestAPackedNumberThatIsNotKnownIsNone(t *testing.T) {
	t.Parallel()
	list := packed(Call{OverallScore: new(math.NaN()), CostCents: new(3.0)})
	if n := list.Numbers(0); !math.IsNaN(n.OverallScore) || !math.IsNaN(n.DurationSeconds) || n.CostCents != 3 {
		t.Errorf("got %+v", n)
	}
	if c := list.At(0); c.OverallScore != nil || c.DurationSeconds != nil {
		t.Errorf("got %+v", c)
	}
}

func TestNoCallsAreAList(t *testing.T) {
	t.Parallel()
	var none *List
	for range none.All() {
		t.Error("there is a call")
	}
	if none.Len() != 0 || packed().Len() != 0 {
		t.Error("there are calls")
	}
}

func TestAReplacedCallLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 0))
	var want []Call
	var p Packer
	for n := range 50 {
		want = append(want, randomCall(r, n))
		p.Add(want[n])
	}
	for range 200 {
		i := r.IntN(len(want))
		want[i] = randomCall(r, i)
		p.Replace(i, want[i])
	}
	if diff := cmp.Diff(unpack(packed(want...)), unpack(p.List()), answers.SameText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCallsAreSortedByScenarioAndThenByID(t *testing.T) {
	t.Parallel()
	var p Packer
	for _, c := range []struct {
		scenario string
		n        byte
		status   Status
	}{{"b", 2, Failed}, {"a", 9, Failed}, {"b", 1, Completed}, {"a", 3, Completed}, {"", 7, Completed}} {
		p.Add(Call{ID: uuid.UUID{15: c.n}, Scenario: text.New(c.scenario), Status: c.status})
	}
	p.Sort()
	var got []byte
	for _, c := range p.List().All() {
		got = append(got, c.ID[15])
	}
	if want := []byte{7, 3, 9, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
