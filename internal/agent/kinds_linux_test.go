package agent_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/agent/group"
)

var kindsOfSystem = map[string]func(*program){
	// It is in the group of the process that started it, where the guard does not find it.
	"leaves its group": func(*program) {
		group, err := syscall.Getpgid(os.Getppid())
		if err != nil {
			panic(err)
		}
		if err := syscall.Setpgid(0, group); err != nil {
			panic(err)
		}
		show("leaves its group")
		forever()
	},
	// Its child has a session of its own, so that neither its group nor its parent tells it.
	"leaves a child in another session": func(p *program) {
		childOf("lives on", &syscall.SysProcAttr{Setsid: true})
		await(show("leaves a child in another session"))
		q := p.next()
		p.say(answer(q, q.Message))
	},
	"has a child in another session": func(p *program) {
		childOf("lives on", &syscall.SysProcAttr{Setsid: true})
		show("has a child in another session")
		echo(p)
	},
	"leaves a child elsewhere": func(p *program) {
		childOf("lives until let go", &syscall.SysProcAttr{Setsid: true})
		await(show("leaves a child elsewhere"))
		q := p.next()
		p.say(answer(q, q.Message))
	},
}

// TestCommand_whatLeftItsGroupHoldsNobodyUp is about a child that is out of reach and has the
// output of the program open.
func TestCommand_whatLeftItsGroupHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	seen := watch(t)
	o := options("leaves a child elsewhere", seen.variable)
	o.Keeper = ""
	o.SetPatience(time.Hour, time.Hour, 200*time.Millisecond)
	p := start(t, o)
	lives := seen.all(t, "leaves a child elsewhere", "lives until let go")
	_, _ = lives["leaves a child elsewhere"].Write([]byte("!"))
	answers(t, p, ask("c", 1, "hello"), "hello")
	<-p.Dead()
	if got, want := failure(t, p.Err()).Error(), "agent: process died (exit status 0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, _ = lives["lives until let go"].Write([]byte("!"))
	lives["lives until let go"].end()
}

// TestKill_isSeenByTheSystem is about a program that only the signal of the system reaches.
func TestKill_isSeenByTheSystem(t *testing.T) {
	t.Parallel()
	inBothWays(t, "", func(t *testing.T, keeper string) { killGate(t, keeper, "leaves its group", "leaves its group") })
}

func TestCommand_noSessionIsOutOfReachOfTheKeeper(t *testing.T) {
	t.Parallel()
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		seen := watch(t)
		o := options("has a child in another session", seen.variable)
		o.Grace = 10 * time.Millisecond
		p := start(t, o)
		lives := seen.all(t, "has a child in another session", "lives on")
		_ = p.Close()
		for _, life := range lives {
			life.end()
		}
	})
	t.Run("died", func(t *testing.T) {
		t.Parallel()
		leavesBehind(t, group.Keeper(), "leaves a child in another session")
	})
	t.Run("the gate is killed", func(t *testing.T) {
		t.Parallel()
		killGate(t, group.Keeper(), "has a child in another session", "has a child in another session", "lives on")
	})
}

// TestCommand_aKeeperSaysHowTheProgramEnded is about what a program without a keeper says too.
func TestCommand_aKeeperSaysHowTheProgramEnded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, script, want string }{
		{"a status", "exit 7", "exit status 7"},
		{"a signal", "kill -KILL $$", "signal: killed"},
	} {
		inBothWays(t, c.name, func(t *testing.T, keeper string) {
			o := options("echo")
			o.Words, o.Keeper = []string{"/bin/sh", "-c", c.script}, keeper
			if got := failure(t, start(t, o).Ready(t.Context())); got.Exit != c.want {
				t.Errorf("got %q, want %q", got.Exit, c.want)
			}
		})
	}
	for _, words := range [][]string{{"./nowhere"}, {"agent-gate-no-such-program"}, {"/etc/passwd"}} {
		var said []string
		for _, keeper := range []string{"", group.Keeper()} {
			o := options("echo")
			o.Words, o.Keeper = words, keeper
			_, err := agent.Command(t.Context(), o)
			said = append(said, fmt.Sprint(err))
		}
		if said[0] != said[1] || !strings.HasPrefix(said[0], "start the agent: ") {
			t.Errorf("%s: got %q without and %q with a keeper", words, said[0], said[1])
		}
	}
}
