package app

import (
	"context"
	"log/slog"
	"net"
	"time"
)

// Supervisor is who started the engine and wants to hear how it is: systemd, by its
// sd_notify. The zero value is nobody.
type Supervisor struct {
	Socket   string        // $NOTIFY_SOCKET
	Watchdog time.Duration // $WATCHDOG_USEC: it ends an engine that was not heard of for so long; 0 = it does not
}

// What a supervisor is told.
const (
	toldReady    = "READY=1"
	toldAlive    = "WATCHDOG=1"
	toldStopping = "STOPPING=1"
)

// tellSupervisor tells the engine's, until ctx ends.
func (a *App) tellSupervisor(ctx context.Context) error {
	a.o.Supervisor.tell(ctx, a.o.Log, func() bool { return len(a.watchdog.stuck(a.loops())) == 0 })
	<-ctx.Done()
	return nil
}

// tell says that the engine runs, again and again as long as its loops turn, and that
// it ends when ctx does. That it cannot be said is no reason to end: the log has it.
func (s Supervisor) tell(ctx context.Context, log *slog.Logger, turn func() bool) {
	if s.Socket == "" {
		return
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", s.Socket)
	if err != nil {
		log.Error("who started the engine cannot be told that it runs", "socket", s.Socket, "error", err)
		return
	}
	defer func() { _ = conn.Close() }() // nothing waits in it
	say := func(word string) {
		if _, err := conn.Write([]byte(word)); err != nil {
			log.Error("who started the engine cannot be told how it is", "word", word, "error", err)
		}
	}
	say(toldReady)
	defer say(toldStopping)
	if s.Watchdog <= 0 {
		<-ctx.Done()
		return
	}
	// Often enough for the watchdog, too, which takes looks that are far apart for a
	// process that stood still.
	for sleep(ctx, min(s.Watchdog/3, stoodStill/2)) {
		if turn() {
			say(toldAlive)
		}
	}
}
