package jsonreport

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxSize is the largest report that is read, in bytes. A report of 100,000 calls with five
// evals each is about half that size.
const maxSize = 512 << 20

// Read reads a report written by [Write] and returns its evidence, so that the run can be
// judged again. Derived numbers are not trusted but derived again. Read rejects reports of
// other versions, truncated or too large ones, reports with a duplicate call, and reports whose
// calls do not match their counts.
func Read(r io.Reader) (verdict.Evidence, Meta, error) {
	return readUpTo(r, maxSize)
}

func readUpTo(r io.Reader, limit int64) (verdict.Evidence, Meta, error) {
	in := newReading(guarded(r, limit, elementDepth))
	if err := in.document(); err != nil {
		return verdict.Evidence{}, Meta{}, fmt.Errorf("read the JSON report: %w", err)
	}
	return in.evidence, in.meta, nil
}

// newReading begins to read an object.
func newReading(dec *json.Decoder) *reading {
	return &reading{dec: dec, seen: map[string]bool{}, ids: map[uuid.UUID]bool{}}
}

// decodeError rephrases the decoder's errors, which quote untrusted text.
func decodeError(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON at byte %d: %s", syntax.Offset, text.New(syntax.Error()))
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s cannot be %s (at byte %d)", text.New(cmp.Or(typ.Field, "a value")), text.New(typ.Value), typ.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut off")
	}
	return errors.New(text.New(err.Error()).Line())
}

// limited is an io.Reader that fails at its limit instead of ending, to tell a report that is
// too large from a truncated one.
type limited struct {
	r     io.Reader
	left  int64
	limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, fmt.Errorf("larger than the limit of %d MiB", max(l.limit>>20, 1))
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, fmt.Errorf("larger than the limit of %d MiB", max(l.limit>>20, 1))
	}
	return n, err
}

type reading struct {
	dec      *json.Decoder
	seen     map[string]bool
	evidence verdict.Evidence
	calls    verdict.CallPacker
	aside    verdict.CallPacker // in quarantine
	ids      map[uuid.UUID]bool // of all calls so far
	meta     Meta
	counts   savedCounts
	run      jsonRun
}

func (in *reading) document() error {
	if err := in.delim('{'); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	if err := in.report(); err != nil {
		return err
	}
	return in.end()
}

// end makes sure that nothing follows the document.
func (in *reading) end() error {
	if _, err := in.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more data after the end")
	}
	return nil
}

// object reads an object with keys that must be there.
func (in *reading) object(value func(key string) error, keys ...string) error {
	if err := in.delim('{'); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	return in.keys(value, keys...)
}

