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

// china is where the day of a daily quota ends: the platform's day.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

func limitsOf(l config.Limits) ratelimit.Limits {
	return ratelimit.Limits{
		RobotPerMinute: l.Robot.PerMinute, RobotPerDay: l.Robot.PerDay, ChatPerMinute: l.Chat.PerMinute,
		JitterMin: l.Jitter.Min, JitterMax: l.Jitter.Max, Location: china,
	}
}

func journalOf(j config.Journal) state.JournalOptions {
	return state.JournalOptions{Keep: j.Keep, MaxSize: j.MaxSize}
}
