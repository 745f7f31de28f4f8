package dialect

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Page is one response to GET test-executions/{id}/, in either dialect.
type Page struct {
	Dialect  calls.Dialect // DialectUnknown if the response does not show it
	Progress calls.Progress
	Total    *int // number of calls in the execution; nil if the server does not say
	Pages    int  // 0 if the server does not say
	Evals    []calls.EvalConfig
	Calls    []calls.Call                   // in the server's order, with duplicates
	Said     map[uuid.UUID]calls.Transcript // of calls whose turns are kept
}

// MaxTotal is the largest number of calls accepted as plausible.
const MaxTotal = 1_000_000

// pageRoom is the initial capacity for a page's calls.
const pageRoom = 100

// PageReader reads the pages of one execution.
type PageReader struct {
	execution uuid.UUID
	calls     bool // also read the calls; a poll does not need them
	secrets   *Redactor
	spare     *sync.Pool // of *rowReader, reused across pages; nil to not reuse
	// said are the calls whose turns are kept, and nothing else of any call; nil to read whole
	// calls.
	said map[uuid.UUID]bool
}

// Status returns a reader of pages that skips the calls.
func (a Answers) Status(execution uuid.UUID) PageReader {
	return PageReader{execution: execution, secrets: a.secrets}
}

// Calls returns a reader of pages with their calls.
func (a Answers) Calls(execution uuid.UUID) PageReader {
	return PageReader{execution: execution, calls: true, secrets: a.secrets, spare: &sync.Pool{}}
}

// Transcripts returns a reader of pages that keeps only the turns of some calls.
func (a Answers) Transcripts(execution uuid.UUID, of []uuid.UUID) PageReader {
	p := PageReader{execution: execution, calls: true, secrets: a.secrets, said: map[uuid.UUID]bool{}}
	for _, id := range of {
		p.said[id] = true
	}
	return p
}

// rows returns a row reader, reused if possible.
func (p PageReader) rows() *rowReader {
	if p.spare != nil {
		if r, ok := p.spare.Get().(*rowReader); ok {
			return r
		}
	}
	return newRowReader(p.secrets)
}

// Read reads one page. It is an error if the response is about another execution, has no
// status, or contains a call without an id; and, if the calls are read, if it does not say how
// many there are although the execution has ended.
func (p PageReader) Read(r io.Reader) (Page, error) {
	var (
		id, runTest, runTestName, status, agentType, reason words
		listed, totalCalls                                  total
		completed, failed, totalPages                       count
		rate                                                number
		started, ended                                      instant
		columns                                             list[object[column]]
		got                                                 Page
	)
	rows := p.rows()
	if p.spare != nil {
		defer p.spare.Put(rows)
	}
	rows.scan.Start(r)
	row := func() error {
		if !p.calls {
			return rows.scan.Skip()
		}
		if len(got.Calls) == MaxTotal {
			return Nonsense("a page has more than %d calls", MaxTotal)
		}
		if got.Calls == nil {
			got.Calls = make([]calls.Call, 0, pageRoom)
		}
		read := rows.call
		if p.said != nil {
			if got.Said == nil {
				got.Said = map[uuid.UUID]calls.Transcript{}
			}
			read = func() (calls.Call, error) { return rows.turns(p.said, got.Said) }
		}
		call, err := read()
		got.Calls = append(got.Calls, call)
		return err
	}
	seen, err := document{
		fields: map[string]any{
			"id": &id, "run_test": &runTest, "run_test_name": &runTestName, "status": &status,
			"agent_type": &agentType, "error_reason": &reason, "count": &listed, "total_calls": &totalCalls,
			"completed_calls": &completed, "failed_calls": &failed, "success_rate": &rate,
			"started_at": &started, "completed_at": &ended, "total_pages": &totalPages, "column_order": &columns,
		},
		lists: map[string]func() error{"results": row, "calls": row},
	}.read(&rows.scan)
	if err != nil {
		return Page{}, err
	}
	switch {
	case seen["results"] && seen["count"]:
		got.Dialect = calls.DialectDeployed
	case seen["calls"] && seen["id"]:
		got.Dialect = calls.DialectDocumented
	}
	if status == "" {
		return Page{}, Nonsense("the execution has no status")
	}
	if !seen["results"] && !seen["calls"] {
		return Page{}, Nonsense("the execution has no list of calls")
	}
	if named := id.id(); named != uuid.Nil && named != p.execution {
		return Page{}, Nonsense("the answer is about another execution, %s", named)
	}
	own, other := totalCalls, listed
	if seen["results"] {
		own, other = listed, totalCalls
	}
	got.Total = cmp.Or(own.v, other.v)
	terminal := calls.ExecutionStatus(keyword(status, p.secrets)).Terminal()
	switch {
	case !p.calls: // a poll does not need the total
	case own.unusable || other.unusable:
		return Page{}, Nonsense("its number of calls is not a whole number from 0 to %d", MaxTotal)
	case own.v == nil && terminal:
		// Without a total, missing calls would go unnoticed. While the execution is running,
		// calls may be missing anyway.
		return Page{}, Nonsense("the server did not say how many calls there are")
	case own.v != nil && other.v != nil:
		got.Total = new(max(*own.v, *other.v))
	}
	if totalPages.v != nil {
		got.Pages = *totalPages.v
	}
	got.Evals = evalColumns(columns, p.secrets)
	got.Progress = calls.Progress{
		Status:      calls.ExecutionStatus(keyword(status, p.secrets)),
		Total:       got.Total,
		Completed:   completed.v,
		Failed:      failed.v,
		SuccessRate: rate.v,
		AgentType:   calls.AgentType(keyword(agentType, p.secrets)),
		ErrorReason: p.secrets.Keep(string(reason)),
		StartedAt:   started.v,
		CompletedAt: ended.v,
		RunTestID:   runTest.id(),
		RunTestName: p.secrets.Keep(string(runTestName)),
	}
	return got, nil
}

// keyword returns a status or other API keyword in lower case. One endpoint of the deployed
// server writes them in Title Case (contract, section 3.5).
func keyword(w words, secrets *Redactor) string {
	return strings.ToLower(strings.TrimSpace(secrets.Keep(string(w)).Raw()))
}

// column is an entry of the deployed dialect's column_order.
type column struct {
	ID   words `json:"id"`
	Name words `json:"column_name"`
	Type words `json:"type"`
	Eval object[struct {
		Output words `json:"output"`
	}] `json:"eval_config"`
}

// evalColumns returns the evals among an execution's columns (contract, section 3.7).
func evalColumns(columns list[object[column]], secrets *Redactor) []calls.EvalConfig {
	var out []calls.EvalConfig
	for _, c := range columns {
		if id := c.v.ID.id(); c.v.Type == "evaluation" && id != uuid.Nil {
			out = append(out, calls.EvalConfig{ID: id, Name: secrets.Keep(string(c.v.Name)), Type: secrets.Keep(string(c.v.Eval.v.Output))})
		}
	}
	slices.SortFunc(out, func(a, b calls.EvalConfig) int {
		return cmp.Or(cmp.Compare(a.Name.Raw(), b.Name.Raw()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return out
}
