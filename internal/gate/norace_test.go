//go:build !race

package gate

// UnderRace is true with the race detector, which makes everything five times slower.
const UnderRace = false

// RandomSlice is how many random runs belong to the ordinary suite.
const RandomSlice = 40

// MatrixSlice is the share of the matrix of faults that belongs to the ordinary suite: one cell of so many.
const MatrixSlice = 4
