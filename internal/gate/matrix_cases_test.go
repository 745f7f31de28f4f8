package gate_test

import (
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// trouble is a way in which a request of a run goes wrong.
type trouble struct {
	name  string
	fault simulator.Fault
	// done: the server carries the request out all the same.
	done bool
	// unsent: no connection came about, so that a POST may be sent again at once.
	unsent bool
	// refused: the server says that it did not act, which is no proof: a POST may be sent
	// again after a look.
	refused bool
	// posts: it only happens to what changes something.
	posts bool
	// final: sending it again does not help, and is not tried.
	final bool
	// slow: an attempt takes until the client gives it up, after 30 s.
	slow bool
}

// troubles are the columns of the matrix.
func troubles() []trouble {
	status := func(status int, f simulator.Fault) simulator.Fault {
		f.Kind, f.Status = simulator.FaultStatus, status
		return f
	}
	html := "<html><head><title>Gateway Time-out</title></head></html>"
	return []trouble{
		{name: "connection refused", fault: simulator.Fault{Kind: simulator.FaultRefused}, unsent: true},
		{name: "no host", fault: simulator.Fault{Kind: simulator.FaultNoHost}, unsent: true},
		{name: "reset before", fault: simulator.Fault{Kind: simulator.FaultReset}},
		{name: "answer lost", fault: simulator.Fault{Kind: simulator.FaultLost}, done: true},
		{name: "hang-up", fault: simulator.Fault{Kind: simulator.FaultHangUp}, done: true},
		{name: "slow answer", fault: simulator.Fault{Kind: simulator.FaultSlow}, done: true, slow: true},
		{name: "never handled", fault: simulator.Fault{Kind: simulator.FaultStall}, slow: true},
		{name: "408", fault: simulator.Fault{Kind: simulator.FaultRequestTimeout}},
		{name: "408 but done", fault: simulator.Fault{Kind: simulator.FaultRequestTimeout, Handled: true}, done: true},
		{name: "429", fault: simulator.Fault{Kind: simulator.FaultRateLimit}, refused: true},
		{name: "429 seconds", fault: simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: 5 * time.Second}, refused: true},
		{name: "429 date", fault: simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: 5 * time.Second, RetryAfterDate: true}, refused: true},
		{name: "500", fault: simulator.Fault{Kind: simulator.FaultServerError}},
		{name: "500 but done", fault: simulator.Fault{Kind: simulator.FaultServerError, Handled: true}, done: true},
		{name: "502 HTML", fault: simulator.Fault{Kind: simulator.FaultBadGateway}},
		{name: "503", fault: simulator.Fault{Kind: simulator.FaultUnavailable}, refused: true},
		{name: "503 Retry-After", fault: simulator.Fault{Kind: simulator.FaultUnavailable, RetryAfter: 5 * time.Second}, refused: true},
		{name: "409", fault: status(409, simulator.Fault{}), refused: true, posts: true},
		{name: "429 but done", fault: simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: 5 * time.Second, Handled: true}, refused: true, done: true},
		{name: "503 but done", fault: simulator.Fault{Kind: simulator.FaultUnavailable, RetryAfter: 5 * time.Second, Handled: true}, refused: true, done: true},
		{name: "409 but done", fault: status(409, simulator.Fault{Handled: true}), refused: true, posts: true, done: true},
		{name: "504 but done", fault: status(504, simulator.Fault{Body: html, ContentType: "text/html", Handled: true}), done: true},
		{name: "truncated JSON", fault: simulator.Fault{Kind: simulator.FaultTruncated}, done: true},
		{name: "HTML with a 200", fault: simulator.Fault{Kind: simulator.FaultHTML}},
		{name: "redirect 302", fault: simulator.Fault{Kind: simulator.FaultRedirect, Status: http.StatusFound}, final: true},
		{name: "redirect 307", fault: simulator.Fault{Kind: simulator.FaultRedirect}, final: true, unsent: true},
		{name: "huge body", fault: simulator.Fault{Kind: simulator.FaultHuge, Size: 2 * matrixMaxBody}, done: true, final: true},
	}
}

// matrixMaxBody is how much of an answer the client of the matrix reads.
const matrixMaxBody = 32 << 10

// inARow are the numbers of faults in a row: one, some that retries outlast, and more
// than all retries of one request.
var inARow = []int{1, 3, 12}

