package app

import (
	"context"
	"errors"
	"sync"

	"botengine/internal/sim"
)

// together runs a simulated platform and, if there is one, an engine on it while
// talk runs, then ends both: the engine first, for it drains on the platform.
// beside runs as long as the platform; it may be nil. That ctx ended is no error.
func together(ctx context.Context, platform *sim.Server, engine *App, beside func(context.Context), talk func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	longer, stopPlatform := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPlatform()
	errs := make(chan error, 2) // one of each goroutine that can fail; closed when they are done
	var wg sync.WaitGroup
	wg.Go(func() { errs <- platform.Run(longer); cancel() })
	if beside != nil {
		wg.Go(func() { beside(longer) })
	}
	engineDone := make(chan struct{})
	if engine == nil {
		close(engineDone)
	} else {
		wg.Go(func() { defer close(engineDone); errs <- engine.Run(ctx); cancel() })
	}
	err := talk(ctx)
	cancel()
	<-engineDone
	stopPlatform()
	wg.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
