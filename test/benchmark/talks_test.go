//go:build linux

package benchmark

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// turns is how many answers of the agent a customer waits for before it leaves.
const turns = 10

// talksMemory is the most memory for conversations, in bytes.
const talksMemory = 40e6

// takes is the variable with the time that a server or an agent takes for an answer, and
// busyFile the one with the file for how long a talker was busy.
const (
	takes    = "BENCHMARK_TAKES"
	talked   = "BENCHMARK_CONVERSATIONS"
	busyFile = "BENCHMARK_BUSY"
)

// busy is what a server saw of its clients.
type busy struct {
	From, To time.Time
	Requests int
	Total    time.Duration // of all requests
}

// watch measures the POST requests whose path has a part, and answers /stats with what it has
// seen since the last time.
func watch(part string, next http.Handler) http.Handler {
	var mu sync.Mutex
	var b busy
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stats" {
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(w).Encode(b) // the client may go away
			b = busy{}
			return
		}
		from := time.Now()
		next.ServeHTTP(w, r)
		if r.Method != http.MethodPost || !strings.Contains(r.URL.Path, part) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if b.Requests++; b.Requests == 1 {
			b.From = from
		}
		b.To = time.Now()
		b.Total += b.To.Sub(from)
	})
}

// listen serves on a free port until it is killed, and writes its address.
func listen(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	return http.Serve(l, h)
}

// serveText is the process of the simulated API, whose customers all stay for the same number of
// turns.
func serveText() error {
	const speed = 1000
	delay, err := time.ParseDuration(os.Getenv(takes))
	if err != nil {
		return err
	}
	var rows int
	if _, err := fmt.Sscan(os.Getenv(talked), &rows); err != nil {
		return err
	}
	return listen(watch("/chat/send-message/", simulator.New(simulator.Options{
		Agent: simulator.Text, Speed: speed, AcceptUnknown: true,
		Scenarios: []story.Scenario{{Name: "Refund for a damaged order", Rows: rows}},
		Chats: simulator.Chats{ReplyTime: speed * delay, Customer: func(_ story.CallRef, c story.Customer) story.Customer {
			c.Patience, c.Grants = turns, nil
			return c
		}},
	})))
}

// answers is the process of an agent behind HTTP.
func answers() error {
	delay, err := time.ParseDuration(os.Getenv(takes))
	if err != nil {
		return err
	}
	return listen(watch("/chat", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a question that is cut short gets an answer all the same
		time.Sleep(delay)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"content":"Let me see what I can do for you."}`)
	})))
}

// talks is the process of an agent on its standard input.
func talks() error {
	delay, err := time.ParseDuration(os.Getenv(takes))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var total time.Duration
	var open sync.WaitGroup
	in := bufio.NewReader(os.Stdin)
	fmt.Println(`{"ready":true}`)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break // the gate has closed it
		}
		from := time.Now()
		open.Go(func() {
			_, rest, _ := bytes.Cut(line, []byte(`"conversation":"`))
			id, _, _ := bytes.Cut(rest, []byte(`"`))
			time.Sleep(delay)
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf(`{"conversation":"%s","content":"Let me see what I can do for you."}`+"\n", id)
			total += time.Since(from)
		})
	}
	open.Wait()
	return os.WriteFile(os.Getenv(busyFile), []byte(total.String()), 0o600)
}

// conversation is how a client is measured.
type conversation struct {
	lanes, conversations int
	server, agent        time.Duration // what an answer takes
}

// least is the time of the slowest lane if nothing but the server and the agent took time.
func (c conversation) least() time.Duration {
	perLane := (c.conversations + c.lanes - 1) / c.lanes
	return time.Duration(perLane) * ((turns+1)*c.server + turns*c.agent)
}

// talker is a client: a process that holds all conversations of a run test.
type talker struct {
	name string
	cmd  func(t *testing.T, server, agent string) *exec.Cmd
	file string // where its agent says how long it was busy; empty for an endpoint
}

// held is what a client took.
type held struct {
	measured
	window time.Duration // from the first request of a conversation to the end of the last
	own    time.Duration // a turn, beside the server and the agent; of one lane
}

