//go:build race

package gate_test

// underRace is true with the race detector, which makes everything five times slower.
const underRace = true

// randomSlice is how many random runs belong to the ordinary suite.
const randomSlice = 30
