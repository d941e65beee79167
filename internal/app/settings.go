package app

import (
	"time"

	"botengine/internal/config"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
	"botengine/internal/webcall"
	"botengine/internal/yjiyun"
)

// engineIO is the revision to ask for; 0 finds it out.
var engineIO = map[config.Protocol]int{config.ProtocolAuto: 0, config.Protocol3: 3, config.Protocol4: 4}

func overridesOf(commands map[string]config.Command) yjiyun.Overrides {
	o := yjiyun.Overrides{}
	for name, c := range commands {
		o[name] = yjiyun.Override{Type: c.Type, Fields: c.Fields}
	}
	return o
}

func callsOf(c *config.Call) webcall.Options {
	o := webcall.Options{Secrets: func(name string) (string, bool) {
		s, ok := c.Secrets[name]
		return s.Reveal(), ok
	}}
	for _, h := range c.Hosts {
		o.Hosts = append(o.Hosts, webcall.Host{Name: h.Host, Private: h.Private, Plain: h.HTTP})
	}
	return o
}

// staffChats are the chats that the configuration has names for.
type staffChats map[string]config.StaffChat

// StaffChat implements actions.StaffChats.
func (s staffChats) StaffChat(name string) (robot, chat string, ok bool) {
	c, ok := s[name]
	return c.Robot, c.Chat, ok
}

// late is how long after its moment a command may reach the wire: its claim and its
// write may be 2 s old each.
const late = 5 * time.Second

func limitsOf(l config.Limits) ratelimit.Limits {
	out := ratelimit.Limits{
		Robot: quotaOf(l.Robot, l.Ceiling.Robot), Chat: quotaOf(l.Chat, l.Ceiling.Robot), Robots: map[string]ratelimit.Quota{},
		Ceiling:   ratelimit.Ceiling{Robot: ratesOf(l.Ceiling.Robot), All: ratesOf(l.Ceiling.All)},
		WarmUp:    ratelimit.WarmUp{Days: l.WarmUp.Days, Start: l.WarmUp.Start, Never: map[string]bool{}},
		JitterMin: l.Jitter.Min, JitterMax: l.Jitter.Max, Late: late,
	}
	for key, r := range l.Robots {
		out.Robots[key] = quotaOf(r.Quota, l.Ceiling.Robot)
		out.WarmUp.Never[key] = r.Old
	}
	return out
}

func ratesOf(r config.Rates) ratelimit.Rates {
	return ratelimit.Rates{Minute: r.PerMinute, Hour: r.PerHour, Day: r.PerDay}
}

// quotaOf is a quota, none of it above the ceiling.
func quotaOf(q config.Quota, ceiling config.Rates) ratelimit.Quota {
	minute, hour, day := q.PerMinute.Clamp(ceiling.PerMinute), q.PerHour.Clamp(ceiling.PerHour), q.PerDay.Clamp(ceiling.PerDay)
	out := ratelimit.Quota{All: ratelimit.Rates{Minute: minute.All, Hour: hour.All, Day: day.All}, Kinds: map[string]ratelimit.Rates{}}
	for _, kinds := range []map[string]int{minute.Kinds, hour.Kinds, day.Kinds} {
		for kind := range kinds {
			out.Kinds[kind] = ratelimit.Rates{Minute: minute.Kinds[kind], Hour: hour.Kinds[kind], Day: day.Kinds[kind]}
		}
	}
	return out
}

func journalOf(j config.Journal) state.JournalOptions {
	return state.JournalOptions{Keep: j.Keep, MaxSize: j.MaxSize}
}
