package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/journal"
	"github.com/agent-gate/agent-gate/internal/state"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/tree"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// run runs the gate against the configured server.
func (s *session) run(ctx context.Context) int {
	if s.context.Privileged() {
		s.log.Warn("This runs on %s, with secrets, for a change that anyone may have written: make sure the job runs no code from it.", s.context.Event)
	}
	switch {
	case s.suite != nil:
		return s.runSuite(ctx, nil)
	case !s.config.Credentials:
		return s.finish(verdict.Evidence{Timing: s.timing()}, verdict.NotRun(s.missingCredentials()))
	}
	return s.gate(ctx, nil)
}

// missingCredentials explains why there are no keys.
func (s *session) missingCredentials() text.Untrusted {
	switch {
	case s.context.Fork && s.context.WithoutSecrets():
		return text.New("no keys: secrets are not available to pull requests from forks")
	case s.context.Dependabot:
		return text.New("no keys: Dependabot runs get no Actions secrets")
	}
	return text.New("no keys: neither api-key nor secret-key is given")
}

// gate runs the gate over the given transport; nil means the network.
func (s *session) gate(ctx context.Context, transport http.RoundTripper) int {
	g, err := s.prepare(ctx, transport)
	if err != nil {
		return s.misconfigured(err)
	}
	defer s.closeJournal(g.journal)
	s.sayServer()
	progress := ci.StartProgress(s.log)
	result := s.hold(ctx, g, progress)
	progress.Stop()
	s.log.EndGroup()
	if s.name == config.CommandStart {
		return s.accepted(result)
	}
	s.compareWith(result.Baseline)
	return s.finish(result.Evidence, result.Verdict)
}

// prepared is a gate that is ready to run.
type prepared struct {
	gate.Gate
	api     *client.Client
	journal *journal.Journal
}

// prepare makes the gate of the configuration.
func (s *session) prepare(ctx context.Context, transport http.RoundTripper) (g prepared, err error) {
	if s.name == config.CommandStart && s.config.Target.Mode == config.ModeAttach {
		return g, &config.Error{Problems: []config.Problem{{Input: "test-execution-id", Text: text.New("start has nothing to start: the execution exists; judge it with run")}}}
	}
	if input := s.config.Agent.Input(); s.name == config.CommandStart && s.config.Agent.Given() {
		left := text.New("start leaves as soon as the execution runs, and then nobody would hold its conversations; use run")
		return g, &config.Error{Problems: []config.Problem{{Input: input, Text: left}}}
	}
	if g.api, err = s.client(transport); err != nil {
		return g, err
	}
	if s.config.Tree == "" {
		if s.config.Tree, err = s.tree(ctx); err != nil {
			return g, err
		}
	}
	name, err := runname.Of(s.config, s.context)
	if err != nil {
		return g, err
	}
	if err := s.readBaseline(); err != nil {
		return g, err
	}
	timeout, stopping := s.times()
	g.Gate = gate.Gate{
		API:          g.api,
		Config:       s.config,
		Name:         name,
		Description:  runname.Description(s.config, s.context),
		BaselineName: runname.Baseline(s.config.Gate, s.context),
		Timeout:      timeout,
		Stopping:     stopping,
		Agent:        s.startAgent,
	}
	g.journal, g.Earlier = s.openJournal(runname.Key(name))
	g.Journal, g.Others = g.journal, g.journal.Others
	return g, nil
}

// hold runs a gate to its end, or only starts it.
func (s *session) hold(ctx context.Context, g prepared, progress progress) gate.Result {
	g.Observe = (&observer{session: s, progress: progress}).observe
	run := g.Run
	if s.name == config.CommandStart {
		run = g.Start
	}
	result := run(ctx)
	result.Evidence.Execution.Dialect = g.api.Dialect()
	// It may describe a panic, whose text has not been redacted.
	result.Verdict.Reason = s.redactor.Text(result.Verdict.Reason)
	return result
}

// sayServer says where the keys go, unless that is the default.
func (s *session) sayServer() {
	if source := s.config.API.BaseURLSource; source != "" {
		s.log.Info("Sending the keys to the API server %s, set by %s.", text.New(s.config.API.BaseURL.String()), text.New(source))
	}
}

// openJournal opens the journal of a run, and returns what an earlier process of the same run left.
func (s *session) openJournal(key string) (*journal.Journal, *paid.Record) {
	o := journal.Options{Folder: s.stateFolder(), Files: s.files, Redact: s.redactor.String, Key: key, Gate: s.config.Gate}
	if o.Folder.IsZero() && s.getenv("CI") != "" {
		s.log.Warn("Unknown CI system: nothing cancels what a killed run leaves running, and a restarted run pays again. Set state-file, and run agent-gate cleanup with it afterwards.")
	}
	j, earlier, err := journal.Open(o)
	if err != nil {
		s.log.Warn("Cannot use the state file, so cleanup will not find this run if it is killed: %s", text.New(err.Error()))
	}
	return j, earlier
}

