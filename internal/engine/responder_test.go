package engine

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// squad are robots in one group, of which some are away.
type squad struct {
	robots []event.Robot
	away   map[string]bool
}

func (s *squad) Several() bool { return len(s.robots) > 1 }

func (s *squad) Known(_, key string) (r event.Robot, awake bool) {
	for _, r := range s.robots {
		if r.Key == key {
			return r, !s.away[key]
		}
	}
	return event.Robot{}, false
}

func (s *squad) ByPerson(id string) (account, key string, ok bool) {
	for _, r := range s.robots {
		if r.ID == id {
			return "main", r.Key, true
		}
	}
	return "", "", false
}

func newSquad(n int) *squad {
	s := &squad{away: map[string]bool{}}
	for i := range n {
		s.robots = append(s.robots, event.Robot{Key: fmt.Sprint("robot", i), ID: fmt.Sprint(1688850000000000 + i), Name: fmt.Sprint("机器人", i)})
	}
	return s
}

const squadRules = `version: 1
defaults: {loop_guard: off}
rules:
  - {id: first, on: message.text, match: {any: [退款]}, stop: true, cooldown: 5s, do: [reply: 甲]}
  - {id: second, on: message.text, match: {any: [退款, 发票]}, do: [reply: 乙]}
  - {id: called, on: mention, match: {any: [在吗]}, do: [reply: 在的]}
`

// utterance is a message as each robot hears of it.
type utterance struct {
	text  string
	at    time.Time
	means []string
	heard []int           // the robots that it is still to reach
	by    map[string]bool // the robots that fired upon it
}

// event is the message as one of the robots hears of it: with ids of its own, and
// not quite the same time.
func (m *utterance) event(w *world, r event.Robot, lag time.Duration) *event.Event {
	ev := w.says("张三", m.text)
	ev.Robot, ev.Time = r, m.at.Add(lag)
	ev.Chat.ID = event.ChatID(r.ID, ev.Chat.Peer)
	ev.Message.SvrID = fmt.Sprint(w.count)
	ev.Message.At = m.means
	for _, id := range m.means {
		ev.Message.MentionsMe = ev.Message.MentionsMe || id == r.ID
	}
	return ev
}

// In whatever order robots hear of messages, go away and come back, no two of them
// act upon one.
func TestNoTwoRobotsAnswerOneMessage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, squadRules)
		w.team = newSquad(rapid.IntRange(2, 3).Draw(rt, "robots"))
		var open []*utterance
		for range rapid.IntRange(1, 40).Draw(rt, "moves") {
			switch rapid.IntRange(0, 4).Draw(rt, "move") {
			case 0:
				open = append(open, newUtterance(rt, w))
			case 1:
				key := w.team.robots[rapid.IntRange(0, len(w.team.robots)-1).Draw(rt, "whose status")].Key
				w.team.away[key] = !w.team.away[key]
			default:
				if len(open) > 0 {
					hear(rt, w, open[rapid.IntRange(0, len(open)-1).Draw(rt, "message")])
				}
			}
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "seconds")) * time.Second)
		}
	})
}

// newUtterance has somebody say something that nobody said before.
func newUtterance(rt *rapid.T, w *world) *utterance {
	m := &utterance{at: w.now, by: map[string]bool{}}
	m.text = fmt.Sprintf("%s %d", rapid.SampledFrom([]string{"退款", "发票", "在吗"}).Draw(rt, "text"), w.count)
	for i, r := range w.team.robots {
		m.heard = append(m.heard, i)
		if rapid.IntRange(0, 4).Draw(rt, "mentioned") == 0 {
			m.means = append(m.means, r.ID)
		}
	}
	w.count++
	return m
}

// hear lets the message reach one of the robots that it has not reached yet.
func hear(rt *rapid.T, w *world, m *utterance) {
	if len(m.heard) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.heard)-1).Draw(rt, "who hears")
	r := w.team.robots[m.heard[i]]
	m.heard = append(m.heard[:i:i], m.heard[i+1:]...)
	lag := time.Duration(rapid.IntRange(0, 2000).Draw(rt, "lag")) * time.Millisecond
	for _, v := range w.handle(m.event(w, r, lag)).Verdicts {
		if v.Outcome == rule.Fired {
			m.by[r.Key] = true
		}
	}
	if len(m.by) > 1 {
		rt.Fatalf("%q was answered by %v", m.text, m.by)
	}
}

// While all are there, in whatever order they hear of it, exactly one answers each
// message.
func TestOneRobotAnswersEachMessage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, squadRules)
		w.team = newSquad(3)
		for range rapid.IntRange(1, 10).Draw(rt, "messages") {
			m := newUtterance(rt, w)
			m.text += " 发票"
			for len(m.heard) > 0 {
				hear(rt, w, m)
			}
			if len(m.by) != 1 {
				rt.Fatalf("%q for %v was answered by %v", m.text, m.means, m.by)
			}
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "seconds")) * time.Second)
		}
	})
}

// Of the robots of a group one does what a schedule says, each instant, and each
// rule that is for another robot only has that one do it.
func TestOneRobotOfAGroupDoesWhatAScheduleSays(t *testing.T) {
	w := newWorld(t, `version: 1
rules:
  - {id: morning, on: {schedule: {cron: "0 9 * * *"}}, scope: {chat_type: group}, do: [reply: 早上好]}
  - {id: news, on: {schedule: {cron: "0 9 * * *"}}, scope: {chat_type: group}, do: [reply: 新闻]}
  - {id: own, on: {schedule: {cron: "0 9 * * *"}}, scope: {chat_type: group, robots: [robot1]}, do: [reply: 我来]}
`)
	w.team = newSquad(2)
	for day := range 3 {
		at := w.now.AddDate(0, 0, day)
		var fired []string
		for _, r := range []int{1, 0} {
			for _, id := range []string{"morning", "news", "own"} {
				robot := w.team.robots[r]
				chat := event.Chat{ID: event.ChatID(robot.ID, "R:1"), Peer: "R:1", Name: "产品群", Group: true}
				ev := event.OfSchedule("main", robot, chat, id, at, at)
				for _, v := range w.handle(&ev).Verdicts {
					if v.Outcome == rule.Fired {
						fired = append(fired, v.Rule+" by "+robot.Key)
					}
				}
			}
		}
		if got := fmt.Sprint(fired); got != "[morning by robot1 news by robot1 own by robot1]" {
			t.Errorf("day %d: %s", day, got)
		}
	}
}
