package agent_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/agent/group"
	"github.com/agent-gate/agent-gate/internal/text"
)

// quickEnd keeps the race detector from waiting a second at the end of each process.
const quickEnd = "GORACE=atexit_sleep_ms=0"

// options start the test binary as a kind of agent. Nothing waits for a time in them, unless
// a test wants that to pass.
func options(kind string, more ...string) agent.CommandOptions {
	return agent.CommandOptions{
		Words:  []string{os.Args[0]},
		Keeper: group.Keeper(),
		Env:    append(append(os.Environ(), kindVariable+"="+kind, quickEnd), more...),
		Ready:  time.Hour,
		Answer: time.Hour,
		Grace:  time.Hour,
	}
}

// start starts an agent that is closed with the test.
func start(t testing.TB, o agent.CommandOptions) *agent.Process {
	t.Helper()
	p, err := agent.Command(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// ask is a question with one message.
func ask(conversation string, turn int, message string) agent.Question {
	return agent.Question{
		Conversation: conversation, Turn: turn, Scenario: text.New("a scenario"),
		Messages: []agent.Message{{Role: agent.RoleUser, Content: text.New(message)}},
	}
}

// failure is the error of the agent in err.
func failure(t *testing.T, err error) *agent.Error {
	t.Helper()
	e, ok := errors.AsType[*agent.Error](err)
	if !ok {
		t.Fatalf("got %v, want a failure of the agent", err)
	}
	return e
}

// answers asks and expects a content.
func answers(t *testing.T, a agent.Agent, q agent.Question, want string) {
	t.Helper()
	got, err := a.Ask(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", q.Conversation, err)
	}
	if got.Content.Raw() != want {
		t.Errorf("%s: got %.100q, want %.100q", q.Conversation, got.Content.Raw(), want)
	}
}

// sights is where agents show that they live.
type sights struct {
	listener net.Listener
	variable string
}

func watch(t *testing.T) sights {
	t.Helper()
	// The path of a socket has to be short, which that of t.TempDir is not.
	dir, err := os.MkdirTemp("", "agent") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return sights{l, socketVariable + "=" + path}
}

// sight is the life of one process.
type sight struct {
	net.Conn
	*bufio.Scanner
}

// next waits for a process to show, and returns what it says it is.
func (s sights) next(t *testing.T) (string, sight) {
	t.Helper()
	conn, err := s.listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	life := sight{conn, bufio.NewScanner(conn)}
	life.Scan()
	return life.Text(), life
}

// all waits for processes to show that say what they are.
func (s sights) all(t *testing.T, want ...string) map[string]sight {
	t.Helper()
	lives := map[string]sight{}
	for range want {
		word, life := s.next(t)
		if !slices.Contains(want, word) {
			t.Fatalf("unexpected process: %s", word)
		}
		lives[word] = life
	}
	return lives
}

// end waits for a process to end.
func (l sight) end() {
	for l.Scan() {
	}
}
