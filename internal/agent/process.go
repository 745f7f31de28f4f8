package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent/group"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

const (
	defaultReady  = 60 * time.Second
	defaultAnswer = 60 * time.Second
	defaultGrace  = 2 * time.Second
	defaultLast   = 5 * time.Second
	// groupPoll is the time between two checks whether a process group is gone.
	groupPoll = 5 * time.Millisecond
)

// CommandOptions says which program to start, and how. The functions may be nil; they are
// called while the program's output is read, and must not block.
type CommandOptions struct {
	Words   []string // the program and its arguments, see [spec.Words]
	Keeper  string   // see [group.Start]
	Dir     string   // the workspace
	Env     []string // NAME=value, as of os.Environ
	Without []string // names of variables in Env to withhold
	// Secrets are the keys themselves: variables whose value contains one are withheld too.
	Secrets  []string
	Redactor *redact.Redactor     // removes secrets from errors, warnings and the log
	Warn     func(text.Untrusted) // gets at most 20 warnings about dropped output
	Log      func(text.Untrusted) // gets each line of stderr
	Ready    time.Duration        // how long to wait for {"ready":true}; 60s when not positive
	Answer   time.Duration        // how long to wait for the answer to the harmless question; 60s when not positive
	Grace    time.Duration        // time for the program after each step of Close; 2s when not positive

	patience patience // for tests; made of Grace when zero
}

// Process is an agent that is a program.
type Process struct {
	*talk
	patience patience
	tail     *tail
	ours     streams
	group    group.Running

	closing   chan struct{}
	closeOnce sync.Once
	hungUp    chan string // which stream the program closed; it may still be running
}

// Command starts a program. When the context ends, the program
// ends as with Close. After an error there is nothing to close.
func Command(ctx context.Context, o CommandOptions) (*Process, error) {
	if len(o.Words) == 0 {
		return nil, errors.New("start the agent: no program is named")
	}
	ours, theirs, err := pipes()
	if err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	defer theirs.close()
	s := screen{o.Redactor}
	p := &Process{
		talk:     newTalk(s, &warner{hear: o.Warn}, positive(o.Ready, defaultReady), positive(o.Answer, defaultAnswer)),
		tail:     &tail{screen: s, hear: o.Log},
		ours:     ours,
		patience: o.patience,
		closing:  make(chan struct{}),
		hungUp:   make(chan string, 2),
	}
	if p.patience == (patience{}) {
		grace := positive(o.Grace, defaultGrace)
		p.patience = patience{afterInput: grace, afterAsking: grace, last: defaultLast}
	}
	//nolint:noctx // Close ends it, which is gentler
	cmd := exec.Command(o.Words[0], o.Words[1:]...)
	cmd.Dir = o.Dir
	cmd.Env = environment(o.Env, o.Without, o.Secrets)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs.in, theirs.out, theirs.err
	if p.group, err = group.Start(cmd, o.Keeper); err != nil {
		ours.close()
		return nil, fmt.Errorf("start the agent: %w%s", err, needsShell(o.Words))
	}
	stop := context.AfterFunc(ctx, p.beginClose)
	p.attend(stop)
	return p, nil
}

// attend starts the goroutines that serve the program. over is called once it has ended.
func (p *Process) attend(over func() bool) {
	var reading sync.WaitGroup
	reading.Go(func() {
		_ = p.read(p.ours.out)
		p.hungUp <- "it closed its stdout"
	})
	reading.Go(func() { p.tail.read(p.ours.err) })
	go func() {
		if p.write(p.ours.in) != nil {
			p.hungUp <- "it closed its stdin"
		}
	}()
	read := make(chan struct{})
	go func() { reading.Wait(); close(read) }()
	go func() {
		err := p.supervise(read)
		p.group.Release()
		over()
		p.end(err)
	}()
}

// supervise waits for the program to end, or ends it, and returns why no further answer can
// come. By then nothing of the program is left, and all its output has been read.
func (p *Process) supervise(read <-chan struct{}) error {
	shut := ""
	select {
	case <-p.group.Exited():
	case <-p.closing:
	case shut = <-p.hungUp: // usually the first sign that it is exiting
	}
	closed := isClosed(p.closing)
	_ = p.ours.in.Close()
	early := within(p.patience.afterInput, p.group.Exited())
	p.endGroup()
	within(p.patience.last, p.group.Exited())
	within(p.patience.last, read) // late only if something outside the group holds them open
	p.ours.close()
	switch {
	case closed:
		return ErrClosed
	case early:
		return p.died("")
	}
	return p.died(shut)
}

// died is the error for a program that exited, or that had to be ended because it closed a
// stream. The end of its stderr is the best explanation.
func (p *Process) died(shut string) *Error {
	failure := &Error{Kind: KindDied, Detail: text.New(shut), Stderr: p.tail.last()}
	if shut != "" {
		return failure
	}
	if isClosed(p.group.Exited()) {
		failure.Exit = p.group.Exit()
	}
	failure.Detail = telling(failure.Stderr)
	return failure
}

// beginClose starts Close without waiting.
func (p *Process) beginClose() { p.closeOnce.Do(func() { close(p.closing) }) }

// Close ends the program and everything that it started, see package group: it closes stdin, then sends
// SIGTERM, then SIGKILL. It returns when nothing is left.
func (p *Process) Close() error {
	p.beginClose()
	<-p.dead
	return nil
}

// streams are one side of the standard streams of a program.
type streams struct{ in, out, err *os.File }

// pipes makes both sides of the streams.
func pipes() (ours, theirs streams, err error) {
	for _, pair := range [][2]**os.File{{&theirs.in, &ours.in}, {&ours.out, &theirs.out}, {&ours.err, &theirs.err}} {
		if *pair[0], *pair[1], err = os.Pipe(); err != nil {
			ours.close()
			theirs.close()
			return ours, theirs, err
		}
	}
	return ours, theirs, nil
}

// close closes the streams that are open.
func (s streams) close() {
	for _, f := range []*os.File{s.in, s.out, s.err} {
		_ = f.Close() // an error for a nil or a closed file is fine
	}
}
