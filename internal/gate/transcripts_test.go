package gate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// wordsOfACall are spoken in the first call of every run.
const wordsOfACall = "arrived with a broken lid"

// brokenPlan has calls that end in every way but well. The documented dialect does not
// show it of those that are skipped or ended by an error of the simulation.
func brokenPlan() story.Plan {
	return story.Plan{Calls: map[int]story.Outcome{
		0: {Fails: true, Connects: true},
		1: story.Fails("no-answer"),
		2: story.Skipped(""),
		3: story.ProcessingError(),
		4: {Fails: true, Connects: true},
		5: story.Fails("no-answer"),
	}}
}

// callReads are the calls that were read one by one, as paths.
func (w *world) callReads() []string {
	var paths []string
	for _, r := range w.server.Ledger().Requests {
		if r.Endpoint == api.EndpointCall {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

// wantWarning fails the test when no warning says all of it.
func (w *world) wantWarning(got gate.Result, words ...string) {
	w.t.Helper()
	var all []string
	for _, warning := range got.Evidence.Warnings {
		said := warning.Line()
		all = append(all, said)
		missing := false
		for _, word := range words {
			missing = missing || !strings.Contains(said, word)
		}
		if !missing {
			return
		}
	}
	w.t.Errorf("no warning says %q: %q", words, all)
}

// transcripts counts the calls that have a transcript with words, one without, and one
// that could not be read.
func transcripts(calls verdict.Calls) (words, silent, missing int) {
	for _, c := range calls.All() {
		switch {
		case c.Transcript == nil:
		case !c.Transcript.Missing.IsEmpty():
			missing++
		case len(c.Transcript.Turns) == 0:
			silent++
		default:
			words++
		}
	}
	return words, silent, missing
}

func TestNothingThatWasSaidIsReadUnlessItIsAskedFor(t *testing.T) {
	t.Parallel()
	// The documented dialect has the words in its lists of calls.
	bothDialects(t, simulator.Options{Plan: brokenPlan()}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if reads := w.callReads(); len(reads) != 0 {
			t.Errorf("calls were read: %q", reads)
		}
		if all := fmt.Sprintf("%+v %+v", got, w.events); strings.Contains(all, wordsOfACall) {
			t.Error("something that was said is in the result")
		}
		for _, c := range got.Evidence.Calls.All() {
			if c.Transcript != nil {
				t.Errorf("call %s has a transcript", c.ID)
			}
		}
	})
}

func TestOnlyCallsThatMatteredAreReadWorstFirst(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: brokenPlan()}, func(w *world) {
		w.gate.Config.Transcripts = true
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		worst := verdict.Mattered(got.Evidence.Calls, got.Verdict, verdict.Rules{})
		reads := w.callReads()
		if len(reads) != len(worst) {
			t.Fatalf("%d calls were read, want the %d that did not succeed", len(reads), len(worst))
		}
		if want := got.Evidence.Calls.ID(worst[0]).String(); !strings.Contains(reads[0], want) {
			t.Errorf("%s was read first, want call %s", reads[0], want)
		}
		for _, c := range got.Evidence.Calls.All() {
			if (c.Transcript != nil) != (c.Outcome() != verdict.Succeeded) {
				t.Errorf("%s call %s: transcript %+v", c.Outcome(), c.ID, c.Transcript)
			}
		}
		words, silent, missing := transcripts(got.Evidence.Calls)
		if words == 0 || silent == 0 || missing != 0 {
			t.Errorf("%d calls with words, %d without, %d not read", words, silent, missing)
		}
		if len(got.Evidence.Warnings) != 0 {
			t.Errorf("warnings %v", got.Evidence.Warnings)
		}
		if all := fmt.Sprintf("%+v", w.events); strings.Contains(all, wordsOfACall) {
			t.Error("something that was said is in the log")
		}
		w.wantPaid(1)
	})
}

func TestCallsBelowTheBarAndThoseThatPulledACriterionDownAreReadToo(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{AttachEvals: true, Plan: story.Plan{Calls: map[int]story.Outcome{
		0: story.Outcome{}.With("is_helpful", story.EvalFailed()),
		1: {Score: new(1.0)},
	}}}, func(w *world) {
		w.gate.Config.Transcripts = true
		w.judgeBy("overall_score.min >= 2")
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		var read int
		for i, c := range got.Evidence.Calls.All() {
			low := *c.OverallScore < 2 || got.Verdict.Passed[i] == verdict.NotPassed
			if (c.Transcript != nil) != low {
				t.Errorf("call %s of score %v: transcript %+v", c.ID, *c.OverallScore, c.Transcript)
			}
			if low {
				read++
			}
		}
		if read != 2 {
			t.Errorf("%d calls were read, want one below the bar and one of a low score", read)
		}
	})
}

func TestARunWithoutFailuresReadsNoTranscript(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Transcripts = true
		w.wantVerdict(w.run(), verdict.Pass, "")
		if reads := w.callReads(); len(reads) != 0 {
			t.Errorf("calls were read: %q", reads)
		}
	})
}