// outcome is what a run may come to.
type outcome struct {
	kind  verdict.Kind
	cause verdict.Cause
	// started is how many executions were paid for.
	started int
	// left: the execution is still running when the gate has ended, and why nobody
	// could know or do better. Cleanup then has to end it.
	left string
}

var (
	passes      = outcome{kind: verdict.Pass, started: 1}
	fails       = outcome{kind: verdict.Fail, started: 1}
	neverBegan  = outcome{kind: verdict.Error, cause: verdict.CauseOperational}
	gaveUp      = outcome{kind: verdict.Error, cause: verdict.CauseOperational, started: 1}
	interrupted = outcome{kind: verdict.Error, cause: verdict.CauseInterrupted, started: 1}
	timedOut    = outcome{kind: verdict.Error, cause: verdict.CauseTimeout, started: 1}
)

// stage is a request of the run: a row of the matrix.
type stage struct {
	name string
	// hits tells whether a request is the one that goes wrong.
	hits func(w *world, to api.Endpoint, r *http.Request) bool
	// prepare changes the world before the run.
	prepare func(w *world)
	plan    story.Plan
	evals   []story.Eval
	only    simulator.Dialect // empty: both
	// post is true of a request that changes something.
	post bool
	// signal is when the run is interrupted; 0 is never.
	signal time.Duration
	// want is what has to come out when n requests in a row have this trouble.
	want func(x trouble, n int) outcome
}

// polls matches the reads of the execution with one call on a page.
func polls(_ *world, to api.Endpoint, r *http.Request) bool {
	return to == api.EndpointExecution && r.URL.Query().Get("limit") == "1"
}

// collects matches the reads of the execution with all its calls.
func collects(_ *world, to api.Endpoint, r *http.Request) bool {
	return to == api.EndpointExecution && r.URL.Query().Get("limit") != "1"
}

// endpoint matches all requests of one kind.
func endpoint(e api.Endpoint) func(*world, api.Endpoint, *http.Request) bool {
	return func(_ *world, to api.Endpoint, _ *http.Request) bool { return to == e }
}

// outlasted tells whether the retries of one request that may be sent again outlast n
// faults: six attempts, within a minute.
func outlasted(x trouble, n int) bool { return n < 6 && !(x.slow && n > 1) }

// reading is what becomes of a run whose look-ups before the start go wrong.
func reading(x trouble, n int) outcome {
	if x.final || !outlasted(x, n) {
		return neverBegan
	}
	return passes
}

// sentAgain tells whether what is paid for is sent once more after such trouble, until it works:
// when no connection came about, or after a refusal of which nothing came.
func sentAgain(x trouble, n int) bool {
	return (x.unsent || x.refused) && !x.final && outlasted(x, n)
}

// executing is what becomes of a run whose execute goes wrong.
func executing(x trouble, n int) outcome {
	if x.done || sentAgain(x, n) {
		return passes
	}
	return neverBegan
}

// executingShared is the same on a run test that others use too, where nothing is sent again
// on which the server may have acted.
func executingShared(x trouble, n int) outcome {
	x.refused = false
	return executing(x, n)
}

// watching is what becomes of a run that is paid for: whatever may pass is outlasted.
func watching(x trouble, _ int) outcome {
	if x.final && !x.done {
		return gaveUp
	}
	return passes
}

// collecting is watching, but a page of calls that is too large is asked for in smaller ones
// twice, and then it will be so again.
func collecting(x trouble, n int) outcome {
	if x.final && (!x.done || n > 2) {
		return gaveUp
	}
	return passes
}

