package command

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
)

// progress shows how far a run is.
type progress interface{ Update(ci.Standing) }

// observer shows a run while it is in progress, and writes IDs as soon as they are known.
type observer struct {
	*session
	progress progress
	// trial is the one that runs, from 1; 0 if the run has no more than one.
	trial int
	// executions are the ids of the run's executions so far.
	executions []string
}

// observe handles one event of the gate.
func (o *observer) observe(e event.Event) {
	switch e := e.(type) {
	case event.Phase:
		open := o.log.Group
		if e.Waits {
			open = o.log.OpenGroup
		}
		if o.trial > 0 {
			open("Trial %d: %s", o.trial, text.New(e.Name))
			break
		}
		open("%s", text.New(e.Name))
	case event.TrialBegan:
		o.trial = e.Number
	case event.RunTestKnown:
		verb := "Using"
		if e.Created {
			verb = "Created"
		}
		o.log.Info("%s run test %s %s", verb, e.ID, e.Name)
		o.set(ci.Output{Name: "run-test-id", Value: e.ID.String()})
	case event.ExecutionKnown:
		o.log.Info("Test execution %s", e.ID)
		if e.URL != "" {
			o.log.Info("Dashboard: %s", e.URL)
		}
		o.executions = append(o.executions[:min(e.Before, len(o.executions))], e.ID.String())
		if e.Before == 0 {
			o.set(ci.Output{Name: "test-execution-id", Value: e.ID.String()}, ci.Output{Name: "dashboard-url", Value: e.URL})
		}
		o.set(ci.Output{Name: "test-execution-ids", Value: strings.Join(o.executions, ",")})
	case event.ProgressMade:
		now := standing(e)
		now.Trial = o.trial
		o.progress.Update(now)
	case event.Note:
		o.log.Info("%s", e.Text)
	case event.Warning:
		o.log.Warn("%s", e.Text)
	}
}

// standing converts a poll for the progress display.
func standing(e event.ProgressMade) ci.Standing {
	return ci.Standing{
		Status: text.New(string(e.Progress.Status)),
		Done:   ended(e.Progress),
		Failed: e.Progress.Failed,
		Total:  e.Progress.Total,
		Left:   e.Left,
	}
}

// ended returns the number of calls that have ended; nil when the server did not report
// it.
func ended(p calls.Progress) *int {
	if p.Completed == nil || p.Failed == nil {
		return nil
	}
	return new(*p.Completed + *p.Failed)
}

// set writes outputs and reports whether that worked. A failure is no reason to stop a
// paid run, and is logged once.
func (s *session) set(outputs ...ci.Output) bool {
	if s.outputs == nil { // a gate of a suite, which has the outputs
		return true
	}
	for i := range outputs {
		outputs[i].Value = s.redactor.String(outputs[i].Value)
	}
	err := s.outputs.Set(outputs...)
	if err != nil && !s.toldOutputs {
		s.toldOutputs = true
		s.missed(s.config.Policy.SoftFail, text.Sprintf("Cannot write the outputs: %s", text.New(err.Error())))
	}
	return err == nil
}
