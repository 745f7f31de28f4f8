package agent_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/agent/group"
)

// What the test binary is to be, instead of tests, and the socket by which it is seen alive.
const (
	kindVariable   = "AGENT_TEST_KIND"
	socketVariable = "AGENT_TEST_SOCKET"
	keeperVariable = "AGENT_TEST_KEEPER" // of the gate
)

// TestMain runs the tests, or is an agent of some kind, or what keeps one.
func TestMain(m *testing.M) {
	if group.IsKeeper(os.Args) {
		os.Exit(group.Keep(os.Args))
	}
	kind := os.Getenv(kindVariable)
	if kind == "" {
		os.Exit(m.Run())
	}
	play := kinds[kind]
	if play == nil {
		play = kindsOfSystem[kind]
	}
	if play == nil {
		fmt.Fprintln(os.Stderr, "no such kind of agent:", kind)
		os.Exit(99)
	}
	play(&program{in: bufio.NewReader(os.Stdin)})
}

// question is what an agent reads.
type question struct {
	Conversation string `json:"conversation"`
	Turn         int    `json:"turn"`
	Message      string `json:"message"`
}

// program is an agent in the making.
type program struct{ in *bufio.Reader }

// next reads a question. At the end of the input the program is over.
func (p *program) next() question {
	line, err := p.in.ReadBytes('\n')
	if err != nil {
		os.Exit(0)
	}
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		fmt.Fprintln(os.Stderr, "not one whole line of JSON:", err)
		os.Exit(98)
	}
	return q
}

// say writes lines as they are.
func (p *program) say(lines ...string) { _, _ = io.WriteString(os.Stdout, strings.Join(lines, "")) }

// answer is a line that answers a question.
func answer(q question, content string) string {
	b, err := json.Marshal(map[string]any{"conversation": q.Conversation, "turn": q.Turn, "content": content})
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

// show connects to the test, which sees the end of the connection when this process ends.
func show(word string) net.Conn {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "unix", os.Getenv(socketVariable))
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(conn, word)
	return conn
}

// await waits for the test to say go on.
func await(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }

// forever goes on until somebody ends it.
func forever() { <-make(chan struct{}) }

// child starts this binary as another kind of agent, with the same streams.
func child(kind string) { childOf(kind, nil) }

// childOf is child with attributes of the system.
func childOf(kind string, attr *syscall.SysProcAttr) {
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), kindVariable+"="+kind)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = attr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// echo says what it is told.
func echo(p *program) {
	p.say("{\"ready\":true}\n")
	echoUnready(p)
}

// echoUnready is echo that does not say that it is ready.
func echoUnready(p *program) {
	for {
		q := p.next()
		p.say(answer(q, q.Message))
	}
}

// kinds are the agents that the test binary can be.
var kinds = map[string]func(*program){
	"echo":                               echo,
	"echo that does not say it is ready": echoUnready,
	"slow starter": func(p *program) {
		await(show("starting"))
		echo(p)
	},
	"chatty": func(p *program) {
		for {
			for i := range 20_000 {
				fmt.Fprintf(os.Stderr, "line %d %s\n", i, strings.Repeat("x", 100))
			}
			q := p.next()
			if q.Message == "die" {
				fmt.Fprint(os.Stderr, strings.Repeat("y", 1<<20), "\nthe last word")
				os.Exit(3)
			}
			p.say(answer(q, q.Message))
		}
	},
	"answers three in reverse": func(p *program) {
		for {
			a, b, c := p.next(), p.next(), p.next()
			p.say(answer(c, c.Message) + answer(b, b.Message) + answer(a, a.Message))
		}
	},
	"tells as many bytes as asked": func(p *program) {
		for {
			q := p.next()
			var n int
			_, _ = fmt.Sscan(q.Message, &n)
			p.say(strings.Replace(answer(q, "?"), "?", strings.Repeat("z", n), 1)) // long ones take long to encode
		}
	},
	"last line without end": func(p *program) {
		q := p.next()
		p.say(strings.TrimSpace(answer(q, q.Message)))
	},
	"dies in the middle of a line": func(p *program) {
		q := p.next()
		p.say(answer(q, q.Message)[:20])
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last):")
		fmt.Fprintln(os.Stderr, "KeyError: 'order'")
		os.Exit(3)
	},
	"dies at once": func(*program) {
		fmt.Fprintln(os.Stderr, "no module named agent")
		os.Exit(1)
	},
	"answers once and ends": func(p *program) {
		q := p.next()
		p.say(answer(q, q.Message))
	},
	"garbage": func(p *program) {
		for {
			q := p.next()
			p.say("Thinking about it\n", answer(q, q.Message))
		}
	},
	"garbage between two questions": func(p *program) {
		a, b := p.next(), p.next()
		p.say("Thinking about it\n", answer(a, a.Message), answer(b, b.Message))
		p.next()
	},
	"says error": func(p *program) {
		q := p.next()
		p.say(fmt.Sprintf("{\"conversation\":%q,\"error\":\"no model\"}\n", q.Conversation))
		p.next()
	},
	"silent": func(p *program) {
		for {
			p.next()
		}
	},
	"deaf": func(*program) {
		show("deaf")
		forever()
	},
	"shuts its output": func(p *program) {
		p.next()
		_ = os.Stdout.Close()
		signal.Ignore(syscall.SIGTERM)
		forever()
	},
	"lives until let go": func(*program) { await(show("lives until let go")) },
	"lives on": func(*program) {
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
		show("lives on")
		forever()
	},
	"forks": func(p *program) {
		child("lives on")
		show("forks")
		echo(p)
	},
	"leaves a child": func(p *program) {
		child("lives on")
		await(show("leaves a child"))
		q := p.next()
		p.say(answer(q, q.Message))
	},
	"tidies up": func(p *program) {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		conn := show("tidies up")
		_, _ = p.in.ReadBytes('\n')
		fmt.Fprintln(conn, "input over")
		<-asked
		fmt.Fprintln(conn, "asked to end")
	},
	"environment": func(p *program) {
		q := p.next()
		dir, _ := os.Getwd()
		p.say(answer(q, strings.Join(append(os.Environ(), "in "+dir), "\n")))
		p.next()
	},
	"floods": func(p *program) {
		for i := range 1000 {
			p.say(answer(question{Conversation: "nobody", Turn: i}, "hello"))
		}
		echo(p)
	},
	// The gate itself, with an agent, to be killed.
	"gate": func(*program) {
		_, err := agent.Command(context.Background(), agent.CommandOptions{
			Words:  []string{os.Args[0]},
			Keeper: os.Getenv(keeperVariable),
			Env:    append(os.Environ(), kindVariable+"="+os.Getenv("AGENT_TEST_OF_GATE")),
		})
		if err != nil {
			panic(err)
		}
		show("gate")
		forever()
	},
}
