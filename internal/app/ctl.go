package app

import (
	"context"
	"errors"
	"net"

	"botengine/internal/ctl"
)

// newControl is what a running engine answers over its socket, verb by verb.
func (a *App) newControl() *ctl.Server {
	s := ctl.NewServer(a.o.Log)
	s.Handle("status", a.ctlStatus)
	s.Handle("reload", a.ctlReload)
	s.Handle("trace", a.ctlTrace)
	s.Handle("explain", a.ctlExplain)
	s.HandleStream("events", a.ctlEvents)
	s.Handle("rollout", a.ctlRollout)
	s.Handle("undo", a.ctlUndo)
	s.Handle("queue", a.ctlQueue)
	s.Handle("backup", a.ctlBackup)
	s.Handle("log-level", a.ctlLogLevel)
	s.Handle("dead.list", a.ctlDead)
	s.Handle("dead.show", a.ctlDeadShow)
	s.Handle("dead.retry", a.ctlDeadRetry)
	s.Handle("dead.discard", a.ctlDeadDiscard)
	s.Handle("breaker.list", a.ctlBreakers)
	s.Handle("breaker.close", a.ctlBreakerClose)
	s.Handle("pause", a.ctlPause)
	s.Handle("resume", a.ctlResume)
	s.Handle("seen", a.ctlSeen)
	s.Handle("journal.list", a.ctlJournal)
	s.Handle("journal.get", a.ctlJournalGet)
	s.Handle("journal.forget", a.ctlForget)
	return s
}

// listenControl makes the control socket. That another engine has it is an error;
// where there can be none (a file system without sockets) the engine runs without.
func (a *App) listenControl() (net.Listener, error) {
	path := ctl.SocketOf(a.o.Config.State.Path)
	l, err := ctl.Listen(path)
	if _, used := errors.AsType[*ctl.InUseError](err); used {
		return nil, err
	}
	if err != nil {
		a.o.Log.Error("the engine runs without a control socket: ctl cannot reach it", "error", err)
		return nil, nil
	}
	a.o.Log.Debug("control socket", "path", path)
	return l, nil
}

// closeListener closes a listener that may not be there.
func closeListener(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// answerCalls answers over the socket until ctx ends. That it cannot is no reason
// for the engine to end.
func (a *App) answerCalls(ctx context.Context, l net.Listener) error {
	if l != nil {
		if err := a.control.Run(ctx, l); err != nil {
			a.o.Log.Error("the control socket failed: ctl cannot reach the engine", "error", err)
		}
	}
	<-ctx.Done()
	return ctx.Err()
}