// keys reads the rest of an object.
func (in *reading) keys(value func(key string) error, keys ...string) error {
	for in.dec.More() {
		token, err := in.dec.Token()
		if err != nil {
			return decodeError(err)
		}
		key, _ := token.(string)
		if in.seen[key] {
			return fmt.Errorf("%s appears twice", text.New(key))
		}
		in.seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	if err := in.delim('}'); err != nil {
		return err
	}
	for _, key := range keys {
		if !in.seen[key] {
			return fmt.Errorf("%s is missing: not an agent-gate report", key)
		}
	}
	return nil
}

// report reads a report whose first brace has been read.
func (in *reading) report() error {
	if err := in.keys(in.value, "schema", "verdict", "run_test", "execution", "counts", "eval_configs", "calls", "reruns"); err != nil {
		return err
	}
	in.calls.Sort()
	in.aside.Sort()
	in.evidence.Calls, in.evidence.Quarantine.Calls = in.calls.Calls(), in.aside.Calls()
	m := &in.meta
	m.Rules.Confidence, m.Rules.DecideOn, m.Rules.IntervalFor, m.Policy.SoftFail = m.Confidence, m.DecideOn, m.IntervalFor, m.SoftFail
	if err := in.checkExecutions(); err != nil {
		return err
	}
	if err := in.restoreLooks(); err != nil {
		return err
	}
	return in.checkCounts()
}

// checkExecutions makes sure that the executions of all calls are listed: trials are told apart by them.
func (in *reading) checkExecutions() error {
	all := in.evidence.AllCalls()
	for i := range all.Len() {
		if c := all.Brief(i); c.Execution > len(in.evidence.Further) {
			return fmt.Errorf("call %s: the report does not list its execution %d", c.ID, c.Execution)
		}
	}
	return nil
}

func (in *reading) delim(want json.Delim) error {
	token, err := in.dec.Token()
	if err != nil {
		return decodeError(err)
	}
	if token != want {
		return fmt.Errorf("%s expected", want)
	}
	return nil
}

// value reads the value of a top-level key. Unknown keys are from a newer agent-gate and are
// skipped, as are derived numbers.
func (in *reading) value(key string) error {
	e, m := &in.evidence, &in.meta
	switch key {
	case "schema":
		return decode(in, key, func(s string) error {
			if s != schemaID {
				return fmt.Errorf("its schema is %q, but this version of agent-gate reads %q", text.New(s).Line(), schemaID)
			}
			return nil
		})
	case "verdict":
		return decode(in, key, func(s string) error {
			m.Verdict = verdict.Kind(s)
			return oneOf(key, m.Verdict, verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Error, verdict.Skip)
		})
	case "cause":
		return decode(in, key, func(s string) error {
			m.Cause = verdict.Cause(s)
			return oneOf(key, m.Cause, "", verdict.CauseConfig, verdict.CauseOperational, verdict.CauseBudget, verdict.CauseTimeout,
				verdict.CauseInterrupted, verdict.CauseTerminated)
		})
	case "decide_on":
		return decode(in, key, func(s string) error {
			m.DecideOn = verdict.DecideOn(s)
			return oneOf(key, m.DecideOn, "", verdict.DecideOnEstimate, verdict.DecideOnInterval)
		})
	case "interval_for":
		return decode(in, key, func(s string) error {
			m.IntervalFor = verdict.IntervalFor(s)
			return oneOf(key, m.IntervalFor, "", verdict.IntervalForSuite, verdict.IntervalForPopulation)
		})
	case "baseline":
		return decode(in, key, m.compared)
	case "flip":
		return decode(in, key, func(t *text.Untrusted) error { m.Flip = orEmpty(t); return nil })
	case "criteria":
		return in.checks(key)
	case "judged_by":
		return decode(in, key, func(j jsonJudgedBy) error { return j.restore(m) })
	case "reason":
		return decode(in, key, func(t text.Untrusted) error { m.Reason = t; return nil })
	case "exit_code":
		return decode(in, key, func(n int) error { m.ExitCode = n; return nil })
	case "soft_fail":
		return decode(in, key, func(b bool) error { m.SoftFail = b; return nil })
	case "confidence":
		return decode(in, key, func(v float64) error { m.Confidence = v; return nil })
	case "tool":
		return decode(in, key, func(t jsonTool) error { m.Tool = report.Tool(t); return nil })
	case "ci":
		return decode(in, key, func(c jsonCI) error { m.CI = c.context(); return nil })
	case "run_test":
		return decode(in, key, func(t jsonRunTest) error {
			e.RunTest = verdict.RunTest{ID: orNil(t.ID), Name: orEmpty(t.Name)}
			return nil
		})
	case "run":
		return decode(in, key, func(x jsonRun) error {
			in.run, e.Key = x, orEmpty(x.Key)
			if err := x.Settings.restore(m); err != nil {
				return err
			}
			if from := x.ReusedFrom; x.Reused && from != nil {
				e.Reused = &verdict.Reused{StartedAt: from.StartedAt, Origin: orEmpty(from.Origin)}
			}
			return nil
		})
	case "execution":
		return decode(in, key, func(x jsonExecution) (err error) { e.Execution, err = x.execution(); return err })
	case "executions":
		first := true
		return each(in, key, func(x jsonExecution) error {
			further, err := x.execution()
			if !first {
				e.Further = append(e.Further, further)
			}
			first = false
			return err
		})
	case "counts":
		return decode(in, key, func(c savedCounts) error { in.counts = c; return nil })
	case "eval_configs":
		return each(in, key, func(c jsonEvalConfig) error {
			e.Evals = append(e.Evals, calls.EvalConfig{ID: orNil(c.ID), TemplateID: orNil(c.TemplateID), Name: orEmpty(c.Name), Type: orEmpty(c.Type)})
			return nil
		})
	case "unread":
		return decode(in, key, func(b bool) error { e.Unread = b; return nil })
	case "plan":
		return in.plan(key, &e.Plan)
	case "quarantined_plan":
		return in.plan(key, &e.Quarantine.Plan)
	case "quarantine":
		return each(in, key, func(q jsonQuarantined) error {
			entry, err := q.entry()
			e.Quarantine.Entries = append(e.Quarantine.Entries, entry)
			return err
		})
	case "calls":
		return in.list(key, &in.calls)
	case "quarantined_calls":
		return in.list(key, &in.aside)
	case "budget":
		return decode(in, key, func(j jsonBudget) error { e.Budget = j.account(); return nil })
	case "reruns":
		return each(in, key, func(j jsonRerun) error { e.Reruns = append(e.Reruns, j.rerun()); return nil })
	case "api":
		return decode(in, key, func(a jsonAPI) error {
			e.API = verdict.API{
				Stats: calls.Stats{Requests: a.Requests, Polls: a.Polls, Retries: a.Retries}, Adopted: a.Adopted,
				BaseURL: orEmpty(a.BaseURL), BaseURLSource: orEmpty(a.BaseURLSource),
			}
			return nil
		})
	case "timing":
		return decode(in, key, func(t jsonTiming) error { e.Timing = t.timing(); return nil })
	case "run_warnings":
		return each(in, key, func(t text.Untrusted) error { e.Warnings = append(e.Warnings, t); return nil })
	case "stopped":
		return decode(in, key, func(s *jsonStop) (err error) { e.Stopped, err = s.stop(); return err })
	case "fail_fast":
		return decode(in, key, func(f *jsonFailFast) error { e.FailFast = (*verdict.FailFast)(f); return f.check() })
	case "unevaluated":
		return decode(in, key, func(t *text.Untrusted) error { e.Unevaluated = orEmpty(t); return nil })
	}
	return in.skip(key)
}

// plan reads planned scenarios.
func (in *reading) plan(key string, into *[]verdict.Planned) error {
	return each(in, key, func(p jsonPlanned) error {
		if p.Calls != nil && (*p.Calls < 0 || *p.Calls > maxFailFastCalls) {
			return fmt.Errorf("a scenario has %d planned calls, which is impossible", *p.Calls)
		}
		*into = append(*into, verdict.Planned{ID: orNil(p.ID), Name: orEmpty(p.Name), Calls: p.Calls})
		return nil
	})
}

// list reads calls.
func (in *reading) list(key string, into *verdict.CallPacker) error {
	return each(in, key, func(c jsonCall) error {
		call, err := c.call()
		if err == nil && in.ids[call.ID] {
			err = errors.New("it stands in the report twice")
		}
		if err != nil {
			return fmt.Errorf("call %s: %w", c.ID, err)
		}
		in.ids[call.ID] = true
		into.Add(call)
		return nil
	})
}

// decode decodes one value and passes it to use.
func decode[T any](in *reading, key string, use func(T) error) error {
	var v T
	if err := in.dec.Decode(&v); err != nil {
		return fmt.Errorf("%s: %w", text.New(key), decodeError(err))
	}
	return use(v)
}

// each decodes an array element by element.
func each[T any](in *reading, key string, use func(T) error) error {
	if err := in.delim('['); err != nil {
		return fmt.Errorf("%s: %w", text.New(key), err)
	}
	most := maxElements
	if key == "calls" || key == "quarantined_calls" {
		most = maxCalls
	}
	for n := 1; in.dec.More(); n++ {
		if n > most {
			return fmt.Errorf("%s: more than %d elements", text.New(key), most)
		}
		if err := decode(in, key, use); err != nil {
			return err
		}
	}
	if err := in.delim(']'); err != nil {
		return fmt.Errorf("%s: %w", text.New(key), err)
	}
	return nil
}

func oneOf[T ~string](key string, v T, allowed ...T) error {
	if slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("%s is %q, which this version of agent-gate does not know", key, text.New(string(v)).Line())
}
