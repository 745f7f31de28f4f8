package group

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// What this process tells the keeper, and the keeper this process.
const (
	orderTerminate = 't'
	orderKill      = 'k' // the end of the input is the same
	saidStarted    = "started"
	saidFailed     = "failed "
)

// Keeper is the program to be the keeper of others; empty if there can be none.
func Keeper() string {
	const self = "/proc/self/exe" // this binary, even if its file is gone
	if _, err := os.Stat(self); err != nil {
		return ""
	}
	return self
}

// kept is a program that a keeper runs.
type kept struct {
	orders *os.File
	exited chan struct{}
	exit   string        // set before exited is closed
	gone   chan struct{} // closed once the keeper has ended
}

// startKept starts a command by a keeper.
func startKept(cmd *exec.Cmd, keeper string) (Running, error) {
	theirOrders, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirOrders.Close()
	news, theirNews, err := os.Pipe()
	if err != nil {
		orders.Close()
		return nil, err
	}
	defer theirNews.Close()
	//nolint:noctx // it has to outlive every context
	k := exec.Command(keeper)
	k.Args = append([]string{"agent-gate", keeperWord, cmd.Path}, cmd.Args...)
	k.Dir, k.Env, k.Stdin, k.Stdout, k.Stderr = cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr
	k.ExtraFiles = []*os.File{theirOrders, theirNews} // keeperOrders, keeperNews
	k.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := &kept{orders: orders, exited: make(chan struct{}), gone: make(chan struct{})}
	if err := k.Start(); err != nil {
		orders.Close()
		news.Close()
		return nil, err
	}
	theirNews.Close()
	heard := bufio.NewScanner(news)
	err = errors.New("the process that keeps it has ended")
	if heard.Scan() {
		why, failed := strings.CutPrefix(heard.Text(), saidFailed)
		if err = nil; failed {
			err = fmt.Errorf("fork/exec %s: %s", cmd.Path, why)
		}
	}
	go p.follow(k, news, heard)
	if err != nil {
		orders.Close()
		<-p.gone
		return nil, err
	}
	return p, nil
}

// follow waits for the news that the program has ended, and for the end of the keeper.
func (p *kept) follow(k *exec.Cmd, news *os.File, heard *bufio.Scanner) {
	p.exit = "its keeper was killed"
	if heard.Scan() {
		p.exit = heard.Text()
	}
	close(p.exited)
	news.Close()
	_ = k.Wait()
	close(p.gone)
}

// Exited implements [Running].
func (p *kept) Exited() <-chan struct{} { return p.exited }

// Exit implements [Running].
func (p *kept) Exit() string { return p.exit }

// Terminate implements [Running].
func (p *kept) Terminate() { p.order(orderTerminate) }

// Kill implements [Running].
func (p *kept) Kill() { p.order(orderKill) }

// order tells the keeper what to do. One that has ended has nothing left to do.
func (p *kept) order(what byte) { _, _ = p.orders.Write([]byte{what}) }

// Gone implements [Running].
func (p *kept) Gone() bool { return isClosed(p.gone) }

// Release implements [Running].
func (p *kept) Release() { p.orders.Close() }