// closeJournal ends the journal of a run that has its verdict.
func (s *session) closeJournal(j *journal.Journal) {
	if err := j.Close(); err != nil {
		s.log.Debug("The state file could not be closed: %s", text.New(err.Error()))
	}
}

// stateFolder returns the folder of state files: the input, or that of the job attempt.
func (s *session) stateFolder() state.Folder {
	if s.config.StateFile != "" {
		return state.At(s.config.StateFile)
	}
	return journal.FolderOf(s.context)
}

// accepted ends the command start: what was accepted goes on without it.
func (s *session) accepted(r gate.Result) int {
	if r.Verdict.Kind != verdict.Skip {
		return s.finish(r.Evidence, r.Verdict)
	}
	s.log.Info("%s", r.Verdict.Reason)
	s.set(exitCode(verdict.ExitOK))
	return verdict.ExitOK
}

// tree returns the git tree that is tested, if the run-key needs it.
func (s *session) tree(ctx context.Context) (string, error) {
	switch {
	case s.config.RunKey == config.RunKeyRun && s.context.RunID == "":
		return "", errors.New("run-key: this is no workflow run of a CI system that is known, so run says nothing; use a text of your own")
	case s.config.RunKey != config.RunKeyTree:
		return "", nil
	}
	from := tree.Source{Dir: "."}
	server, err := s.forgeServer()
	from.APIURL, from.Token, from.Refused = s.context.APIURL, server.Token, err
	switch s.context.Provider {
	case job.GitHub:
		from.Forge, from.Commit, from.Repository = tree.GitHub, s.getenv("GITHUB_SHA"), s.context.Repository.Raw()
	case job.GitLab:
		from.Forge, from.Commit, from.Repository = tree.GitLab, s.getenv("CI_COMMIT_SHA"), s.getenv("CI_PROJECT_ID")
	}
	hash, err := tree.Of(ctx, from)
	if err != nil {
		return "", fmt.Errorf("run-key: %w", err)
	}
	return hash, nil
}

// client returns the API client.
func (s *session) client(transport http.RoundTripper) (*client.Client, error) {
	agent := "agent-gate/" + s.release()
	if s.context.Provider != job.Plain {
		agent += " (+" + string(s.context.Provider) + ")"
	}
	return client.New(client.Options{
		BaseURL:     s.config.API.BaseURL,
		APIKey:      s.config.API.APIKey.Reveal(),
		SecretKey:   s.config.API.SecretKey.Reveal(),
		Secrets:     s.keys,
		WorkspaceID: s.config.API.WorkspaceID,
		UserAgent:   agent,
		Transport:   transport,
		OnRequest: func(t client.Trace) {
			s.sayUnreached(t)
			s.log.Debug("%s %s: %d in %s, attempt %d %s", t.Method, t.Path, t.Status, t.Duration.Round(time.Millisecond), t.Attempt, t.Error)
		},
	})
}

// sayUnreached logs a failed connection to the API immediately, not only when the client
// gives up retrying. It logs once until there is an answer.
func (s *session) sayUnreached(t client.Trace) {
	switch {
	case !t.Unreached:
		if t.Status != 0 {
			s.unreached.Store(false)
		}
	case !s.unreached.Swap(true):
		s.log.Warn("Cannot connect to the API yet, retrying (%s): %s", s.config.API.BaseURL.Host, text.New(t.Error))
	}
}

// times returns the input timeout, or less if the CI job ends sooner, and how long
// stopping may take after it.
func (s *session) times() (timeout, stopping time.Duration) {
	timeout, stopping = jobTimes(s.config.Waiting.Timeout, s.jobLeft())
	if timeout < s.config.Waiting.Timeout {
		s.log.Info("The job's own limit is %s, so the timeout is %s instead of %s.", s.context.JobTimeout, timeout, s.config.Waiting.Timeout)
	}
	return timeout, stopping
}

// jobLeft is the job's time limit as seen from the start of the program: the limit minus
// what the job used before, if the CI system says when it began; 0 for no limit. A start
// that is in the future, or longer ago than the limit, is ignored.
func (s *session) jobLeft() time.Duration {
	job, used := s.context.JobTimeout, s.started.Sub(s.context.JobStarted)
	if s.context.JobStarted.IsZero() || used < 0 || used >= job {
		return job
	}
	return job - used
}

// jobTimes bounds a timeout by the job's limit, 0 for none. It reserves part of the
// limit, at most half, for what comes after the timeout: two thirds for stopping and the
// last reads, the rest for reports and the comment, which have to be written before the
// job is killed.
func jobTimes(timeout, job time.Duration) (bounded, stopping time.Duration) {
	if job <= 0 {
		return timeout, gate.DefaultStopping(timeout)
	}
	kept := min(max(job/10, 30*time.Second), 5*time.Minute, job/2)
	timeout = min(timeout, job-kept)
	return timeout, min(gate.DefaultStopping(timeout), (job-timeout)*2/3)
}

// left returns how much longer the job may run according to its limit, at most most.
func (s *session) left(most time.Duration) time.Duration {
	job := s.jobLeft()
	if job <= 0 {
		return most
	}
	return min(most, max(time.Second, job-time.Since(s.started)))
}
