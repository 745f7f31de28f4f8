package config

// Command is a command of agent-gate.
type Command string

// The commands.
const (
	CommandRun        Command = "run" // also when none is named
	CommandStart      Command = "start"
	CommandDemo       Command = "demo"
	CommandServe      Command = "serve"
	CommandDecide     Command = "decide"
	CommandExplain    Command = "explain"
	CommandCleanup    Command = "cleanup"
	CommandInit       Command = "init"
	CommandValidate   Command = "validate"
	CommandPlan       Command = "plan"
	CommandCompletion Command = "completion"
	CommandVersion    Command = "version"
)

// CommandInfo describes a command for the help.
type CommandInfo struct {
	Name Command
	// Argument is the command's one positional argument; empty when it takes none, in
	// brackets when it can be left out, and words separated by | when it is one of them.
	Argument string
	Summary  string
}

// Commands lists the commands in the order of the help.
func Commands() []CommandInfo {
	return []CommandInfo{
		{Name: CommandRun, Summary: "Run the gate: create or reuse a run test, execute it, wait, rerun, judge, report. This is the default command."},
		{Name: CommandStart, Summary: "Start the run and exit as soon as it is accepted: run with the same run-key waits for it and judges it."},
		{Name: CommandDemo, Summary: "Run the gate on a simulated Future AGI API in this process: no keys, no network, takes seconds."},
		{Name: CommandServe, Summary: "Serve the simulated API over HTTP, to try out a pipeline without paying for calls. Stops on SIGTERM."},
		{Name: CommandDecide, Argument: "REPORT.json", Summary: "Judge a saved JSON report again, with new criteria or its own. - reads standard input. Needs no keys and sends no requests."},
		{Name: CommandExplain, Argument: "REPORT.json", Summary: "Say in at most 4 KB what decided a saved JSON report, why, and which commands come next. - reads standard input. Needs no keys and sends no requests."},
		{Name: CommandCleanup, Summary: "Cancel what killed runs left running, using their state files."},
		{Name: CommandInit, Summary: "Write agent-gate.yaml and a workflow for this CI system. With keys, from a run test of the workspace; without, templates. Never overwrites a file."},
		{Name: CommandValidate, Argument: "[FILE]", Summary: "Check a suite file. Needs no keys and sends no requests."},
		{Name: CommandPlan, Summary: "Print which gates of a suite would run and why, by the paths of the gates and changed-files. Starts nothing, needs no keys."},
		{Name: CommandCompletion, Argument: "bash|zsh|fish", Summary: "Print a completion script for a shell."},
		{Name: CommandVersion, Argument: "[--json]", Summary: "Print the version and build information. --json: as a JSON object."},
	}
}

// Info returns the description of a command.
func (c Command) Info() CommandInfo {
	for _, info := range Commands() {
		if info.Name == c {
			return info
		}
	}
	return CommandInfo{Name: c}
}

// Judges reports whether the command ends in a verdict, and so needs criteria.
func (c Command) Judges() bool {
	return c == CommandRun || c == CommandStart || c == CommandDemo || c == CommandDecide
}

// HasVerdict reports whether the command ends in a verdict, which reports and outputs
// carry, even if its inputs are wrong.
func (c Command) HasVerdict() bool { return c.Judges() || c == CommandServe }

// reads reports whether the command reads a saved report and sends no requests.
func (c Command) reads() bool { return c == CommandDecide || c == CommandExplain }

// runs reports whether the command places calls, and so needs to know what to run.
func (c Command) runs() bool { return c == CommandRun || c == CommandStart || c == CommandDemo }

// callsAPI reports whether the command talks to the real API, and so needs keys.
func (c Command) callsAPI() bool {
	return c == CommandRun || c == CommandStart || c == CommandCleanup || c == CommandInit
}
