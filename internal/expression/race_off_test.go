//go:build !race

package expression

// slowdown is what a busy machine costs: tests of other packages run beside these.
const slowdown = 4
