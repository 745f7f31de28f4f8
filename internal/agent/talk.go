package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// talk exchanges JSON lines with a program over two streams. It knows nothing of processes.
type talk struct {
	ledger ledger
	inbox  *inbox
	// lines hands a question to the writing goroutine. It is unbuffered, so a question whose
	// time runs out while it waits to be written is never sent.
	lines chan []byte
	dead  chan struct{} // closed when no further answer can come
	err   error         // why; set before dead is closed

	readyWithin, answerWithin time.Duration
}

func newTalk(s screen, w *warner, readyWithin, answerWithin time.Duration) *talk {
	return &talk{
		inbox:       newInbox(s, w),
		lines:       make(chan []byte),
		dead:        make(chan struct{}),
		readyWithin: readyWithin, answerWithin: answerWithin,
	}
}

// write writes questions, one whole line after the other, until the stream fails or the talk
// has ended. A program that does not read blocks only this.
func (t *talk) write(w io.Writer) error {
	for {
		select {
		case line := <-t.lines:
			if _, err := w.Write(line); err != nil {
				return err
			}
		case <-t.dead:
			return nil
		}
	}
}

// read handles the lines of the program until the stream ends.
func (t *talk) read(r io.Reader) error {
	lines := newLineReader(r, maxAnswer)
	for {
		l, err := lines.next()
		if err != nil {
			return err
		}
		t.inbox.take(l)
	}
}

// end ends the talk. Answers that were read before still count.
func (t *talk) end(err error) {
	t.err = err
	close(t.dead)
}

// Dead implements [Agent].
func (t *talk) Dead() <-chan struct{} { return t.dead }

// Err implements [Agent].
func (t *talk) Err() error {
	select {
	case <-t.dead:
		return t.err
	default:
		return nil
	}
}

// Ask implements [Agent].
func (t *talk) Ask(ctx context.Context, q Question) (Answer, error) {
	from := time.Now()
	if err := t.ledger.begin(q); err != nil {
		return Answer{}, fmt.Errorf("conversation %s, turn %d: %w", q.Conversation, q.Turn, err)
	}
	defer t.ledger.end(q.Conversation)
	line, err := q.encode()
	if err != nil {
		return Answer{}, err
	}
	if ctx.Err() != nil {
		return Answer{}, ended(ctx, from)
	}
	asked := t.inbox.wait(q.Conversation, q.Turn)
	defer t.inbox.forget(q.Conversation)
	lines := t.lines
	for {
		select {
		case lines <- line:
			lines, line = nil, nil
		case r := <-asked.result:
			return r.answer, r.err
		case <-t.dead:
			return asked.or(t.err)
		case <-ctx.Done():
			return asked.or(ended(ctx, from))
		}
	}
}

// or returns the result if there is one, else err.
func (w *waiting) or(err error) (Answer, error) {
	select {
	case r := <-w.result:
		return r.answer, r.err
	default:
		return Answer{}, err
	}
}

// Ready implements [Agent]: it waits for {"ready":true}. A program that does not say so in
// time is asked one harmless question, and the outcome of that decides.
func (t *talk) Ready(ctx context.Context) error {
	from := time.Now()
	timer := time.NewTimer(t.readyWithin)
	defer timer.Stop()
	select {
	case <-t.inbox.ready:
		return nil
	case <-t.dead:
		return starting(t.err)
	case <-ctx.Done():
		return starting(ended(ctx, from))
	case <-timer.C:
		return t.probe(ctx)
	}
}

// probe asks the harmless question. {"ready":true} still counts meanwhile.
func (t *talk) probe(ctx context.Context) error {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, t.answerWithin)
	defer cancel()
	go func() {
		select {
		case <-t.inbox.ready:
			cancel()
		case <-ctx.Done():
		}
	}()
	_, err := t.Ask(ctx, probe())
	switch {
	case err == nil:
		t.inbox.setReady() // for the next call of Ready
		return nil
	case isClosed(t.inbox.ready):
		return nil
	}
	if failure, ok := errors.AsType[*Error](err); ok && failure.Kind == KindTimeout && outer.Err() == nil {
		return t.silent(err)
	}
	return starting(err)
}

// silent is the error for a program that neither said it is ready nor answered.
func (t *talk) silent(err error) error {
	return &Error{
		Kind: KindTimeout, Starting: true, Wait: t.answerWithin, Err: err,
		Detail: text.Sprintf(`a question was asked after %s without {"ready":true}; does the program flush each line of its output?`,
			seconds(t.readyWithin)),
	}
}

// probe is the harmless question.
func probe() Question {
	return Question{
		Conversation: probeConversation,
		Turn:         1,
		Messages: []Message{{
			Role:    RoleUser,
			Content: text.New("This is agent-gate, checking that you are there. Please say hello."),
		}},
	}
}

// isClosed reports whether c, on which nothing is sent, is closed.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
