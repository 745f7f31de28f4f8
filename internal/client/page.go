package client

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// page is one answer to GET test-executions/{id}/, of either dialect.
type page struct {
	dialect  Dialect // DialectUnknown when the answer does not show it
	progress Progress
	total    *int // all calls of the execution, as the server says; nil when it does not
	pages    int  // 0 when the server does not say
	evals    []EvalConfig
	calls    []Call                   // as they came, duplicates included
	said     map[uuid.UUID]Transcript // of calls of which the turns are kept
}

// maxTotal is the largest number of calls that is believed.
const maxTotal = 1_000_000

// pageRoom is how many calls a page has room for before it grows.
const pageRoom = 100

// pageReader reads pages of one execution.
type pageReader struct {
	execution uuid.UUID
	calls     bool // read the calls too; a poll does not need them
	secrets   *redactor
	spare     *sync.Pool // of *rowReader, for the next page; nil for none
	// said are the calls of which the turns are kept instead of everything else, where the
	// list has some; nil when nobody asked for what was said.
	said map[uuid.UUID]bool
}

// Status is a reader of pages of which the calls are not read.
func (a Answers) Status(execution uuid.UUID) pageReader {
	return pageReader{execution: execution, secrets: a.secrets}
}

// Calls is a reader of pages with their calls.
func (a Answers) Calls(execution uuid.UUID) pageReader {
	return pageReader{execution: execution, calls: true, secrets: a.secrets, spare: &sync.Pool{}}
}

// Transcripts is a reader of pages of which the turns of some calls are read.
func (a Answers) Transcripts(execution uuid.UUID, of []uuid.UUID) pageReader {
	p := pageReader{execution: execution, calls: true, secrets: a.secrets, said: map[uuid.UUID]bool{}}
	for _, id := range of {
		p.said[id] = true
	}
	return p
}

// rows is a reader of rows, of another page where there is one.
func (p pageReader) rows() *rowReader {
	if p.spare != nil {
		if r, ok := p.spare.Get().(*rowReader); ok {
			return r
		}
	}
	return newRowReader(p.secrets)
}

// Read reads one page. It is an error when the answer is not about this execution, has
// no status, or holds a call without an id; and when the calls are read, that it does
// not say how many there are.
func (p pageReader) Read(r io.Reader) (page, error) {
	var (
		id, runTest, runTestName, status, agentType, reason words
		listed, totalCalls                                  total
		completed, failed, totalPages                       count
		rate                                                number
		started, ended                                      instant
		columns                                             list[object[column]]
		got                                                 page
	)
	rows := p.rows()
	if p.spare != nil {
		defer p.spare.Put(rows)
	}
	rows.scan.start(r)
	row := func() error {
		if !p.calls {
			return rows.scan.skip()
		}
		if len(got.calls) == maxTotal {
			return nonsense("a page has more than %d calls", maxTotal)
		}
		if got.calls == nil {
			got.calls = make([]Call, 0, pageRoom)
		}
		read := rows.call
		if p.said != nil {
			if got.said == nil {
				got.said = map[uuid.UUID]Transcript{}
			}
			read = func() (Call, error) { return rows.turns(p.said, got.said) }
		}
		call, err := read()
		got.calls = append(got.calls, call)
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
		return page{}, err
	}
	switch {
	case seen["results"] && seen["count"]:
		got.dialect = DialectDeployed
	case seen["calls"] && seen["id"]:
		got.dialect = DialectDocumented
	}
	if status == "" {
		return page{}, nonsense("the execution has no status")
	}
	if !seen["results"] && !seen["calls"] {
		return page{}, nonsense("the execution has no list of calls")
	}
	if named := id.id(); named != uuid.Nil && named != p.execution {
		return page{}, nonsense("the answer is about another execution, %s", named)
	}
	own, other := totalCalls, listed
	if seen["results"] {
		own, other = listed, totalCalls
	}
	got.total = cmp.Or(own.v, other.v)
	terminal := ExecutionStatus(keyword(status, p.secrets)).Terminal()
	switch {
	case !p.calls: // a poll does not need it
	case own.unusable || other.unusable:
		return page{}, nonsense("its number of calls is not a whole number from 0 to %d", maxTotal)
	case own.v == nil && terminal:
		// Without it nothing shows that no call is missing. While the execution is at
		// work they may be missing.
		return page{}, nonsense("the server did not say how many calls there are")
	case own.v != nil && other.v != nil:
		got.total = new(max(*own.v, *other.v))
	}
	if totalPages.v != nil {
		got.pages = *totalPages.v
	}
	got.evals = evalColumns(columns, p.secrets)
	got.progress = Progress{
		Status:      ExecutionStatus(keyword(status, p.secrets)),
		Total:       got.total,
		Completed:   completed.v,
		Failed:      failed.v,
		SuccessRate: rate.v,
		AgentType:   AgentType(keyword(agentType, p.secrets)),
		ErrorReason: p.secrets.Keep(string(reason)),
		StartedAt:   started.v,
		CompletedAt: ended.v,
		RunTestID:   runTest.id(),
		RunTestName: p.secrets.Keep(string(runTestName)),
	}
	return got, nil
}

// keyword is a status or another word of the API's own vocabulary, in lower case. One
// endpoint of the deployed server writes them in Title Case (contract, section 3.5).
func keyword(w words, secrets *redactor) string {
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

// evalColumns are the evals among the columns of an execution (contract, section 3.7).
func evalColumns(columns list[object[column]], secrets *redactor) []EvalConfig {
	var out []EvalConfig
	for _, c := range columns {
		if id := c.v.ID.id(); c.v.Type == "evaluation" && id != uuid.Nil {
			out = append(out, EvalConfig{ID: id, Name: secrets.Keep(string(c.v.Name)), Type: secrets.Keep(string(c.v.Eval.v.Output))})
		}
	}
	slices.SortFunc(out, func(a, b EvalConfig) int {
		return cmp.Or(cmp.Compare(a.Name.Raw(), b.Name.Raw()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return out
}