func TestTurnsAreReadFromTheListWhereCallsHaveNoReadOfTheirOwn(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Documented, Plan: brokenPlan()}, func(w *world) {
		w.gate.Config.Transcripts = true
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointCall, Kind: simulator.FaultStatus, Status: 404, Body: "<h1>Not Found</h1>", ContentType: "text/html", Count: simulator.Always})
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if words, silent, missing := transcripts(got.Evidence.Calls); words != 2 || silent == 0 || missing != 0 {
			t.Errorf("%d calls with words, %d without, %d not read", words, silent, missing)
		}
		for _, c := range got.Evidence.Calls.All() {
			if c.Outcome() == verdict.Succeeded && c.Transcript != nil {
				t.Errorf("call %s succeeded, and its words were kept", c.ID)
			}
		}
	})
}

func TestTranscriptsThatCannotBeReadChangeNoVerdict(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"an error of the server": {Kind: simulator.FaultServerError},
		"no connection":          {Kind: simulator.FaultRefused},
		"no answer":              {Kind: simulator.FaultStall},
		"keys taken back":        {Kind: simulator.FaultStatus, Status: 401},
		"a page of a proxy":      {Kind: simulator.FaultHTML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Endpoint, fault.Count = api.EndpointCall, simulator.Always
			bothDialects(t, simulator.Options{Plan: brokenPlan(), Faults: []simulator.Fault{fault}}, func(w *world) {
				w.gate.Config.Transcripts = true
				var began time.Time
				w.gate.Observe = func(e event.Event) {
					if e == (event.Phase{Name: "Transcripts"}) {
						began = time.Now()
					}
				}
				got := w.run()
				w.wantVerdict(got, verdict.Fail, "")
				w.wantReason(got, "calls failed")
				n := len(verdict.Mattered(got.Evidence.Calls, got.Verdict, verdict.Rules{}))
				w.wantWarning(got, fmt.Sprintf("%d of %d transcripts could not be read", n, n), "read call execution")
				if _, _, missing := transcripts(got.Evidence.Calls); missing != n {
					t.Errorf("%d calls say that they were not read, want %d", missing, n)
				}
				if took := time.Since(began); began.IsZero() || took > time.Minute {
					t.Errorf("it took %s, want a minute at most", took)
				}
			})
		})
	}
}

func TestOnlyTheWorstHundredCallsAreRead(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{
		Scenarios: []story.Scenario{{Name: "Billing dispute", Rows: 130}},
		Plan:      story.Plan{Default: story.Outcome{Fails: true, Connects: true}},
	}, func(w *world) {
		w.gate.Config.Transcripts = true
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if n := len(w.callReads()); n != 100 {
			t.Errorf("%d calls were read, want 100", n)
		}
		if words, _, _ := transcripts(got.Evidence.Calls); words != 100 {
			t.Errorf("%d calls have words, want 100", words)
		}
		w.wantWarning(got, "transcripts of the worst 100 calls were read", "30 more calls that did not succeed or pass")
	})
}

func TestACallThatWasCutShortHasItsWordsToo(t *testing.T) {
	t.Parallel()
	bothDialects(t, slowOptions(story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
		return story.Outcome{Fails: true, Connects: true, FailReason: "max-duration-reached"}, c.Index < 5
	}}), func(w *world) {
		w.gate.Config.Transcripts, w.gate.Config.FailFast = true, true
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "can no longer be met")
		if words, _, _ := transcripts(got.Evidence.Calls); words == 0 {
			t.Error("no call has words")
		}
	})
}

func TestASignalWhileTranscriptsAreReadEndsOnlyThat(t *testing.T) {
	t.Parallel()
	fault := simulator.Fault{Endpoint: api.EndpointCall, Kind: simulator.FaultStall, Count: simulator.Always}
	bothDialects(t, simulator.Options{Plan: brokenPlan(), Faults: []simulator.Fault{fault}}, func(w *world) {
		w.gate.Config.Transcripts = true
		ctx, signal := context.WithCancelCause(w.t.Context())
		var at time.Time
		w.gate.Observe = func(e event.Event) {
			if e == (event.Phase{Name: "Transcripts"}) {
				time.AfterFunc(time.Second, func() { at = time.Now(); signal(gate.ErrTerminated) })
			}
		}
		got := w.gate.Run(ctx)
		w.wantVerdict(got, verdict.Fail, "")
		if took := time.Since(at); at.IsZero() || took > time.Second {
			t.Errorf("it took %s from the signal to the end", took)
		}
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution that had ended", n)
		}
	})
}

// faultyAPI panics when it is asked for words.
type faultyAPI struct{ gate.API }

func (faultyAPI) Transcripts(context.Context, uuid.UUID, []uuid.UUID) []client.TranscriptResult {
	panic("a bug")
}

func TestABugAmongTranscriptsChangesNoVerdict(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: brokenPlan()}, func(w *world) {
		w.gate.Config.Transcripts = true
		w.gate.API = faultyAPI{w.api}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantWarning(got, "The transcripts were not read", "a bug")
	})
}

func TestARunWithoutAVerdictReadsNoTranscript(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning, Calls: brokenPlan().Calls}}, func(w *world) {
		w.gate.Config.Transcripts = true
		w.gate.Timeout = 20 * time.Minute
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseTimeout)
		if reads := w.callReads(); len(reads) != 0 {
			t.Errorf("calls were read: %q", reads)
		}
	})
}
