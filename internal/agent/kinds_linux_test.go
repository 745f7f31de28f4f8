package agent_test

import (
	"os"
	"syscall"
	"testing"
	"time"
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
	killGate(t, "leaves its group", "leaves its group")
}
