package story

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Seed determines everything random. Each part is drawn on its own, so the order in which
// parts are read does not matter.
type Seed uint64

// The purposes of ids and draws. Each has randomness of its own.
const (
	ForOrganization uint64 = iota + 1
	ForWorkspace
	ForAgent
	ForAgentVersion
	ForSimulator
	ForScenario
	ForDataset
	ForColumn
	ForGraph
	ForEvalConfig
	ForEvalTemplate
	ForTool
	ForRunTest
	ForExecution
	ForCall
	ForTurn
	ForMadeEval
	ForCourse
	forOutcome
	ForMetrics
	ForEval
	ForContent
	ForRequest
	ForSnapshot
)

// Mix hashes the parts with the finalizer of splitmix64, a bijection that scatters
// neighboring numbers.
func Mix(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h ^= p
		h += 0x9e3779b97f4a7c15
		h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9
		h = (h ^ (h >> 27)) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// Draw returns a random source for one purpose, identified by a kind and three numbers.
func (s Seed) Draw(kind, a, b, c uint64) *rand.Rand {
	return rand.New(rand.NewPCG(Mix(uint64(s), kind, a, b, c), Mix(c, b, a, kind)))
}

// ID returns a UUID that looks like version 4, for the thing that kind and parts identify.
func (s Seed) ID(kind uint64, parts ...uint64) uuid.UUID {
	h := Mix(uint64(s), kind)
	for _, p := range parts {
		h = Mix(h, p)
	}
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], Mix(h, 1))
	binary.BigEndian.PutUint64(u[8:], Mix(h, 2))
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// Fold turns a UUID into a number, for Mix, Draw and ID.
func Fold(u uuid.UUID) uint64 {
	return binary.BigEndian.Uint64(u[:8]) ^ binary.BigEndian.Uint64(u[8:])
}

// Seconds draws a duration from lo to hi seconds, in whole milliseconds.
func Seconds(r *rand.Rand, lo, hi float64) time.Duration {
	return time.Duration((lo+(hi-lo)*r.Float64())*1000) * time.Millisecond
}

// CallLength draws the length of a conversation in whole seconds: log-normal with a
// median of 85 s, clamped to 20-300 s. Most calls are short and a few are long, as in the
// vendor's examples (1-5 minutes).
func CallLength(r *rand.Rand) time.Duration {
	v := 85 * math.Exp(0.55*r.NormFloat64())
	return time.Duration(math.Round(min(max(v, 20), 300))) * time.Second
}

// Pick draws one of the texts, which must not be empty.
func Pick(r *rand.Rand, texts []string) string { return texts[r.IntN(len(texts))] }
