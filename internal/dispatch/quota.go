package dispatch

import (
	"context"
	"strconv"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// quotaFact is where the count of a robot's day is kept.
func quotaFact(robot, kind, day string) string {
	return "quota/" + robot + "/" + kind + "/" + day
}

// countQuota counts a send in the transaction that claims it.
func (w *worker) countQuota(tx state.Tx, c *command.Command, now time.Time) {
	w.addQuota(tx, c, now, 1)
}

// uncountQuota takes back what countQuota did at a claim that led to no send.
func (w *worker) uncountQuota(tx state.Tx, c *command.Command, claimed time.Time) {
	w.addQuota(tx, c, claimed, -1)
}

func (w *worker) addQuota(tx state.Tx, c *command.Command, now time.Time, n int) {
	kind := KindOf(c)
	if !w.o.Limiter.HasQuota(kind) {
		return
	}
	key := quotaFact(c.Robot, kind, w.o.Limiter.Day(now))
	used := strconv.Itoa(max(0, readCount(tx, key)+n))
	// To the hour: the store writes an expiry only when it is another one.
	tx.SetFact(key, []byte(used), now.Add(w.o.Times.QuotaFactLife).Truncate(time.Hour))
}

// primeQuotas tells the limiter what the robot has done today before this start.
func (w *worker) primeQuotas(ctx context.Context) {
	day := w.o.Limiter.Day(w.o.Now())
	err := w.o.Store.View(ctx, func(tx state.Tx) error {
		for _, kind := range w.o.Limiter.QuotaKinds() {
			used := readCount(tx, quotaFact(w.key.robot, kind, day))
			w.o.Limiter.Prime(w.key.robot, kind, day, used)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		w.o.Log.Warn("day quotas not loaded", "robot", w.key.robot, "error", err)
	}
}

func readCount(tx state.Tx, key string) int {
	value, _, ok := tx.Fact(key)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return 0 // only this package writes it
	}
	return n
}
