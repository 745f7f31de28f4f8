package group

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// signalAll sends a signal to all descendants of this process.
func signalAll(what syscall.Signal) {
	self := os.Getpid()
	family := map[int]bool{self: true}
	var all []int
	children := byParent()
	for queue := []int{self}; len(queue) > 0; queue = queue[1:] {
		for _, child := range children[queue[0]] {
			family[child] = true
			all, queue = append(all, child), append(queue, child)
		}
	}
	for _, pid := range all {
		// A process that is found keeps its number, so that nobody else is hit if it has ended
		// and its number was given away since.
		process, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		if parent, ok := parentOf(pid); ok && family[parent] {
			_ = process.Signal(what)
		}
		_ = process.Release()
	}
}

// byParent lists the processes of the system by their parents.
func byParent() map[int][]int {
	children := map[int][]int{}
	proc, err := os.Open("/proc")
	if err != nil {
		return children
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1) // what could be read
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue // not a process
		}
		if parent, ok := parentOf(pid); ok {
			children[parent] = append(children[parent], pid)
		}
	}
	return children
}

// parentOf reads the parent of a process from its stat (proc_pid_stat(5)): the number, the name in
// parentheses, which may hold anything, the state, the parent.
func parentOf(pid int) (parent int, ok bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err = strconv.Atoi(string(fields[1]))
	return parent, err == nil
}