// talkers are the clients to compare: the program, which writes all reports, with both kinds of
// agents, and the script.
func talkers(t *testing.T, c conversation) []talker {
	t.Helper()
	exe := build(t)
	file := filepath.Join(t.TempDir(), "busy")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	gate := func(agent func(url string) string) func(*testing.T, string, string) *exec.Cmd {
		return func(t *testing.T, server, url string) *exec.Cmd {
			cmd := program(t, exe, server)
			cmd.Args = append(cmd.Args, agent(url), "--transcripts", "unsuccessful")
			cmd.Env = []string{
				"PATH=" + os.Getenv("PATH"), "AGENT_GATE_BASE_URL=" + server, "AGENT_GATE_API_KEY=key-4711-abcdef", "AGENT_GATE_SECRET_KEY=secret-0815-xyz",
				"AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896", "AGENT_GATE_MIN_SUCCESS_RATE=90", fmt.Sprint("AGENT_GATE_CONCURRENCY=", c.lanes),
				"AGENT_GATE_STATE_FILE=" + filepath.Join(cmd.Dir, "state.json"), "AGENT_GATE_POLL_MIN_INTERVAL=20ms", "AGENT_GATE_POLL_MAX_INTERVAL=100ms",
			}
			return cmd
		}
	}
	return []talker{
		{"agent-gate, `agent-url`", gate(func(url string) string { return "--agent-url=" + url + "/chat" }), ""},
		{"agent-gate, `agent-command`", gate(func(string) string {
			return fmt.Sprintf("--agent-command=env %s=talk %s=%s %s=%s %s", role, takes, c.agent, busyFile, file, self)
		}), file},
		{"Python script with asyncio, the same URL", func(_ *testing.T, server, url string) *exec.Cmd {
			cmd := script("python3", "talk.py", server)
			cmd.Env = append(cmd.Env, "AGENT_URL="+url, fmt.Sprint("LANES=", c.lanes))
			return cmd
		}, ""},
	}
}

// hold lets a client hold the conversations.
func (c conversation) hold(t *testing.T, who talker) held {
	t.Helper()
	server := started(t, "serve-text", takes+"="+c.server.String(), fmt.Sprint(talked, "=", c.conversations))
	endpoint := started(t, "answer", takes+"="+c.agent.String())
	h := held{measured: measure(t, who.cmd(t, server, endpoint))}
	seen, asked := stats(t, server), stats(t, endpoint).Total
	if who.file != "" {
		said, err := os.ReadFile(who.file)
		if err == nil {
			asked, err = time.ParseDuration(string(said))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := c.conversations * (turns + 1); seen.Requests != want {
		t.Fatalf("%s: %d requests of conversations, want %d", who.name, seen.Requests, want)
	}
	h.window = seen.To.Sub(seen.From)
	h.own = (h.window - seen.Total - asked) / time.Duration(c.conversations*turns)
	return h
}

// stats are those of a server.
func stats(t *testing.T, base string) busy {
	t.Helper()
	resp, err := http.Get(base + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b busy
	if err := json.NewDecoder(resp.Body).Decode(&b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTalks measures how fast conversations with text agents are held, and by how much memory.
//
//nolint:paralleltest // it measures
func TestTalks(t *testing.T) {
	if !*tables {
		t.Skip("measures only with -tables")
	}
	fmt.Printf("%s\n", machine())
	many := conversation{lanes: 25, conversations: 100, server: 20 * time.Millisecond, agent: 50 * time.Millisecond}
	fmt.Printf("\n%d conversations of %d turns, %d at a time, server %s, agent %s: the slowest lane takes %.2f s\n\n",
		many.conversations, turns, many.lanes, many.server, many.agent, many.least().Seconds())
	fmt.Println("| client | conversations | relative to the slowest lane | the whole process | CPU time | peak memory |")
	fmt.Println("|---|---:|---:|---:|---:|---:|")
	for _, who := range talkers(t, many) {
		h := many.hold(t, who)
		ratio := h.window.Seconds() / many.least().Seconds()
		fmt.Printf("| %s | %.2f s | %.2f × | %.2f s | %.2f s | %.0f MB |\n", who.name, h.window.Seconds(), ratio, h.wall.Seconds(), h.cpu.Seconds(), float64(h.peak)/1e6)
		if strings.HasPrefix(who.name, "agent-gate") && (ratio > 1.2 || h.peak > talksMemory) {
			t.Errorf("%s: want at most 1.2 times the slowest lane and %.0f MB", who.name, talksMemory/1e6)
		}
	}
	one := conversation{lanes: 1, conversations: 50, server: time.Millisecond, agent: time.Millisecond}
	fmt.Printf("\n%d conversations of %d turns, one after the other, server and agent %s, best of 3 runs\n\n", one.conversations, turns, one.agent)
	fmt.Println("| client | its own time a turn |\n|---|---:|")
	for _, who := range talkers(t, one) {
		h := one.hold(t, who)
		for range 2 {
			h.own = min(h.own, one.hold(t, who).own)
		}
		fmt.Printf("| %s | %.2f ms |\n", who.name, float64(h.own.Microseconds())/1000)
		if strings.HasPrefix(who.name, "agent-gate") && h.own > time.Millisecond {
			t.Errorf("%s: want less than 1 ms", who.name)
		}
	}
}
