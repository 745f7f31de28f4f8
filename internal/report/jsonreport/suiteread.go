package jsonreport

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxGates is how many gates a suite report may have. A suite file of 1 MB has fewer.
const maxGates = 20_000

// suiteHead is the beginning of a suite report without blanks: its schema is its first key.
const suiteHead = `{"schema":"agent-gate/suite/`

// Saved is a saved report: of a run, or of a suite if Suite is not nil.
type Saved struct {
	Evidence verdict.Evidence
	Meta     Meta
	Suite    *SavedSuite
}

// ReadSaved reads a report written by [Write] or [WriteSuite], by the rules of [Read].
func ReadSaved(r io.Reader) (Saved, error) {
	buffered := bufio.NewReader(r)
	head, _ := buffered.Peek(512) // an error is met again
	if !bytes.HasPrefix(bytes.Join(bytes.Fields(head), nil), []byte(suiteHead)) {
		e, meta, err := Read(buffered)
		return Saved{Evidence: e, Meta: meta}, err
	}
	s, err := readSuite(buffered, maxSize)
	if err != nil {
		return Saved{}, fmt.Errorf("read the JSON report: %w", err)
	}
	return Saved{Suite: s}, nil
}

// suiteReading is a suite report being read.
type suiteReading struct {
	*reading
	suite SavedSuite
	names map[report.Figure]bool
}

func readSuite(r io.Reader, limit int64) (*SavedSuite, error) {
	in := &suiteReading{
		reading: newReading(guarded(r, limit, suiteElementDepth)),
		names:   map[report.Figure]bool{},
	}
	if err := in.object(in.key, "schema", "verdict", "gates"); err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	in.suite.Meta = in.meta
	return &in.suite, nil
}

// key reads the value of a key of the suite.
func (in *suiteReading) key(key string) error {
	s := &in.suite
	switch key {
	case "schema":
		return decode(in.reading, key, func(id string) error {
			if id != suiteSchemaID {
				return fmt.Errorf("its schema is %q, but this version of agent-gate reads %q", text.New(id).Line(), suiteSchemaID)
			}
			return nil
		})
	case "budget":
		return decode(in.reading, key, func(b jsonBudget) error { s.Budget = b.account(); return nil })
	case "timing":
		return decode(in.reading, key, func(t jsonTiming) error { s.Timing = t.timing(); return nil })
	case "warnings":
		return each(in.reading, key, func(t text.Untrusted) error { s.Warnings = append(s.Warnings, t); return nil })
	case "verdict", "cause", "reason", "exit_code", "tool", "ci":
		return in.value(key)
	case "gates":
		return in.gates()
	}
	return in.skip(key)
}

// gates reads the gates one by one.
func (in *suiteReading) gates() error {
	if err := in.delim('['); err != nil {
		return fmt.Errorf("gates: %w", err)
	}
	for in.dec.More() {
		if len(in.suite.Gates) == maxGates {
			return fmt.Errorf("gates: more than %d elements", maxGates)
		}
		g := &gateReading{reading: newReading(in.dec)}
		if err := g.object(g.key, "name", "verdict", "exit_code", "report"); err != nil {
			return fmt.Errorf("gate %d: %w", len(in.suite.Gates)+1, err)
		}
		if err := g.finish(); err != nil {
			return fmt.Errorf("gate %s: %w", string(g.gate.Name), err)
		}
		if in.names[g.gate.Name] {
			return fmt.Errorf("gate %s stands in the report twice", string(g.gate.Name))
		}
		in.names[g.gate.Name] = true
		in.suite.Gates = append(in.suite.Gates, g.gate)
	}
	return in.delim(']')
}

// gateReading is one gate of a suite report being read.
type gateReading struct {
	*reading
	gate SavedGate
}

// key reads the value of a key of the gate.
func (in *gateReading) key(key string) error {
	g := &in.gate
	switch key {
	case "name":
		return decode(in.reading, key, func(name string) error {
			var ok bool
			if g.Name, ok = report.GateName(name); !ok {
				return fmt.Errorf("%q is not the name of a gate", text.New(name).Line())
			}
			return nil
		})
	case "owner":
		return decode(in.reading, key, func(t *text.Untrusted) error { g.Owner = orEmpty(t); return nil })
	case "cause":
		return decode(in.reading, key, func(s *string) error {
			if s != nil {
				in.meta.Cause = verdict.Cause(*s)
			}
			return nil // those of skipped gates are no causes of errors
		})
	case "verdict", "reason", "exit_code":
		return in.value(key)
	case "report":
		return in.nested()
	}
	return in.skip(key)
}

// nested reads the report of the gate, or null.
func (in *gateReading) nested() error {
	token, err := in.dec.Token()
	switch {
	case err != nil:
		return decodeError(err)
	case token == nil:
		return nil
	case token != json.Delim('{'):
		return errors.New("report: an object or null expected")
	}
	one := newReading(in.dec)
	if err := one.report(); err != nil {
		return err
	}
	in.gate.Ran, in.gate.Evidence, in.gate.Meta = true, one.evidence, one.meta
	return nil
}

// finish checks what the gate says of itself.
func (in *gateReading) finish() error {
	g := &in.gate
	g.Verdict, g.ExitCode = verdict.Verdict{Kind: in.meta.Verdict, Cause: in.meta.Cause, Reason: in.meta.Reason}, in.meta.ExitCode
	switch {
	case !g.Ran && g.Verdict.Kind != verdict.Skip:
		return fmt.Errorf("its report is missing, although it is not %s", string(verdict.Skip))
	case !g.Ran:
		return oneOf("cause", g.Verdict.Cause, "", verdict.CauseConfig, verdict.CauseBudget, "unchanged")
	}
	return nil
}
