package ratelimit

import "time"

// gauge is one limit that a command is held to.
type gauge struct {
	past    *history
	rates   Rates
	minute  pace // of rates.Minute
	by      Scope
	ceiling bool
}

// mostGauges is how many limits one command can have.
const mostGauges = 6

// gaugesLocked appends the limits that a command is held to, the widest last. With keep, what they
// count is remembered from now on; else it is only looked at.
func (l *Limiter) gaugesLocked(gauges []gauge, now time.Time, ask Ask, keep bool) []gauge {
	add := func(at place, r Rates, minute pace, by Scope) {
		if r.none() {
			return
		}
		g := gauge{past: l.past[at], rates: r, minute: minute, by: by, ceiling: at.ceiling}
		if g.past == nil {
			g.past = new(history)
			if keep {
				l.past[at] = g.past
			}
		}
		g.past.moments.forget(now.Add(-l.keepMoments()))
		gauges = append(gauges, g)
	}
	if ask.Chat != "" {
		of := l.limits.Chat.Kinds[ask.Kind]
		add(place{robot: ask.Robot, chat: ask.Chat, kind: ask.Kind}, of, atMost(of.Minute, 0), OfChat)
		if all := l.limits.Chat.All; !ask.Silent {
			add(place{robot: ask.Robot, chat: ask.Chat}, all, spread(all.Minute), OfChat)
		}
	}
	share, _ := l.shareLocked(now, ask.Robot)
	inKind := l.robotRates(ask.Robot, ask.Kind).times(share)
	add(place{robot: ask.Robot, kind: ask.Kind}, inKind, atMost(inKind.Minute, 0), OfKind)
	if !ask.Silent {
		all := l.robotRates(ask.Robot, "").within(l.limits.Ceiling.Robot).times(share)
		add(place{robot: ask.Robot}, all, spread(all.Minute), OfRobot)
	}
	if !ask.Uncounted {
		c := &l.limits.Ceiling
		add(place{robot: ask.Robot, ceiling: true}, c.Robot, atMost(c.Robot.Minute, l.limits.Late), OfRobot)
		add(place{ceiling: true}, c.All, atMost(c.All.Minute, l.limits.Late), OfAll)
	}
	return gauges
}

// robotRates are the rates of a robot for a kind, "" for all together.
func (l *Limiter) robotRates(robot, kind string) Rates {
	of := func(q Quota) Rates {
		if kind == "" {
			return q.All
		}
		return q.Kinds[kind]
	}
	return of(l.limits.Robot).over(of(l.limits.Robots[robot]))
}

// next returns the first moment from at on that suits all, and whose limit it is
// that has it wait for longest; of several the widest.
func next(gauges []gauge, at time.Time) (time.Time, Wait) {
	var wait Wait
	latest := at
	for _, g := range gauges {
		if own, span := g.next(at); span != "" && !own.Before(latest) {
			latest = own
			wait = g.wait(span)
		}
	}
	for {
		later := at
		for _, g := range gauges {
			later, _ = g.next(later)
		}
		if later.Equal(at) {
			return at, wait
		}
		at = later
	}
}

func (g *gauge) wait(span Span) Wait {
	limit := map[Span]int{OfMinute: g.rates.Minute, OfHour: g.rates.Hour, OfDay: g.rates.Day}[span]
	return Wait{By: g.by, Span: span, Limit: limit, Ceiling: g.ceiling}
}

// next returns the first moment from at on that suits the limit, and which span it
// is that has it wait for longest; "" = none.
func (g *gauge) next(at time.Time) (_ time.Time, by Span) {
	for {
		later, span := g.minute.next(&g.past.moments, at), OfMinute
		if g.rates.Hour > 0 {
			if free := g.past.counts.next(at, hourly, g.rates.Hour); free.After(later) {
				later, span = free, OfHour
			}
		}
		if g.rates.Day > 0 {
			if free := g.past.counts.next(at, daily, g.rates.Day); free.After(later) {
				later, span = free, OfDay
			}
		}
		if !later.After(at) {
			return at, by
		}
		at, by = later, span
	}
}

func (g *gauge) counted() bool { return g.rates.Hour > 0 || g.rates.Day > 0 }

// book notes n commands at a moment.
func (g *gauge) book(at time.Time, n int) {
	if g.counted() {
		g.past.counts.forget(at)
		g.past.counts.add(at, n)
	}
}

// meet notes a moment.
func (g *gauge) meet(at time.Time) {
	if g.rates.Minute > 0 {
		g.past.moments.add(at)
	}
}
