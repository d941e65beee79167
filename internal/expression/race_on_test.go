//go:build race

package expression

// slowdown is what the race detector costs.
const slowdown = 20
