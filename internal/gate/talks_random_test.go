package gate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Whatever goes wrong, nothing is sent twice or left open, and a run passes only if its agent did
// well in all conversations. inChats looks at the rest.
func TestConversationsInAnyWeather(t *testing.T) {
	t.Parallel()
	endpoints := []api.Endpoint{
		talk.EndpointStart, talk.EndpointRows, talk.EndpointLockedRows, talk.EndpointBegin, talk.EndpointTurn,
		talk.EndpointPatch, talk.EndpointResult, api.EndpointExecution, api.EndpointCall, api.EndpointCancel, api.EndpointExecutions,
	}
	kinds := []simulator.FaultKind{
		simulator.FaultRefused, simulator.FaultReset, simulator.FaultLost, simulator.FaultHangUp, simulator.FaultRateLimit, simulator.FaultServerError,
		simulator.FaultBadGateway, simulator.FaultUnavailable, simulator.FaultTruncated, simulator.FaultHTML,
	}
	for seed := range uint64(*randomRuns) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			options := simulator.Options{Seed: seed}
			options.Chats.NoALK, options.Chats.Starved, options.Chats.Shuffled = r.IntN(3) == 0, r.IntN(4) == 0, r.IntN(2) == 0
			for range r.IntN(5) {
				options.Faults = append(options.Faults, simulator.Fault{
					Endpoint: endpoints[r.IntN(len(endpoints))], Kind: kinds[r.IntN(len(kinds))], After: r.IntN(12), Count: 1 + r.IntN(3),
				})
			}
			fails, dies, stops := r.IntN(3) == 0, r.IntN(6) == 0, r.IntN(6) == 0
			after := time.Duration(r.IntN(20_000)) * time.Millisecond
			at := 1 + r.IntN(60)
			reruns, lanes := r.IntN(3), 5
			think := 100 * time.Millisecond
			if r.IntN(4) == 0 {
				lanes, think = 1+r.IntN(3), 90*time.Second // does not fit into one execution
			}
			inChats(t, options, func(w *world) {
				w.overlaps = true // a broken connection does not stop the server
				w.agent.answer = func(q agent.Question) (agent.Answer, error) {
					switch n := int(w.agent.asked.Load()); {
					case n == at && dies:
						return agent.Answer{}, w.agent.die()
					case n == at && fails:
						return agent.Answer{}, &agent.Error{Kind: agent.KindError, Detail: text.New("no model")}
					}
					return say(q, grants), nil
				}
				w.judgeBy("success_rate >= 100")
				w.gate.Config.Reruns = config.Reruns{Attempts: reruns, Max: kind.Amount{IsShare: true, Percent: 25}}
				w.gate.Config.Agent.Concurrency, w.gate.Config.Agent.TurnTimeout = lanes, 10*time.Minute
				w.agent.think, w.gate.Timeout = think, 10*time.Hour
				var got gate.Result
				if stops {
					got = w.runStoppedAfter(after, gate.ErrTerminated)
				} else {
					got = w.run()
				}
				t.Logf("%s: %s", got.Verdict.Kind, got.Verdict.Reason.Line())
				if got.Verdict.Kind == verdict.Pass && got.Verdict.Counts.Succeeded != 20 {
					t.Errorf("passed with %+v", got.Verdict.Counts)
				}
				if got.Verdict.Kind == verdict.Fail && !fails && !dies {
					t.Errorf("the agent is blamed: %s", got.Verdict.Reason.Line())
				}
				known := len(got.Evidence.Executions())
				if got.Evidence.Execution.ID == uuid.Nil {
					known = 0
				}
				if n := len(w.server.Ledger().Started); n > known+1 || n > known && got.Verdict.Kind == verdict.Pass && len(got.Evidence.Warnings) == 0 {
					t.Errorf("%d executions were started, and %d are known", n, known)
				}
				if n := got.Evidence.Calls.Len(); n > 20 {
					t.Errorf("%d calls are judged, of 20", n)
				}
			}, func() *fake { return says(grants) })
		})
	}
}
