package agent

import "time"

// SetPatience says how long the program has after each step of Close.
func (o *CommandOptions) SetPatience(afterInput, afterAsking, last time.Duration) {
	o.patience = patience{afterInput, afterAsking, last}
}
