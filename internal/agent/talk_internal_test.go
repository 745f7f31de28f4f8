package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/text"
)

// converse makes a talk with a program that a function plays. Time is that of the bubble.
func converse(t *testing.T, play func(in *bufio.Scanner, out io.Writer)) *talk {
	t.Helper()
	tk := newTalk(screen{}, &warner{}, 60*time.Second, 30*time.Second)
	theirIn, ourIn := io.Pipe()
	ourOut, theirOut := io.Pipe()
	read := make(chan struct{})
	go func() { _ = tk.write(ourIn) }()
	go func() { _ = tk.read(ourOut); close(read) }()
	go play(bufio.NewScanner(theirIn), theirOut)
	t.Cleanup(func() {
		_ = theirIn.Close()
		_ = theirOut.Close()
		<-read
		if !isClosed(tk.dead) {
			tk.end(ErrClosed)
		}
	})
	return tk
}

// simple is a question with one message.
func simple(conversation string, turn int) Question {
	return Question{Conversation: conversation, Turn: turn, Messages: []Message{{Role: RoleUser, Content: text.New("hello")}}}
}

// answerAll answers every question.
func answerAll(in *bufio.Scanner, out io.Writer) {
	for in.Scan() {
		var q wireQuestion
		_ = json.Unmarshal(in.Bytes(), &q)
		_, _ = io.WriteString(out, `{"conversation":"`+q.Conversation+`","content":"hello"}`+"\n")
	}
}

func TestAsk_waitsAsLongAsTheContext(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		// play is what the program does with the first question.
		play func(in *bufio.Scanner, out io.Writer)
		want string
		took time.Duration
	}{
		{"a late answer is one", func(in *bufio.Scanner, out io.Writer) {
			in.Scan()
			time.Sleep(59 * time.Second)
			_, _ = io.WriteString(out, `{"conversation":"c","content":"hello"}`+"\n")
		}, "", 59 * time.Second},
		{"silence", func(in *bufio.Scanner, _ io.Writer) { in.Scan() }, "agent: no answer within 60s", 60 * time.Second},
		{"a program that does not read", func(*bufio.Scanner, io.Writer) {}, "agent: no answer within 60s", 60 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tk := converse(t, c.play)
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				from := time.Now()
				_, err := tk.Ask(ctx, simple("c", 1))
				if got := said(err); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if took := time.Since(from); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
			})
		})
	}
}

// said is the text of an error, empty for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAsk_cancelIsNoFailureOfTheAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tk := converse(t, func(*bufio.Scanner, io.Writer) {})
		stop := errors.New("the run is over")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		_, err := tk.Ask(ctx, simple("c", 1))
		if !errors.Is(err, stop) {
			t.Errorf("got %v, want %v", err, stop)
		}
		if failure, ok := errors.AsType[*Error](err); ok {
			t.Errorf("the agent is blamed: %v", failure)
		}
	})
}

func TestAsk_isNotSentOnceItsTimeIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		tk := converse(t, func(in *bufio.Scanner, _ io.Writer) {
			time.Sleep(time.Hour)
			for in.Scan() {
				var q wireQuestion
				_ = json.Unmarshal(in.Bytes(), &q)
				seen = append(seen, q.Conversation)
			}
		})
		for _, c := range []string{"first", "second", "third"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = tk.Ask(ctx, simple(c, 1))
			cancel()
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		// The first was being written when its time was over, and a line is never left half.
		if diff := cmp.Diff([]string{"first"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAsk_refusesTheSameTurnAndTwoAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tk := converse(t, answerAll)
		if _, err := tk.Ask(t.Context(), simple("c", 2)); err != nil {
			t.Fatal(err)
		}
		for _, turn := range []int{1, 2} {
			if _, err := tk.Ask(t.Context(), simple("c", turn)); !errors.Is(err, ErrAsked) {
				t.Errorf("turn %d: got %v, want ErrAsked", turn, err)
			}
		}
		silent := converse(t, func(*bufio.Scanner, io.Writer) {})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = silent.Ask(ctx, simple("c", 1)) }()
		synctest.Wait()
		if _, err := silent.Ask(ctx, simple("c", 2)); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
		cancel()
	})
}

func TestReady(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration, line string) func(*bufio.Scanner, io.Writer) {
		return func(in *bufio.Scanner, out io.Writer) {
			time.Sleep(d)
			_, _ = io.WriteString(out, line+"\n")
			for in.Scan() {
			}
		}
	}
	cases := []struct {
		name string
		play func(in *bufio.Scanner, out io.Writer)
		want string
		took time.Duration
	}{
		{"it says so", after(40*time.Second, `{"ready":true}`), "", 40 * time.Second},
		{"a banner before is no matter", after(0, "Loading…\n{\"ready\":true}"), "", 0},
		{"it does not, and answers", answerAll, "", 60 * time.Second},
		{"it says so while it is asked", after(70*time.Second, `{"ready":true}`), "", 70 * time.Second},
		{"it never does", after(0, ""), `agent: not ready: no answer within 30s: a question was asked after 60s without {"ready":true}; does the program flush each line of its output?`, 90 * time.Second},
		{"it says that it is not", after(0, `{"ready":false}`), `agent: not ready: no answer within 30s: a question was asked after 60s without {"ready":true}; does the program flush each line of its output?`, 90 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tk := converse(t, c.play)
				from := time.Now()
				if got := said(tk.Ready(t.Context())); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				if took := time.Since(from); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
			})
		})
	}
}

func TestReady_endsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Second, 70 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			tk := converse(t, func(in *bufio.Scanner, _ io.Writer) {
				for in.Scan() {
				}
			})
			stop := errors.New("stop")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(after, func() { cancel(stop) })
			if err := tk.Ready(ctx); !errors.Is(err, stop) {
				t.Errorf("got %v", err)
			}
		})
	}
}
