package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
)

func forward(robot, chat, name string) command.Command {
	c := action(robot, "robot.message.forward", command.Verifiable, name)
	c.Chat, c.Expires = "S:1_"+chat, time.Now().Add(24*time.Hour)
	return c
}

func TestAForwardThatItsChatHasToWaitForHoldsUpNoOtherAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Chat: ratelimit.Quota{All: ratelimit.Rates{Hour: 1}}}
		w.start()
		w.enqueue(forward("r1", "c1", "first"), forward("r1", "c1", "second"))
		after(10 * time.Second)
		w.enqueue(action("r1", "robot.accept.friend.request", command.Idempotent, "accept"))
		after(10 * time.Second)
		w.wantSends("first", "accept")
		after(2 * time.Hour)
		w.wantSends("first", "accept", "second")
	})
}

func TestAForwardThatItsChatHasToWaitForHoldsUpOnlyThoseToThatChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Chat: ratelimit.Quota{All: ratelimit.Rates{Hour: 1}}}
		w.start()
		w.enqueue(forward("r1", "c1", "a1"), forward("r1", "c1", "a2"), forward("r1", "c2", "b1"), forward("r1", "c1", "a3"), forward("r1", "c2", "b2"), forward("r1", "c3", "c1"))
		after(10 * time.Second)
		w.wantSends("a1", "b1", "c1")
		after(65 * time.Minute)
		w.wantSends("a1", "b1", "c1", "a2", "b2")
		after(65 * time.Minute)
		w.wantSends("a1", "b1", "c1", "a2", "b2", "a3")
	})
}

func TestAnActionThatIsToBeTriedAgainHoldsUpOnlyItsKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.platform.answer = func(c command.Command, attempt int) (string, time.Duration) {
			if c.Step == "tag1" && attempt == 1 {
				return command.CodeBusy, 100 * time.Millisecond // for two seconds
			}
			return event.CodeOK, 100 * time.Millisecond
		}
		w.start()
		announce := action("r1", "robot.set.group.announcement", command.Unverifiable, "announce")
		announce.Unasked = true
		w.enqueue(tag("r1", "tag1"), tag("r1", "tag2"), action("r1", "robot.accept.friend.request", command.Idempotent, "accept"), announce)
		after(10 * time.Second)
		w.wantSends("tag1", "accept", "announce", "tag1", "tag2")
	})
}

func TestAKickThatIsToBeTriedAgainDoesNotWaitBehindWhatTookItsPlace(t *testing.T) {
	scene(t, "twenty answers are in line, and of the lane something that nobody asked for", func(w *world) {
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(6)}
		refusals := 1
		w.platform.refuse = func(c command.Command) error {
			if refusals--; refusals >= 0 {
				return command.ErrNotSent
			}
			return nil
		}
		w.start()
		announce := action("r1", "robot.set.group.announcement", command.Unverifiable, "announce")
		announce.Unasked = true
		all := []command.Command{kick("r1", "kick"), announce}
		for i := range 20 {
			all = append(all, message("r1", fmt.Sprint("c", i), fmt.Sprint("m", i)))
		}
		asked := time.Now()
		w.enqueue(all...)
		after(5 * time.Minute)
		if took := w.sentAt("kick").Sub(asked); took > 11*time.Second {
			w.t.Errorf("it left after %v, want the first moment after its pause", took)
		}
	})
}

func TestAnActionKeepsItsPlaceInLineWhateverComesBehindIt(t *testing.T) {
	scene(t, "thirty chats have much to say, and an action comes every few seconds", func(w *world) {
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(6)}
		w.start()
		var all []command.Command
		for i := range 300 {
			c := message("r1", fmt.Sprint(i%30), fmt.Sprint("m", i))
			c.Expires = time.Now().Add(24 * time.Hour)
			all = append(all, c)
		}
		w.enqueue(all...)
		after(time.Minute)
		asked := time.Now()
		for i := range 100 {
			w.enqueue(action("r1", "robot.accept.friend.request", command.Idempotent, fmt.Sprint("accept", i)))
			after(8 * time.Second)
		}
		if took := w.sentAt("accept0").Sub(asked); took > 6*time.Minute {
			w.t.Errorf("it was overtaken for %v by thirty chats that have a turn every five minutes", took)
		}
	})
}
