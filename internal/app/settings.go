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
		Robot: ratelimit.PerMinute(l.Robot.PerMinute), Chat: ratelimit.PerMinute(l.Chat.PerMinute),
		JitterMin: l.Jitter.Min, JitterMax: l.Jitter.Max, Late: late,
	}
	out.Robot.Kinds = map[string]ratelimit.Rates{}
	for kind, n := range l.Robot.PerDay {
		out.Robot.Kinds[kind] = ratelimit.Rates{Day: n}
	}
	return out
}

func journalOf(j config.Journal) state.JournalOptions {
	return state.JournalOptions{Keep: j.Keep, MaxSize: j.MaxSize}
}