// stages are the rows of the matrix.
func stages() []stage {
	stuck := story.Plan{Stuck: story.StatusRunning}
	flaky := story.Plan{Calls: map[int]story.Outcome{1: story.Flaky(1, "no-answer")}}
	loseCreate := func(w *world) {
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointCreate, Kind: simulator.FaultLost})
	}
	shared := func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
	}
	rerun := func(w *world) {
		w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 100}}
	}
	return []stage{
		{name: "create", post: true, hits: endpoint(api.EndpointCreate), want: func(x trouble, n int) outcome {
			switch {
			case x.done, sentAgain(x, n):
				return passes
			case !x.unsent && n < 3:
				return passes // looked up, surely not there, sent again
			}
			return neverBegan
		}},
		{name: "look-up by name", hits: endpoint(api.EndpointIDByName), prepare: loseCreate, want: reading},
		{name: "look-up in the list", hits: endpoint(api.EndpointRunTests), prepare: func(w *world) {
			loseCreate(w)
			w.server.Inject(simulator.Fault{Endpoint: api.EndpointIDByName, Kind: simulator.FaultStatus, Status: 404, Count: simulator.Always})
		}, want: reading},
		{name: "read run test", hits: endpoint(api.EndpointRunTest), prepare: shared, want: reading},
		{name: "executions before", hits: endpoint(api.EndpointExecutions), prepare: shared, want: reading},
		{name: "execute", post: true, hits: endpoint(api.EndpointExecute), want: executing},
		{name: "execute (shared run test)", post: true, hits: endpoint(api.EndpointExecute), prepare: shared, want: executingShared},
		{name: "execute a prompt", post: true, only: simulator.Deployed, hits: endpoint(talk.EndpointPromptExecute), prepare: (*world).usePrompt, want: executingShared},
		{name: "poll of a prompt", only: simulator.Deployed, hits: endpoint(api.EndpointMetrics), prepare: (*world).usePrompt, want: func(trouble, int) outcome { return passes }},
		{name: "executions after a lost execute", hits: endpoint(api.EndpointExecutions), prepare: func(w *world) {
			w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost})
		}, plan: story.Plan{Default: story.Succeeds(9).Lasting(10 * time.Minute)}, want: func(x trouble, n int) outcome {
			if x.final && !x.done && n > 6 {
				lost := gaveUp
				lost.left = "the execute had no answer, and the list of executions stays a redirect"
				return lost
			}
			return passes
		}},
		{name: "poll (execution)", hits: polls, want: watching},
		{name: "poll (metrics)", hits: endpoint(api.EndpointMetrics), only: simulator.Deployed,
			want: func(trouble, int) outcome { return passes }}, // there is another read to go to
		{name: "collect", hits: collects, want: collecting},
		{name: "rerun", post: true, hits: endpoint(api.EndpointRerun), plan: flaky, prepare: rerun, want: func(x trouble, n int) outcome {
			if x.done || sentAgain(x, n) {
				return passes
			}
			return fails // judged without the rerun, which is never sent again on a guess
		}},
		{name: "poll during a rerun", plan: flaky, prepare: rerun, only: simulator.Documented,
			hits: func(w *world, to api.Endpoint, r *http.Request) bool {
				return polls(w, to, r) && len(w.server.Ledger().Reruns) > 0
			}, want: watching},
		{name: "collect after a rerun", plan: flaky, prepare: rerun, hits: func(w *world, to api.Endpoint, r *http.Request) bool {
			return collects(w, to, r) && len(w.server.Ledger().Reruns) > 0
		}, want: collecting},
		{name: "new evals", post: true, hits: endpoint(api.EndpointNewEvals), evals: laterEvals(), prepare: func(w *world) {
			criteria := w.gate.Config.Rules.Criteria
			w.withNewEvals()
			w.gate.Config.Rules.Criteria = criteria
		}, want: func(x trouble, n int) outcome {
			if x.done || sentAgain(x, n) {
				return passes
			}
			return gaveUp // they were asked for, and may be run later
		}},
		{name: "cancel after a signal", post: true, hits: endpoint(api.EndpointCancel), plan: stuck, signal: 30 * time.Second, want: func(x trouble, n int) outcome {
			left := interrupted
			switch {
			case x.done, n < 6 && !x.slow:
				return interrupted
			case x.slow:
				left.left = "the server does not handle the cancel within the 5 s"
			default:
				left.left = "the server refuses every cancel of the 5 s"
			}
			return left
		}},
		{name: "cancel of a prompt after a signal", post: true, only: simulator.Deployed, hits: endpoint(api.EndpointCancel), prepare: (*world).usePrompt, signal: 5 * time.Second,
			want: func(trouble, int) outcome { return interrupted }}, // what a failed cancel leaves ends by itself
		{name: "cancel at the timeout", post: true, hits: endpoint(api.EndpointCancel), plan: stuck, want: func(x trouble, n int) outcome {
			left := timedOut
			switch {
			case x.slow && !x.done && n > 1:
				left.left = "the server does not handle the cancel within a minute"
			case x.fault.RetryAfter > 0 && n > 10 && !x.done:
				left.left = "the server asks for more patience than there is time, a minute"
			}
			return left
		}},
		{name: "read before the cancel", plan: stuck, signal: 30 * time.Second, hits: func(w *world, to api.Endpoint, r *http.Request) bool {
			return w.signalled.Load() && (polls(w, to, r) || to == api.EndpointMetrics)
		}, want: func(trouble, int) outcome { return interrupted }},
	}
}
